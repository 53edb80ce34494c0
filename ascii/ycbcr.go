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

// readYCbCr converts by the numbers of JFIF in 16-bit fixed point, as image/color
// does.
func readYCbCr(img *image.YCbCr) rowReader {
	w := widePrimaries8()
	shift, whole := chromaShift(img.SubsampleRatio)
	if !whole {
		return readAny(img, 0) // these have no transparency
	}
	return func(dst []uint32, x, y int) {
		x, y = img.Rect.Min.X+x, img.Rect.Min.Y+y
		luma := img.Y[img.YOffset(x, y):]
		luma = luma[:len(dst)]
		row := img.COffset(x, y) - x>>shift // where x = 0 would be
		at, red, green, blue := -1, int32(0), int32(0), int32(0)
		for i, v := range luma {
			if c := row + (x+i)>>shift; c != at {
				at = c
				cb, cr := int32(img.Cb[c])-128, int32(img.Cr[c])-128
				red, green, blue = 91881*cr, -22554*cb-46802*cr, 116130*cb
			}
			l := int32(v)*0x10101 + overshoot<<16
			dst[i] = w.red[(l+red)>>16&wideMask] + w.green[(l+green)>>16&wideMask] + w.blue[(l+blue)>>16&wideMask]
		}
	}
}

// chromaShift says how many pixels side by side share a chroma sample, as a
// power of two. It is false for ratios this package does not know.
func chromaShift(r image.YCbCrSubsampleRatio) (shift int, ok bool) {
	switch r {
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio440:
		return 0, true
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		return 1, true
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		return 2, true
	}
	return 0, false
}
