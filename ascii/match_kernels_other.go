//go:build !amd64

package ascii

func rank(dst []float32, all []impression, q *impression) { rankPlain(dst, all, q) }

func (c *local) worth(t *lightnessTable, look *impression) float32 { return c.worthPlain(t, look) }

func (c *local) slope(t *lightnessTable, look, first, second *impression) {
	c.slopePlain(t, look, first, second)
}

func copyRows(dst, src []float32, n, rows, stride int) { copyRowsPlain(dst, src, n, rows, stride) }
