package raster

import (
	"context"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/icc"
)

// maxReduction is the largest that is used: more than art of any size needs.
const maxReduction = 4096

// File is a picture whose header was read. One goroutine may use it.
type File struct {
	Info Info

	src    *source
	format *format
	header header
	limits Limits
	colors *icc.Profile // nil when they are sRGB, or taken for it
}

// Picture is the pixels of a file.
type Picture struct {
	image.Image // turned upright, in sRGB
	// Reduction is the side of the square of the file's pixels that became one pixel.
	Reduction int
	// Original is where the file's picture lies: the pixel of Image at (x, y) is the
	// average from (Reduction·x, Reduction·y) to before (Reduction·(x+1), Reduction·(y+1)),
	// as far as that is within Original.
	Original image.Rectangle
	// Damage says what is wrong with the file, of which only a part could be decoded,
	// nil if nothing is. What is missing is grey or transparent.
	Damage error
}

// Open reads the header of a picture from the start of r, which the file then uses
// until it is decoded. Errors are those of [Decode]. The file is never nil: of one
// that cannot be opened Info holds what was learnt.
func Open(ctx context.Context, r io.ReadSeeker, lim Limits) (f *File, err error) {
	src := &source{ctx: ctx, r: r}
	f = &File{src: src, limits: lim}
	defer src.explain(&err)
	defer recoverAsCorrupt(&f.Info, &err)
	format, h, err := inspect(src, lim)
	f.format, f.header, f.Info = format, h, format.info(h)
	if err == nil {
		f.colors = format.colors(src)
	}
	return f, err
}

// colors returns the profile of colours that are not sRGB. One that cannot be read
// or is of a kind that is not known never refuses a picture.
func (f *format) colors(src *source) *icc.Profile {
	if f.profile == nil {
		return nil
	}
	p, err := f.profile(src)
	if err != nil || p == nil || p.IsSRGB() {
		return nil
	}
	return p
}

// Moves reports whether the picture may be an animation, see [Animate].
func (f *File) Moves() bool {
	return f.format.frames != nil && (f.format.moves == nil || f.format.moves(f.src))
}

// Reduction returns by how much the picture can be reduced for it to keep at least
// so many pixels across and down, as shown. It is 1 where that is not possible.
func (f *File) Reduction(least image.Point) int {
	atMost := min(f.Info.Width/max(1, least.X), f.Info.Height/max(1, least.Y), maxReduction)
	return f.format.reduction(f.header, max(1, atMost))
}

// Memory estimates, on the high side, the bytes that decoding takes with a reduction
// that came from [File.Reduction], or 1.
func (f *File) Memory(reduction int) int64 {
	total := f.header.memory(reduction)
	if f.colors != nil {
		const converted = 8 // bytes a pixel
		size := reducedSize(f.header, reduction)
		total += converted * area(size.X, size.Y)
	}
	return total
}

// Decode decodes the picture with a reduction that came from [File.Reduction], or 1.
// Errors are those of the function [Decode], but a file of which a part can be shown
// is none: see [Picture].
func (f *File) Decode(reduction int) (p *Picture, err error) {
	defer f.src.explain(&err)
	defer recoverAsCorrupt(&f.Info, &err)
	if actual := f.Memory(reduction); f.limits.Memory > 0 && actual > f.limits.Memory {
		return nil, overMemory(f.limits.Memory, actual)
	}
	if _, err := f.src.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	img, err := f.format.decode(f.src.ctx, f.src, f.header, reduction)
	if ended := f.src.ctx.Err(); ended != nil {
		return nil, ended
	}
	if err != nil {
		err = f.format.fail(err, f.src.length, f.src.tail())
		if img == nil || f.src.err != nil || isUnsupportedError(err) {
			return nil, err
		}
	}
	return f.finish(img, reduction, err)
}

// finish holds what was decoded against the header once more, because a decoder may
// have read the file differently, and turns it upright.
func (f *File) finish(img image.Image, reduction int, damage error) (*Picture, error) {
	h := f.header
	size := img.Bounds().Size()
	if want := reducedSize(h, reduction); size != want {
		if reduction != 1 {
			return nil, f.format.fail(errSizes, f.src.length, nil)
		}
		h.width, h.height = size.X, size.Y
		if err := f.format.check(h, f.limits); err != nil {
			return nil, err
		}
		f.header, f.Info = h, f.format.info(h)
	}
	if f.colors != nil {
		img = f.colors.Convert(img)
	}
	return &Picture{
		Image:     upright(img, h.orientation),
		Reduction: reduction,
		Original:  originalOf(h, size.Mul(reduction)),
		Damage:    damage,
	}, nil
}

func reducedSize(h header, k int) image.Point {
	return image.Pt((h.width+k-1)/k, (h.height+k-1)/k)
}

// originalOf returns where the picture lies, once it is upright, in what its pixels
// cover. As stored, that is more at the right and at the bottom.
func originalOf(h header, covered image.Point) image.Rectangle {
	right, bottom := covered.X-h.width, covered.Y-h.height
	size, at := image.Pt(h.width, h.height), image.Point{}
	if swapsSides(h.orientation) {
		size = image.Pt(size.Y, size.X)
	}
	switch h.orientation {
	case 2, 3:
		at.X = right
	case 6, 7:
		at.X = bottom
	}
	switch h.orientation {
	case 3, 4:
		at.Y = bottom
	case 7, 8:
		at.Y = right
	}
	return image.Rectangle{Min: at, Max: at.Add(size)}
}
