package ascii

import (
	"image"
	"image/color"
)

// isOpaque reports whether a picture surely has no transparency.
func isOpaque(img image.Image) bool {
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// readAlpha returns the fastest reader of opacity: one is opaque.
func readAlpha(img image.Image) rowReader {
	switch img := img.(type) {
	case *image.NRGBA:
		return readAlpha8(img.Pix, img.Stride)
	case *image.RGBA:
		return readAlpha8(img.Pix, img.Stride)
	case *image.Paletted:
		return readIndexed(img, alphaOf)
	}
	at := colorsOf(img)
	return func(dst []uint32, x, y int) {
		for i := range dst {
			dst[i] = alphaOf(at(x+i, y))
		}
	}
}

// readAlpha8 reads the last of four bytes. The pixels of a part of a picture
// begin with its own first one.
func readAlpha8(pix []byte, stride int) rowReader {
	return func(dst []uint32, x, y int) {
		row := pix[y*stride+4*x:]
		for i := range dst {
			dst[i] = share(one, uint32(row[4*i+3]), 0xff)
		}
	}
}

func alphaOf(c color.RGBA64) uint32 { return share(one, uint32(c.A), 0xffff) }
