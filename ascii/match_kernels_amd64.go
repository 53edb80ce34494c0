package ascii

import "golang.org/x/sys/cpu"

//go:noescape
func rankAVX2(dst *float32, all *impression, n int, q *impression)

//go:noescape
func worthAVX2(c *local, t *lightnessTable, look *impression) float32

//go:noescape
func slopeAVX2(c *local, t *lightnessTable, look, first, second *impression)

//go:noescape
func copyAVX2(dst, src *float32, n, rows, stride int)

func copyRows(dst, src []float32, n, rows, stride int) {
	if !cpu.X86.HasAVX2 {
		copyRowsPlain(dst, src, n, rows, stride)
		return
	}
	_, _ = dst[rows*n-1], src[(rows-1)*stride+n-1]
	copyAVX2(&dst[0], &src[0], n, rows, stride)
}

func rank(dst []float32, all []impression, q *impression) {
	if !cpu.X86.HasAVX2 {
		rankPlain(dst, all, q)
		return
	}
	_ = dst[len(all)-1]
	rankAVX2(&dst[0], &all[0], len(all), q)
}

func (c *local) worth(t *lightnessTable, look *impression) float32 {
	if !cpu.X86.HasAVX2 {
		return c.worthPlain(t, look)
	}
	return worthAVX2(c, t, look)
}

func (c *local) slope(t *lightnessTable, look, first, second *impression) {
	if !cpu.X86.HasAVX2 {
		c.slopePlain(t, look, first, second)
		return
	}
	slopeAVX2(c, t, look, first, second)
}
