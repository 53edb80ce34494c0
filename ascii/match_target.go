package ascii

import "math"

// The samples of a cell that the polish wants of a picture. They are fine enough
// for the nearest sight.
const (
	fineCols = 4
	fineRows = 8
)

// finePixels is the side of such a sample in pixels of a cell.
const finePixels = float64(cellWidth) / fineCols

// seen returns what a sight shows of a picture of fine samples.
func (v *sight) seen(y plane) (pix []float32, width, height int) {
	cols, rows := y.width/fineCols, y.height/fineRows
	width, height = cols*v.cols, rows*v.rows
	across, down := newTaps(v, v.cols, fineCols), newTaps(v, v.rows, fineRows)
	part := make([]float32, width*y.height)
	row := make([]float32, y.width+2*across.radius)
	for i := range y.height {
		across.pad(row, y.pix[i*y.width:][:y.width])
		across.row(part[i*width:][:width], row)
	}
	pix = make([]float32, width*height)
	for j := range height {
		first, weights := down.of(j)
		dst := pix[j*width:][:width]
		for i, w := range weights {
			src := part[min(max(first+i, 0), y.height-1)*width:][:width]
			for x, s := range src {
				dst[x] += float32(w * s)
			}
		}
	}
	return pix, width, height
}

// taps are the weights of a Gaussian at the samples of a sight, which repeat with
// every cell.
type taps struct {
	fine    int // fine samples of a cell
	radius  int
	first   []int // for each sample of a cell: of the fine samples, from that of the cell
	weights [][]float32
}

func newTaps(v *sight, n, fine int) taps {
	// The box of a fine sample blurs, too: pixels are what is compared.
	sigma := math.Sqrt(float64(v.sigma*v.sigma)-(float64(finePixels*finePixels)-1)/12) / finePixels
	t := taps{fine: fine, radius: int(math.Ceil(3 * sigma))}
	for i := range n {
		centre := float64((float64(i)+0.5)*float64(fine))/float64(n) - 0.5
		first := int(math.Floor(centre)) - t.radius + 1
		weights := make([]float64, 2*t.radius)
		var sum float64
		for k := range weights {
			weights[k] = gauss(float64(first+k)-centre, sigma)
			sum += weights[k]
		}
		w := make([]float32, len(weights))
		for k := range w {
			w[k] = float32(weights[k] / sum)
		}
		t.first, t.weights = append(t.first, first), append(t.weights, w)
	}
	return t
}

// of returns the weights of sample i of a row, and the fine sample of the first.
func (t *taps) of(i int) (first int, weights []float32) {
	n := len(t.first)
	return i/n*t.fine + t.first[i%n], t.weights[i%n]
}

// pad copies a row and goes on at both ends with what is there.
func (t *taps) pad(dst, src []float32) {
	copy(dst[t.radius:], src)
	for i := range t.radius {
		dst[i], dst[len(dst)-1-i] = src[0], src[len(src)-1]
	}
}

// row weighs the samples of a padded row, one cell after the other.
func (t *taps) row(dst, src []float32) {
	for n := len(t.first); len(dst) >= n && n > 0; dst, src = dst[n:], src[t.fine:] {
		for i, weights := range t.weights {
			var sum float32
			for k, v := range src[t.first[i]+t.radius:][:len(weights)] {
				sum += float32(weights[k] * v)
			}
			dst[i] = sum
		}
	}
}
