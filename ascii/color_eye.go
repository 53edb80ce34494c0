package ascii

import "math"

// Colour is compared in finer samples than luminance: it can show finer detail.
const (
	inkCols = 4
	inkRows = 8
	inks    = inkCols * inkRows
)

// inkPlane is one number for each sample of a cell.
type inkPlane [inks]float32

// reach is how far the eye spreads light, in samples, and patch what of a plane a
// cell can see.
const (
	reach     = 6
	patchCols = inkCols + 2*reach
	patchRows = inkRows + 2*reach
)

// gaussian is half of a symmetric kernel, from its middle.
type gaussian []float32

// eye spreads errors: a sum of Gaussians, each with a weight. The square of what
// an eye of deviation s sees is the product with a Gaussian of deviation s√2.
type eye struct {
	kernels []gaussian // separable, the square root of the weight in both directions
}

type blurScale struct {
	deviation float64 // of what is seen, in samples
	weight    float64
}

func newEye(scales ...blurScale) *eye {
	e := &eye{}
	for _, s := range scales {
		if s.weight > 0 {
			e.kernels = append(e.kernels, newGaussian(s.deviation*math.Sqrt2, math.Sqrt(s.weight)))
		}
	}
	return e
}

// newGaussian returns weights that add up to sum, rounded so that all machines
// agree.
func newGaussian(deviation, sum float64) gaussian {
	n := min(reach, int(math.Ceil(2.5*deviation)))
	w := make([]float64, n+1)
	total := 0.0
	for i := range w {
		w[i] = math.Exp(-float64(i*i) / (2 * deviation * deviation))
		total += w[i] * float64(2-b2i(i == 0))
	}
	g := make(gaussian, n+1)
	for i := range g {
		g[i] = float32(math.Round(w[i]/total*sum*one) / one)
	}
	return g
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// patch is one plane around a cell.
type patch [patchRows * patchCols]float32

// spread adds what the eye sees of a patch in the cell in its middle.
func (e *eye) spread(p *patch, at rim) (out inkPlane) {
	if at != 0 {
		return e.spreadEdges(p, at)
	}
	for _, g := range e.kernels {
		g.addTo(&out, p)
	}
	return out
}

func (g gaussian) addTo(out *inkPlane, p *patch) {
	n := len(g) - 1
	var across [patchRows][inkCols]float32
	for y := reach - n; y < patchRows-reach+n; y++ {
		row := p[y*patchCols:][:patchCols]
		for x := range inkCols {
			sum := float32(g[0] * row[x+reach])
			for i := 1; i <= n; i++ {
				sum += float32(g[i] * (row[x+reach-i] + row[x+reach+i]))
			}
			across[y][x] = sum
		}
	}
	for y := range inkRows {
		at := y + reach
		for x := range inkCols {
			sum := float32(g[0] * across[at][x])
			for i := 1; i <= n; i++ {
				sum += float32(g[i] * (across[at-i][x] + across[at+i][x]))
			}
			out[y*inkCols+x] += sum
		}
	}
}

// seen returns what the eye sees of a cell in itself.
func (e *eye) seen(cell *inkPlane, at rim) inkPlane {
	var p patch
	p.set(cell)
	p.extend(at)
	return e.spread(&p, at)
}

// set puts a cell in the middle of a patch.
func (p *patch) set(cell *inkPlane) {
	for y := range inkRows {
		copy(p[(y+reach)*patchCols+reach:][:inkCols], cell[y*inkCols:])
	}
}

// product is a scalar product in a fixed order of additions.
func product(a, b *inkPlane) float32 {
	var s0, s1, s2, s3 float32
	for i := 0; i < inks; i += 4 {
		s0 += float32(a[i] * b[i])
		s1 += float32(a[i+1] * b[i+1])
		s2 += float32(a[i+2] * b[i+2])
		s3 += float32(a[i+3] * b[i+3])
	}
	return (s0 + s1) + (s2 + s3)
}

// errorField is three planes with a margin of reach: the error of what is drawn, 0
// where nothing is yet.
type errorField struct {
	cols, rows int
	stride     int
	planes     [3][]float32
}

func newErrorField(cols, rows int) *errorField {
	f := &errorField{cols: cols, rows: rows, stride: cols*inkCols + 2*reach}
	for i := range f.planes {
		f.planes[i] = make([]float32, f.stride*(rows*inkRows+2*reach))
	}
	return f
}

// patch returns plane i around a cell.
func (f *errorField) patch(i, x, y int, p *patch) {
	at := y*inkRows*f.stride + x*inkCols
	for r := range patchRows {
		copy(p[r*patchCols:][:patchCols], f.planes[i][at+r*f.stride:])
	}
}

// without fills a patch with plane i around a cell, and with the error that the
// cell has while nothing is drawn there.
func (f *errorField) without(i, x, y int, at rim, want *inkPlane, p *patch) {
	f.patch(i, x, y, p)
	var own inkPlane
	for j, w := range want {
		own[j] = -w
	}
	p.set(&own)
	p.extend(at)
}

// set writes the error of a cell in plane i, and beyond the edges that it is on.
func (f *errorField) set(i, x, y int, at rim, cell *inkPlane) {
	if at != 0 {
		f.setEdges(i, x, y, at, cell)
		return
	}
	corner := (y*inkRows+reach)*f.stride + x*inkCols + reach
	for r := range inkRows {
		copy(f.planes[i][corner+r*f.stride:][:inkCols], cell[r*inkCols:])
	}
}

func (f *errorField) setEdges(i, x, y int, at rim, cell *inkPlane) {
	var p patch
	p.set(cell)
	p.extend(at)
	all := at.grow(reach)
	for r := all.Min.Y; r < all.Max.Y; r++ {
		row := f.planes[i][(y*inkRows+r)*f.stride+x*inkCols:]
		copy(row[all.Min.X:all.Max.X], p[r*patchCols+all.Min.X:])
	}
}
