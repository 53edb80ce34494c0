//go:build !amd64

package ascii

func addScaled(dst []uint64, src []uint32, factor uint64) { addScaledPlain(dst, src, factor) }

func (w *widePrimaries) convertPairs(dst []uint32, luma, cb, cr []uint8) {
	w.convertPairsPlain(dst, luma, cb, cr)
}

func (p *primaries) convertOpaque(dst []uint32, pix []uint8) int {
	return p.convertOpaquePlain(dst, pix)
}
