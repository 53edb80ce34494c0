// Package reduce makes a picture smaller while it is being decoded. One pixel of
// the result is the average of a box of k × k pixels of the picture, so memory
// grows with the width of the picture and the size of the result, never with the
// number of pixels that go through.
//
// What an eye sees of a fine pattern from afar is the average of its light, so
// values, which are taken for encoded sRGB, are averaged as light (IEC 61966-2-1),
// and pixels count as much as they are opaque. Boxes at the right and bottom edge
// may stick out of the picture; their average is over the pixels that exist. With
// k = 1 every pixel comes out as it went in.
package reduce

import (
	"encoding/binary"
	"fmt"
	"image"
)

// MaxReduction is the largest k: with more, sums of light might overflow.
const MaxReduction = 1 << 12

// Layout is how the pixels of a row lie in memory. Samples of 16 bits are
// big-endian, as in PNG, PNM and the types of package image. Alpha is not
// multiplied into the colours.
type Layout uint8

// The layouts, and the type of picture that each becomes.
const (
	Gray8       Layout = iota // image.Gray
	GrayAlpha8                // image.NRGBA
	RGB8                      // image.RGBA
	RGBA8                     // image.NRGBA
	Gray16                    // image.Gray16
	GrayAlpha16               // image.NRGBA64
	RGB16                     // image.RGBA64
	RGBA16                    // image.NRGBA64
)

// Channels is the number of samples of a pixel.
func (l Layout) Channels() int { return int(l&3) + 1 }

// PixelBytes is the size of a pixel in a row.
func (l Layout) PixelBytes() int {
	if l.wide() {
		return 2 * l.Channels()
	}
	return l.Channels()
}

func (l Layout) wide() bool  { return l&4 != 0 }
func (l Layout) alpha() bool { return l&1 != 0 }

// Box averages a picture whose pixels come a row at a time. It serves one
// goroutine.
type Box struct {
	width, k int
	canvas   canvas
	average  *averager // nil for k = 1

	line []uint64 // sums of the row that came last, of each box and channel
	sums []uint64 // sums of the rows of the band so far
	band int      // the row of boxes that sums are of
	rows int      // how many rows they are of
}

// New makes a Box for a picture of the given size. It panics when a side is not
// positive, when k is not in 1…MaxReduction, or when the result is too large to
// be held: check before what comes from outside.
func New(size image.Point, k int, layout Layout) *Box {
	b := &Box{width: size.X, k: k, canvas: newCanvas(size, k, layout)}
	if k > 1 {
		b.average = newAverager(layout)
		n := b.canvas.width * layout.Channels()
		b.line, b.sums = make([]uint64, n), make([]uint64, n)
	}
	return b
}

// Row takes the pixels of row y. Rows may come in any order, as long as all rows of
// a band, that is y/k, come together.
func (b *Box) Row(y int, pixels []byte) {
	if want := b.width * b.canvas.layout.PixelBytes(); len(pixels) != want {
		panic(fmt.Sprintf("reduce: a row of %d bytes instead of %d", len(pixels), want))
	}
	if b.k == 1 {
		b.canvas.set(y, 0, 1, pixels)
		return
	}
	b.average.sum(b.line, pixels, b.k)
	b.add(y)
}

// Repeat takes row y, which has the same pixels as the row that came last.
func (b *Box) Repeat(y int) {
	if b.k == 1 {
		b.canvas.copyRow(y)
		return
	}
	b.add(y)
}

func (b *Box) add(y int) {
	if band := y / b.k; band != b.band {
		b.flush()
		b.band = band
	}
	b.rows++
	addTo(b.sums, b.line)
}

// flush writes the averages of a band.
func (b *Box) flush() {
	if b.rows == 0 {
		return
	}
	row, channels := b.canvas.row(b.band), b.canvas.layout.Channels()
	for x := range b.canvas.width {
		columns := min(b.k, b.width-x*b.k)
		b.average.store(row[x*b.canvas.pixel:], b.sums[x*channels:][:channels], uint64(columns*b.rows))
	}
	clear(b.sums)
	b.rows = 0
}

// Image gives the result. Where no row came it is transparent, or mid grey where
// there is no alpha. Nothing may be added afterwards.
func (b *Box) Image() image.Image {
	if b.k > 1 {
		b.flush()
	}
	return b.canvas.image()
}

// Size is the size of the result: that of the picture divided by k, rounded up.
func Size(size image.Point, k int) image.Point {
	return image.Pt((size.X-1)/k+1, (size.Y-1)/k+1)
}

