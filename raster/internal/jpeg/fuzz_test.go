package jpeg

import (
	"bytes"
	stdjpeg "image/jpeg"
	"math/rand/v2"
	"testing"
)

// FuzzDecode checks that no file makes the decoder panic or take more memory than
// it said, and that it agrees with image/jpeg where both find nothing wrong.
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
		got, err := decodeWhole(t, file)
		if err != nil || !isSane(file) {
			return
		}
		if want, err := stdjpeg.Decode(bytes.NewReader(file)); err == nil {
			wantSame(t, got, want)
		}
	})
}

// isSane reports whether the coefficients of a file are such as an encoder can
// make of 8 bits. Others overflow in image/jpeg and here, each in its own way.
func isSane(file []byte) bool {
	coefs, _, err := plainCoefficients(file)
	for _, component := range coefs {
		for _, block := range component {
			for _, v := range block {
				if v > 2048 || v < -2048 {
					return false
				}
			}
		}
	}
	return err == nil
}
