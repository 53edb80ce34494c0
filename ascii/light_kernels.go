package ascii

// The kernels of sampling, as they are without vector instructions. Light is whole
// numbers, so that the order of sums does not matter.

// addScaledPlain adds factor times src to dst, which is as long.
func addScaledPlain(dst []uint64, src []uint32, factor uint64) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] += factor * uint64(v)
	}
}

// convertPairsPlain makes light of two pixels for each chroma sample.
func (w *widePrimaries) convertPairsPlain(dst []uint32, luma, cb, cr []uint8) {
	cr = cr[:len(cb)]
	for i := range cb {
		red, green, blue := chroma(cb[i], cr[i])
		to, from := (*[2]uint32)(dst[2*i:]), (*[2]uint8)(luma[2*i:])
		l := int32(from[0]) * 0x10101
		to[0] = w.red[(l+red)>>16&wideMask] + w.green[(l+green)>>16&wideMask] + w.blue[(l+blue)>>16&wideMask]
		l = int32(from[1]) * 0x10101
		to[1] = w.red[(l+red)>>16&wideMask] + w.green[(l+green)>>16&wideMask] + w.blue[(l+blue)>>16&wideMask]
	}
}

// convertOpaquePlain makes light of pixels of red, green, blue and opacity up to the
// first that is not opaque, and returns of how many.
func (p *primaries) convertOpaquePlain(dst []uint32, pix []uint8) int {
	for i := range dst {
		s := (*[4]uint8)(pix[4*i:])
		if s[3] != 0xff {
			return i
		}
		dst[i] = p.light(s)
	}
	return len(dst)
}
