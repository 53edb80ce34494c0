package icc

import (
	"image"
	"image/color"
	"image/draw"
)

// IsSRGB reports whether the profile is that of sRGB: then there is nothing to
// convert. Profiles that were made for sRGB differ in rounding, and in how finely
// they sample the curve; two levels of 255 are allowed.
func (p *Profile) IsSRGB() bool {
	const step, tolerance = 15, 2
	t := p.narrow()
	for r := 0; r <= 0xff; r += step {
		for g := 0; g <= 0xff; g += step {
			for b := 0; b <= 0xff; b += step {
				x, y, z := t.at(uint8(r), uint8(g), uint8(b))
				if max(distance(int(x), r), distance(int(y), g), distance(int(z), b)) > tolerance {
					return false
				}
			}
		}
	}
	return true
}

func distance(a, b int) int { return max(a-b, b-a) }

// Convert returns a picture in sRGB with the bounds of img, which is left as it
// is. Colours that sRGB cannot show are clipped. Alpha stays.
//
// Gray, Gray16, NRGBA, RGBA, NRGBA64 and Paletted stay of their type; YCbCr
// becomes RGBA, NYCbCrA becomes NRGBA, and all others become NRGBA64; CMYK, which
// the profile cannot mean, is returned as it is. A grey picture with a profile of
// primaries is one whose channels are equal.
func (p *Profile) Convert(img image.Image) image.Image {
	switch src := img.(type) {
	case *image.Gray:
		return p.gray(src)
	case *image.Gray16:
		return p.gray16(src)
	case *image.NRGBA:
		return p.nrgba(src)
	case *image.RGBA:
		return p.rgba(src)
	case *image.YCbCr:
		return p.ycbcr(src)
	case *image.NYCbCrA:
		return p.nycbcra(src)
	case *image.Paletted:
		return p.paletted(src)
	case *image.CMYK:
		return src
	default:
		return p.deep(img)
	}
}

func (p *Profile) gray(src *image.Gray) *image.Gray {
	dst := image.NewGray(src.Rect)
	greys := p.narrow().greys()
	rows(src.Rect, func(y, width int) {
		from, to := src.Pix[y*src.Stride:][:width], dst.Pix[y*dst.Stride:][:width]
		for i, v := range from {
			to[i] = greys[v]
		}
	})
	return dst
}

func (p *Profile) gray16(src *image.Gray16) *image.Gray16 {
	dst := image.NewGray16(src.Rect)
	t := p.wide()
	rows(src.Rect, func(y, width int) {
		from, to := src.Pix[y*src.Stride:][:2*width], dst.Pix[y*dst.Stride:][:2*width]
		for i := 0; i < len(from); i += 2 {
			v := uint16(from[i])<<8 | uint16(from[i+1])
			_, v, _ = t.at(v, v, v)
			to[i], to[i+1] = uint8(v>>8), uint8(v)
		}
	})
	return dst
}

func (p *Profile) nrgba(src *image.NRGBA) *image.NRGBA {
	dst := image.NewNRGBA(src.Rect)
	t := p.narrow()
	rows(src.Rect, func(y, width int) {
		t.row(dst.Pix[y*dst.Stride:][:4*width], src.Pix[y*src.Stride:][:4*width])
	})
	return dst
}

func (p *Profile) rgba(src *image.RGBA) *image.RGBA {
	dst := image.NewRGBA(src.Rect)
	t := p.narrow()
	rows(src.Rect, func(y, width int) {
		from, to := src.Pix[y*src.Stride:][:4*width], dst.Pix[y*dst.Stride:][:4*width]
		for len(from) >= 4 && len(to) >= 4 {
			if from[3] == 0xff {
				to[0], to[1], to[2] = t.at(from[0], from[1], from[2])
			} else {
				to[0], to[1], to[2] = t.atPremultiplied(from[0], from[1], from[2], from[3])
			}
			to[3] = from[3]
			from, to = from[4:], to[4:]
		}
	})
	return dst
}

// atPremultiplied is at for values that were multiplied by alpha.
func (t *narrow) atPremultiplied(r, g, b, alpha uint8) (uint8, uint8, uint8) {
	if alpha == 0 {
		return 0, 0, 0
	}
	a := uint32(alpha)
	divided := func(v uint8) uint8 { return uint8(min(0xff, (uint32(v)*0xff+a/2)/a)) }
	multiplied := func(v uint8) uint8 { return uint8((uint32(v)*a + 0x7f) / 0xff) }
	r, g, b = t.at(divided(r), divided(g), divided(b))
	return multiplied(r), multiplied(g), multiplied(b)
}

func (p *Profile) ycbcr(src *image.YCbCr) *image.RGBA {
	dst := image.NewRGBA(src.Rect)
	draw.Draw(dst, dst.Rect, src, src.Rect.Min, draw.Src)
	t := p.narrow()
	rows(src.Rect, func(y, width int) {
		row := dst.Pix[y*dst.Stride:][:4*width]
		t.row(row, row)
	})
	return dst
}

func (p *Profile) nycbcra(src *image.NYCbCrA) *image.NRGBA {
	opaque := p.ycbcr(&src.YCbCr)
	rows(src.Rect, func(y, width int) {
		alpha, to := src.A[y*src.AStride:][:width], opaque.Pix[y*opaque.Stride:][:4*width]
		for x, a := range alpha {
			to[4*x+3] = a
		}
	})
	return &image.NRGBA{Pix: opaque.Pix, Stride: opaque.Stride, Rect: opaque.Rect}
}

// paletted shares no memory with src.
func (p *Profile) paletted(src *image.Paletted) *image.Paletted {
	dst := image.NewPaletted(src.Rect, make(color.Palette, len(src.Palette)))
	rows(src.Rect, func(y, width int) {
		copy(dst.Pix[y*dst.Stride:], src.Pix[y*src.Stride:][:width])
	})
	t := p.narrow()
	for i, c := range src.Palette {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		n.R, n.G, n.B = t.at(n.R, n.G, n.B)
		dst.Palette[i] = n
	}
	return dst
}

// deep is for pictures of 16 bits and those of unknown type.
func (p *Profile) deep(src image.Image) *image.NRGBA64 {
	dst := deepCopy(src)
	t := p.wide()
	rows(dst.Rect, func(y, width int) {
		for pix := dst.Pix[y*dst.Stride:][:8*width]; len(pix) >= 8; pix = pix[8:] {
			r, g, b := t.at(uint16(pix[0])<<8|uint16(pix[1]), uint16(pix[2])<<8|uint16(pix[3]), uint16(pix[4])<<8|uint16(pix[5]))
			pix[0], pix[1], pix[2], pix[3], pix[4], pix[5] = uint8(r>>8), uint8(r), uint8(g>>8), uint8(g), uint8(b>>8), uint8(b)
		}
	})
	return dst
}

// deepCopy keeps what a picture has below its alpha if it can.
func deepCopy(img image.Image) *image.NRGBA64 {
	dst := image.NewNRGBA64(img.Bounds())
	src, ok := img.(*image.NRGBA64)
	if !ok {
		draw.Draw(dst, dst.Rect, img, dst.Rect.Min, draw.Src)
		return dst
	}
	rows(src.Rect, func(y, width int) {
		copy(dst.Pix[y*dst.Stride:], src.Pix[y*src.Stride:][:8*width])
	})
	return dst
}

// rows calls do for every row that has pixels.
func rows(r image.Rectangle, do func(y, width int)) {
	if r.Empty() {
		return
	}
	for y := range r.Dy() {
		do(y, r.Dx())
	}
}
