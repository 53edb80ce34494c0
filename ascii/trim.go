package ascii

import (
	"image"
	"image/color"
)

// trimTolerance is how much a border may differ from one colour, in 16 bits a
// component. It is what the noise of a JPEG adds: 10 of 255.
const trimTolerance = 10 * 0x101

// trimmed is the part without the borders that have the colour of its top left
// corner, to the pixel of the picture at hand. One of that colour alone stays as it
// is.
func (s source) trimmed() image.Rectangle {
	r := trimmed(s.img, s.pixelsOf(s.part))
	r.Min, r.Max = r.Min.Mul(s.scale), r.Max.Mul(s.scale)
	return r.Intersect(s.part)
}

// trimmed is a part of a picture in pixels without its borders.
func trimmed(img image.Image, part image.Rectangle) image.Rectangle {
	t := trimmer{at: colorsOf(img), origin: img.Bounds().Min}
	t.border = t.at(part.Min.X-t.origin.X, part.Min.Y-t.origin.Y)
	r := part
	for r.Min.Y < r.Max.Y && t.isBorder(row(r, r.Min.Y)) {
		r.Min.Y++
	}
	if r.Empty() {
		return part
	}
	for t.isBorder(row(r, r.Max.Y-1)) {
		r.Max.Y--
	}
	for t.isBorder(column(r, r.Min.X)) {
		r.Min.X++
	}
	for t.isBorder(column(r, r.Max.X-1)) {
		r.Max.X--
	}
	return r
}

func row(r image.Rectangle, y int) image.Rectangle    { return image.Rect(r.Min.X, y, r.Max.X, y+1) }
func column(r image.Rectangle, x int) image.Rectangle { return image.Rect(x, r.Min.Y, x+1, r.Max.Y) }

type trimmer struct {
	at     func(x, y int) color.RGBA64
	origin image.Point
	border color.RGBA64
}

// isBorder reports whether all of a strip has the colour of the border.
func (t *trimmer) isBorder(strip image.Rectangle) bool {
	for y := strip.Min.Y; y < strip.Max.Y; y++ {
		for x := strip.Min.X; x < strip.Max.X; x++ {
			if !isNear(t.at(x-t.origin.X, y-t.origin.Y), t.border) {
				return false
			}
		}
	}
	return true
}

func isNear(a, b color.RGBA64) bool {
	near := func(a, b uint16) bool { return max(a, b)-min(a, b) <= trimTolerance }
	return near(a.R, b.R) && near(a.G, b.G) && near(a.B, b.B) && near(a.A, b.A)
}
