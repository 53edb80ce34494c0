package ascii

import "golang.org/x/sys/cpu"

//go:noescape
func rankAVX2(dst *float32, all *impression, n int, q *impression)

//go:noescape
func worthAVX2(c *local, t *lightnessTable, look *impression) float32

//go:noescape
func slopeAVX2(c *local, t *lightnessTable, look, first *impression, bent *[len(sights)][8]float32)

//go:noescape
func gatherAVX2(dst, light, bend, pull *float32, n, rows, stride int)

//go:noescape
func addAVX2(dst, src *float32, n, rows, stride int)

//go:noescape
func lightnessAVX2(t *lightnessTable, dst, src *float32, n int)

//go:noescape
func halveAVX2(dst, src *float32, n int)

//go:noescape
func weighAVX2(dst *float32, n int, src *float32, at *int, weights *float32, taps int)

//go:noescape
func leastAVX2(eights *eight, n int, q *[samples]float32, limit float32, best *lanes8)

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

func (c *local) slope(t *lightnessTable, look, first *impression) (bent [len(sights)][8]float32) {
	if !cpu.X86.HasAVX2 {
		return c.slopePlain(t, look, first)
	}
	slopeAVX2(c, t, look, first, &bent)
	return bent
}

func (c *local) gather(v *sight, light, bend, pull []float32, stride int) {
	if !cpu.X86.HasAVX2 {
		c.gatherPlain(v, light, bend, pull, stride)
		return
	}
	n, rows := v.spanCols(), v.spanRows()
	last := (rows-1)*stride + n - 1
	_, _, _, _ = c.pull[v.at+n*rows-1], light[last], bend[last], pull[last]
	gatherAVX2(&c.light[v.at], &light[0], &bend[0], &pull[0], n, rows, stride)
}

func (p *impression) add(v *sight, dst []float32, stride int) {
	if !cpu.X86.HasAVX2 {
		p.addPlain(v, dst, stride)
		return
	}
	n, rows := v.spanCols(), v.spanRows()
	_, _ = p[v.at+n*rows-1], dst[(rows-1)*stride+n-1]
	addAVX2(&dst[0], &p[v.at], n, rows, stride)
}

func (t *lightnessTable) ofAll(dst, src []float32) {
	n := 0
	if cpu.X86.HasAVX2 && len(src) >= 8 {
		n = len(src) &^ 7
		_ = dst[n-1]
		lightnessAVX2(t, &dst[0], &src[0], n)
	}
	t.ofAllPlain(dst[n:], src[n:])
}

func halve(dst, src []float32) {
	n := 0
	if cpu.X86.HasAVX2 && len(dst) >= 8 {
		n = len(dst) &^ 7
		_ = src[2*n+1]
		halveAVX2(&dst[0], &src[0], n)
	}
	halvePlain(dst[n:], src[2*n:])
}

func weigh(dst, src []float32, at []int, weights []float32) {
	if !cpu.X86.HasAVX2 || len(dst) < 8 || len(weights) == 0 {
		weighPlain(dst, src, at, weights)
		return
	}
	at = at[:len(weights)]
	for _, i := range at {
		_ = src[i:][len(dst)-1]
	}
	weighAVX2(&dst[0], len(dst), &src[0], &at[0], &weights[0], len(weights))
}

func (d *dictionary) least(q *[samples]float32, limit float32, otherwise uint16) uint16 {
	if !cpu.X86.HasAVX2 {
		return d.leastPlain(q, limit, otherwise)
	}
	var best lanes8
	leastAVX2(&d.eights[0], len(d.eights), q, limit, &best)
	return best.best(limit, otherwise)
}
