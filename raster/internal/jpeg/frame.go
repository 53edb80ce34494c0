package jpeg

import (
	"fmt"
	"math/bits"
)

// frame is what the frame header tells (section B.2.2), and how the picture is to
// be reduced.
type frame struct {
	width, height int
	progressive   bool
	comps         []component
	maxH, maxV    int
	mcusX, mcusY  int // minimum coded units of an interleaved scan
	reduction     int
}

// component is one colour component of the picture.
type component struct {
	id           byte
	h, v         int // sampling factors
	tq           byte
	ratioX       int // of the resolution of the picture to that of the component
	ratioY       int
	blocksX      int // that the picture reaches into: those of a scan of its own
	blocksY      int
	strideBlocks int // in whole MCUs
	rowBlocks    int

	// A block of 8 × 8 coefficients becomes outX × outY samples in plane.
	outX, outY int
	stride     int
	plane      []byte
	idct       inverse
	fold       *folding
	scale      [64]int32 // by which coefficients are multiplied, in zigzag order

	scanned bool // some scan held the component
	coefs   coefficients
}

// parseFrame reads a frame header.
func parseFrame(b []byte, progressive bool) (frame, error) {
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return frame{}, FormatError("the frame header has a wrong length")
	}
	f := frame{
		width: int(b[3])<<8 | int(b[4]), height: int(b[1])<<8 | int(b[2]),
		progressive: progressive, maxH: 1, maxV: 1,
	}
	n := int(b[5])
	switch {
	case b[0] != 8:
		return frame{}, fmt.Errorf("%w: %d bits a sample", ErrUnsupported, b[0])
	case n != 1 && n != 3 && n != 4:
		return frame{}, fmt.Errorf("%w: %d components", ErrUnsupported, n)
	case f.width == 0:
		return frame{}, FormatError("the width is 0")
	case f.height == 0:
		return frame{}, fmt.Errorf("%w: the height is not in the frame header", ErrUnsupported)
	}
	f.comps = make([]component, n)
	for i := range f.comps {
		if err := f.comps[i].parse([3]byte(b[6+3*i:])); err != nil {
			return frame{}, err
		}
		for _, other := range f.comps[:i] {
			if other.id == f.comps[i].id {
				return frame{}, FormatError("two components have one identifier")
			}
		}
	}
	return f, f.measure()
}

func (c *component) parse(b [3]byte) error {
	c.id, c.h, c.v, c.tq = b[0], int(b[1]>>4), int(b[1]&15), b[2]
	if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
		return FormatError("a component has wrong sampling factors or tables")
	}
	return nil
}

// measure works out the sizes of everything in blocks (section A.1.1, A.2).
func (f *frame) measure() error {
	if len(f.comps) == 1 { // never interleaved, so the factors mean nothing (A.2.2)
		f.comps[0].h, f.comps[0].v = 1, 1
	}
	for _, c := range f.comps {
		f.maxH, f.maxV = max(f.maxH, c.h), max(f.maxV, c.v)
	}
	f.mcusX = ceilDiv(f.width, 8*f.maxH)
	f.mcusY = ceilDiv(f.height, 8*f.maxV)
	for i := range f.comps {
		c := &f.comps[i]
		if f.maxH%c.h != 0 || f.maxV%c.v != 0 {
			return fmt.Errorf("%w: sampling factors that do not divide each other", ErrUnsupported)
		}
		c.ratioX, c.ratioY = f.maxH/c.h, f.maxV/c.v
		c.blocksX, c.blocksY = ceilDiv(f.width, 8*c.ratioX), ceilDiv(f.height, 8*c.ratioY)
		c.strideBlocks, c.rowBlocks = f.mcusX*c.h, f.mcusY*c.v
	}
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// reduce chooses how much of each block to keep, so that components end at the
// same resolution if they can: a block of a component with half the resolution
// gives twice the samples.
func (f *frame) reduce(reduction int) {
	f.reduction = reduction
	for i := range f.comps {
		c := &f.comps[i]
		c.outX = samplesPerBlock(c.ratioX, reduction)
		c.outY = samplesPerBlock(c.ratioY, reduction)
		c.stride = c.strideBlocks * c.outX
		c.fold = foldingOf(c.outX, c.outY)
		c.idct = inverseOf(c.outX, c.outY)
	}
}

// samplesPerBlock is the least power of two that is not below what the reduction
// asks for, or 8.
func samplesPerBlock(ratio, reduction int) int {
	want := ceilDiv(8*ratio, reduction)
	return min(8, 1<<bits.Len(uint(want-1)))
}

func (f *frame) outWidth() int  { return ceilDiv(f.width, f.reduction) }
func (f *frame) outHeight() int { return ceilDiv(f.height, f.reduction) }

// memory returns how many bytes the component takes.
func (c *component) memory(progressive bool) int64 {
	blocks := int64(c.strideBlocks) * int64(c.rowBlocks)
	total := blocks * int64(c.outX*c.outY)
	if kept := int64(bits.OnesCount64(c.fold.used)); progressive {
		total += blocks * 2 * kept
		if kept > 1 {
			total += blocks * 8
		}
	}
	return total
}

// allocate makes room for the samples, and for coefficients that arrive in many
// scans.
func (f *frame) allocate() {
	for i := range f.comps {
		c := &f.comps[i]
		blocks := c.strideBlocks * c.rowBlocks
		c.plane = make([]byte, blocks*c.outX*c.outY)
		if f.progressive {
			c.coefs = newCoefficients(blocks, c.fold)
		}
	}
}
