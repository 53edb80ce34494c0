package cli

import (
	"context"
	"fmt"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/score"
	"github.com/charcoal-art/charcoal/raster"
)

// candidates are the ways to draw a picture that --auto tries: as asked for, with
// all effort, with what makes up for the blur of characters and the little
// range of their ink, and with other dithers.
func candidates(o ascii.Options) []ascii.Options {
	all := []ascii.Options{o}
	for _, change := range []func(*ascii.Options){
		func(o *ascii.Options) { o.Effort = ascii.MaxEffort },
		func(o *ascii.Options) { o.Sharpen = max(o.Sharpen, 0.1) },
		func(o *ascii.Options) { o.LocalContrast = max(o.LocalContrast, 0.1) },
		func(o *ascii.Options) { o.Dither = "diffusion" },
	} {
		c := o
		change(&c)
		all = append(all, c)
	}
	return all
}

// best draws the candidates and returns the one that scores highest.
func (d *drawer) best(ctx context.Context, picture io.ReadSeeker, o ascii.Options) (*ascii.Art, score.Score, error) {
	img, err := d.decode(ctx, picture)
	if err != nil {
		return nil, score.Score{}, err
	}
	img = o.View(img)
	var best *ascii.Art
	top := score.Score{Quality: -1}
	for _, c := range candidates(o) {
		art, err := d.convert(ctx, picture, c)
		if err != nil {
			return nil, top, err
		}
		s, err := score.Of(ctx, art, img)
		if err != nil {
			return nil, top, fmt.Errorf("score the drawing: %w", err)
		}
		if s.Quality > top.Quality {
			best, top = art, s
		}
	}
	return best, top, nil
}

// convert draws from the start of the picture.
func (d *drawer) convert(ctx context.Context, picture io.ReadSeeker, o ascii.Options) (*ascii.Art, error) {
	if _, err := picture.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("rewinding: %w", err)
	}
	drawing, err := d.engine.Convert(ctx, picture, o)
	if err != nil {
		return nil, err
	}
	d.warnings = drawing.Warnings
	return drawing.Art, nil
}

// decode reads what candidates are compared with. The engine's errors have better
// words for a picture that cannot be decoded, and its first drawing gives them.
func (d *drawer) decode(ctx context.Context, picture io.ReadSeeker) (image.Image, error) {
	if _, err := d.convert(ctx, picture, small(d.options)); err != nil {
		return nil, err
	}
	if _, err := picture.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("rewinding: %w", err)
	}
	img, _, err := raster.Decode(ctx, picture, raster.DefaultLimits())
	return img, err
}

// small are options that cost nearly nothing.
func small(o ascii.Options) ascii.Options {
	o.Cols, o.Rows, o.Fit, o.Effort = 1, 1, "stretch", 1
	return o
}
