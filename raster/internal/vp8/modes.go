package vp8

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

// readModes reads the header of the macroblock in column x (section 19.3).
func (p *parser) readModes(m *macroblock, x int) {
	r := &p.modes
	m.segment = 0
	if p.updateSegments {
		m.segment = r.tree(segmentTree, p.segmentProbs[:])
	}
	m.empty = p.skips && r.bit(p.skipProb)
	m.mode = r.tree(lumaTree, lumaProbs)
	above := p.above[x].modes[:]
	if m.mode == bPred {
		p.readSubModes(m, above)
	} else {
		for i := range 4 { // what the blocks beside it are to think
			above[i], p.left.modes[i] = m.mode, m.mode
		}
	}
	m.chroma = r.tree(chromaTree, chromaProbs)
}

func (p *parser) readSubModes(m *macroblock, above []uint8) {
	for y := range 4 {
		left := p.left.modes[y]
		for x := range 4 {
			left = p.modes.tree(subTree, subModeProbs[above[x]][left][:])
			above[x] = left
			m.sub[4*y+x] = left
		}
		p.left.modes[y] = left
	}
}
