package png

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// decoder turns filtered rows into the picture.
type decoder struct {
	*Config
	target target
	repeat bool                  // the target can repeat rows
	expand func(dst, src []byte) // from the file's samples to the target's, or nil
	wide   []byte                // an expanded row

	current, previous []byte // rows without their filter
}

// pass is one of the reduced pictures of an interlaced one (section 8.2): every dx-th
// pixel from x of every dy-th row from y.
type pass struct{ x, y, dx, dy int }

var (
	whole = []pass{{0, 0, 1, 1}}
	adam7 = []pass{{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}}
)

func (c *Config) passes() []pass {
	if c.Interlaced {
		return adam7
	}
	return whole
}

func newDecoder(c *Config, k int) *decoder {
	d := &decoder{Config: c, target: c.newTarget(k), repeat: k > 1 || !c.Interlaced}
	var pixel int
	d.expand, pixel = c.expander(k > 1)
	if d.expand != nil {
		d.wide = make([]byte, c.Width*pixel)
	}
	return d
}

// decode decodes all rows, and says how many came.
func (d *decoder) decode(ctx context.Context, b blocks) (rows int, err error) {
	r := &rowReader{blocks: b}
	for _, p := range d.passes() {
		n, err := d.pass(ctx, r, p)
		rows += n
		if err != nil {
			return rows, missing(err)
		}
	}
	return rows, missing(r.finish(ctx))
}

// missing says that a stream must not end before the pixels do.
func missing(err error) error {
	if errors.Is(err, io.EOF) {
		return FormatError("pixels are missing")
	}
	return err
}

func (d *decoder) pass(ctx context.Context, r *rowReader, p pass) (rows int, err error) {
	width := (d.Width - p.x + p.dx - 1) / p.dx
	if width <= 0 {
		return 0, nil
	}
	n := d.rowBytes(width)
	d.start(n)
	for y := p.y; y < d.Height; y += p.dy {
		raw, err := r.next(ctx, 1+n)
		if err != nil {
			return rows, err
		}
		same, err := d.unfilter(raw[0], raw[1:], rows > 0)
		if err != nil {
			return rows, err
		}
		d.put(y, p, width, same)
		rows++
	}
	return rows, nil
}

// start begins rows of n bytes. The row before the first is zero.
func (d *decoder) start(n int) {
	if cap(d.current) < n {
		d.current, d.previous = make([]byte, n), make([]byte, n)
	}
	d.current, d.previous = d.current[:n], d.previous[:n]
	clear(d.previous)
}

// unfilter makes raw the previous row. It says whether that is the same as the one
// before; comparing is worth it, because what goes into an average need not be
// summed again, and rows that differ mostly do so soon.
func (d *decoder) unfilter(filter byte, raw []byte, hasPrevious bool) (same bool, err error) {
	if keeps(filter) && isZero(raw) {
		return hasPrevious, nil
	}
	if err := unfilter(filter, d.current, d.previous, raw, max(1, d.bitsPerPixel()/8)); err != nil {
		return false, err
	}
	same = hasPrevious && bytes.Equal(d.current, d.previous)
	d.current, d.previous = d.previous, d.current
	return same, nil
}

// put gives the previous row to the target.
func (d *decoder) put(y int, p pass, width int, same bool) {
	if same && d.repeat {
		d.target.repeat(y)
		return
	}
	pixels := d.previous
	if d.expand != nil {
		pixels = d.wide[:len(d.wide)/d.Width*width]
		d.expand(pixels, d.previous)
	}
	d.target.row(y, p, pixels)
}
