package qoi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// pixel is red, green, blue and alpha.
type pixel [4]uint8

// The first byte of a chunk: two bits of tag, or eight.
const (
	opIndex = 0b00 << 6
	opDiff  = 0b01 << 6
	opLuma  = 0b10 << 6
	opRun   = 0b11 << 6
	opRGB   = 0b11111110
	opRGBA  = 0b11111111
)

// longest is the size of the longest chunk.
const longest = 5

// decoder is the state between chunks.
type decoder struct {
	r        *bufio.Reader
	channels int
	pixel    pixel
	run      int       // how often pixel is still to be repeated
	seen     [64]pixel // by hash
}

// decode passes rows to box and counts them.
func (d *decoder) decode(ctx context.Context, box *reduce.Box, c Config) (rows int, err error) {
	row := make([]byte, c.Width*d.channels)
	for y := range c.Height {
		if err := ctx.Err(); err != nil {
			return y, err
		}
		rest, err := d.row(row)
		if err != nil {
			if len(rest) < len(row) { // the part of a row that came
				clear(rest)
				box.Row(y, row)
				y++
			}
			return y, fmt.Errorf("qoi: read pixels: %w", atEnd(err))
		}
		box.Row(y, row)
	}
	return c.Height, d.end()
}

// row fills dst. What is left of it when the file ends is returned.
func (d *decoder) row(dst []byte) (rest []byte, err error) {
	for len(dst) > 0 {
		if d.run > 0 {
			dst = d.repeat(dst)
			continue
		}
		chunks, err := d.peek()
		if err != nil {
			return dst, err
		}
		var used int
		dst, used = d.chunks(dst, chunks)
		if used == 0 {
			return dst, io.ErrUnexpectedEOF
		}
		_, _ = d.r.Discard(used) // which was peeked at
	}
	return nil, nil
}

// peek gives what the buffer holds: one whole chunk at least, but at the end of the
// file.
func (d *decoder) peek() ([]byte, error) {
	if d.r.Buffered() < longest {
		if p, err := d.r.Peek(longest); err != nil && (len(p) == 0 || !errors.Is(err, io.EOF)) {
			return nil, err
		}
	}
	return d.r.Peek(d.r.Buffered())
}

// repeat writes pixels of a run as far as dst goes.
func (d *decoder) repeat(dst []byte) []byte {
	n := min(d.run, len(dst)/d.channels)
	d.run -= n
	for range n {
		dst = d.pixel.put(dst, d.channels)
	}
	return dst
}

// chunks decodes whole chunks of one pixel until one of dst and src is used up or a
// run begins. It returns what is left of dst and how much of src it used.
func (d *decoder) chunks(dst, src []byte) (rest []byte, used int) {
	p, in := d.pixel, src
	for len(dst) >= d.channels && len(in) > 0 {
		op, size := in[0], 1
		switch {
		case op >= opRGB:
			if size = 4 + int(op-opRGB); size > len(in) {
				d.pixel = p
				return dst, len(src) - len(in)
			}
			copy(p[:], in[1:size])
		case op >= opRun:
			d.seen[p.hash()] = p // it may be the very first pixel
			d.pixel, d.run = p, int(op-opRun)+1
			return dst, len(src) - len(in) + 1
		case op >= opLuma:
			if size = 2; size > len(in) {
				d.pixel = p
				return dst, len(src) - len(in)
			}
			green := op - opLuma - 32
			p[0] += green + in[1]>>4 - 8
			p[1] += green
			p[2] += green + in[1]&15 - 8
		case op >= opDiff:
			p[0] += op>>4&3 - 2
			p[1] += op>>2&3 - 2
			p[2] += op&3 - 2
		default:
			p = d.seen[op]
		}
		in = in[size:]
		d.seen[p.hash()] = p
		dst = p.put(dst, d.channels)
	}
	d.pixel = p
	return dst, len(src) - len(in)
}

// put writes p without or with its alpha, and returns what is behind it.
func (p *pixel) put(dst []byte, channels int) []byte {
	if channels == 3 {
		dst[0], dst[1], dst[2] = p[0], p[1], p[2]
		return dst[3:]
	}
	copy(dst[:4], p[:])
	return dst[4:]
}

func (p *pixel) hash() uint8 { return (p[0]*3 + p[1]*5 + p[2]*7 + p[3]*11) % 64 }

// end reads the mark behind the pixels. One that is damaged harms nothing.
func (d *decoder) end() error {
	const size = 8
	if _, err := d.r.Discard(size); err != nil {
		return fmt.Errorf("qoi: read the end mark: %w", atEnd(err))
	}
	return nil
}
