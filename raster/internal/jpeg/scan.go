package jpeg

import (
	"cmp"
	"context"
)

// scan is what a scan header tells (section B.2.3), and where decoding is.
type scan struct {
	comps      []scanComponent
	start, end int // the band of coefficients, in zigzag order
	high, low  int // the bits of them: from below high down to low

	mcusX, mcusY int
	units        []unit // the blocks of an MCU in order
	run          func(my, mx0, mx1 int) (done int, err error)
	endRun       int // blocks of a progressive scan whose band has ended
}

type scanComponent struct {
	*component
	dc, ac *huffman
	pred   int32 // the DC of the block before
}

// unit is one of the blocks of an MCU.
type unit struct {
	*scanComponent
	x, y int // in blocks within the MCU
}

// readScanHeader reads the header of a scan, n bytes.
func (d *decoder) readScanHeader(n int) (*scan, error) {
	if d.frame.comps == nil {
		return nil, FormatError("it has a scan before its frame header")
	}
	b, err := d.src.take(n)
	if err != nil {
		return nil, err
	}
	if n < 6 || n != 4+2*int(b[0]) || int(b[0]) > len(d.frame.comps) {
		return nil, FormatError("a scan header has a wrong length")
	}
	s := &scan{}
	for b := b[1 : n-3]; len(b) > 0; b = b[2:] {
		if err := s.add(d, b[0], b[1]); err != nil {
			return nil, err
		}
	}
	s.start, s.end, s.high, s.low = int(b[n-3]), int(b[n-2]), int(b[n-1]>>4), int(b[n-1]&15)
	if !d.frame.progressive {
		s.start, s.end, s.high, s.low = 0, 63, 0, 0 // whatever the file says
		return s, nil
	}
	return s, s.check()
}

// add adds the component with an identifier, coded with tables.
func (s *scan) add(d *decoder, id, tables byte) error {
	for _, c := range s.comps {
		if c.id == id {
			return FormatError("a scan has a component twice")
		}
	}
	if tables>>4 > 3 || tables&15 > 3 {
		return FormatError("a scan has a wrong Huffman table")
	}
	for i := range d.frame.comps {
		if c := &d.frame.comps[i]; c.id == id {
			s.comps = append(s.comps, scanComponent{component: c, dc: d.dc[tables>>4], ac: d.ac[tables&15]})
			return nil
		}
	}
	return FormatError("a scan has an unknown component")
}

// check checks the parameters of a progressive scan (table B.3, section G.1.1.1).
func (s *scan) check() error {
	switch {
	case s.end > 63 || s.start > s.end || s.start == 0 && s.end != 0:
		return FormatError("a scan has a wrong band")
	case s.start > 0 && len(s.comps) > 1:
		return FormatError("a scan has AC of several components")
	case s.low > 13 || s.high > 0 && s.high != s.low+1:
		return FormatError("a scan has wrong bits")
	}
	return nil
}

// readScan decodes a scan, or passes over it.
func (d *decoder) readScan(ctx context.Context, s *scan) error {
	if err := d.budget.scan(); err != nil {
		return err
	}
	if !d.needed(s) {
		return nil // the next marker that is sought ends it
	}
	if err := d.prepare(s); err != nil {
		return err
	}
	d.bits.start()
	err := d.walk(ctx, s)
	if err == nil && s.endRun > 0 {
		err = FormatError("a scan ends behind its last block")
	}
	for _, c := range s.comps {
		c.scanned = true
		c.coefs.done(s)
	}
	return err
}

// needed reports whether the result depends on a scan. One that ends a band of
// which nothing is kept does not, and nothing at all does when all that is kept is
// final. Others do: what is kept is refined by the bits of all.
func (d *decoder) needed(s *scan) bool {
	if !d.frame.progressive || d.readAll {
		return true
	}
	for _, c := range s.comps {
		want := c.coefs.kept &^ c.coefs.final
		if s.start > 0 {
			want &^= 1
		}
		if s.low == 0 || s.start == 0 {
			want &= band(s.start, s.end)
		}
		if want != 0 {
			return true
		}
	}
	return false
}

// prepare lays out the MCUs of a scan (section A.2) and gets its tables ready.
func (d *decoder) prepare(s *scan) error {
	s.mcusX, s.mcusY = d.frame.mcusX, d.frame.mcusY
	alone := len(s.comps) == 1
	if alone {
		s.mcusX, s.mcusY = s.comps[0].blocksX, s.comps[0].blocksY
	}
	for i := range s.comps {
		c := &s.comps[i]
		h, v := c.h, c.v
		if alone {
			h, v = 1, 1
		}
		for j := range h * v {
			s.units = append(s.units, unit{c, j % h, j / h})
		}
		if err := d.prepareComponent(s, c); err != nil {
			return err
		}
	}
	if len(s.units) > 10 {
		return FormatError("a scan has more than 10 blocks in an MCU") // section B.2.3
	}
	d.chooseRun(s)
	return d.budget.spend(s.mcusX * s.mcusY * len(s.units))
}

