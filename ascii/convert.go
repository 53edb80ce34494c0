package ascii

import (
	"context"
	"errors"
	"image"
	"image/color"
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
	if err := o.Validate(); err != nil {
		return nil, err
	}
	b := img.Bounds()
	if b.Empty() {
		return nil, errors.New("the picture has no pixels")
	}
	cols, rows := o.Grid(b.Dx(), b.Dy())
	if err := o.Limits.check(cols, rows); err != nil {
		return nil, err
	}
	art := &Art{Cols: cols, Rows: rows, Depth: o.Color, Page: pageOf(o.Invert)}
	frame, err := drawFrame(ctx, img, art, o)
	if err != nil {
		return nil, err
	}
	art.Frames = []Frame{frame}
	return art, nil
}

// CellMemory is about how many bytes a conversion holds for each cell.
const CellMemory = samples*4*2 + 16

// drawFrame draws one picture in the grid of the art.
func drawFrame(ctx context.Context, img image.Image, art *Art, o Options) (Frame, error) {
	if o.Color == "none" {
		return drawMonoFrame(ctx, img, art, o)
	}
	return drawColorFrame(ctx, img, art, o)
}

func drawMonoFrame(ctx context.Context, img image.Image, art *Art, o Options) (Frame, error) {
	sx, sy := monoSamples(o)
	y, alpha, err := sampleGray(ctx, img, art.Cols*sx, art.Rows*sy)
	if err != nil {
		return Frame{}, err
	}
	layOver(y, alpha, lightOf(wideRGB(art.Page.Ground)))
	runes, err := drawMono(ctx, plane{art.Cols * sx, art.Rows * sy, y}, art.Cols, art.Rows, o)
	if err != nil {
		return Frame{}, err
	}
	cells := make([]Cell, len(runes))
	for i, r := range runes {
		cells[i].Rune = r
	}
	return Frame{Cells: cells}, nil
}

func drawColorFrame(ctx context.Context, img image.Image, art *Art, o Options) (Frame, error) {
	sx, sy := colorSamples(o)
	l, err := sampleLight(ctx, img, art.Cols*sx, art.Rows*sy)
	if err != nil {
		return Frame{}, err
	}
	r, g, b := lights(wideRGB(art.Page.Ground))
	layOver(l.r, l.a, r)
	layOver(l.g, l.a, g)
	layOver(l.b, l.a, b)
	cells, palette, err := drawColor(ctx, l, art.Cols, art.Rows, o)
	if err != nil {
		return Frame{}, err
	}
	art.Palette = palette
	return Frame{Cells: cells}, nil
}

// layOver shows a ground where light is transparent.
func layOver(light, alpha []float32, ground uint32) {
	g := float32(ground) / one
	for i, a := range alpha {
		light[i] += float32(g * (1 - a))
	}
}

func wideRGB(c RGB) color.RGBA64 { return wide(color.RGBA{c.R, c.G, c.B, 0xff}) }

// pageOf is a light page, or a dark one.
func pageOf(light bool) Page {
	black, white := RGB{}, RGB{255, 255, 255}
	if light {
		return Page{Ink: black, Ground: white}
	}
	return Page{Ink: white, Ground: black}
}