// canvas is the picture that is being made.
type canvas struct {
	layout        Layout
	img           image.Image
	pix           []byte
	width, height int
	pixel         int    // bytes of a pixel in pix
	given         []bool // the rows that have been written
	last          int    // the one that was written last
}

func newCanvas(size image.Point, k int, layout Layout) canvas {
	if size.X <= 0 || size.Y <= 0 || k < 1 || k > MaxReduction {
		panic(fmt.Sprintf("reduce: a picture of %v by %d", size, k))
	}
	small := Size(size, k)
	c := canvas{layout: layout, width: small.X, height: small.Y, given: make([]bool, small.Y)}
	r := image.Rectangle{Max: small}
	switch layout {
	case Gray8:
		m := image.NewGray(r)
		c.img, c.pix, c.pixel = m, m.Pix, 1
	case RGB8:
		m := image.NewRGBA(r)
		c.img, c.pix, c.pixel = m, m.Pix, 4
	case GrayAlpha8, RGBA8:
		m := image.NewNRGBA(r)
		c.img, c.pix, c.pixel = m, m.Pix, 4
	case Gray16:
		m := image.NewGray16(r)
		c.img, c.pix, c.pixel = m, m.Pix, 2
	case RGB16:
		m := image.NewRGBA64(r)
		c.img, c.pix, c.pixel = m, m.Pix, 8
	case GrayAlpha16, RGBA16:
		m := image.NewNRGBA64(r)
		c.img, c.pix, c.pixel = m, m.Pix, 8
	default:
		panic(fmt.Sprintf("reduce: no layout %d", layout))
	}
	return c
}

// row is row y, to be written.
func (c *canvas) row(y int) []byte {
	c.given[y], c.last = true, y
	return c.pixels(y)
}

func (c *canvas) pixels(y int) []byte {
	stride := c.width * c.pixel
	return c.pix[y*stride:][:stride:stride]
}

// copyRow makes row y the same as the one that was written last.
func (c *canvas) copyRow(y int) {
	from := c.pixels(c.last)
	copy(c.row(y), from)
}

// image gives the picture. What transparency cannot tell apart from the rest, a
// picture without alpha, shows grey where nothing was written.
func (c *canvas) image() image.Image {
	if c.layout != Gray8 && c.layout != Gray16 {
		return c.img
	}
	for y, given := range c.given {
		if given {
			continue
		}
		row := c.pixels(y)
		for i := range row {
			row[i] = 0x80
		}
	}
	return c.img
}

// set writes pixels to row y, beginning at x, every dx columns.
func (c *canvas) set(y, x, dx int, pixels []byte) {
	row := c.row(y)[x*c.pixel:]
	step := dx * c.pixel
	if from := c.layout.PixelBytes(); from == c.pixel {
		spread(row, step, pixels, from)
		return
	}
	switch c.layout {
	case RGB8:
		setRGB8(row, step, pixels)
	case RGB16:
		setRGB16(row, step, pixels)
	case GrayAlpha8:
		setGrayAlpha8(row, step, pixels)
	case GrayAlpha16:
		setGrayAlpha16(row, step, pixels)
	}
}

// spread writes pixels that are the same in the row and the picture.
func spread(dst []byte, step int, src []byte, size int) {
	if step == size {
		copy(dst, src)
		return
	}
	for i := 0; i < len(src); i += size {
		copy(dst[i/size*step:], src[i:i+size])
	}
}

func setRGB8(dst []byte, step int, src []byte) {
	for i := 0; len(src) >= 3; i += step {
		d := dst[i : i+4]
		d[0], d[1], d[2], d[3] = src[0], src[1], src[2], 0xff
		src = src[3:]
	}
}

func setRGB16(dst []byte, step int, src []byte) {
	for i := 0; len(src) >= 6; i += step {
		d := dst[i : i+8]
		copy(d[:6], src)
		d[6], d[7] = 0xff, 0xff
		src = src[6:]
	}
}

func setGrayAlpha8(dst []byte, step int, src []byte) {
	for i := 0; len(src) >= 2; i += step {
		d := dst[i : i+4]
		d[0], d[1], d[2], d[3] = src[0], src[0], src[0], src[1]
		src = src[2:]
	}
}

func setGrayAlpha16(dst []byte, step int, src []byte) {
	for i := 0; len(src) >= 4; i += step {
		v, a := binary.BigEndian.Uint16(src), binary.BigEndian.Uint16(src[2:])
		d := dst[i : i+8]
		binary.BigEndian.PutUint64(d, uint64(v)*0x0001_0001_0001_0000|uint64(a))
		src = src[4:]
	}
}
