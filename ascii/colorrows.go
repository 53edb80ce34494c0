package ascii

import (
	"image"
	"image/color"
)

// The planes of a colour reader. The last is there only for pictures with
// transparency, and the light of the others is then already less by it.
const (
	redPlane = iota
	greenPlane
	bluePlane
	alphaPlane
)

// colorReader returns the fastest reader of red, green and blue light, and of
// opacity into a fourth plane if asked for.
func colorReader(img image.Image, alpha bool) planesReader {
	read := colorReaderOf(img)
	if !alpha {
		return read
	}
	readAlpha := readAlpha(img)
	return func(dst [][]uint32, x, y, n int) {
		read(dst, x, y, n)
		readAlpha(dst[alphaPlane][:n], x, y)
	}
}

func colorReaderOf(img image.Image) planesReader {
	switch img := img.(type) {
	case *image.YCbCr:
		return readYCbCrColor(img)
	case *image.Gray:
		return readGrayColor(img)
	case *image.NRGBA:
		return readNRGBAColor(img)
	case *image.RGBA:
		return readRGBAColor(img)
	case *image.Paletted:
		return readPalettedColor(img)
	}
	return readAnyColor(img)
}

// readAnyColor reads any picture by way of its 16-bit colours.
func readAnyColor(img image.Image) planesReader {
	at := colorsOf(img)
	return func(dst [][]uint32, x, y, n int) {
		for i := range n {
			dst[redPlane][i], dst[greenPlane][i], dst[bluePlane][i] = lights(at(x+i, y))
		}
	}
}

// lights returns the light that the primaries of a colour add.
func lights(c color.RGBA64) (red, green, blue uint32) {
	a := uint32(c.A)
	linear := linear16()
	switch a {
	case 0:
		return 0, 0, 0
	case 0xffff:
		return linear[c.R], linear[c.G], linear[c.B]
	}
	return share(linear[opaque(c.R, a)], a, 0xffff), share(linear[opaque(c.G, a)], a, 0xffff), share(linear[opaque(c.B, a)], a, 0xffff)
}

func readGrayColor(img *image.Gray) planesReader {
	read := readGray(img)
	return func(dst [][]uint32, x, y, n int) {
		red := dst[redPlane][:n]
		read(red, x, y)
		copy(dst[greenPlane], red)
		copy(dst[bluePlane], red)
	}
}

func readNRGBAColor(img *image.NRGBA) planesReader {
	linear := linear8()
	return func(dst [][]uint32, x, y, n int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		red, green, blue := dst[redPlane][:n], dst[greenPlane][:n], dst[bluePlane][:n]
		for i := range n {
			s := pix[4*i : 4*i+4 : 4*i+4]
			red[i], green[i], blue[i] = linear[s[0]], linear[s[1]], linear[s[2]]
			if a := uint32(s[3]); a != 0xff {
				red[i], green[i], blue[i] = share(red[i], a, 0xff), share(green[i], a, 0xff), share(blue[i], a, 0xff)
			}
		}
	}
}

func readRGBAColor(img *image.RGBA) planesReader {
	linear := linear8()
	return func(dst [][]uint32, x, y, n int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		red, green, blue := dst[redPlane][:n], dst[greenPlane][:n], dst[bluePlane][:n]
		for i := range n {
			s := pix[4*i : 4*i+4 : 4*i+4]
			if s[3] != 0xff {
				red[i], green[i], blue[i] = lights(wide(color.RGBA{s[0], s[1], s[2], s[3]}))
				continue
			}
			red[i], green[i], blue[i] = linear[s[0]], linear[s[1]], linear[s[2]]
		}
	}
}

// readPalettedColor looks colours up once. An index beyond the palette is
// transparent.
func readPalettedColor(img *image.Paletted) planesReader {
	var red, green, blue [256]uint32
	for i, c := range img.Palette[:min(len(img.Palette), len(red))] {
		red[i], green[i], blue[i] = lights(wide(c))
	}
	return func(dst [][]uint32, x, y, n int) {
		pix := img.Pix[img.PixOffset(img.Rect.Min.X+x, img.Rect.Min.Y+y):]
		for i, v := range pix[:n] {
			dst[redPlane][i], dst[greenPlane][i], dst[bluePlane][i] = red[v], green[v], blue[v]
		}
	}
}

// readYCbCrColor converts as [readYCbCr] does. It has no way of its own for pairs:
// most of its time goes into three planes instead of one.
func readYCbCrColor(img *image.YCbCr) planesReader {
	shared, ok := chromaWidth(img.SubsampleRatio)
	if !ok {
		return readAnyColor(img)
	}
	w := wideLinear8()
	return func(dst [][]uint32, x, y, n int) {
		x, y = img.Rect.Min.X+x, img.Rect.Min.Y+y
		luma, c := img.Y[img.YOffset(x, y):][:n], img.COffset(x, y)
		red, green, blue := dst[redPlane][:n], dst[greenPlane][:n], dst[bluePlane][:n]
		for i, run := 0, shared-x%shared; i < n; run = shared {
			cr, cg, cb := chroma(img.Cb[c], img.Cr[c])
			for end := min(i+run, n); i < end; i++ {
				l := int32(luma[i]) * 0x10101
				red[i], green[i], blue[i] = w[(l+cr)>>16&wideMask], w[(l+cg)>>16&wideMask], w[(l+cb)>>16&wideMask]
			}
			c++
		}
	}
}
