package inflate

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

func readAll(src io.Reader) ([]byte, error) {
	z := NewReader(src)
	buf := make([]byte, 8*Window)
	var all []byte
	for {
		data, err := z.Next(buf)
		all = append(all, data...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

func BenchmarkPhoto(b *testing.B) {
	f := os.Getenv("PNGBENCH")
	data, err := os.ReadFile(filepath.Join(f, "mosaic.z"))
	if err != nil {
		b.Skip(err)
	}
	b.Run("own", func(b *testing.B) {
		buf := make([]byte, 8*Window)
		for b.Loop() {
			z := NewReader(bytes.NewReader(data))
			n := 0
			for {
				d, err := z.Next(buf)
				n += len(d)
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(n))
		}
	})
	b.Run("std", func(b *testing.B) {
		buf := make([]byte, 8*Window)
		for b.Loop() {
			z, _ := zlib.NewReader(bytes.NewReader(data))
			n := 0
			for {
				d, err := z.Read(buf)
				n += d
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.SetBytes(int64(n))
		}
	})
}

func TestPhoto(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(os.Getenv("PNGBENCH"), "mosaic.z"))
	if err != nil {
		t.Skip(err)
	}
	r, _ := zlib.NewReader(bytes.NewReader(data))
	want, _ := io.ReadAll(r)
	got, err := readAll(bytes.NewReader(data))
	if err != nil || !bytes.Equal(got, want) {
		t.Fatal(err, len(got), len(want))
	}
}
