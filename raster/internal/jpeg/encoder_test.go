package jpeg

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"math/rand/v2"
)

// testFile is a JPEG to be written by encode, straight from coefficients. It can
// have any shape that the standard allows.
type testFile struct {
	w, h        int
	sampling    [][2]int
	ids         string // of the components; from 1 on if empty
	progressive bool
	interval    int
	script      []testScan
	jfif        bool
	adobe       int // the transform, or -1 for no header
	quant       [64]uint16
	dc, ac      testTable
	coefs       [][][64]int32 // of each block of each component, in zigzag order

	frame frame // of the decoder, for sizes
}

// testScan is a scan of some components.
type testScan struct {
	comps                 []int
	start, end, high, low int
}

// interleaved is one scan of everything, for sequential files.
func interleaved(components int) []testScan {
	s := testScan{end: 63}
	for i := range components {
		s.comps = append(s.comps, i)
	}
	return []testScan{s}
}

// separate is one scan for each component.
func separate(components int) (script []testScan) {
	for i := range components {
		script = append(script, testScan{comps: []int{i}, end: 63})
	}
	return script
}

// progression is a script like that of libjpeg, with bits put off twice.
func progression(components int) []testScan {
	all := interleaved(components)[0].comps
	script := []testScan{{all, 0, 0, 0, 1}}
	for i := range components {
		one := []int{i}
		script = append(script, testScan{one, 1, 5, 0, 2}, testScan{one, 6, 63, 0, 2}, testScan{one, 1, 63, 2, 1})
	}
	script = append(script, testScan{all, 0, 0, 1, 0})
	for i := range components {
		script = append(script, testScan{[]int{i}, 1, 63, 1, 0})
	}
	return script
}

// spectral is a script of bands without refinement.
func spectral(components int) (script []testScan) {
	script = append(script, testScan{interleaved(components)[0].comps, 0, 0, 0, 0})
	for i := range components {
		for _, b := range [][2]int{{1, 2}, {3, 20}, {21, 63}} {
			script = append(script, testScan{[]int{i}, b[0], b[1], 0, 0})
		}
	}
	return script
}

// testTable is a Huffman table.
type testTable struct {
	counts  [16]byte
	symbols []byte
}

// flatTable has codes of nearly one length for all symbols.
func flatTable(symbols []byte) testTable {
	length := bits.Len(uint(len(symbols))) // one code stays unused
	t := testTable{symbols: symbols}
	t.counts[length-1] = byte(min(len(symbols), 255))
	if len(symbols) > 255 {
		panic("too many symbols")
	}
	return t
}

// steepTable has codes of 1, 2, 3 … bits, and the rest of 16.
func steepTable(symbols []byte) testTable {
	t := testTable{symbols: symbols}
	steps := min(7, len(symbols)-1)
	for i := range steps {
		t.counts[i] = 1
	}
	t.counts[15] = byte(len(symbols) - steps)
	return t
}

