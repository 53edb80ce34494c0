package raster

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// The test picture is 24×16: red and green above, blue and white below.
const (
	testWidth  = 24
	testHeight = 16
)

var quarters = [2][2]color.RGBA{
	{{255, 0, 0, 255}, {0, 255, 0, 255}},
	{{0, 0, 255, 255}, {255, 255, 255, 255}},
}

func testPicture() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, testWidth, testHeight))
	for y := range testHeight {
		for x := range testWidth {
			img.SetRGBA(x, y, quarters[2*y/testHeight][2*x/testWidth])
		}
	}
	return img
}

// encode writes the test picture in a format; name may carry a variant.
func encode(t testing.TB, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	img := testPicture()
	var err error
	switch name {
	case "PNG":
		err = png.Encode(&b, img)
	case "JPEG":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 95})
	case "GIF":
		err = gif.Encode(&b, img, nil)
	case "BMP":
		err = bmp.Encode(&b, img)
	case "TIFF":
		err = tiff.Encode(&b, img, nil)
	case "TIFF deflate":
		err = tiff.Encode(&b, img, &tiff.Options{Compression: tiff.Deflate, Predictor: true})
	default: // a file of testdata
		var data []byte
		data, err = os.ReadFile(filepath.Join("testdata", name))
		b.Write(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// exif is EXIF data that holds an orientation and nothing else.
func exif(orientation uint16, order binary.AppendByteOrder) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 1)
	b = appendTag(b, order, tagOrientation, 3, 1, orientation)
	return order.AppendUint32(b, 0)
}

func appendTag(b []byte, order binary.AppendByteOrder, tag, kind uint16, count uint32, value uint16) []byte {
	b = order.AppendUint16(b, tag)
	b = order.AppendUint16(b, kind)
	b = order.AppendUint32(b, count)
	b = order.AppendUint16(b, value)
	return append(b, 0, 0)
}

// jpegWithExif puts an APP1 segment behind the start of a JPEG.
func jpegWithExif(file []byte, exif []byte) []byte {
	b := append([]byte{}, file[:2]...)
	b = append(b, 0xff, markerAPP1)
	b = binary.BigEndian.AppendUint16(b, uint16(2+6+len(exif)))
	b = append(b, "Exif\x00\x00"...)
	b = append(b, exif...)
	return append(b, file[2:]...)
}

// pngChunk is one chunk with its checksum.
func pngChunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

const pngHead = 8 + 12 + 13 // signature and IHDR

// pngWithExif puts an eXIf chunk before the pixels, or behind them.
func pngWithExif(file []byte, exif []byte, behind bool) []byte {
	at := pngHead
	if behind {
		at = len(file) - 12
	}
	b := append([]byte{}, file[:at]...)
	b = append(b, pngChunk("eXIf", exif)...)
	return append(b, file[at:]...)
}

// near reports whether two colours differ by no more than lossy coding makes them.
func near(a, b color.Color) bool {
	r1, g1, b1, _ := a.RGBA()
	r2, g2, b2, _ := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x2800 }
	return !far(r1, r2) && !far(g1, g2) && !far(b1, b2)
}
