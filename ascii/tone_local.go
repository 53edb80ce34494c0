package ascii

import "math"

// What vivid does at least. Found by looking at photographs, portraits and drawings
// at the size of a page, beside what other programs make of them.
const (
	vividLocal   = 0.5
	vividSharpen = 0.5
	vividEdges   = 0.15
	vividClip    = 0.01 // share of the darkest and of the lightest samples that may be lost
	vividGain    = 4    // most that contrast is raised: fog stays fog
)

const histogramBins = 256

func bin(l float32) int { return int(float32(min(1, max(0, l))*(histogramBins-1)) + 0.5) }

// stretch moves the points below and above which vividClip of the samples lie to
// black and white.
func stretch(l []float32) {
	var histogram [histogramBins]int
	for _, v := range l {
		histogram[bin(v)]++
	}
	lost := int(float64(len(l)) * vividClip)
	low, high := 0, histogramBins-1
	for n := histogram[low]; n <= lost && low < high; n += histogram[low] {
		low++
	}
	for n := histogram[high]; n <= lost && high > low; n += histogram[high] {
		high--
	}
	black, white := float32(low)/(histogramBins-1), float32(high)/(histogramBins-1)
	gain := min(vividGain, 1/max(white-black, 1e-3))
	middle := (black + white) / 2
	target := middle // what cannot be stretched to the full range stays where it is
	if gain < vividGain {
		target = 0.5
	}
	for i, v := range l {
		l[i] = min(1, max(0, target+float32(gain*(v-middle))))
	}
}

// The mean of what is drawn in ink that vivid aims at, on a scale of lightness, and
// the gamma it takes at most to get there, in tenths.
const (
	vividInk   = 32_768 // of 2¹⁶
	vividGamma = 13
)

// lift gives a picture that would need little ink some more of it, which on a light
// page means to darken it.
func (t *toner) lift(l []float32) {
	var histogram [histogramBins]int64
	for _, v := range l {
		if t.Invert {
			v = 1 - v
		}
		histogram[bin(v)]++
	}
	gamma := 10
	for gamma < vividGamma && meanInk(&histogram, gamma) < vividInk*int64(len(l)) {
		gamma++
	}
	if gamma == 10 {
		return
	}
	applyCurve(l, func(v float64) float64 {
		if t.Invert {
			return 1 - math.Pow(1-v, 10/float64(gamma))
		}
		return math.Pow(v, 10/float64(gamma))
	})
}

// meanInk is the sum of all samples after a gamma, in parts of 2¹⁶: whole numbers
// are compared alike on every machine.
func meanInk(histogram *[histogramBins]int64, gamma int) (sum int64) {
	for i, n := range histogram {
		sum += n * int64(math.Round(math.Pow(float64(i)/(histogramBins-1), 10/float64(gamma))*(1<<16)))
	}
	return sum
}

// Tiles of the equalisation across the longer side, and how steep it may become.
const (
	tiles     = 8
	clipLimit = 3
)

// equalize blends a picture with its contrast limited adaptive histogram
// equalisation (Zuiderveld, "Contrast Limited Adaptive Histogram Equalization",
// Graphics Gems IV, 1994): each tile gets the curve that would make its histogram
// even, but nowhere steeper than clipLimit; between the middles of tiles curves are
// blended bilinearly.
func equalize(l plane, amount float32) {
	side := max(1, (max(l.width, l.height)+tiles-1)/tiles)
	across, down := (l.width+side-1)/side, (l.height+side-1)/side
	curves := make([][histogramBins]float32, across*down)
	for i := range curves {
		curves[i] = l.evenCurve(i%across*side, i/across*side, side)
	}
	for y := range l.height {
		row := l.pix[y*l.width:][:l.width]
		y0, y1, fy := between(y, side, down)
		for x, v := range row {
			x0, x1, fx := between(x, side, across)
			b := bin(v)
			top := mix(curves[y0*across+x0][b], curves[y0*across+x1][b], fx)
			bottom := mix(curves[y1*across+x0][b], curves[y1*across+x1][b], fx)
			row[x] = mix(v, mix(top, bottom, fy), amount)
		}
	}
}

func mix(a, b, t float32) float32 { return a + float32(t*(b-a)) }

// between returns the tiles between whose middles a sample lies, and where.
func between(at, side, count int) (before, after int, share float32) {
	position := (float32(at)+0.5)/float32(side) - 0.5
	before = int(max(0, position))
	share = min(1, max(0, position-float32(before)))
	return min(before, count-1), min(before+1, count-1), share
}

