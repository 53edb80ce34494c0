package jpeg

import (
	"image"
	"image/color"
)

// picture makes an image of the planes.
func (d *decoder) picture() image.Image {
	f := &d.frame
	rect := image.Rect(0, 0, f.outWidth(), f.outHeight())
	switch {
	case len(f.comps) == 1:
		return &image.Gray{Pix: f.comps[0].plane, Stride: f.comps[0].stride, Rect: rect}
	case len(f.comps) == 4:
		return d.cmyk(rect)
	case d.isRGB():
		return f.rgb(rect)
	}
	return f.ycbcr(rect)
}

// ratios are those by which the chroma of an image.YCbCr can be smaller.
var ratios = map[[2]int]image.YCbCrSubsampleRatio{
	{1, 1}: image.YCbCrSubsampleRatio444,
	{1, 2}: image.YCbCrSubsampleRatio440,
	{2, 1}: image.YCbCrSubsampleRatio422,
	{2, 2}: image.YCbCrSubsampleRatio420,
	{4, 1}: image.YCbCrSubsampleRatio411,
	{4, 2}: image.YCbCrSubsampleRatio410,
}

func (f *frame) ycbcr(rect image.Rectangle) image.Image {
	if !f.hasStandardRatio() {
		for i := range f.comps {
			f.comps[i].enlarge(rect, f.reduction)
		}
	}
	c := f.comps
	return &image.YCbCr{
		Y: c[0].plane, Cb: c[1].plane, Cr: c[2].plane,
		YStride: c[0].stride, CStride: c[1].stride,
		SubsampleRatio: ratios[c[1].left(f.reduction)], Rect: rect,
	}
}

// hasStandardRatio reports whether an image.YCbCr can hold the planes.
func (f *frame) hasStandardRatio() bool {
	luma, cb, cr := f.comps[0].left(f.reduction), f.comps[1].left(f.reduction), f.comps[2].left(f.reduction)
	_, ok := ratios[cb]
	return ok && cb == cr && luma == [2]int{1, 1}
}

// left is by what the plane of a component is still smaller than the result,
// across and down; 0 stands for a fraction.
func (c *component) left(reduction int) [2]int {
	return [2]int{wholeRatio(8*c.ratioX, c.outX*reduction), wholeRatio(8*c.ratioY, c.outY*reduction)}
}

func wholeRatio(a, b int) int {
	if a%b != 0 {
		return 0
	}
	return a / b
}

// enlarge brings the plane of a component to the size of the result.
func (c *component) enlarge(rect image.Rectangle, reduction int) {
	if c.left(reduction) == [2]int{1, 1} {
		return
	}
	from := c.sampler(rect, reduction)
	plane := make([]byte, rect.Dx()*rect.Dy())
	for y := range rect.Dy() {
		row, out := from.row(y), plane[y*rect.Dx():(y+1)*rect.Dx()]
		for x := range out {
			out[x] = row[from.columns[x]]
		}
	}
	c.plane, c.stride = plane, rect.Dx()
	c.ratioX, c.ratioY, c.outX, c.outY = reduction, reduction, 8, 8
}

// sampler finds the sample of a component nearest to each pixel of the result.
type sampler struct {
	*component
	columns   []int
	reduction int
}

func (c *component) sampler(rect image.Rectangle, reduction int) sampler {
	s := sampler{c, make([]int, rect.Dx()), reduction}
	for x := range s.columns {
		s.columns[x] = (2*x + 1) * c.outX * reduction / (16 * c.ratioX)
	}
	return s
}

func (s sampler) row(y int) []byte {
	y = (2*y + 1) * s.outY * s.reduction / (16 * s.ratioY)
	return s.plane[y*s.stride : (y+1)*s.stride]
}

// interleave makes 4 bytes a pixel, of one component each; those missing are
// 255.
func (f *frame) interleave(rect image.Rectangle) (pix []byte, stride int) {
	stride = 4 * rect.Dx()
	pix = make([]byte, stride*rect.Dy())
	for i := range 4 {
		if i >= len(f.comps) {
			for at := i; at < len(pix); at += 4 {
				pix[at] = 0xff
			}
			continue
		}
		from := f.comps[i].sampler(rect, f.reduction)
		for y := range rect.Dy() {
			row, out := from.row(y), pix[y*stride:(y+1)*stride]
			for x, column := range from.columns {
				out[4*x+i] = row[column]
			}
		}
	}
	return pix, stride
}

func (f *frame) rgb(rect image.Rectangle) image.Image {
	pix, stride := f.interleave(rect)
	return &image.RGBA{Pix: pix, Stride: stride, Rect: rect}
}

// cmyk makes an image of four components. The files of Adobe's programs, which
// have an Adobe header, store ink inverted, 255 for none; and when the header
// says so, its complement as YCbCr: which is RGB, and so CMY that is not inverted.
func (d *decoder) cmyk(rect image.Rectangle) image.Image {
	pix, stride := d.frame.interleave(rect)
	for p := pix; len(p) >= 4; p = p[4:] {
		switch {
		case !d.adobe:
		case d.transform == 0:
			p[0], p[1], p[2], p[3] = ^p[0], ^p[1], ^p[2], ^p[3]
		default:
			p[0], p[1], p[2] = color.YCbCrToRGB(p[0], p[1], p[2])
			p[3] = ^p[3]
		}
	}
	return &image.CMYK{Pix: pix, Stride: stride, Rect: rect}
}
