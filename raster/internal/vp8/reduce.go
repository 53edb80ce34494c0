package vp8

// reducer averages boxes of k × k samples of a plane whose lines come from the top.
type reducer struct {
	width, left int // of the plane; left is how many lines are still to come
	k           int
	columns     int // of the result
	out         []uint8
	next        []uint8  // of out, where the next row goes
	sums        []uint32 // of each column of the plane, over the lines of a row of boxes
	count       int      // those lines
}

func newReducer(width, height, k int) *reducer {
	r := &reducer{width: width, left: height, k: k, columns: (width + k - 1) / k}
	r.out = make([]uint8, r.columns*((height+k-1)/k))
	r.next = r.out
	r.sums = make([]uint32, (width+7)&^7) // lines are longer, as they are of whole macroblocks
	return r
}

// lines takes n lines, of which those below the plane are left out.
func (r *reducer) lines(pixels []uint8, pitch, n int) {
	n = min(n, r.left)
	r.left -= n
	if r.k == 1 {
		for y := range n {
			r.next = r.next[copy(r.next, pixels[y*pitch:][:r.width]):]
		}
		return
	}
	for n > 0 {
		some := min(n, r.k-r.count)
		r.add(pixels, pitch, some)
		if r.count += some; r.count == r.k {
			r.flush()
		}
		if n -= some; n > 0 {
			pixels = pixels[some*pitch:]
		}
	}
}

// add adds n lines, of which there are 16 at most, to the sums: eight columns at a
// time, the even ones in the lanes of one integer, the odd ones in those of another.
func (r *reducer) add(pixels []uint8, pitch, n int) {
	for x := 0; x < len(r.sums); x += 8 {
		var even, odd uint64
		for y := range n {
			v := load8(pixels[y*pitch+x:])
			even += v & evenBytes
			odd += v >> 8 & evenBytes
		}
		for i := range 4 {
			sums := r.sums[x+2*i:][:2]
			sums[0] += uint32(even >> (16 * i) & 0xffff)
			sums[1] += uint32(odd >> (16 * i) & 0xffff)
		}
	}
}

// flush ends a row of boxes.
func (r *reducer) flush() {
	for x := range r.columns {
		box := r.sums[x*r.k : min((x+1)*r.k, r.width)]
		var sum uint64
		for _, s := range box {
			sum += uint64(s)
		}
		n := uint64(len(box) * r.count)
		r.next[x] = uint8((sum + n/2) / n)
	}
	r.next = r.next[r.columns:]
	clear(r.sums)
	r.count = 0
}

// close ends the last row of boxes. Rows that did not come are grey.
func (r *reducer) close() {
	if r.count > 0 {
		r.flush()
	}
	for i := range r.next {
		r.next[i] = grey
	}
}
