package ascii

// canvas is a plane of numbers with a margin on all sides, so that what is
// spread over an edge needs no special case.
type canvas struct {
	width, height int // without the margin
	stride        int
	pix           []float32
}

// margin is how far the eye spreads light, in samples.
const margin = 3

func newCanvas(width, height int) *canvas {
	stride := width + 2*margin
	return &canvas{
		width: width, height: height, stride: stride,
		pix: make([]float32, stride*(height+2*margin)),
	}
}

// row returns the numbers of row y, from the left margin to the right one.
func (c *canvas) row(y int) []float32 {
	return c.pix[(y+margin)*c.stride:][:c.stride]
}
