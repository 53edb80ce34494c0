package raster

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/raster/internal/avif"
)

// An AVIF picture is decoded, or refused with what to do about it.
func TestAVIF(t *testing.T) {
	files, err := filepath.Glob("internal/avif/testdata/*.avif")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no pictures to test with", err)
	}
	for _, name := range files {
		file, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		img, info, err := Decode(t.Context(), bytes.NewReader(file), DefaultLimits())
		switch {
		case !avif.Available && (err == nil || !strings.Contains(err.Error(), "-tags nodynamic")):
			t.Errorf("%s: got %v, want a refusal that says how to build it in", name, err)
		case avif.Available && err != nil:
			t.Errorf("%s: %v", name, err)
		case avif.Available && (img.Bounds().Dx() != info.Width || img.Bounds().Dy() != info.Height):
			t.Errorf("%s: got %v, want %d×%d", name, img.Bounds(), info.Width, info.Height)
		}
	}
}
