package jpeg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
)

// The markers (table B.1).
const (
	markerSOF0  = 0xc0 // baseline
	markerSOF1  = 0xc1 // extended sequential
	markerSOF2  = 0xc2 // progressive
	markerSOF15 = 0xcf // the frames before it are lossless, hierarchical or arithmetic
	markerDHT   = 0xc4
	markerJPG   = 0xc8
	markerDAC   = 0xcc
	markerRST0  = 0xd0
	markerRST7  = 0xd7
	markerSOI   = 0xd8
	markerEOI   = 0xd9
	markerSOS   = 0xda
	markerDQT   = 0xdb
	markerDRI   = 0xdd
	markerAPP0  = 0xe0
	markerAPP14 = 0xee
)

// decoder holds the state of one decoding.
type decoder struct {
	src   source
	bits  bitReader
	block block // zero, between blocks

	frame    frame
	quant    [4]*[64]uint16 // in zigzag order
	dc, ac   [4]*huffman
	interval int // MCUs between restart markers, or 0

	jfif      bool // there is a JFIF header
	adobe     bool // there is an Adobe header, with
	transform byte // the colour transform

	budget budget
	pixels bool  // there is something to show
	damage error // the first error that decoding went on from

	readAll bool // for tests: read on when nothing that comes can change the result
}

func newDecoder(r io.Reader) *decoder {
	d := &decoder{src: source{r: r, buf: make([]byte, windowSize)}}
	d.bits.src = &d.src
	return d
}

func (d *decoder) decode(ctx context.Context, reduction int) (image.Image, error) {
	err := d.decodePlanes(ctx, reduction)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if !d.pixels {
		return nil, err
	}
	return d.picture(), err
}

// decodePlanes decodes the samples of each component, as far as the file goes.
func (d *decoder) decodePlanes(ctx context.Context, reduction int) error {
	header, err := d.readHeaders()
	if err != nil {
		return fmt.Errorf("reading the headers: %w", err)
	}
	d.bits.data = make([]byte, bitsSize)
	d.frame.reduce(reduction)
	d.frame.allocate()
	d.budget = newBudget(&d.frame)
	err = d.readScans(ctx, header)
	if d.pixels && ctx.Err() == nil {
		d.frame.finish()
	}
	return cmp.Or(d.damage, err)
}

// readHeaders reads up to the first scan and returns the header of that.
func (d *decoder) readHeaders() (*scan, error) {
	soi, err := d.src.take(2)
	if err != nil {
		return nil, err
	}
	if soi[0] != 0xff || soi[1] != markerSOI {
		return nil, FormatError("it does not begin with SOI")
	}
	s, err := d.nextScan()
	if err == nil && s == nil {
		err = FormatError("it has no scan")
	}
	return s, err
}

// readScans decodes scans, the first of which has been found, until the picture
// is complete.
func (d *decoder) readScans(ctx context.Context, s *scan) error {
	for s != nil {
		err := d.readScan(ctx, s)
		if isDamage(err) {
			d.damage = cmp.Or(d.damage, err)
		} else if err != nil {
			return err
		}
		if d.frame.complete() && !d.readAll {
			return nil
		}
		if s, err = d.nextScan(); err != nil {
			return err
		}
	}
	if slices.ContainsFunc(d.frame.comps, func(c component) bool { return !c.scanned }) {
		return FormatError("it lacks a component")
	}
	return nil
}

// isDamage reports whether decoding can go on after err, with the next scan.
func isDamage(err error) bool {
	_, ok := errors.AsType[FormatError](err)
	return ok
}

// nextScan reads segments up to a scan, and returns its header, or nil at the
// end of the picture.
func (d *decoder) nextScan() (*scan, error) {
	for {
		marker, err := d.src.nextMarker()
		if err != nil {
			return nil, err
		}
		switch {
		case marker == markerEOI:
			return nil, nil
		case marker >= markerRST0 && marker <= markerRST7 || marker == 1 || marker == markerSOI:
			continue // stands alone
		}
		length, err := d.src.take(2)
		if err != nil {
			return nil, err
		}
		n := int(length[0])<<8 | int(length[1]) - 2
		if n < 0 {
			return nil, FormatError("a segment is too short")
		}
		if marker == markerSOS {
			return d.readScanHeader(n)
		}
		if err := d.readSegment(marker, n); err != nil {
			return nil, err
		}
	}
}

