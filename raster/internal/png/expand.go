package png

import (
	"encoding/binary"
	"image/color"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// layout is that of rows for averaging: with alpha where something is transparent,
// and with the colours of the palette.
func (c *Config) layout() reduce.Layout {
	if c.Color == Paletted {
		if opaque(c.Palette) {
			return reduce.RGB8
		}
		return reduce.RGBA8
	}
	layouts := map[ColorType]reduce.Layout{
		Gray: reduce.Gray8, GrayAlpha: reduce.GrayAlpha8, TrueColor: reduce.RGB8, TrueAlpha: reduce.RGBA8,
	}
	l := layouts[c.Color]
	if c.hasTransparent {
		l += reduce.GrayAlpha8 - reduce.Gray8
	}
	if c.Depth == 16 {
		l += reduce.Gray16 - reduce.Gray8
	}
	return l
}

func opaque(p color.Palette) bool {
	for _, c := range p {
		if _, _, _, a := c.RGBA(); a != 0xffff {
			return false
		}
	}
	return true
}

// expander gives the function that turns a row of the file into one of the target,
// or nil when they are the same, and the bytes of a pixel of the target.
func (c *Config) expander(colours bool) (expand func(dst, src []byte), pixel int) {
	pixel = c.layout().PixelBytes()
	switch {
	case c.Color == Paletted && colours:
		return c.expandPalette(pixel), pixel
	case c.Color == Paletted:
		pixel = 1
		if c.Depth == 8 {
			return nil, pixel
		}
		return unpacker(c.Depth, indexOf), pixel
	case c.hasTransparent:
		return c.expandTransparent(), pixel
	case c.Depth < 8:
		return unpacker(c.Depth, c.scaled), pixel
	}
	return nil, pixel
}

func indexOf(v byte) byte { return v }

// scaled spreads a grey value of few bits over 8.
func (c *Config) scaled(v byte) byte {
	if c.Depth > 8 {
		return v
	}
	return v * (0xff / (1<<c.Depth - 1))
}

// unpacker gives the function that takes apart bytes of several samples, the first
// one highest (section 7.2), and maps each.
func unpacker(depth int, of func(byte) byte) func(dst, src []byte) {
	n := 8 / depth
	var table [256][8]byte
	for v := range table {
		for i := range n {
			table[v][i] = of(byte(v) << (i * depth) >> (8 - depth))
		}
	}
	return func(dst, src []byte) {
		whole := len(dst) / n
		for i, v := range src[:whole] {
			copy(dst[i*n:][:n], table[v][:n])
		}
		if rest := dst[whole*n:]; len(rest) > 0 {
			copy(rest, table[src[whole]][:])
		}
	}
}

// expandPalette looks up colours, of three or four bytes.
func (c *Config) expandPalette(pixel int) func(dst, src []byte) {
	var table [256][4]byte
	for i, v := range c.Palette[:256] {
		n := color.NRGBAModel.Convert(v).(color.NRGBA)
		table[i] = [4]byte{n.R, n.G, n.B, n.A}
	}
	lookUp := func(dst, indexes []byte) {
		for i, v := range indexes {
			copy(dst[i*pixel:][:pixel], table[v][:])
		}
	}
	if c.Depth == 8 {
		return lookUp
	}
	unpack, indexes := unpacker(c.Depth, indexOf), make([]byte, c.Width)
	return func(dst, src []byte) {
		unpack(indexes[:len(dst)/pixel], src)
		lookUp(dst, indexes[:len(dst)/pixel])
	}
}

// expandTransparent adds alpha, which is zero for one colour.
func (c *Config) expandTransparent() func(dst, src []byte) {
	switch {
	case c.Color == Gray && c.Depth == 16:
		return c.expandGray16
	case c.Color == Gray && c.Depth == 8:
		return c.expandGray8
	case c.Color == Gray:
		unpack, grey := unpacker(c.Depth, c.scaled), make([]byte, c.Width)
		return func(dst, src []byte) {
			unpack(grey[:len(dst)/2], src)
			c.expandGray8(dst, grey[:len(dst)/2])
		}
	case c.Depth == 16:
		return c.expandRGB16
	}
	return c.expandRGB8
}

// As in image/png, of more bits than a sample has the low byte counts.
func (c *Config) expandGray8(dst, src []byte) {
	key := c.scaled(byte(c.transparent[0]))
	for i, v := range src {
		alpha := byte(0xff)
		if v == key {
			alpha = 0
		}
		dst[2*i], dst[2*i+1] = v, alpha
	}
}

func (c *Config) expandGray16(dst, src []byte) {
	for ; len(src) >= 2; src, dst = src[2:], dst[4:] {
		v := binary.BigEndian.Uint16(src)
		alpha := uint32(0xffff)
		if v == c.transparent[0] {
			alpha = 0
		}
		binary.BigEndian.PutUint32(dst, uint32(v)<<16|alpha)
	}
}

func (c *Config) expandRGB8(dst, src []byte) {
	key := [3]byte{byte(c.transparent[0]), byte(c.transparent[1]), byte(c.transparent[2])}
	for ; len(src) >= 3; src, dst = src[3:], dst[4:] {
		alpha := byte(0xff)
		if [3]byte(src) == key {
			alpha = 0
		}
		dst[0], dst[1], dst[2], dst[3] = src[0], src[1], src[2], alpha
	}
}

func (c *Config) expandRGB16(dst, src []byte) {
	for ; len(src) >= 6; src, dst = src[6:], dst[8:] {
		r, g, b := binary.BigEndian.Uint16(src), binary.BigEndian.Uint16(src[2:]), binary.BigEndian.Uint16(src[4:])
		alpha := uint16(0xffff)
		if c.transparent == [3]uint16{r, g, b} {
			alpha = 0
		}
		copy(dst, src[:6])
		binary.BigEndian.PutUint16(dst[6:], alpha)
	}
}
