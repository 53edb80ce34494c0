package ascii

import "image"

// turn is one of the eight ways to lay a picture down: turned clockwise by some
// quarters, then perhaps mirrored sideways. Samples are turned, not pixels: an
// average over a box does not change with the side from which it is looked at.
type turn struct {
	quarters int // 0 to 3
	mirror   bool
}

// orientation says in one way what Rotate and Flip say in several.
func (o Options) orientation() turn {
	t := turn{quarters: o.Rotate / 90}
	switch o.Flip {
	case "horizontal":
		t.mirror = true
	case "vertical": // is half a turn and a mirror
		t.quarters, t.mirror = t.quarters+2, true
	case "both":
		t.quarters += 2
	}
	t.quarters %= 4
	return t
}

// size is how large something of a size is once it is turned, or turned back.
func (t turn) size(s image.Point) image.Point {
	if t.quarters%2 == 1 {
		return image.Pt(s.Y, s.X)
	}
	return s
}

// apply turns numbers that are width × height before.
func (t turn) apply(pix []float32, width, height int) []float32 {
	if t == (turn{}) || pix == nil {
		return pix
	}
	size := t.size(image.Pt(width, height))
	turned := make([]float32, 0, len(pix))
	for y := range size.Y {
		for x := range size.X {
			from := t.source(x, y, width, height)
			turned = append(turned, pix[from.Y*width+from.X])
		}
	}
	return turned
}

// source is where a number comes from.
func (t turn) source(x, y, width, height int) image.Point {
	if t.mirror {
		x = t.size(image.Pt(width, height)).X - 1 - x
	}
	switch t.quarters {
	case 1:
		return image.Pt(y, height-1-x)
	case 2:
		return image.Pt(width-1-x, height-1-y)
	case 3:
		return image.Pt(width-1-y, x)
	}
	return image.Pt(x, y)
}
