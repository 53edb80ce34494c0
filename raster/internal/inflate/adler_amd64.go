package inflate

import "golang.org/x/sys/cpu"

//go:noescape
func adlerSumsAVX2(block *byte, n int) (sum, before, within uint32)

// adlerSums is adlerSumsPlain for a multiple of adlerUnit bytes, at most adlerBlock.
func adlerSums(block []byte) (sum, weighted uint64) {
	if !cpu.X86.HasAVX2 || len(block) == 0 {
		return adlerSumsPlain(block)
	}
	s, before, within := adlerSumsAVX2(&block[0], len(block)/adlerUnit)
	return uint64(s), adlerUnit*uint64(before) + uint64(within)
}
