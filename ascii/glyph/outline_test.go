package glyph

import (
	"errors"
	"math"
	"testing"
)

// area is the area inside of an outline with straight lines and quadratic curves,
// as a share of the cell. Paths inside of paths run the other way round.
func (o Outline) area() float64 {
	var sum float64
	var first, last Point
	line := func(to Point) {
		sum += float64(last.X)*float64(to.Y) - float64(to.X)*float64(last.Y)
		last = to
	}
	for _, s := range o.Segments {
		switch s.Op {
		case 'M':
			line(first)
			first, last = s.Points[0], s.Points[0]
		case 'Q':
			from, by, to := last, s.Points[0], s.Points[1]
			for i := range 8 {
				t := float32(i+1) / 8
				line(Point{
					(1-t)*(1-t)*from.X + 2*t*(1-t)*by.X + t*t*to.X,
					(1-t)*(1-t)*from.Y + 2*t*(1-t)*by.Y + t*t*to.Y,
				})
			}
		default:
			line(s.Points[0])
		}
	}
	line(first)
	return math.Abs(sum / 2)
}

// An outline and an atlas show the same shape at the same place.
func TestOutlineAgreesWithAtlas(t *testing.T) {
	chars := " .gM@#O|█▀▚🬀⣿"
	a := newAtlas(t, 64, 128, chars)
	for i, r := range []rune(chars) {
		o, err := Embedded().Outline(r)
		if err != nil {
			t.Fatalf("%q: %v", r, err)
		}
		if got, want := o.area(), a.Glyphs[i].ink(); math.Abs(got-want) > 0.02 {
			t.Errorf("%q: the outline inks %.3f of the cell, the atlas %.3f", r, got, want)
		}
	}
}

func TestOutlineOfWhatIsMissing(t *testing.T) {
	_, err := Embedded().Outline('語')
	if _, ok := errors.AsType[*MissingError](err); !ok {
		t.Errorf("got %v, want a MissingError", err)
	}
}
