package ascii

import "math"

// The tone of a picture is changed as lightness, the square root of light (see
// [lightness]), because equal steps of it look nearly equal. In this order:
//
//	vivid           black and white points, more ink, local contrast, sharpness and edges
//	gamma           L^(1/gamma)
//	brightness      L + brightness
//	contrast        (L - 1/2) · (1 + contrast)/(1 - contrast) + 1/2
//	local contrast  the picture blended with its equalisation, see equalize
//	sharpen         L + 2 · sharpen · (L - blurred L)
//	edges           ink where the gradient is steep, see drawEdges
//	threshold       1 where L is at least the threshold, otherwise 0
//	saturation      l + (c - l) · (1 + saturation) for the root c of each primary
//
// Every step leaves L from 0 to 1.
type toner struct {
	Options
	cell int // height of a cell in samples: what is large or small for the eye
}

// isFaithful reports whether there is nothing to do to luminance.
func (t *toner) isFaithful() bool {
	return t.Tone != "vivid" && (t.Gamma == 0 || t.Gamma == 1) && t.Brightness == 0 && t.Contrast == 0 &&
		t.LocalContrast == 0 && t.Sharpen == 0 && t.Edges == 0 && t.Threshold == 0
}

// luminance changes light from 0 to 1 in place.
func (t *toner) luminance(y plane) {
	if t.isFaithful() {
		return
	}
	for i, v := range y.pix {
		y.pix[i] = lightness(v)
	}
	t.lightness(y)
	for i, v := range y.pix {
		y.pix[i] = float32(v * v)
	}
}

func (t *toner) lightness(l plane) {
	local, sharpen, edges := t.LocalContrast, t.Sharpen, t.Edges
	if t.Tone == "vivid" {
		stretch(l.pix)
		t.lift(l.pix)
		local, sharpen, edges = max(local, vividLocal), max(sharpen, vividSharpen), max(edges, vividEdges)
	}
	t.curve(l.pix)
	if local > 0 {
		equalize(l, float32(local))
	}
	if sharpen > 0 {
		unsharp(l, t.radius(), float32(2*sharpen))
	}
	if edges > 0 {
		t.drawEdges(l, float32(edges))
	}
	if t.Threshold > 0 {
		threshold(l.pix, float32(t.Threshold))
	}
}

// radius is a quarter of a cell, in samples: about what a character can show.
func (t *toner) radius() int { return max(1, t.cell/4) }

// color changes the luminance of colours as that of a picture without them, keeps
// their hue, and then changes their saturation.
func (t *toner) color(l *light) {
	if t.isFaithful() && t.Saturation == 0 {
		return
	}
	before := l.luminance()
	after := plane{l.width, l.height, append([]float32(nil), before...)}
	if !t.isFaithful() {
		t.luminance(after)
		for i, y := range after.pix {
			l.r[i], l.g[i], l.b[i] = relight(l.r[i], l.g[i], l.b[i], before[i], y)
		}
	}
	if t.Saturation != 0 {
		for i, y := range after.pix {
			grey, s := lightness(y), float32(1+t.Saturation)
			l.r[i], l.g[i], l.b[i] = saturate(l.r[i], grey, s), saturate(l.g[i], grey, s), saturate(l.b[i], grey, s)
		}
	}
}

// relight gives a colour another luminance. Where that takes a primary beyond 1 the
// colour moves towards grey until it does not.
func relight(r, g, b, before, after float32) (float32, float32, float32) {
	const dark = 1e-6 // has no hue
	if before < dark {
		return after, after, after
	}
	k := after / before
	r, g, b = float32(r*k), float32(g*k), float32(b*k)
	most := max(r, g, b)
	if most <= 1 {
		return r, g, b
	}
	s := max(0, (1-after)/(most-after))
	mix := func(v float32) float32 { return min(1, max(0, after+float32(s*(v-after)))) }
	return mix(r), mix(g), mix(b)
}

func saturate(v, grey, s float32) float32 {
	c := min(1, max(0, grey+float32(s*(lightness(v)-grey))))
	return float32(c * c)
}

// curveSteps is how fine the table of a curve is; between entries it is straight.
const curveSteps = 1 << 12

// curve applies gamma, brightness and contrast.
func (t *toner) curve(l []float32) {
	gamma := t.Gamma
	if gamma == 0 {
		gamma = 1
	}
	if gamma == 1 && t.Brightness == 0 && t.Contrast == 0 {
		return
	}
	slope := (1 + t.Contrast) / max(1-t.Contrast, 1e-3)
	applyCurve(l, func(v float64) float64 {
		v = math.Pow(v, 1/gamma) + t.Brightness
		return float64((v-0.5)*slope) + 0.5
	})
}

// applyCurve maps lightness by way of a table.
func applyCurve(l []float32, curve func(float64) float64) {
	var table [curveSteps + 2]float32
	for i := range table {
		v := curve(min(1, float64(i)/curveSteps))
		// Whole parts of 2¹⁶ hide the last bits, in which machines may differ.
		table[i] = float32(math.Round(min(1, max(0, v))*(1<<16)) / (1 << 16))
	}
	for i, v := range l {
		at := float32(min(1, max(0, v)) * curveSteps)
		n := int(at)
		l[i] = table[n] + float32((at-float32(n))*(table[n+1]-table[n]))
	}
}

func threshold(l []float32, least float32) {
	for i, v := range l {
		l[i] = 0
		if v >= least {
			l[i] = 1
		}
	}
}
