package raster

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// A PNG that says its values are light must be shown lighter than one that says
// nothing, whole and reduced.
func TestColoursBecomeSRGB(t *testing.T) {
	var plain bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range img.Pix {
		img.Pix[i] = 55 // 21.6 % of the light, which sRGB has as 127 or 128
	}
	if err := png.Encode(&plain, img); err != nil {
		t.Fatal(err)
	}
	const headerEnd = 8 + 12 + 13
	gamma := pngChunk("gAMA", binary.BigEndian.AppendUint32(nil, 100_000))
	linear := append(append(append([]byte{}, plain.Bytes()[:headerEnd]...), gamma...), plain.Bytes()[headerEnd:]...)
	for _, k := range []int{1, 4} {
		p, err := open(t, linear).Decode(k)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.At(1, 1), (color.Gray{Y: 127}); !near(got, want) {
			t.Errorf("by %d: got %v, want %v", k, got, want)
		}
	}
	if p, err := open(t, plain.Bytes()).Decode(1); err != nil || p.At(1, 1) != (color.Gray{Y: 55}) {
		t.Errorf("without a gamma: got %v, %v, want it as it is", p.At(1, 1), err)
	}
}

// A profile that is rubbish does not cost the picture.
func TestDamagedProfileIsIgnored(t *testing.T) {
	file := encode(t, "JPEG")
	segment := append([]byte("ICC_PROFILE\x00\x01\x01"), bytes.Repeat([]byte{0xa5}, 300)...)
	with := append([]byte{0xff, 0xd8, 0xff, 0xe2, byte((len(segment) + 2) >> 8), byte(len(segment) + 2)}, segment...)
	with = append(with, file[2:]...)
	if _, _, err := Decode(t.Context(), bytes.NewReader(with), DefaultLimits()); err != nil {
		t.Error(err)
	}
}
