package nativeengine

import (
	"context"
	"io"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/raster"
)

// Estimate looks at the headers of a picture and returns what it is, and how many
// bytes of memory drawing it takes. It refuses what Convert would refuse by these.
func (e *Engine) Estimate(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (charcoal.Picture, int64, error) {
	opts.Limits = e.config.Art
	if err := opts.Validate(); err != nil {
		return charcoal.Picture{}, 0, coded(err)
	}
	f, err := raster.Open(ctx, r, e.config.Raster)
	if err != nil {
		return charcoal.Picture{}, 0, coded(err)
	}
	cols, rows := opts.Grid(f.Info.Width, f.Info.Height)
	if err := opts.CheckGrid(cols, rows); err != nil {
		return charcoal.Picture{}, 0, coded(err)
	}
	memory := e.decodingMemory(f, opts)
	if memory > e.config.Memory {
		return charcoal.Picture{}, 0, overMemory(e.config.Memory, memory)
	}
	return picture(f.Info), memory + opts.Memory(f.Info.Width, f.Info.Height), nil
}
