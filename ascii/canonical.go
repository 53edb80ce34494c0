package ascii

import (
	"cmp"
	"slices"
)

// Canonical returns valid options with every default spelt out, and with the same
// value for what means the same, so that options that ask for the same drawing are
// equal as JSON. Limits and Font stay as they are.
func (o Options) Canonical() Options {
	o.canonicalLayout()
	o.canonicalColor()
	o.Alpha = cmp.Or(o.Alpha, Alphas()[0])
	o.Tone = cmp.Or(o.Tone, Tones()[0])
	o.Gamma = cmp.Or(o.Gamma, 1)
	o.Dither = cmp.Or(o.Dither, Dithers()[0])
	o.Effort = cmp.Or(o.Effort, defaultEffort)
	o.Frames = cmp.Or(o.Frames, 1)
	o.AnyFont = o.AnyFont && o.Color == "none" && searches(o) && effortOf(o).sweeps > 0
	return o
}

const defaultEffort = 5

// canonicalLayout leaves out a fit without a box and a crop that is all, and says
// each of the eight ways to turn a picture in one way.
func (o *Options) canonicalLayout() {
	if o.Fit == "" || o.Cols == 0 || o.Rows == 0 {
		o.Fit = Fits()[0]
	}
	if o.Crop == (Rectangle{Width: 1, Height: 1}) {
		o.Crop = Rectangle{}
	}
	t := o.orientation()
	o.Rotate, o.Flip = t.quarters*90, "none"
	if t.mirror {
		o.Flip = "horizontal"
	}
}

// canonicalColor says which background there is, and leaves out what drawing
// without colour does not look at.
func (o *Options) canonicalColor() {
	o.Background = o.Page().Ground.String()
	o.Paint = cmp.Or(o.Paint, Paints()[0])
	o.Palette = slices.Clone(o.Palette)
	if o.Color == "none" {
		o.Paint, o.Palette, o.Saturation = Paints()[0], nil, 0
	}
}

// Page is what the drawing is meant to be seen on.
func (o Options) Page() Page {
	p := pageOf(o.Invert)
	if c, err := ParseRGB(o.Background); err == nil {
		p.Ground = c
	}
	return p
}
