package vp8

import "fmt"

// Prediction modes (RFC 6386, section 8). The first four are those of whole planes of
// a macroblock and of 4 × 4 blocks of luma alike; the rest are of blocks only, but for
// the last, which says that the blocks have a mode each.
const (
	dcPred = iota
	tmPred // "TrueMotion": the gradient
	vPred
	hPred
	ldPred
	rdPred
	vrPred
	vlPred
	hdPred
	huPred
	subModes
	bPred = subModes
)

// Trees of modes for key frames (sections 11.2 and 11.4), with their probabilities.
var (
	lumaTree  = []int8{^bPred, 2, 4, 6, ^dcPred, ^vPred, ^hPred, ^tmPred}
	lumaProbs = []uint8{145, 156, 163, 128}

	chromaTree  = []int8{^dcPred, 2, ^vPred, 4, ^hPred, ^tmPred}
	chromaProbs = []uint8{142, 114, 183}

	subTree = []int8{
		^dcPred, 2, ^tmPred, 4, ^vPred, 6, 8, 12, ^hPred, 10, ^rdPred, ^vrPred, ^ldPred, 14, ^vlPred, 16, ^hdPred, ^huPred,
	}

	segmentTree = []int8{2, 4, ^0, ^1, ^2, ^3} // section 10
)

// modeReader reads what macroblocks say before their coefficients.
type modeReader struct {
	*frameHeader
	above [][4]uint8 // the modes of the lowest blocks of the macroblocks above
	left  [4]uint8   // and of the last ones of the macroblock to the left
}

func newModeReader(h *frameHeader) *modeReader {
	return &modeReader{frameHeader: h, above: make([][4]uint8, h.columns())}
}

// row reads a row, as far as the first partition goes.
func (p *modeReader) row(dst *row) error {
	p.left = [4]uint8{}
	dst.blocks = dst.blocks[:p.columns()]
	for x := range dst.blocks {
		p.macroblock(&dst.blocks[x], x)
		if p.modes.overrun() {
			dst.blocks = dst.blocks[:x]
			return fmt.Errorf("read modes: %w", atEnd(p.modes.in.err))
		}
	}
	return nil
}

// macroblock reads the header of the macroblock in column x (section 19.3).
func (p *modeReader) macroblock(m *macroblock, x int) {
	r := &p.modes
	m.segment = 0
	if p.updateSegments {
		m.segment = r.tree(segmentTree, p.segmentProbs[:])
	}
	m.empty = p.skips && r.bit(p.skipProb)
	m.mode = r.tree(lumaTree, lumaProbs)
	if m.mode == bPred {
		p.subModes(m, &p.above[x])
	} else { // what the blocks beside it are to think
		p.above[x] = [4]uint8{m.mode, m.mode, m.mode, m.mode}
		p.left = p.above[x]
	}
	m.chroma = r.tree(chromaTree, chromaProbs)
}

func (p *modeReader) subModes(m *macroblock, above *[4]uint8) {
	for y := range 4 {
		left := p.left[y]
		for x := range 4 {
			left = p.modes.tree(subTree, subModeProbs[above[x]][left][:])
			above[x] = left
			m.sub[4*y+x] = left
		}
		p.left[y] = left
	}
}
