package bmp

import (
	"encoding/binary"
	"math/bits"
)

// Expander makes a function that turns a row of the file into pixels of the Layout.
func (i *Info) Expander() func(dst, src []byte) {
	switch {
	case i.Bits <= 8:
		return i.expandPalette
	case i.Bits == 24:
		return expandBGR
	case i.masks == masks{0xff0000, 0xff00, 0xff}:
		return expandBGRX
	}
	return i.expandMasks()
}

// expandPalette looks pixels up, of which the first of a byte is at the top.
func (i *Info) expandPalette(dst, src []byte) {
	first, shift := 8-i.Bits, 8-i.Bits
	for _, v := range src {
		for ; shift >= 0 && len(dst) >= 3; shift -= i.Bits {
			p := i.palette[int(v)>>shift&(len(i.palette)-1)]
			dst[0], dst[1], dst[2] = p[0], p[1], p[2]
			dst = dst[3:]
		}
		shift = first
	}
}

func expandBGR(dst, src []byte) {
	for ; len(dst) >= 3 && len(src) >= 3; dst, src = dst[3:], src[3:] {
		dst[0], dst[1], dst[2] = src[2], src[1], src[0]
	}
}

func expandBGRX(dst, src []byte) {
	for ; len(dst) >= 3 && len(src) >= 4; dst, src = dst[3:], src[4:] {
		dst[0], dst[1], dst[2] = src[2], src[1], src[0]
	}
}

// channel takes a sample out of a pixel and scales it to a byte.
type channel struct {
	shift  int
	mask   uint32
	scaled [256]uint8
}

// newChannel makes a channel of the highest eight bits of a mask. Gaps in it, which no
// program writes, count as bits.
func newChannel(mask uint32) (c channel) {
	low := bits.TrailingZeros32(mask)
	width := bits.Len32(mask) - low
	if mask == 0 {
		return c
	}
	if width > 8 {
		low, width = low+width-8, 8
	}
	c.shift, c.mask = low, 1<<width-1
	for v := range c.mask + 1 {
		c.scaled[v] = uint8((v*255 + c.mask/2) / c.mask)
	}
	return c
}

func (i *Info) expandMasks() func(dst, src []byte) {
	var channels []channel
	for _, mask := range i.masks[:i.Layout().Channels()] {
		channels = append(channels, newChannel(mask))
	}
	size := i.Bits / 8
	return func(dst, src []byte) {
		for ; len(dst) >= len(channels) && len(src) >= size; src = src[size:] {
			v := uint32(binary.LittleEndian.Uint16(src))
			if size == 4 {
				v = binary.LittleEndian.Uint32(src)
			}
			for c := range channels {
				ch := &channels[c]
				dst[c] = ch.scaled[v>>ch.shift&ch.mask&0xff]
			}
			dst = dst[len(channels):]
		}
	}
}
