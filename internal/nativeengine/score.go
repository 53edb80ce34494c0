package nativeengine

import (
	"context"
	"io"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/score"
	"github.com/charcoal-art/charcoal/raster"
)

// scoreMemory is what scoring takes for each cell, in bytes; see [score.MaxCells].
const scoreMemory = 13_000

// Score measures how faithful art is to the picture that it was drawn from with
// these options: from 0 to 100, as package score defines it.
func (e *Engine) Score(ctx context.Context, r io.ReadSeeker, art *ascii.Art, opts ascii.Options) (float64, error) {
	cells := int64(art.Cols) * int64(art.Rows)
	if cells > score.MaxCells {
		return 0, charcoal.OverLimit("art that is to be scored", score.MaxCells, cells, "cells")
	}
	f, err := raster.Open(ctx, r, e.config.Raster)
	if err != nil {
		return 0, coded(err)
	}
	k := reduction(f, opts)
	release, err := e.Reserve(ctx, min(e.config.Memory, f.Memory(k)+cells*scoreMemory))
	if err != nil {
		return 0, err
	}
	defer release()
	p, err := f.Decode(k)
	if err != nil {
		return 0, coded(err)
	}
	s, err := score.Of(ctx, art, opts.View(pixels(p)))
	if err != nil {
		return 0, charcoal.Errorf(charcoal.Unprocessed, "%v", err)
	}
	return s.Quality, nil
}
