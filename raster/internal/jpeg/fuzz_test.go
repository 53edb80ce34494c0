package jpeg

import (
	"bytes"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"slices"
	"testing"
)

// FuzzDecode checks that no file makes the decoder panic, and that it agrees with
// the plain one, and with image/jpeg, where these find nothing wrong.
func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(7, 1))
	for _, file := range shapes(r, 20) {
		f.Add(file.encode())
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		config, err := ReadConfig(bytes.NewReader(file))
		if err != nil || config.Memory(1) > 8<<20 {
			return
		}
		for _, k := range []int{1, 2, 4, 8} {
			img, err := Decode(t.Context(), bytes.NewReader(file), Options{Reduction: k})
			if img == nil && err == nil {
				t.Error("neither a picture nor an error")
			}
		}
		coefs, plain, err := plainCoefficients(file)
		if err != nil || !isSane(coefs) {
			return
		}
		d := newDecoder(bytes.NewReader(file))
		d.readAll = true
		if err := d.decodePlanes(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		d.wantPlanes(t, coefs)
		want, err := stdjpeg.Decode(bytes.NewReader(file))
		if err == nil && plain.interval == 0 { // image/jpeg counts in other units when components are alone
			wantSame(t, d.picture(), want)
		}
	})
}

// isSane reports whether the coefficients of a file are such as an encoder can
// make of 8 bits. Others overflow in image/jpeg and here, each in its own way.
func isSane(coefs [][][64]int32) bool {
	for _, component := range coefs {
		for _, block := range component {
			if slices.Max(block[:]) > 2048 || slices.Min(block[:]) < -2048 {
				return false
			}
		}
	}
	return true
}
