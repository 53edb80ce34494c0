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

// target is a picture of fine samples, laid out for sums over many cells at once: a row
// is the first samples of all cells, then the second ones, and so on. At both ends of
// each, the picture goes on with what is there.
type target struct {
	cols, height int
	stride       int // of the samples of one kind in a row
	pix          []float32
}

// targetMargin is in cells, more than the radius of any taps.
const targetMargin = 4

func newTarget(y plane) *target {
	t := &target{cols: y.width / fineCols, height: y.height}
	t.stride = t.cols + 2*targetMargin
	t.pix = make([]float32, t.height*fineCols*t.stride)
	for i := range t.height {
		src := y.pix[i*y.width:][:y.width]
		for k := range fineCols {
			dst := t.pix[t.at(i, k)-targetMargin:][:t.stride]
			for x := range targetMargin {
				dst[x], dst[t.stride-1-x] = src[0], src[y.width-1]
			}
			for x := range t.cols {
				dst[targetMargin+x] = src[x*fineCols+k]
			}
		}
	}
	return t
}

// at returns where the samples are that lie k to the right of the first ones of cells.
func (t *target) at(y, k int) int {
	cell := floorDiv(k, fineCols)
	return (y*fineCols+k-cell*fineCols)*t.stride + targetMargin + cell
}

// seen returns what a sight shows of a picture.
func (v *sight) seen(t *target) (pix []float32, width, height int) {
	width, height = t.cols*v.cols, t.height/fineRows*v.rows
	across, down := newTaps(v, v.cols, fineCols), newTaps(v, v.rows, fineRows)
	part := make([]float32, t.height*width) // a row is laid out as that of a target
	at := make([]int, 2*max(across.radius, down.radius))
	for y := range t.height {
		for i, weights := range across.weights {
			for k := range weights {
				at[k] = t.at(y, across.first[i]+k)
			}
			weigh(part[y*width+i*t.cols:][:t.cols], t.pix, at[:len(weights)], weights)
		}
	}
	pix, row := make([]float32, width*height), make([]float32, width)
	for j := range height {
		first, weights := down.of(j)
		for k := range weights {
			at[k] = min(max(first+k, 0), t.height-1) * width
		}
		weigh(row, part, at[:len(weights)], weights)
		for i := range v.cols {
			for x, s := range row[i*t.cols:][:t.cols] {
				pix[j*width+x*v.cols+i] = s
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

// of returns the weights of sample i, and the fine sample of the first.
func (t *taps) of(i int) (first int, weights []float32) {
	n := len(t.first)
	return i/n*t.fine + t.first[i%n], t.weights[i%n]
}