func symbols(class int, r *rand.Rand) (list []byte) {
	if class == 0 {
		for size := range 12 {
			list = append(list, byte(size))
		}
	} else {
		for symbol := range 256 {
			if symbol&15 <= 10 { // larger ones do not occur with 8 bits
				list = append(list, byte(symbol))
			}
		}
	}
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// bitWriter writes entropy-coded data.
type bitWriter struct {
	out *bytes.Buffer
	acc uint64
	n   int
}

func (w *bitWriter) write(v uint32, n int) {
	for i := n - 1; i >= 0; i-- {
		w.acc = w.acc<<1 | uint64(v>>i&1)
		if w.n++; w.n == 8 {
			w.out.WriteByte(byte(w.acc))
			if byte(w.acc) == 0xff {
				w.out.WriteByte(0)
			}
			w.acc, w.n = 0, 0
		}
	}
}

// flush fills the last byte with ones.
func (w *bitWriter) flush() {
	for w.n > 0 {
		w.write(1, 1)
	}
}

func (w *bitWriter) symbol(t *testTable, symbol byte) {
	code, i := uint32(0), 0
	for length, n := range t.counts {
		code <<= 1
		for range n {
			if t.symbols[i] == symbol {
				w.write(code, length+1)
				return
			}
			code++
			i++
		}
	}
	panic("the table lacks a symbol")
}

// value writes what follows a symbol: v in size bits.
func (w *bitWriter) value(v int32, size int) {
	if v < 0 {
		v += 1<<size - 1
	}
	w.write(uint32(v), size)
}

func magnitude(v int32) int { return bits.Len32(uint32(max(v, -v))) }

// encode writes the file.
func (f *testFile) encode() []byte {
	out := &bytes.Buffer{}
	out.Write([]byte{0xff, markerSOI})
	if f.jfif {
		segment(out, markerAPP0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"))
	}
	if f.adobe >= 0 {
		segment(out, markerAPP14, append([]byte("Adobe\x00\x64\x00\x00\x00\x00"), byte(f.adobe)))
	}
	f.writeTables(out)
	segment(out, f.frameMarker(), f.frameHeader())
	for _, s := range f.script {
		e := scanEncoder{testFile: f, testScan: s, w: bitWriter{out: out}}
		e.encode()
	}
	out.Write([]byte{0xff, markerEOI})
	return out.Bytes()
}

func segment(out *bytes.Buffer, marker byte, content []byte) {
	out.Write([]byte{0xff, marker})
	out.Write(binary.BigEndian.AppendUint16(nil, uint16(len(content)+2)))
	out.Write(content)
}

func (f *testFile) frameMarker() byte {
	if f.progressive {
		return markerSOF2
	}
	return markerSOF1
}

func (f *testFile) frameHeader() []byte {
	b := []byte{8, byte(f.h >> 8), byte(f.h), byte(f.w >> 8), byte(f.w), byte(len(f.sampling))}
	for i, s := range f.sampling {
		b = append(b, f.id(i), byte(s[0]<<4|s[1]), 0)
	}
	return b
}

func (f *testFile) id(i int) byte {
	if f.ids != "" {
		return f.ids[i]
	}
	return byte(i + 1)
}

func (f *testFile) writeTables(out *bytes.Buffer) {
	quant := []byte{0x10}
	for _, q := range f.quant {
		quant = binary.BigEndian.AppendUint16(quant, q)
	}
	segment(out, markerDQT, quant)
	for class, t := range []testTable{f.dc, f.ac} {
		segment(out, markerDHT, append(append([]byte{byte(class << 4)}, t.counts[:]...), t.symbols...))
	}
	if f.interval > 0 {
		segment(out, markerDRI, binary.BigEndian.AppendUint16(nil, uint16(f.interval)))
	}
}

// scanEncoder writes one scan.
type scanEncoder struct {
	*testFile
	testScan
	w    bitWriter
	pred [4]int32

	run     int    // blocks whose band has ended
	pending []byte // correction bits that follow the run
}

func (e *scanEncoder) encode() {
	header := []byte{byte(len(e.comps))}
	for _, c := range e.comps {
		header = append(header, e.id(c), 0)
	}
	segment(e.w.out, markerSOS, append(header, byte(e.start), byte(e.end), byte(e.high<<4|e.low)))
	mcusX, mcusY := e.frame.mcusX, e.frame.mcusY
	if len(e.comps) == 1 {
		c := e.frame.comps[e.comps[0]]
		mcusX, mcusY = c.blocksX, c.blocksY
	}
	for i := range mcusX * mcusY {
		if e.interval > 0 && i > 0 && i%e.interval == 0 {
			e.restart(i/e.interval - 1)
		}
		e.mcu(i%mcusX, i/mcusX)
	}
	e.endRun()
	e.w.flush()
}

func (e *scanEncoder) restart(number int) {
	e.endRun()
	e.w.flush()
	e.w.out.Write([]byte{0xff, markerRST0 + byte(number&7)})
	e.pred = [4]int32{}
}

func (e *scanEncoder) mcu(mx, my int) {
	for _, i := range e.comps {
		c := e.frame.comps[i]
		h, v := c.h, c.v
		if len(e.comps) == 1 {
			h, v = 1, 1
		}
		for j := range h * v {
			x, y := mx*h+j%h, my*v+j/h
			e.block(i, &e.coefs[i][y*c.strideBlocks+x])
		}
	}
}

func (e *scanEncoder) block(comp int, b *[64]int32) {
	if e.start == 0 {
		e.dcOf(comp, b[0])
	}
	switch {
	case e.end == 0:
	case e.high == 0:
		e.acOf(b)
	default:
		e.refineOf(b)
	}
}

func (e *scanEncoder) dcOf(comp int, v int32) {
	v >>= e.low
	if e.high > 0 {
		e.w.write(uint32(v&1), 1)
		return
	}
	diff := v - e.pred[comp]
	e.pred[comp] = v
	e.w.symbol(&e.dc, byte(magnitude(diff)))
	e.w.value(diff, magnitude(diff))
}

// shifted is a coefficient without its low bits, rounded towards zero.
func (e *scanEncoder) shifted(v int32) int32 {
	if v < 0 {
		return -(-v >> e.low)
	}
	return v >> e.low
}

func (e *scanEncoder) acOf(b *[64]int32) {
	run := 0
	for k := max(e.start, 1); k <= e.end; k++ {
		v := e.shifted(b[k])
		if v == 0 {
			run++
			continue
		}
		e.endRun()
		for ; run > 15; run -= 16 {
			e.w.symbol(&e.ac, 0xf0)
		}
		e.w.symbol(&e.ac, byte(run<<4|magnitude(v)))
		e.w.value(v, magnitude(v))
		run = 0
	}
	if run > 0 {
		e.endBlock()
	}
}

// endBlock ends a block; progressive files count those in a row.
func (e *scanEncoder) endBlock() {
	e.run++
	if !e.progressive || e.run == 0x7fff {
		e.endRun()
	}
}

func (e *scanEncoder) endRun() {
	if e.run > 0 {
		size := bits.Len(uint(e.run)) - 1
		e.w.symbol(&e.ac, byte(size<<4))
		e.w.write(uint32(e.run), size)
	}
	e.run = 0
	e.flushPending()
}

func (e *scanEncoder) flushPending() {
	for _, bit := range e.pending {
		e.w.write(uint32(bit), 1)
	}
	e.pending = nil
}

// refineOf writes one more bit of a band (figure G.7).
func (e *scanEncoder) refineOf(b *[64]int32) {
	last := -1 // the last coefficient that becomes 1 or -1
	for k := e.start; k <= e.end; k++ {
		if v := e.shifted(b[k]); v == 1 || v == -1 {
			last = k
		}
	}
	run := 0
	var corrections []byte
	for k := e.start; k <= e.end; k++ {
		switch v := e.shifted(b[k]); v {
		case 0:
			run++
			if run == 16 && k < last {
				e.endRun()
				e.w.symbol(&e.ac, 0xf0)
				e.pending, corrections, run = corrections, nil, 0
				e.flushPending()
			}
		case 1, -1:
			e.endRun()
			e.w.symbol(&e.ac, byte(run<<4|1))
			e.w.value(v, 1)
			e.pending, corrections, run = corrections, nil, 0
			e.flushPending()
		default:
			corrections = append(corrections, byte(max(v, -v)&1))
		}
	}
	if run > 0 || len(corrections) > 0 {
		e.pending = append(e.pending, corrections...)
		e.endBlock()
	}
}
