package ascii

import "image"

// Reduced is a picture in which a pixel stands for several of an original, as
// decoders make it that leave out what a drawing cannot show. It is drawn as the
// original would be: options that speak of pixels mean those of the original.
type Reduced struct {
	// Image has the pixels. The pixel at (x, y) is the average of the original's from
	// (Scale·x, Scale·y) to before (Scale·(x+1), Scale·(y+1)), or of as many of them
	// as there are.
	image.Image
	Scale int
	// Original is where the original lies. Each pixel of Image covers some of it.
	Original image.Rectangle
}

// source is what is drawn: a part of a picture, perhaps a reduced one.
type source struct {
	img   image.Image
	scale int
	part  image.Rectangle // of the original
}

func sourceOf(img image.Image) source {
	if r, ok := img.(*Reduced); ok {
		return source{r.Image, r.Scale, r.Original}
	}
	return source{img, 1, img.Bounds()}
}

// valid reports whether every pixel of the part has one to stand for it.
func (s source) valid() bool {
	return s.scale >= 1 && !s.part.Empty() && s.pixelsOf(s.part).In(s.img.Bounds())
}

// of returns another part of the picture.
func (s source) of(part image.Rectangle) source {
	s.part = part
	return s
}

// pixelsOf returns the pixels that a part of the original has a share in.
func (s source) pixelsOf(part image.Rectangle) image.Rectangle {
	if s.scale == 1 {
		return part
	}
	return image.Rect(
		floorDiv(part.Min.X, s.scale), floorDiv(part.Min.Y, s.scale),
		-floorDiv(-part.Max.X, s.scale), -floorDiv(-part.Max.Y, s.scale),
	)
}

// pixels returns the pixels of the part.
func (s source) pixels() image.Image { return partOf(s.img, s.pixelsOf(s.part)) }

// sides returns how the pixels of the part lie on it.
func (s source) sides() (across, down run) {
	p := s.pixelsOf(s.part)
	return run{p.Dx(), s.scale, s.part.Min.X - p.Min.X*s.scale, s.part.Dx()},
		run{p.Dy(), s.scale, s.part.Min.Y - p.Min.Y*s.scale, s.part.Dy()}
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// run is pixels side by side along a part of an original: each covers scale of
// its pixels, but for what the first and the last have outside of the part.
type run struct {
	pixels, scale int
	outside       int // of what the first covers
	length        int // of the part, in pixels of the original
}

// pixel returns what pixel i covers.
func (s run) pixel(i int) (from, to int) {
	return max(0, i*s.scale-s.outside), min(s.length, (i+1)*s.scale-s.outside)
}

// at returns the pixel that covers a pixel of the original.
func (s run) at(original int) int { return (original + s.outside) / s.scale }

// width returns how much pixel i covers.
func (s run) width(i int) int {
	from, to := s.pixel(i)
	return to - from
}

// pixelsPerSample is how many pixels a sample is made of at least, across and down.
// With one, of which each sample shares some with its neighbours, drawings scored
// up to 0.5 worse; with this many, less than 0.2.
const pixelsPerSample = 1.75

// Need returns how many pixels across and down a picture of width × height should
// keep, as it is stored, for valid options to draw it as well as the whole: with
// fewer, [Reduced] shows. Half of a picture may be borders that are trimmed.
func (o Options) Need(width, height int) image.Point {
	bounds := image.Rect(0, 0, max(1, width), max(1, height))
	l := o.layout(o.cropped(bounds))
	o = o.forCells(int64(l.cols) * int64(l.rows))
	sx, sy := monoSamples(o)
	if o.Color != "none" {
		sx, sy = colorSamples(o)
	}
	need := l.turn.size(image.Pt(l.cols*sx, l.rows*sy))
	need.X = int(pixelsPerSample * float64(need.X) * float64(bounds.Dx()) / float64(l.part.Dx()))
	need.Y = int(pixelsPerSample * float64(need.Y) * float64(bounds.Dy()) / float64(l.part.Dy()))
	if o.Trim {
		need = need.Mul(2)
	}
	return need
}
