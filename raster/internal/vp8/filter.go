package vp8

// filterHeader says how strongly edges of blocks are smoothed (RFC 6386, section 9.4).
type filterHeader struct {
	simple           bool
	level, sharpness int
	bySegment        [segments]int // the level of each segment
	keyDelta         int           // what is added to it in key frames
	blocksDelta      int           // and then in macroblocks whose blocks have a mode each
}

func readFilter(r *boolReader, seg *segmentHeader) filterHeader {
	f := filterHeader{simple: r.flag(), level: r.literal(6), sharpness: r.literal(3)}
	if r.flag() {
		f.readDeltas(r)
	}
	for i := range f.bySegment {
		switch {
		case !seg.enabled:
			f.bySegment[i] = f.level
		case seg.absolute:
			f.bySegment[i] = seg.level[i]
		default:
			f.bySegment[i] = f.level + seg.level[i]
		}
	}
	return f
}

// readDeltas reads the adjustments by reference frame and by mode, of which a key frame
// needs the first ones: it refers to no frame.
func (f *filterHeader) readDeltas(r *boolReader) {
	if !r.flag() {
		return
	}
	var deltas [8]int
	for i := range deltas {
		deltas[i] = r.optional(6)
	}
	f.keyDelta, f.blocksDelta = deltas[0], deltas[4]
}

// edges say how to filter the edges of a macroblock.
type edges struct {
	limit    int  // 0: not at all
	interior int  // how much neighbours may differ
	variance int  // beyond this the pixels at the edge are changed only
	inner    bool // whether edges inside are filtered
}

// filterLevels are the edges of macroblocks by segment and by whether the blocks have
// modes of their own.
type filterLevels struct {
	simple bool
	of     [segments][2]edges
}

func (f *filterHeader) levels() *filterLevels {
	l := &filterLevels{simple: f.simple}
	for i, level := range f.bySegment {
		l.of[i][0] = f.edges(level + f.keyDelta)
		l.of[i][1] = f.edges(level + f.keyDelta + f.blocksDelta)
		l.of[i][1].inner = true
	}
	return l
}

// edges gives the thresholds for a level (sections 15.2 to 15.4).
func (f *filterHeader) edges(level int) edges {
	level = min(max(level, 0), 63)
	if level == 0 {
		return edges{}
	}
	e := edges{interior: level}
	if f.sharpness > 0 {
		e.interior >>= 1
		if f.sharpness > 4 {
			e.interior >>= 1
		}
		e.interior = min(e.interior, 9-f.sharpness)
	}
	e.interior = max(e.interior, 1)
	e.limit = 2*level + e.interior
	switch {
	case level >= 40:
		e.variance = 2
	case level >= 15:
		e.variance = 1
	}
	return e
}

func (l *filterLevels) edges(m *macroblock) edges {
	if m.mode == bPred {
		return l.of[m.segment][1]
	}
	e := l.of[m.segment][0]
	e.inner = !m.empty
	return e
}

// smooth filters the first n macroblocks of a row, in order (section 15).
func (p *painter) smooth(n int) {
	for x := range n {
		e := p.now.edges[x]
		if e.limit == 0 {
			continue
		}
		for plane := range p.now.planes {
			if plane > 0 && p.filter.simple {
				break
			}
			s := smoother{edges: e, simple: p.filter.simple, p: p, plane: plane, x: x * side(plane)}
			s.macroblock()
		}
	}
}

// smoother filters a plane of a macroblock.
type smoother struct {
	edges
	simple bool
	p      *painter
	plane  int
	x      int // in the plane
}

// outerLimit is how much more the limit is at edges of macroblocks.
const outerLimit = 4

func (s *smoother) macroblock() {
	n := side(s.plane)
	if s.x > 0 {
		s.column(s.x, true)
	}
	for i := 4; s.inner && i < n; i += 4 {
		s.column(s.x+i, false)
	}
	if !s.p.top {
		s.line(0, true)
	}
	for i := 4; s.inner && i < n; i += 4 {
		s.line(i, false)
	}
}

// column filters the edge before column x.
func (s *smoother) column(x int, outer bool) {
	pitch := s.p.now.pitch[s.plane]
	for y := range side(s.plane) {
		s.smooth((*[8]uint8)(s.p.now.planes[s.plane][y*pitch+x-4:]), outer)
	}
}

// line filters the edge above line y.
func (s *smoother) line(y int, outer bool) {
	var lines [8][]uint8
	n := side(s.plane)
	for i := range lines {
		lines[i] = s.p.filteredLine(s.plane, y-4+i)[s.x:][:n]
	}
	for x := range n {
		var v [8]uint8
		for i, l := range lines {
			v[i] = l[x]
		}
		if s.smooth(&v, outer) {
			for i := 1; i < 7; i++ {
				lines[i][x] = v[i]
			}
		}
	}
}

// filteredLine is line y of the row, or of the row before when y is negative.
func (p *painter) filteredLine(plane, y int) []uint8 {
	b := p.now
	if y < 0 {
		b, y = p.last, y+side(plane)
	}
	return b.planes[plane][y*b.pitch[plane]:]
}

// smooth filters the eight pixels across an edge, which is between the fourth and the
// fifth, and reports whether it changed them.
func (s *smoother) smooth(v *[8]uint8, outer bool) bool {
	limit := s.limit
	if outer {
		limit += outerLimit
	}
	p1, p0, q0, q1 := int(v[2]), int(v[3]), int(v[4]), int(v[5])
	if 2*abs(p0-q0)+abs(p1-q1)/2 > limit {
		return false
	}
	if s.simple {
		adjust(v, signed8(p1-q1))
		return true
	}
	p3, p2, q2, q3 := int(v[0]), int(v[1]), int(v[6]), int(v[7])
	if max(abs(p3-p2), abs(p2-p1), abs(p1-p0), abs(q1-q0), abs(q2-q1), abs(q3-q2)) > s.interior {
		return false
	}
	switch {
	case max(abs(p1-p0), abs(q1-q0)) > s.variance:
		adjust(v, signed8(p1-q1))
	case outer:
		spreadOuter(v)
	default:
		a := (adjust(v, 0) + 1) >> 1
		v[2], v[5] = clip8(p1+a), clip8(q1-a)
	}
	return true
}

// adjust moves the pixels at the edge towards each other, and returns by how much that
// after it moved (section 15.2, common_adjust).
func adjust(v *[8]uint8, outer int) int {
	p0, q0 := int(v[3]), int(v[4])
	a := signed8(outer + 3*(q0-p0))
	b, c := min(a+4, 127)>>3, min(a+3, 127)>>3
	v[3], v[4] = clip8(p0+c), clip8(q0-b)
	return b
}

// spreadOuter moves three pixels on each side (section 15.3).
func spreadOuter(v *[8]uint8) {
	w := signed8(signed8(int(v[2])-int(v[5])) + 3*(int(v[4])-int(v[3])))
	for i, factor := range [3]int{27, 18, 9} {
		a := (factor*w + 63) >> 7
		v[3-i], v[4+i] = clip8(int(v[3-i])+a), clip8(int(v[4+i])-a)
	}
}

func abs(v int) int     { return max(v, -v) }
func signed8(v int) int { return min(max(v, -128), 127) }
func clip8(v int) uint8 { return uint8(min(max(v, 0), 255)) }
