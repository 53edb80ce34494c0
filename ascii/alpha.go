package ascii

import (
	"encoding/binary"
	"image"
	"image/color"
)

// isOpaque reports whether a picture surely has no transparency.
func isOpaque(img image.Image) bool {
	switch img := img.(type) {
	case *image.NRGBA:
		return isOpaque8(img.Pix, img.Stride, img.Rect.Size())
	case *image.RGBA:
		return isOpaque8(img.Pix, img.Stride, img.Rect.Size())
	}
	o, ok := img.(interface{ Opaque() bool })
	return ok && o.Opaque()
}

// isOpaque8 looks at every fourth byte. It is worth its lines: looking at one after the
// other took as long as sampling the picture.
func isOpaque8(pix []uint8, stride int, size image.Point) bool {
	const opacities = 0xff000000_ff000000 // of two pixels
	for y := range size.Y {
		row := pix[y*stride:][:4*size.X]
		all := uint64(opacities)
		for ; len(row) >= 32; row = row[32:] {
			all &= binary.LittleEndian.Uint64(row) & binary.LittleEndian.Uint64(row[8:]) &
				binary.LittleEndian.Uint64(row[16:]) & binary.LittleEndian.Uint64(row[24:])
		}
		for ; len(row) > 0; row = row[4:] {
			all &= uint64(binary.LittleEndian.Uint32(row))<<32 | 0xffffffff
		}
		if all != opacities {
			return false
		}
	}
	return true
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
