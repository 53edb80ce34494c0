package nativeengine_test

import (
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/raster"
)

func TestLimitsFillInDefaults(t *testing.T) {
	got := nativeengine.New(nativeengine.Config{
		Raster: raster.Limits{Pixels: 5}, Art: ascii.Limits{Cells: 7}, Memory: 9,
	}).Limits()

	pictures := raster.DefaultLimits()
	pictures.Pixels, pictures.Memory = 5, 9 // no picture may take more than all
	if got.Raster != pictures {
		t.Errorf("of pictures: got %+v, want %+v", got.Raster, pictures)
	}
	art := ascii.DefaultLimits()
	art.Cells = 7
	if got.Art != art {
		t.Errorf("of art: got %+v, want %+v", got.Art, art)
	}
}
