package ascii

import (
	"math"
)

// objective is the measure of fidelity around the present drawing.
//
// The measure is log Q = log S - T/15. S is the mean over the sights of
//
//	S = 1 - Σ c var(e) / Σ w,   c = w / (var(a) + w),   w = var(r) + 9,
//
// where a and r are L* of drawing and picture, e = a - r, and var is the variance
// in a window, a Gaussian of twice the deviation of the sight; this is the SSIM of
// contrast and structure (Wang et al., 2004), weighted by w. T is the root of the
// mean of e² in the farthest sight.
//
// A single cell changes little, so c is held for a sweep. How it would change with
// var(a) is not lost, as the ratio N/D moves like N - (N/D) D (Dinkelbach, 1967):
//
//	c (var(e) - p var(a)),   p = var(e) / (var(a) + w).
//
// A variance is the mean of squares less the square of the mean, and of the latter
// the tangent will do. So all of it becomes a sum over samples,
//
//	a (bend a + pull),
//
// with G for what a window spreads:
//
//	bend = G(c) - G(c p) + tone,
//	pull = -2 r (G(c) + tone) - 2 G(c mean(e) - c p mean(a)).
type objective struct {
	scenes [len(sights)]*scene
}

// worthScale is the worth of all of log Q.
const worthScale = 1e4

// toneWeight is how much T counts against S. It is less than one, as a gain of
// the whole drawing, which the measure forgives, takes part of T away.
const toneWeight = 0.5

// Tone counts as much as at these differences when it is better or worse: far off,
// it must not give way to smoothness.
const (
	leastTone = 0.5
	mostTone  = 1.5
)

// noise is the constant of SSIM: variance that counts as none, in L*².
const noise = 9

// scene is one sight of a drawing and its picture.
type scene struct {
	*sight
	table         *lightnessTable
	width, height int     // samples
	light         *canvas // of the drawing
	bend, pull    *canvas
	picture       []float32 // L*
	lightness     []float32 // L* of the drawing
	means, weight []float32 // of the picture in each window, and var(r) + noise
	total         float64   // of weight
	window        *windows
	scratch       [3][]float32 // of the size of the window's grid
	square        []float32
}

// newScene takes the light of the picture, as seen.
func newScene(v *sight, picture []float32, width, height int) *scene {
	s := &scene{
		sight: v, table: lightnesses(), width: width, height: height,
		light: newCanvas(width, height), bend: newCanvas(width, height), pull: newCanvas(width, height),
		picture: picture, lightness: make([]float32, len(picture)), square: make([]float32, len(picture)),
		window: newWindows(v, width, height),
	}
	s.table.ofAll(picture, picture)
	for i, l := range picture {
		s.square[i] = float32(l * l)
	}
	s.means, s.weight = s.window.spread(nil, picture), s.window.spread(nil, s.square)
	for i, m := range s.means {
		s.weight[i] += noise - float32(m*m)
		s.total += float64(s.weight[i])
	}
	return s
}

// around returns where in a canvas of the scene the surroundings of a cell begin.
func (s *scene) around(x, y int) int {
	return (y*s.rows-halo+margin)*s.light.stride + x*s.cols - halo + margin
}

// survey renews the objective for the drawing as it is now.
func (o *objective) survey() {
	var similarity, tone float64
	for _, s := range o.scenes {
		s.look()
		loss := s.compare()
		similarity += (1 - loss/s.total) / float64(len(sights))
	}
	far := o.scenes[len(sights)-1]
	tone = far.difference()
	similarity, tone = max(similarity, 0.3), min(max(tone, leastTone), mostTone)
	for _, s := range o.scenes {
		size := float64(s.width * s.height)
		k := worthScale * float64(len(s.means)) / (size * s.total * float64(len(sights)) * similarity)
		t := 0.
		if s == far {
			t = worthScale * toneWeight / (30 * tone * size)
		}
		s.weigh(float32(k), float32(t))
	}
}

// look takes L* of the drawing.
func (s *scene) look() {
	for y := range s.height {
		s.table.ofAll(s.lightness[y*s.width:][:s.width], s.light.row(y)[margin:][:s.width])
	}
}

// difference is the root of the mean square of e.
func (s *scene) difference() float64 {
	var sum float64
	for i, l := range s.lightness {
		e := float64(l - s.picture[i])
		sum += float64(e * e)
	}
	return math.Sqrt(sum / float64(len(s.lightness)))
}

// compare fills scratch with c, c p and c mean(e) - c p mean(a) and returns the
// sum of c var(e).
func (s *scene) compare() (loss float64) {
	mean := s.window.spread(s.scratch[0], s.lightness)
	for i, l := range s.lightness {
		s.square[i] = float32(l * l)
	}
	squares := s.window.spread(s.scratch[1], s.square)
	for i, l := range s.lightness {
		s.square[i] = float32(l * s.picture[i])
	}
	products := s.window.spread(s.scratch[2], s.square)
	for i, m := range mean {
		w := s.weight[i]
		variance := squares[i] - float32(m*m)
		common := products[i] - float32(m*s.means[i])
		distance := variance + (w - noise) - float32(2*common)
		c := w / (variance + w)
		cp := float32(c * (distance / (variance + w)))
		loss += float64(float32(c * distance))
		products[i] = float32(c*(m-s.means[i])) - float32(cp*m)
		mean[i], squares[i] = c, cp
	}
	s.scratch = [3][]float32{mean, squares, products}
	return loss
}

// weigh sets bend and pull from scratch. k is the weight of structure and t that of
// tone.
func (s *scene) weigh(k, t float32) {
	c, cp, rest := s.window.dealt(s.scratch[0]), s.window.dealt(s.scratch[1]), s.window.dealt(s.scratch[2])
	for y := range s.height {
		c, cp, rest := c(y), cp(y), rest(y)
		bend, pull := s.bend.row(y)[margin:], s.pull.row(y)[margin:]
		for x, r := range s.picture[y*s.width:][:s.width] {
			whole := float32(k*c[x]) + t
			bend[x] = whole - float32(k*cp[x])
			pull[x] = -2 * (float32(r*whole) + float32(k*rest[x]))
		}
	}
}
