package glyph

import (
	"fmt"

	"golang.org/x/image/font/sfnt"
)

// Outline is the shape of a character: closed paths, whose inside is inked.
type Outline struct {
	Ink      float32 // 0 (page) to 1 (ink) of what is inside
	Segments []Segment
}

// Segment is a piece of a path. It begins where the one before ends.
type Segment struct {
	Op     byte    // as in SVG: 'M' begins a path, 'L' is a line, 'Q' and 'C' are Bézier curves
	Points []Point // 1, for 'Q' 2, for 'C' 3
}

// Point is a place in the cell: 0, 0 is its upper left corner and 1, 1 its lower
// right. Letters of some fonts stick out a little.
type Point struct{ X, Y float32 }

// Outline returns the shape of a character where [Font.Atlas] draws it. The error
// is a [*MissingError] when the font lacks it.
func (f *Font) Outline(r rune) (o Outline, err error) {
	if s, ok := shapeOf(r); ok {
		return s.outline(), nil
	}
	defer recoverFont(&err)
	const width, height = MaxCell / 2, MaxCell
	p, err := f.press(width, height)
	if err != nil {
		return Outline{}, err
	}
	segments, err := p.segments(r)
	if err != nil {
		return Outline{}, err
	}
	o = Outline{Ink: 1, Segments: make([]Segment, len(segments))}
	for i, s := range segments {
		op, n := "MLQC"[s.Op], max(1, int(s.Op)) // the order of sfnt.SegmentOp
		o.Segments[i] = Segment{Op: op, Points: make([]Point, n)}
		for k, at := range s.Args[:n] {
			o.Segments[i].Points[k] = Point{
				X: float32(at.X+p.origin.X) / (64 * width),
				Y: float32(at.Y+p.origin.Y) / (64 * height),
			}
		}
	}
	return o, nil
}

// segments loads a glyph at the size of the press.
func (p *press) segments(r rune) (sfnt.Segments, error) {
	var buf sfnt.Buffer
	i, err := p.font.sfnt.GlyphIndex(&buf, r)
	if err != nil || i == 0 {
		return nil, &MissingError{Rune: r}
	}
	segments, err := p.font.sfnt.LoadGlyph(&buf, i, p.scale, nil)
	if err != nil {
		return nil, fmt.Errorf("load the font's glyph for %q: %w", r, err)
	}
	return segments, nil
}

// outline is the parts of a shape as paths.
func (s shape) outline() Outline {
	o := Outline{Ink: s.ink}
	for _, p := range s.parts {
		left, top := float32(p.left)/grain, float32(p.top)/grain
		right, bottom := float32(p.right)/grain, float32(p.bottom)/grain
		o.Segments = append(o.Segments,
			Segment{'M', []Point{{left, top}}}, Segment{'L', []Point{{right, top}}},
			Segment{'L', []Point{{right, bottom}}}, Segment{'L', []Point{{left, bottom}}})
	}
	return o
}