// evenCurve is the equalising curve of a tile.
func (p plane) evenCurve(x, y, side int) (curve [histogramBins]float32) {
	var histogram [histogramBins]float32
	right, bottom := min(x+side, p.width), min(y+side, p.height)
	for ; y < bottom; y++ {
		for _, v := range p.pix[y*p.width+x : y*p.width+right] {
			histogram[bin(v)]++
		}
	}
	var count, excess float32
	for _, n := range histogram {
		count += n
	}
	limit := max(1, clipLimit*count/histogramBins)
	for i, n := range histogram {
		histogram[i] = min(n, limit)
		excess += n - histogram[i]
	}
	var sum float32
	for i, n := range histogram {
		n += excess / histogramBins // what was cut off is spread over all
		curve[i] = min(1, (sum+n/2)/count)
		sum += n
	}
	return curve
}

// unsharp adds what a blur takes away.
func unsharp(l plane, radius int, amount float32) {
	soft := l.blurred(radius)
	for i, v := range l.pix {
		l.pix[i] = min(1, max(0, v+float32(amount*(v-soft.pix[i]))))
	}
}

// The gradient, in lightness over a quarter of a cell, from which edges are drawn
// and from which they are drawn in full.
const (
	faintEdge = 0.08
	fullEdge  = 0.3
)

// drawEdges draws ink where the gradient (Sobel and Feldman) of the blurred picture
// is steep, and takes as much as half of the strength from the rest.
func (t *toner) drawEdges(l plane, amount float32) {
	ink, ground := float32(1), float32(0)
	if t.Invert {
		ink, ground = 0, 1
	}
	soft := l.blurred(t.radius())
	for y := range l.height {
		for x := range l.width {
			slope := float32(soft.gradient(x, y) * float32(t.radius()))
			steep := min(1, max(0, (slope-faintEdge)/(fullEdge-faintEdge)))
			v := &l.pix[y*l.width+x]
			*v = mix(mix(*v, ground, amount/2), ink, float32(amount*steep))
		}
	}
}

// gradient is the change of lightness from one sample to the next.
func (p plane) gradient(x, y int) float32 {
	x0, x1, y0, y1 := max(0, x-1), min(x+1, p.width-1), max(0, y-1), min(y+1, p.height-1)
	top, middle, bottom := p.pix[y0*p.width:], p.pix[y*p.width:], p.pix[y1*p.width:]
	dx := (top[x1] - top[x0]) + 2*(middle[x1]-middle[x0]) + (bottom[x1] - bottom[x0])
	dy := (bottom[x0] - top[x0]) + 2*(bottom[x]-top[x]) + (bottom[x1] - top[x1])
	return lightness(float32(dx*dx)+float32(dy*dy)) / 8 // a root, see there
}

// blurred is a copy, averaged twice over boxes of 2·radius + 1 samples across and
// down: near to a Gaussian. Beyond its sides the picture goes on as it ends.
func (p plane) blurred(radius int) plane {
	across := plane{p.width, p.height, make([]float32, len(p.pix))}
	down := plane{p.width, p.height, make([]float32, len(p.pix))}
	from := p
	for range 2 {
		from.boxAcross(across, radius)
		across.boxDown(down, radius)
		from = down
	}
	return down
}

// boxAcross averages along rows. Sums run along in double precision, whose
// rounding is far below what single precision keeps.
func (p plane) boxAcross(dst plane, radius int) {
	share, last := 1/float64(2*radius+1), p.width-1
	for y := range p.height {
		src, out := p.pix[y*p.width:][:p.width], dst.pix[y*p.width:][:p.width]
		var sum float64
		for j := -radius; j <= radius; j++ {
			sum += float64(src[min(last, max(0, j))])
		}
		for x := range out {
			out[x] = float32(sum * share)
			sum += float64(src[min(last, x+radius+1)]) - float64(src[max(0, x-radius)])
		}
	}
}

// boxDown averages along columns, all of them at once.
func (p plane) boxDown(dst plane, radius int) {
	row := func(y int) []float32 { return p.pix[min(p.height-1, max(0, y))*p.width:][:p.width] }
	sums := make([]float64, p.width)
	for j := -radius; j <= radius; j++ {
		for x, v := range row(j) {
			sums[x] += float64(v)
		}
	}
	share := 1 / float64(2*radius+1)
	for y := range p.height {
		out, enters, leaves := dst.pix[y*p.width:][:p.width], row(y+radius+1), row(y-radius)
		for x, sum := range sums {
			out[x] = float32(sum * share)
			sums[x] = sum + (float64(enters[x]) - float64(leaves[x]))
		}
	}
}