// readSegment reads the n bytes of a segment other than SOS.
func (d *decoder) readSegment(marker byte, n int) error {
	parse := d.parser(marker)
	if parse == nil {
		return d.src.skip(n)
	}
	b, err := d.src.take(n)
	if err != nil {
		return err
	}
	return parse(b)
}

// parser returns what understands the segment, or nil if it means nothing here.
func (d *decoder) parser(marker byte) func([]byte) error {
	switch marker {
	case markerDQT:
		return d.parseQuant
	case markerDHT:
		return d.parseHuffman
	case markerDRI:
		return d.parseInterval
	case markerAPP0:
		return d.parseJFIF
	case markerAPP14:
		return d.parseAdobe
	case markerJPG, markerDAC:
		return nil
	}
	if marker < markerSOF0 || marker > markerSOF15 {
		return nil
	}
	return func(b []byte) error { return d.parseFrame(marker, b) }
}

func (d *decoder) parseFrame(marker byte, b []byte) (err error) {
	switch {
	case d.frame.comps != nil:
		return FormatError("it has two frames")
	case marker > markerSOF2:
		return fmt.Errorf("%w: lossless, hierarchical or with arithmetic coding (SOF%d)", ErrUnsupported, marker-markerSOF0)
	}
	f, err := parseFrame(b, marker == markerSOF2)
	if err == nil {
		d.frame = f
	}
	return err
}

// parseQuant reads quantization tables (section B.2.4.1).
func (d *decoder) parseQuant(b []byte) error {
	for len(b) > 0 {
		wide, id := int(b[0]>>4), b[0]&15
		b = b[1:]
		if wide > 1 || id > 3 || len(b) < 64<<wide {
			return FormatError("a quantization table is wrong or cut off")
		}
		table := new([64]uint16)
		for i := range table {
			if wide == 1 {
				table[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
			} else {
				table[i] = uint16(b[i])
			}
		}
		d.quant[id] = table
		b = b[64<<wide:]
	}
	return nil
}

// parseHuffman reads Huffman tables (section B.2.4.2).
func (d *decoder) parseHuffman(b []byte) (err error) {
	for len(b) > 0 {
		class, id := b[0]>>4, b[0]&15
		if class > 1 || id > 3 {
			return FormatError("a Huffman table has a wrong number")
		}
		table := &d.dc[id]
		if class == 1 {
			table = &d.ac[id]
		}
		if *table == nil {
			*table = new(huffman)
		}
		if b, err = (*table).parse(b[1:]); err != nil {
			*table = nil
			return err
		}
	}
	return nil
}

// parseInterval reads a restart interval (section B.2.4.4).
func (d *decoder) parseInterval(b []byte) error {
	if len(b) != 2 {
		return FormatError("the restart interval has a wrong length")
	}
	d.interval = int(b[0])<<8 | int(b[1])
	return nil
}

func (d *decoder) parseJFIF(b []byte) error {
	d.jfif = len(b) >= 5 && string(b[:5]) == "JFIF\x00"
	return nil
}

func (d *decoder) parseAdobe(b []byte) error {
	if len(b) >= 12 && string(b[:5]) == "Adobe" {
		d.adobe, d.transform = true, b[11]
	}
	return nil
}

// isRGB reports whether three components are red, green and blue rather than
// YCbCr. No header says so for sure; these are the rules of image/jpeg.
func (d *decoder) isRGB() bool {
	c := d.frame.comps
	switch {
	case len(c) != 3 || d.jfif:
		return false
	case d.adobe && d.transform == 0:
		return true
	}
	return c[0].id == 'R' && c[1].id == 'G' && c[2].id == 'B'
}
