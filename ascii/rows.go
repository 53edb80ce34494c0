package ascii

import (
	"image"
	"image/color"
)

// rowReader fills dst with the light of the pixels from (x, y) to the right,
// counted from the top left of the picture. What is transparent adds no light:
// a half transparent white has half the light of white.
type rowReader func(dst []uint32, x, y int)

// planesReader is a rowReader for n pixels in several planes at once.
type planesReader func(dst [][]uint32, x, y, n int)

// lightReader reads the luminance of a picture as the only plane.
func lightReader(img image.Image) planesReader {
	read := readerOf(img)
	return func(dst [][]uint32, x, y, n int) { read(dst[0][:n], x, y) }
}

// lightAndAlphaReader reads luminance and opacity.
func lightAndAlphaReader(img image.Image) planesReader {
	light, alpha := readerOf(img), readAlpha(img)
	return func(dst [][]uint32, x, y, n int) {
		light(dst[0][:n], x, y)
		alpha(dst[1][:n], x, y)
	}
}

// readerOf returns the fastest reader of the luminance of a picture.
func readerOf(img image.Image) rowReader {
	switch img := img.(type) {
	case *image.YCbCr:
		return readYCbCr(img)
	case *image.Gray:
		return readGray(img)
	case *image.NRGBA:
		return readNRGBA(img)
	case *image.RGBA:
		return readRGBA(img)
	case *image.Paletted:
		return readPaletted(img)
	}
	return readAny(img)
}

// readAny reads any picture by way of its 16-bit colours.
func readAny(img image.Image) rowReader {
	at := colorsOf(img)
	return func(dst []uint32, x, y int) {
		for i := range dst {
			dst[i] = lightOf(at(x+i, y))
		}
	}
}

// colorsOf returns the colour of pixels counted from the top left, without an
// allocation for each where the picture has a way.
func colorsOf(img image.Image) func(x, y int) color.RGBA64 {
	origin := img.Bounds().Min
	if img, ok := img.(image.RGBA64Image); ok {
		return func(x, y int) color.RGBA64 { return img.RGBA64At(origin.X+x, origin.Y+y) }
	}
	return func(x, y int) color.RGBA64 { return wide(img.At(origin.X+x, origin.Y+y)) }
}

func wide(c color.Color) color.RGBA64 {
	r, g, b, a := c.RGBA()
	return color.RGBA64{R: uint16(r), G: uint16(g), B: uint16(b), A: uint16(a)}
}

// lightOf returns the light that a colour adds.
func lightOf(c color.RGBA64) uint32 {
	r, g, b, a := c.R, c.G, c.B, uint32(c.A)
	if a == 0 {
		return 0
	}
	if a != 0xffff {
		r, g, b = opaque(r, a), opaque(g, a), opaque(b, a)
	}
	linear := linear16()
	light := scale(linear[r], redLight) + scale(linear[g], greenLight) + scale(linear[b], blueLight)
	return share(light, a, 0xffff)
}

// opaque undoes the multiplication of an encoded component by its opacity.
func opaque(v uint16, a uint32) uint16 { return uint16(min(uint32(v)*0xffff/a, 0xffff)) }

func readGray(img *image.Gray) rowReader {
	linear := linear8()
	return func(dst []uint32, x, y int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		pix = pix[:len(dst)]
		for i, v := range pix {
			dst[i] = linear[v]
		}
	}
}

func readNRGBA(img *image.NRGBA) rowReader {
	p := primaries8()
	return p.reader(img.Pix, img.Stride, func(s *[4]uint8) uint32 {
		return share(p.light(s), uint32(s[3]), 0xff)
	})
}

func readRGBA(img *image.RGBA) rowReader {
	return primaries8().reader(img.Pix, img.Stride, func(s *[4]uint8) uint32 {
		return lightOf(wide(color.RGBA{s[0], s[1], s[2], s[3]}))
	})
}

// reader reads pixels of red, green, blue and opacity, and leaves those that are not
// opaque to another function. The pixels of a part of a picture begin with its own
// first one.
func (p *primaries) reader(pix []uint8, stride int, transparent func(*[4]uint8) uint32) rowReader {
	return func(dst []uint32, x, y int) {
		row := pix[y*stride+4*x:][:4*len(dst)]
		for len(dst) > 0 {
			n := p.convertOpaque(dst, row)
			for ; n < len(dst) && row[4*n+3] != 0xff; n++ {
				dst[n] = transparent((*[4]uint8)(row[4*n:]))
			}
			dst, row = dst[n:], row[4*n:]
		}
	}
}

// light returns the light of a pixel, were it opaque.
func (p *primaries) light(s *[4]uint8) uint32 { return p.red[s[0]] + p.green[s[1]] + p.blue[s[2]] }

// readPaletted looks colours up once. An index beyond the palette, which a
// hostile file may hold, is transparent.
func readPaletted(img *image.Paletted) rowReader {
	return readIndexed(img, lightOf)
}

// readIndexed reads what is made of each colour of a palette.
func readIndexed(img *image.Paletted, of func(color.RGBA64) uint32) rowReader {
	var table [256]uint32
	for i, c := range img.Palette[:min(len(img.Palette), len(table))] {
		table[i] = of(wide(c))
	}
	return func(dst []uint32, x, y int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		pix = pix[:len(dst)]
		for i, v := range pix {
			dst[i] = table[v]
		}
	}
}
