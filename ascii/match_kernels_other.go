//go:build !amd64

package ascii

func rank(dst []float32, all []impression, q *impression) { rankPlain(dst, all, q) }

func (c *local) worth(t *lightnessTable, look *impression) float32 { return c.worthPlain(t, look) }

func (c *local) slope(t *lightnessTable, look, first *impression) [len(sights)][8]float32 {
	return c.slopePlain(t, look, first)
}

func (c *local) gather(v *sight, light, bend, pull []float32, stride int) {
	c.gatherPlain(v, light, bend, pull, stride)
}

func (p *impression) add(v *sight, dst []float32, stride int) { p.addPlain(v, dst, stride) }

func weigh(dst, src []float32, at []int, weights []float32) { weighPlain(dst, src, at, weights) }

func (d *dictionary) least(q *[samples]float32, limit float32, otherwise uint16) uint16 {
	return d.leastPlain(q, limit, otherwise)
}

func (t *lightnessTable) ofAll(dst, src []float32) { t.ofAllPlain(dst, src) }

func halve(dst, src []float32) { halvePlain(dst, src) }