func (d *decoder) prepareComponent(s *scan, c *scanComponent) error {
	quant := d.quant[c.tq]
	needsDC := s.start == 0 && s.high == 0
	needsAC := s.end > 0
	if quant == nil || needsDC && c.dc == nil || needsAC && c.ac == nil {
		return FormatError("a scan uses a table that is not there")
	}
	c.setScale(quant)
	if needsDC {
		c.dc.buildLook(true)
	}
	if needsAC {
		c.ac.buildLook(false)
	}
	if needsAC && !d.frame.progressive && c.fold.last < 63 {
		c.ac.buildSkip()
	}
	return nil
}

// chooseRun chooses what decodes a run of MCUs.
func (d *decoder) chooseRun(s *scan) {
	switch {
	case !d.frame.progressive:
		s.run = func(my, mx0, mx1 int) (int, error) { return d.sequentialRun(s, my, mx0, mx1) }
	case s.start == 0 && s.high == 0:
		s.run = func(my, mx0, mx1 int) (int, error) { return d.firstDCRun(s, my, mx0, mx1) }
	case s.start == 0:
		s.run = func(my, mx0, mx1 int) (int, error) { return d.refineDCRun(s, my, mx0, mx1) }
	case s.high == 0:
		s.run = func(my, mx0, mx1 int) (int, error) { return d.firstACRun(s, my, mx0, mx1) }
	default:
		s.run = func(my, mx0, mx1 int) (int, error) { return d.refineACRun(s, my, mx0, mx1) }
	}
}

// walk decodes the MCUs of a scan, one restart interval after another. From
// damage it goes on at the next restart marker, and returns it in the end.
func (d *decoder) walk(ctx context.Context, s *scan) (damage error) {
	total := s.mcusX * s.mcusY
	interval := total
	if d.interval > 0 {
		interval = d.interval
	}
	for at, number := 0, 0; ; number++ {
		end := min(at+interval, total)
		done, err := d.decodeInterval(ctx, s, at, end)
		d.pixels = d.pixels || done > at
		damage = cmp.Or(damage, err)
		if err != nil && !isDamage(err) {
			d.blank(s, done, total)
			return damage
		}
		d.blank(s, done, end)
		if end == total {
			return damage
		}
		lost, err := d.restart(number)
		damage = cmp.Or(damage, err)
		if err != nil {
			d.blank(s, end, total)
			return damage
		}
		if lost > 0 {
			damage = cmp.Or[error](damage, FormatError("restart intervals are missing"))
		}
		at, number = min(end+lost*interval, total), number+lost
		d.blank(s, end, at)
		s.reset()
	}
}

// reset forgets what restart markers end (section F.2.1.3.1, G.1.2.2).
func (s *scan) reset() {
	for i := range s.comps {
		s.comps[i].pred = 0
	}
	s.endRun = 0
}

// decodeInterval decodes the MCUs from at to before end, and returns where it
// stopped.
func (d *decoder) decodeInterval(ctx context.Context, s *scan, at, end int) (int, error) {
	for at < end {
		my, mx := at/s.mcusX, at%s.mcusX
		n := min(s.mcusX-mx, end-at)
		if err := ctx.Err(); err != nil {
			return at, err
		}
		done, err := s.run(my, mx, mx+n)
		at += done
		if err != nil {
			return at, err
		}
	}
	return at, nil
}

// restart moves to the restart marker behind interval number, and returns how
// many intervals are missing before it. Markers that should have come before are
// passed over; so at most 4 missing ones can be told.
func (d *decoder) restart(number int) (lost int, err error) {
	for {
		marker, err := d.src.nextMarker()
		if err != nil {
			return 0, err
		}
		if marker < markerRST0 || marker > markerRST7 {
			d.src.pos -= 2 // the next scan, or the end
			return 0, FormatError("a scan ends early")
		}
		lost = (int(marker-markerRST0) - number) & 7
		if lost <= 4 {
			d.bits.start()
			return lost, nil
		}
	}
}

// fault is the error for a block that is not all there, or whose codes are wrong.
// Behind the end of a file any code is its end's fault.
func (d *decoder) fault(codesRight bool) error {
	early := codesRight || d.bits.ended && d.bits.left() < 16
	switch {
	case early && d.src.err != nil:
		return d.src.failure()
	case early:
		return FormatError("a scan ends early")
	default:
		return FormatError("a scan has a code that there is not")
	}
}
