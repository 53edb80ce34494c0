package raster

import (
	"image"
	"image/draw"
)

// Orientations as EXIF counts them (Exif 2.32, section 4.6.4, tag 0x0112): where
// the first row and the first column of the stored picture are shown.
//
//	1 upright             5 mirrored at the main diagonal
//	2 mirrored sideways   6 to be turned right
//	3 upside down         7 mirrored at the other diagonal
//	4 mirrored top-down   8 to be turned left

// swapsSides reports whether width and height change places.
func swapsSides(orientation int) bool { return orientation >= 5 && orientation <= 8 }

// upright returns img turned as its orientation asks, of the same type where
// that can be.
func upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	size := img.Bounds().Size()
	if swapsSides(orientation) {
		size = image.Pt(size.Y, size.X)
	}
	if src, bytes := planeOf(img); bytes > 0 {
		turned := ofType(img, image.Rectangle{Max: size})
		dst, _ := planeOf(turned)
		turnPlane(dst, src, bytes, orientation)
		return turned
	}
	if src, ok := img.(*image.YCbCr); ok {
		if dst := turnYCbCr(src, orientation); dst != nil {
			return dst
		}
	}
	return turnOther(img, orientation)
}

// planeOf returns the pixels of a picture that has them one after another, and the
// bytes of each, or 0 for one that has not.
func planeOf(img image.Image) (p plane, bytes int) {
	b := img.Bounds()
	of := func(pix []byte, stride, bytes int) (plane, int) {
		return plane{pix, stride, b.Dx(), b.Dy()}, bytes
	}
	x, y := b.Min.X, b.Min.Y
	switch img := img.(type) {
	case *image.Gray:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 1)
	case *image.Paletted:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 1)
	case *image.Gray16:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 2)
	case *image.NRGBA:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 4)
	case *image.RGBA:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 4)
	case *image.CMYK:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 4)
	case *image.NRGBA64:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 8)
	case *image.RGBA64:
		return of(img.Pix[img.PixOffset(x, y):], img.Stride, 8)
	}
	return plane{}, 0
}

// ofType makes a picture of the type of one for which there is planeOf.
func ofType(img image.Image, r image.Rectangle) image.Image {
	switch img := img.(type) {
	case *image.Gray:
		return image.NewGray(r)
	case *image.Paletted:
		return image.NewPaletted(r, img.Palette)
	case *image.Gray16:
		return image.NewGray16(r)
	case *image.NRGBA:
		return image.NewNRGBA(r)
	case *image.RGBA:
		return image.NewRGBA(r)
	case *image.CMYK:
		return image.NewCMYK(r)
	case *image.NRGBA64:
		return image.NewNRGBA64(r)
	default:
		return image.NewRGBA64(r)
	}
}

// turnOther turns the rest by way of a copy that holds it without loss: 8 bits
// for YCbCr, which is opaque, 16 bits for rarer kinds.
func turnOther(img image.Image, orientation int) image.Image {
	b := img.Bounds()
	size := image.Rectangle{Max: b.Size()}
	if _, ok := img.(*image.YCbCr); ok {
		src := image.NewRGBA(size)
		draw.Draw(src, size, img, b.Min, draw.Src)
		return upright(src, orientation)
	}
	src := image.NewNRGBA64(size)
	draw.Draw(src, size, img, b.Min, draw.Src)
	return upright(src, orientation)
}

// turnYCbCr turns the planes as they are. It returns nil when it cannot: sides
// that swap need a subsampling that exists the other way round, and subsampled
// planes can only be mirrored when every sample covers whole pixels.
func turnYCbCr(src *image.YCbCr, orientation int) *image.YCbCr {
	b := src.Rect
	stepX, stepY := chromaStep(src.SubsampleRatio)
	if b.Dx()%stepX != 0 || b.Dy()%stepY != 0 || b.Min.X%stepX != 0 || b.Min.Y%stepY != 0 {
		return nil
	}
	ratio, size := src.SubsampleRatio, b.Size()
	if swapsSides(orientation) {
		var ok bool
		if ratio, ok = transposed(ratio); !ok {
			return nil
		}
		size = image.Pt(size.Y, size.X)
	}
	dst := image.NewYCbCr(image.Rectangle{Max: size}, ratio)
	y, c := src.YOffset(b.Min.X, b.Min.Y), src.COffset(b.Min.X, b.Min.Y)
	toX, toY := chromaStep(ratio)
	chroma := func(dstPix, srcPix []byte) {
		turnPlane(plane{dstPix, dst.CStride, size.X / toX, size.Y / toY},
			plane{srcPix[c:], src.CStride, b.Dx() / stepX, b.Dy() / stepY}, 1, orientation)
	}
	turnPlane(plane{dst.Y, dst.YStride, size.X, size.Y}, plane{src.Y[y:], src.YStride, b.Dx(), b.Dy()}, 1, orientation)
	chroma(dst.Cb, src.Cb)
	chroma(dst.Cr, src.Cr)
	return dst
}

// chromaStep says how many pixels one chroma sample covers.
func chromaStep(r image.YCbCrSubsampleRatio) (x, y int) {
	switch r {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

func transposed(r image.YCbCrSubsampleRatio) (image.YCbCrSubsampleRatio, bool) {
	switch r {
	case image.YCbCrSubsampleRatio444, image.YCbCrSubsampleRatio420:
		return r, true
	case image.YCbCrSubsampleRatio422:
		return image.YCbCrSubsampleRatio440, true
	case image.YCbCrSubsampleRatio440:
		return image.YCbCrSubsampleRatio422, true
	}
	return 0, false
}

// plane is one rectangle of samples, row by row.
type plane struct {
	pix           []byte
	stride        int
	width, height int // in samples
}

// turnPlane fills dst, whose sides are already swapped where needed, from src. A
// sample is the given number of bytes.
func turnPlane(dst, src plane, bytes, orientation int) {
	for y := range dst.height {
		at, step := walk(src, bytes, y, orientation)
		row := dst.pix[y*dst.stride:][:dst.width*bytes]
		if bytes == 1 {
			for x := range row {
				row[x] = src.pix[at]
				at += step
			}
			continue
		}
		for x := 0; x < len(row); x += bytes {
			copy(row[x:x+bytes], src.pix[at:])
			at += step
		}
	}
}

// walk says where in src row y of the turned picture starts, and how far it is
// from each of its samples to the next.
func walk(src plane, bytes, y, orientation int) (at, step int) {
	right, down := bytes, src.stride
	lastX, lastY := (src.width-1)*right, (src.height-1)*down
	switch orientation {
	case 2:
		return y*down + lastX, -right
	case 3:
		return lastY - y*down + lastX, -right
	case 4:
		return lastY - y*down, right
	case 5:
		return y * right, down
	case 6:
		return lastY + y*right, -down
	case 7:
		return lastY + lastX - y*right, -down
	case 8:
		return lastX - y*right, down
	}
	return y * down, right
}
