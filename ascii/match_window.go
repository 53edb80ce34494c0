package ascii

// windows spreads samples over Gaussian windows, and back. Windows are wide, so they
// are kept for every second sample across and down: samples are halved with the
// weights 1 3 3 1, whose variance is 3/4, and smoothed by three weights as often as
// the sight says. Together that is near to a Gaussian, and short.
type windows struct {
	width, height int // of the samples
	cols, rows    int // of the windows
	smoothings    int
	side          float32 // the outer two of the three weights
	halved        []float32
	before, now   []float32
}

func newWindows(v *sight, width, height int) *windows {
	w := &windows{
		width: width, height: height, cols: (width + 1) / 2, rows: (height + 1) / 2,
		smoothings: v.smoothings, side: v.side,
	}
	w.halved = make([]float32, w.cols*height)
	w.before, w.now = make([]float32, w.cols), make([]float32, w.cols)
	return w
}

// spread returns the mean of the samples in each window, in dst if that is not nil.
func (w *windows) spread(dst, samples []float32) []float32 {
	if dst == nil {
		dst = make([]float32, w.cols*w.rows)
	}
	for y := range w.height {
		halveRow(w.halved[y*w.cols:][:w.cols], samples[y*w.width:][:w.width])
	}
	at := func(y int) []float32 { return w.halved[min(max(y, 0), w.height-1)*w.cols:][:w.cols] }
	for y := range w.rows {
		mix4(dst[y*w.cols:][:w.cols], at(2*y-1), at(2*y), at(2*y+1), at(2*y+2))
	}
	for range w.smoothings {
		w.smooth(dst)
	}
	return dst
}

func halveRow(dst, src []float32) {
	last := len(src) - 1
	at := func(x int) float32 { return src[min(max(x, 0), last)] }
	ends := func(i int) float32 {
		x := 2 * i
		return float32(0.125*(at(x-1)+at(x+2))) + float32(0.375*(at(x)+at(x+1)))
	}
	inner := max(1, last/2) // windows from 1 up to it have all four samples
	dst[0] = ends(0)
	halve(dst[1:inner], src[1:])
	for i := inner; i < len(dst); i++ {
		dst[i] = ends(i)
	}
}

func mix4(dst, a, b, c, d []float32) {
	a, b, c, d = a[:len(dst)], b[:len(dst)], c[:len(dst)], d[:len(dst)]
	for i := range dst {
		dst[i] = float32(0.125*(a[i]+d[i])) + float32(0.375*(b[i]+c[i]))
	}
}

// smooth weighs each window with those around it.
func (w *windows) smooth(p []float32) {
	for y := range w.rows {
		smoothRow(p[y*w.cols:][:w.cols], w.side)
	}
	before, now := w.before, w.now
	copy(before, p[:w.cols])
	for y := range w.rows {
		row := p[y*w.cols:][:w.cols]
		next := p[min(y+1, w.rows-1)*w.cols:][:w.cols]
		for i, v := range row {
			now[i] = v
			row[i] = v + float32(w.side*((before[i]-v)+(next[i]-v)))
		}
		before, now = now, before
	}
}

func smoothRow(row []float32, side float32) {
	before := row[0]
	for i, v := range row {
		next := row[min(i+1, len(row)-1)]
		row[i] = v + float32(side*((before-v)+(next-v)))
		before = v
	}
}

// dealt smooths the numbers of windows and returns a function that deals them out to
// the samples of a row. What it returns is valid until its next call.
func (w *windows) dealt(p []float32) func(y int) []float32 {
	for range w.smoothings {
		w.smooth(p)
	}
	row, out := make([]float32, w.cols), make([]float32, w.width)
	at := func(y int) []float32 { return p[min(max(y, 0), w.rows-1)*w.cols:][:w.cols] }
	return func(y int) []float32 {
		near, far := at(y/2), at(y/2-1+y%2*2)
		for i, v := range near {
			row[i] = float32(0.75*v) + float32(0.25*far[i])
		}
		doubleRow(out, row)
		return out
	}
}

func doubleRow(dst, src []float32) {
	before := src[0]
	for i, v := range src {
		next := src[min(i+1, len(src)-1)]
		near := float32(0.75 * v)
		dst[2*i] = near + float32(0.25*before)
		if 2*i+1 < len(dst) {
			dst[2*i+1] = near + float32(0.25*next)
		}
		before = v
	}
}
