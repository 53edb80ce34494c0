package ascii

import "golang.org/x/sys/cpu"

//go:noescape
func addScaledAVX2(dst *uint64, src *uint32, n int, factor uint32)

//go:noescape
func pairsAVX2(w *widePrimaries, dst *uint32, luma, cb, cr *uint8, n int)

//go:noescape
func opaqueAVX2(p *primaries, dst *uint32, pix *uint8, n int) int

func addScaled(dst []uint64, src []uint32, factor uint64) {
	n := 0
	if cpu.X86.HasAVX2 && len(src) >= 8 && factor>>32 == 0 {
		n = len(src) &^ 7
		_ = dst[n-1]
		addScaledAVX2(&dst[0], &src[0], n, uint32(factor))
	}
	addScaledPlain(dst[n:], src[n:], factor)
}

func (w *widePrimaries) convertPairs(dst []uint32, luma, cb, cr []uint8) {
	n := 0
	if cpu.X86.HasAVX2 && len(cb) >= 8 {
		n = len(cb) &^ 7
		_, _, _ = dst[2*n-1], luma[2*n-1], cr[n-1]
		pairsAVX2(w, &dst[0], &luma[0], &cb[0], &cr[0], n)
	}
	w.convertPairsPlain(dst[2*n:], luma[2*n:], cb[n:], cr[n:])
}

func (p *primaries) convertOpaque(dst []uint32, pix []uint8) int {
	n := 0
	if cpu.X86.HasAVX2 && len(dst) >= 8 {
		n = len(dst) &^ 7
		_ = pix[4*n-1]
		n = opaqueAVX2(p, &dst[0], &pix[0], n)
	}
	return n + p.convertOpaquePlain(dst[n:], pix[4*n:])
}
