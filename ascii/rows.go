package ascii

import (
	"image"
	"image/color"
)

// rowReader fills dst with the light of the pixels from (x, y) to the right,
// counted from the top left of the picture. What is transparent shows the page.
type rowReader func(dst []uint32, x, y int)

// readerOf returns the fastest reader of a picture.
func readerOf(img image.Image, page uint32) rowReader {
	switch img := img.(type) {
	case *image.YCbCr:
		return readYCbCr(img)
	case *image.Gray:
		return readGray(img)
	case *image.NRGBA:
		return readNRGBA(img, page)
	case *image.RGBA:
		return readRGBA(img, page)
	case *image.Paletted:
		return readPaletted(img, page)
	}
	return readAny(img, page)
}

// readAny reads any picture by way of its 16-bit colours.
func readAny(img image.Image, page uint32) rowReader {
	origin := img.Bounds().Min
	if img, ok := img.(image.RGBA64Image); ok {
		return func(dst []uint32, x, y int) {
			for i := range dst {
				dst[i] = lightOf(img.RGBA64At(origin.X+x+i, origin.Y+y), page)
			}
		}
	}
	return func(dst []uint32, x, y int) {
		for i := range dst {
			dst[i] = lightOf(img.At(origin.X+x+i, origin.Y+y), page)
		}
	}
}

// lightOf returns the light of a colour over a page.
func lightOf(c color.Color, page uint32) uint32 {
	r, g, b, a := c.RGBA()
	if a == 0 {
		return page
	}
	if a != 0xffff { // the components are premultiplied, and encoded
		r, g, b = min(r*0xffff/a, 0xffff), min(g*0xffff/a, 0xffff), min(b*0xffff/a, 0xffff)
	}
	linear := linear16()
	light := scale(linear[r], redLight) + scale(linear[g], greenLight) + scale(linear[b], blueLight)
	return over(light, page, a, 0xffff)
}

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

func readNRGBA(img *image.NRGBA, page uint32) rowReader {
	p := primaries8()
	return func(dst []uint32, x, y int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		for i := range dst {
			s := pix[4*i : 4*i+4 : 4*i+4]
			light := p.red[s[0]] + p.green[s[1]] + p.blue[s[2]]
			if s[3] != 0xff {
				light = over(light, page, uint32(s[3]), 0xff)
			}
			dst[i] = light
		}
	}
}

func readRGBA(img *image.RGBA, page uint32) rowReader {
	p := primaries8()
	return func(dst []uint32, x, y int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		for i := range dst {
			s := pix[4*i : 4*i+4 : 4*i+4]
			if s[3] != 0xff {
				dst[i] = lightOf(color.RGBA{s[0], s[1], s[2], s[3]}, page)
				continue
			}
			dst[i] = p.red[s[0]] + p.green[s[1]] + p.blue[s[2]]
		}
	}
}

// readPaletted looks colours up once. An index beyond the palette, which a
// hostile file may hold, shows the page.
func readPaletted(img *image.Paletted, page uint32) rowReader {
	var table [256]uint32
	for i := range table {
		table[i] = page
		if i < len(img.Palette) {
			table[i] = lightOf(img.Palette[i], page)
		}
	}
	return func(dst []uint32, x, y int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		pix = pix[:len(dst)]
		for i, v := range pix {
			dst[i] = table[v]
		}
	}
}
