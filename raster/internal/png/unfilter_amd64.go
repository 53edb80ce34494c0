package png

//go:noescape
func paethSSE2(cur, up, raw *byte, pixels, bpp int)

// unfilterPaeth is unfilterPaethPlain with the channels of a pixel side by side. The
// last pixel is left out, as four bytes are read and written for each.
func unfilterPaeth(cur, up, raw []byte, bpp int) {
	pixels := len(cur)/bpp - 1
	if bpp != 3 && bpp != 4 || pixels <= 0 {
		unfilterPaethPlain(cur, up, raw, bpp)
		return
	}
	done := pixels * bpp
	_, _, _ = cur[done], up[done], raw[done]
	paethSSE2(&cur[0], &up[0], &raw[0], pixels, bpp)
	unfilterPaethFrom(done, cur, up, raw, bpp)
}
