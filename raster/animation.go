package raster

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"iter"
	"time"
)

// Animation reads a picture frame by frame. One goroutine may use it.
type Animation struct {
	Info  Info
	Loops int // how often it plays; 0: for ever

	src    *source
	format *format
	header header
	limits Limits
}

// Frame is what an animation shows for some time.
type Frame struct {
	// Image is the whole picture, not only what changed. It is valid until the
	// next frame is asked for.
	Image image.Image
	Delay time.Duration // how long it shows; 0 for a still picture
}

// Animate opens a picture to read its frames. What is no animation has one frame.
// Errors are those of [Decode].
func Animate(ctx context.Context, r io.ReadSeeker, lim Limits) (a *Animation, err error) {
	src := &source{ctx: ctx, r: r}
	var info Info
	defer src.explain(&err)
	defer recoverAsCorrupt(&info, &err)
	f, h, err := inspect(src, lim)
	info = f.info(h)
	if err != nil {
		return nil, err
	}
	a = &Animation{Info: info, Loops: 1, src: src, format: f, header: h, limits: lim}
	if f.loops != nil {
		a.Loops, err = f.loops(src)
		if err != nil {
			return nil, f.fail(err, src.length, src.tail())
		}
	}
	return a, nil
}

// Frames decodes the frames in their order, composed as the format says. It ends
// after the first error, which is one of [Decode]. It can be ranged over again.
func (a *Animation) Frames() iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		stopped := errors.New("stopped")
		err := a.read(func(f Frame) error {
			if !yield(f, nil) {
				return stopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, stopped) {
			yield(Frame{}, err)
		}
	}
}

// read hands all frames to show. An error of show ends it and is returned.
func (a *Animation) read(show func(Frame) error) error {
	if a.format.frames == nil {
		return a.readStill(show)
	}
	c := &compositor{a: a, bounds: image.Rect(0, 0, a.header.width, a.header.height), show: show}
	err := a.guard(func() error { return a.format.frames(a.src, a.header, c.add) })
	if c.showErr != nil {
		return c.showErr
	}
	if _, damaged := errors.AsType[*CorruptError](err); c.shown == 0 && (err == nil || damaged) {
		return a.readStill(show) // no animation, or one whose first picture may yet be good
	}
	return err
}

// readStill shows the picture as [Decode] gives it.
func (a *Animation) readStill(show func(Frame) error) error {
	if _, err := a.src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	img, _, err := Decode(a.src.ctx, a.src.r, a.limits)
	if err != nil {
		return err
	}
	return show(Frame{Image: img})
}

// guard makes the errors of decoders ours.
func (a *Animation) guard(decode func() error) (err error) {
	defer a.src.explain(&err)
	if _, err := a.src.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := decode(); err != nil {
		return a.format.fail(err, a.src.length, a.src.tail())
	}
	return nil
}

// decode decodes a part. A panic of a decoder is an error; one of whoever looks at
// the frames is not caught here.
func (a *Animation) decode(p part) (img image.Image, err error) {
	defer recoverAsCorrupt(&a.Info, &err)
	return p.decode()
}

// What happens to the place of a frame before the next one is drawn.
type disposal int

const (
	keep disposal = iota
	clearPlace
	restorePlace
)

// part is one frame as it is stored: a picture to lay on the canvas.
type part struct {
	decode   func() (image.Image, error)
	place    image.Rectangle
	delay    time.Duration
	disposal disposal
	replace  bool // the canvas, instead of being laid over it
}

// compositor makes whole frames of parts.
type compositor struct {
	a      *Animation
	bounds image.Rectangle
	canvas *image.RGBA // nil before the first part
	show   func(Frame) error

	shown   int
	pixels  int64 // of all frames so far
	showErr error
}

var errShown = errors.New("the frame could not be shown")

// add draws a part, shows the canvas and disposes of the part.
func (c *compositor) add(p part) error {
	if err := c.check(p); err != nil {
		return err
	}
	img, err := c.a.decode(p)
	if err != nil {
		return err
	}
	if c.canvas == nil {
		c.canvas = image.NewRGBA(c.bounds)
	}
	if img.Bounds().Size() != p.place.Size() {
		return fmt.Errorf("frame %d has another size than it says", c.shown+1)
	}
	var before *image.RGBA
	if p.disposal == restorePlace {
		before = image.NewRGBA(p.place)
		draw.Draw(before, p.place, c.canvas, p.place.Min, draw.Src)
	}
	op := draw.Over
	if p.replace {
		op = draw.Src
	}
	draw.Draw(c.canvas, p.place, img, img.Bounds().Min, op)
	c.shown++
	if c.showErr = c.show(Frame{Image: upright(c.canvas, c.a.header.orientation), Delay: p.delay}); c.showErr != nil {
		return errShown
	}
	switch p.disposal {
	case clearPlace:
		draw.Draw(c.canvas, p.place, image.Transparent, image.Point{}, draw.Src)
	case restorePlace:
		draw.Draw(c.canvas, p.place, before, p.place.Min, draw.Src)
	}
	return nil
}

// check holds a part against the canvas and the limits before it is decoded. Each
// frame costs its canvas, however small the part: a file of a hundred thousand
// single pixels must not keep a core busy for hours, and one of a hundred bytes not
// make a canvas of gigabytes, which decoding it reduced would not need.
func (c *compositor) check(p part) error {
	if p.place.Empty() || !p.place.In(c.bounds) {
		return fmt.Errorf("frame %d lies outside of the picture", c.shown+1)
	}
	lim := c.a.limits
	if lim.Frames > 0 && c.shown >= lim.Frames {
		return &LimitError{What: "the animation", Limit: int64(lim.Frames), Actual: int64(c.shown + 1), Unit: "frames"}
	}
	size := area(c.bounds.Dx(), c.bounds.Dy())
	const perPixel = 4 + 4 + 8 // the canvas, what it was before, and a frame
	if memory := c.a.header.memory(1) + perPixel*size; lim.Memory > 0 && memory > lim.Memory {
		return overMemory(lim.Memory, memory)
	}
	c.pixels += size
	if lim.AllPixels > 0 && c.pixels > lim.AllPixels {
		return &LimitError{What: "the animation", Limit: lim.AllPixels, Actual: c.pixels, Unit: "pixels in all frames"}
	}
	return nil
}
