package ascii

import (
	"image"
	"sync"
)

// Conversions from YCbCr overshoot 0 to 255 by up to 226 on both sides. Tables
// with clamped ends are faster than branches.
const (
	overshoot = 256
	wideMask  = 1023
)

// widePrimaries holds the light that each primary adds, from -overshoot on.
type widePrimaries struct{ red, green, blue [wideMask + 1]uint32 }

var widePrimaries8 = sync.OnceValue(func() *widePrimaries {
	var w widePrimaries
	p := primaries8()
	for i := range w.red {
		v := max(0, min(i-overshoot, 255))
		w.red[i], w.green[i], w.blue[i] = p.red[v], p.green[v], p.blue[v]
	}
	return &w
})

// wideLinear8 is linear8 from -overshoot on.
var wideLinear8 = sync.OnceValue(func() *[wideMask + 1]uint32 {
	var w [wideMask + 1]uint32
	for i := range w {
		w[i] = linear8()[max(0, min(i-overshoot, 255))]
	}
	return &w
})

// chroma returns what a chroma sample adds to each primary, in 16-bit fixed point
// and with the overshoot.
func chroma(cb, cr uint8) (red, green, blue int32) {
	b, r := int32(cb)-128, int32(cr)-128
	return overshoot<<16 + 91881*r, overshoot<<16 - 22554*b - 46802*r, overshoot<<16 + 116130*b
}

// readYCbCr converts by the numbers of JFIF in 16-bit fixed point, as image/color
// does. Pixels that share chroma are done together.
func readYCbCr(img *image.YCbCr) rowReader {
	w := widePrimaries8()
	shared, ok := chromaWidth(img.SubsampleRatio)
	if !ok {
		return readAny(img)
	}
	return func(dst []uint32, x, y int) {
		x, y = img.Rect.Min.X+x, img.Rect.Min.Y+y
		luma, c := img.Y[img.YOffset(x, y):][:len(dst)], img.COffset(x, y)
		if shared == 2 && x%2 == 0 { // nearly every JPEG
			pairs := len(dst) / 2
			w.convertPairs(dst[:2*pairs], luma, img.Cb[c:][:pairs], img.Cr[c:][:pairs])
			dst, luma, c = dst[2*pairs:], luma[2*pairs:], c+pairs
		}
		for run := shared - x%shared; len(dst) > 0; run = shared {
			run = min(run, len(dst))
			w.convert(dst[:run], luma[:run], img.Cb[c], img.Cr[c])
			dst, luma, c = dst[run:], luma[run:], c+1
		}
	}
}

// convert makes light of pixels that share their chroma.
func (w *widePrimaries) convert(dst []uint32, luma []uint8, cb, cr uint8) {
	red, green, blue := chroma(cb, cr)
	luma = luma[:len(dst)]
	for i, v := range luma {
		l := int32(v) * 0x10101
		dst[i] = w.red[(l+red)>>16&wideMask] + w.green[(l+green)>>16&wideMask] + w.blue[(l+blue)>>16&wideMask]
	}
}

// chromaWidth says how many pixels side by side share a chroma sample. It is
// false for ratios that this package does not know.
func chromaWidth(r image.YCbCrSubsampleRatio) (pixels int, ok bool) {
	switch r {
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440:
		return 1, true
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		return 2, true
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		return 4, true
	}
	return 0, false
}
