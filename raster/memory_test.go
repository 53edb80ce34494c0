package raster

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"testing"
)

// What decoding allocates is no more than was estimated, of which rows are the most in
// a wide picture, and the result and its copies in a square one.
func TestMemoryIsNotUnderestimated(t *testing.T) {
	for _, size := range []image.Point{{200_000, 3}, {1001, 777}, {1, 5001}} {
		for name, file := range manyKinds(t, size) {
			for _, k := range []int{1, 2, 8, 100} {
				f := open(t, file)
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_, err := f.Decode(k)
				runtime.ReadMemStats(&after)
				if err != nil {
					t.Fatal(name, err)
				}
				if got := int64(after.TotalAlloc - before.TotalAlloc); got > f.Memory(k) {
					t.Errorf("%s of %v by %d: allocated %d bytes, estimated %d", name, size, k, got, f.Memory(k))
				}
			}
		}
	}
}

// manyKinds are files of one size in which pixels have different sizes.
func manyKinds(t *testing.T, size image.Point) map[string][]byte {
	r := image.Rectangle{Max: size}
	rgba64 := image.NewRGBA64(r)
	for i := 6; i < len(rgba64.Pix); i += 8 {
		rgba64.Pix[i], rgba64.Pix[i+1] = 0xff, 0xff
	}
	files := map[string][]byte{
		"PPM": append(fmt.Appendf(nil, "P6 %d %d 65535\n", size.X, size.Y), make([]byte, 6*size.X*size.Y)...),
		"PBM": append(fmt.Appendf(nil, "P4 %d %d\n", size.X, size.Y), make([]byte, (size.X+7)/8*size.Y)...),
		"QOI": qoiOfRuns(size),
		"BMP": emptyBMP(size),
	}
	for _, img := range []image.Image{
		image.NewGray(r), image.NewGray16(r), image.NewNRGBA(r), image.NewNRGBA64(r), rgba64,
		image.NewPaletted(r, color.Palette{color.Black, color.Transparent}),
	} {
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		name := fmt.Sprintf("PNG of %T", img)
		files[name] = b.Bytes()
		files[name+", turned"] = pngWithExif(b.Bytes(), exif(6, binary.BigEndian), false)
	}
	return files
}

func qoiOfRuns(size image.Point) []byte {
	b := binary.BigEndian.AppendUint32([]byte("qoif"), uint32(size.X))
	b = binary.BigEndian.AppendUint32(b, uint32(size.Y))
	b = append(b, 4, 0)
	return append(b, bytes.Repeat([]byte{0xfd}, size.X*size.Y/62+9)...) // runs of 62
}

func emptyBMP(size image.Point) []byte {
	const header = 14 + 40
	b := make([]byte, header+4*size.X*size.Y)
	copy(b, "BM")
	for at, v := range map[int]uint32{10: header, 14: 40, 18: uint32(size.X), 22: uint32(size.Y)} {
		binary.LittleEndian.PutUint32(b[at:], v)
	}
	b[26], b[28] = 1, 32
	return b
}
