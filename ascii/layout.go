package ascii

import (
	"image"
	"image/color"
	"math"
)

// layout is which part of a picture is drawn in which grid.
type layout struct {
	part       image.Rectangle // of the picture, as it is stored
	turn       turn            // from how it is stored to how it is drawn
	cols, rows int
}

// Grid returns the columns and rows that a picture of width × height pixels is
// drawn in, before borders are trimmed. With only one of Cols and Rows given the
// other keeps the picture's ratio, as seen in cells of CellAspect; with both given
// the rule is that of Fit. Neither is less than 1; no limit is applied.
func (o Options) Grid(width, height int) (cols, rows int) {
	l := o.layout(o.cropped(image.Rect(0, 0, max(1, width), max(1, height))))
	return l.cols, l.rows
}

// cropped is the part of a picture that Crop names, in whole pixels and at least
// one of them.
func (o Options) cropped(bounds image.Rectangle) image.Rectangle {
	if o.Crop == (Rectangle{}) {
		return bounds
	}
	x0, x1 := cropSide(o.Crop.X, o.Crop.Width, bounds.Dx())
	y0, y1 := cropSide(o.Crop.Y, o.Crop.Height, bounds.Dy())
	return image.Rect(x0, y0, x1, y1).Add(bounds.Min)
}

func cropSide(start, share float64, pixels int) (from, to int) {
	scale := float64(pixels)
	from = min(int(math.Round(start*scale)), pixels-1)
	to = int(math.Round(min((start+share)*scale, scale)))
	return from, max(to, from+1)
}

// layout lays out a part of a picture.
func (o Options) layout(part image.Rectangle) layout {
	l := layout{part: part, turn: o.orientation()}
	size := l.turn.size(part.Size())
	switch {
	case o.Cols == 0 || o.Rows == 0 || o.Fit == "" || o.Fit == "contain":
		l.cols, l.rows = o.contain(size)
	default:
		l.cols, l.rows = o.fill(size)
	}
	if o.Fit == "cover" && o.Cols != 0 && o.Rows != 0 {
		l.part = l.cover(o.CellAspect)
	}
	return l
}

// contain is the largest grid of the picture's ratio that the options have room
// for.
func (o Options) contain(size image.Point) (cols, rows int) {
	ratio := float64(size.X) / float64(size.Y)
	rowsFor := func(cols int) int { return atLeastOne(float64(cols) / ratio * o.CellAspect) }
	colsFor := func(rows int) int { return atLeastOne(float64(rows) * ratio / o.CellAspect) }
	cols, rows = o.Cols, o.Rows
	if rows == 0 || cols != 0 && rowsFor(cols) <= rows {
		rows = rowsFor(cols)
	} else {
		cols = colsFor(rows)
	}
	if o.NoUpscale && cols > size.X {
		cols, rows = size.X, rowsFor(size.X)
	}
	if o.NoUpscale && rows > size.Y {
		cols, rows = min(colsFor(size.Y), size.X), size.Y
	}
	return cols, rows
}

// fill is the grid that was asked for.
func (o Options) fill(size image.Point) (cols, rows int) {
	if o.NoUpscale {
		return min(o.Cols, size.X), min(o.Rows, size.Y)
	}
	return o.Cols, o.Rows
}

// cover is the middle of the part, of the same ratio as the grid.
func (l layout) cover(aspect float64) image.Rectangle {
	size := l.turn.size(l.part.Size())
	ratio := float64(l.cols) * aspect / float64(l.rows)
	size.X, size.Y = min(size.X, atLeastOne(float64(size.Y)*ratio)), min(size.Y, atLeastOne(float64(size.X)/ratio))
	size = l.turn.size(size) // as stored again
	at := l.part.Min.Add(l.part.Size().Sub(size).Div(2))
	return image.Rectangle{Min: at, Max: at.Add(size)}
}

func atLeastOne(x float64) int {
	return int(max(1, min(math.Round(x), math.MaxInt32))) // NaN and infinities stay in range
}

// partOf returns a part of a picture without a copy of its pixels, and of the same
// type where that can be.
func partOf(img image.Image, part image.Rectangle) image.Image {
	if part == img.Bounds() {
		return img
	}
	if img, ok := img.(interface {
		SubImage(r image.Rectangle) image.Image
	}); ok {
		return img.SubImage(part)
	}
	return &partImage{img, part}
}

// View is a picture as valid options draw it: the part that is drawn, turned as
// it is drawn, without a copy of the pixels. A drawing is compared with it.
func (o Options) View(img image.Image) image.Image {
	s := sourceOf(img)
	part := o.cropped(s.part)
	if o.Trim {
		part = s.of(part).trimmed()
	}
	l := o.layout(part)
	if img = s.of(l.part).pixels(); l.turn == (turn{}) {
		return img
	}
	return &turnedImage{img, l.turn}
}

// turnedImage is a picture turned.
type turnedImage struct {
	image.Image
	turn turn
}

// Bounds implements [image.Image].
func (t *turnedImage) Bounds() image.Rectangle {
	return image.Rectangle{Max: t.turn.size(t.Image.Bounds().Size())}
}

// At implements [image.Image].
func (t *turnedImage) At(x, y int) color.Color {
	b := t.Image.Bounds()
	from := t.turn.source(x, y, b.Dx(), b.Dy()).Add(b.Min)
	return t.Image.At(from.X, from.Y)
}

// partImage is a part of a picture that has no way of its own to give one.
type partImage struct {
	image.Image
	bounds image.Rectangle
}

// Bounds implements [image.Image].
func (p *partImage) Bounds() image.Rectangle { return p.bounds }
