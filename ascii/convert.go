package ascii

import (
	"context"
	"errors"
	"image"
)

// Convert draws a picture. The same picture and options give the same art on
// every machine. It is safe for concurrent use and does not change img.
//
// Errors are [*OptionError] and [*LimitError].
func Convert(img image.Image, o Options) (*Art, error) {
	return ConvertContext(context.Background(), img, o)
}

// ConvertContext is [Convert], but stops soon after ctx ends and then returns its
// error.
func ConvertContext(ctx context.Context, img image.Image, o Options) (*Art, error) {
	d, err := newDrawing(img, o)
	if err != nil {
		return nil, err
	}
	cells, err := d.draw(ctx, img)
	if err != nil {
		return nil, err
	}
	return d.art(Frame{Cells: cells}), nil
}

// drawing is the work on one picture, or on the frames of one, which are all of
// the same size.
type drawing struct {
	Options
	layout
	page    Page
	ground  *ground    // what shows through; nil until the first frame decides it
	palette []RGB      // of the cells drawn
	still   *stillness // of an animation; nil for one picture
}

// newDrawing checks the options and lays out the picture.
func newDrawing(img image.Image, o Options) (*drawing, error) {
	if err := o.Validate(); err != nil {
		return nil, err
	}
	s := sourceOf(img)
	if s.part.Empty() {
		return nil, errors.New("the picture has no pixels")
	}
	if !s.valid() {
		return nil, errors.New("the reduced picture has no pixels for a part of its original")
	}
	part := o.cropped(s.part)
	if o.Trim {
		part = s.of(part).trimmed()
	}
	l := o.layout(part)
	if err := o.checkGrid(l.cols, l.rows, 1); err != nil {
		return nil, err
	}
	o = o.forCells(int64(l.cols) * int64(l.rows))
	return &drawing{Options: o, layout: l, page: o.Page()}, nil
}

func (d *drawing) art(frames ...Frame) *Art {
	return &Art{Cols: d.cols, Rows: d.rows, Page: d.page, Depth: d.depth(), Palette: d.palette, Frames: frames}
}

// depth is that of the cells: terminals do not know a palette of the user.
func (d *drawing) depth() string {
	if d.Color != "none" && len(d.Options.Palette) > 0 {
		return "true"
	}
	return d.Color
}

// draw draws one frame.
func (d *drawing) draw(ctx context.Context, img image.Image) ([]Cell, error) {
	s := sourceOf(img).of(d.part)
	if d.Color == "none" {
		return d.drawMono(ctx, s)
	}
	return d.drawColor(ctx, s)
}

func (d *drawing) drawMono(ctx context.Context, s source) ([]Cell, error) {
	size, stored := d.grid(monoSamples(d.Options))
	y, alpha, err := sampleGray(ctx, s, stored.X, stored.Y)
	if err != nil {
		return nil, err
	}
	y, alpha = d.turn.apply(y, stored.X, stored.Y), d.turn.apply(alpha, stored.X, stored.Y)
	d.chooseGround(func() []float32 { return y }, alpha)
	layOver(y, alpha, d.ground.light)
	light := plane{size.X, size.Y, y}
	d.toner(size).luminance(light)
	return d.steady([]plane{light}, func() ([]Cell, error) {
		runes, err := drawMono(ctx, light, d.cols, d.rows, d.Options)
		if err != nil {
			return nil, err
		}
		cells := make([]Cell, len(runes))
		for i, r := range runes {
			cells[i].Rune = r
		}
		d.clearTransparent(cells, plane{size.X, size.Y, alpha})
		return cells, nil
	})
}

func (d *drawing) drawColor(ctx context.Context, s source) ([]Cell, error) {
	size, stored := d.grid(colorSamples(d.Options))
	l, err := sampleLight(ctx, s, stored.X, stored.Y)
	if err != nil {
		return nil, err
	}
	if err := l.sampleRim(ctx, s); err != nil {
		return nil, err
	}
	l.turn(d.turn)
	d.chooseGround(l.luminance, l.a)
	layOver(l.r, l.a, d.ground.red)
	layOver(l.g, l.a, d.ground.green)
	layOver(l.b, l.a, d.ground.blue)
	d.toner(size).color(l)
	planes := []plane{{size.X, size.Y, l.r}, {size.X, size.Y, l.g}, {size.X, size.Y, l.b}}
	return d.steady(planes, func() ([]Cell, error) {
		alpha := plane{size.X, size.Y, l.a}
		cells, palette, err := drawColor(ctx, l, d.cols, d.rows, d.Options)
		if err != nil {
			return nil, err
		}
		d.palette = palette
		d.clearTransparent(cells, alpha)
		return cells, nil
	})
}

// grid is the samples of all cells, as drawn and as stored.
func (d *drawing) grid(sx, sy int) (drawn, stored image.Point) {
	drawn = image.Pt(d.cols*sx, d.rows*sy)
	return drawn, d.turn.size(drawn)
}

func (d *drawing) toner(samples image.Point) *toner {
	return &toner{Options: d.Options, cell: samples.Y / d.rows}
}

// pageOf is a light page, or a dark one.
func pageOf(light bool) Page {
	black, white := RGB{}, RGB{255, 255, 255}
	if light {
		return Page{Ink: black, Ground: white}
	}
	return Page{Ink: white, Ground: black}
}
