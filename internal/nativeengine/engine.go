// Package nativeengine is the [charcoal.Converter] that is part of the program:
// package raster decodes, package ascii draws.
package nativeengine

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/raster"
)

// DefaultMemory is the memory budget when a [Config] gives none.
const DefaultMemory = 1 << 30

// Config bounds what pictures may cost. Zero fields mean the defaults.
type Config struct {
	Raster raster.Limits // of a file and its pixels
	Art    ascii.Limits  // of a drawing
	Memory int64         // bytes that all conversions together may take for pixels and cells
	// Partial lets a picture of which a part is missing be drawn as far as it goes,
	// with a warning. Otherwise it is an error.
	Partial bool
	Turns   int           // conversions that compute at the same time; 0: one for each core
	Time    time.Duration // that decoding and drawing may take, once they have their turn; 0: for ever
}

// Engine converts pictures. Make one with [New].
type Engine struct {
	config Config
	memory *semaphore.Weighted
	turns  *semaphore.Weighted
}

// New returns an engine.
func New(c Config) *Engine {
	d := raster.DefaultLimits()
	c.Raster.Bytes = orDefault(c.Raster.Bytes, d.Bytes)
	c.Raster.Pixels = orDefault(c.Raster.Pixels, d.Pixels)
	c.Raster.AllPixels = orDefault(c.Raster.AllPixels, d.AllPixels)
	c.Raster.Frames = int(orDefault(int64(c.Raster.Frames), int64(d.Frames)))
	c.Memory = orDefault(c.Memory, DefaultMemory)
	c.Raster.Memory = orDefault(c.Raster.Memory, c.Memory)
	turns := orDefault(int64(c.Turns), int64(runtime.GOMAXPROCS(0)))
	return &Engine{config: c, memory: semaphore.NewWeighted(c.Memory), turns: semaphore.NewWeighted(turns)}
}

func orDefault(n, otherwise int64) int64 {
	if n > 0 {
		return n
	}
	return otherwise
}

// Engine implements [charcoal.Converter].
func (*Engine) Engine() string { return "native/1" }

// Probe implements [charcoal.Converter].
func (e *Engine) Probe(prefix []byte) (charcoal.Picture, error) {
	info, err := raster.Probe(prefix, e.config.Raster)
	if err != nil {
		return charcoal.Picture{}, coded(err)
	}
	return picture(info), nil
}

// Convert implements [charcoal.Converter]. It waits until the picture fits the
// memory budget and a core is free; only then the time that it may take begins.
func (e *Engine) Convert(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (*charcoal.Drawing, error) {
	opts.Limits = e.config.Art
	if err := opts.Validate(); err != nil {
		return nil, coded(err)
	}
	f, err := raster.Open(ctx, r, e.config.Raster)
	if err != nil {
		return nil, coded(err)
	}
	decoding := e.decodingMemory(f, opts)
	if decoding > e.config.Memory {
		return nil, overMemory(e.config.Memory, decoding)
	}
	opts.Limits.Memory = max(1, e.config.Memory-decoding)
	memory := decoding + opts.Memory(f.Info.Width, f.Info.Height)
	release, err := e.Reserve(ctx, min(memory, e.config.Memory))
	if err != nil {
		return nil, err
	}
	defer release()
	return e.drawInTime(ctx, r, opts)
}

// Reserve waits until the conversions under way leave so many bytes of memory and
// a core, and returns how to give both back. Other engines of the same machine
// take theirs here, too. What would exceed the whole budget is too large.
func (e *Engine) Reserve(ctx context.Context, memory int64) (release func(), err error) {
	if memory > e.config.Memory {
		return nil, overMemory(e.config.Memory, memory)
	}
	if err := e.memory.Acquire(ctx, memory); err != nil {
		return nil, fmt.Errorf("waiting for memory: %w", err)
	}
	if err := e.turns.Acquire(ctx, 1); err != nil {
		e.memory.Release(memory)
		return nil, fmt.Errorf("waiting for a turn: %w", err)
	}
	return func() {
		e.turns.Release(1)
		e.memory.Release(memory)
	}, nil
}

// decodingMemory is what decoding takes. Reading frame by frame takes more than a
// still picture: a canvas, what it was before, a frame, and its bytes.
func (e *Engine) decodingMemory(f *raster.File, opts ascii.Options) int64 {
	if opts.Frames < 2 || !f.Moves() {
		return f.Memory(reduction(f, opts))
	}
	const perPixel = 4 + 4 + 8
	return f.Memory(1) + int64(f.Info.Width)*int64(f.Info.Height)*perPixel + 4*e.config.Raster.Bytes
}

// reduction is how far a picture can be reduced for a drawing to lose nothing.
func reduction(f *raster.File, opts ascii.Options) int {
	return f.Reduction(opts.Need(f.Info.Width, f.Info.Height))
}

func overMemory(limit, actual int64) error {
	return charcoal.OverLimit("what decoding this picture needs", limit, actual, "bytes of memory")
}

var errTooSlow = errors.New("time for a conversion is over")

// drawInTime is draw under the time limit. What takes too long once would do so
// again: that is the picture's fault.
func (e *Engine) drawInTime(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (*charcoal.Drawing, error) {
	if e.config.Time > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, e.config.Time, errTooSlow)
		defer cancel()
	}
	drawing, err := e.draw(ctx, r, opts)
	if err != nil && errors.Is(context.Cause(ctx), errTooSlow) {
		return nil, charcoal.Errorf(charcoal.Unprocessed, "the conversion took longer than the limit of %s", e.config.Time).Because(err)
	}
	return drawing, err
}

func (e *Engine) draw(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (*charcoal.Drawing, error) {
	start := time.Now()
	f, err := raster.Open(ctx, r, e.config.Raster)
	if err != nil {
		return nil, coded(err)
	}
	drawing := &charcoal.Drawing{Picture: picture(f.Info)}
	if opts.Frames > 1 && f.Moves() {
		err = e.drawFrames(ctx, r, opts, drawing)
	} else {
		err = e.drawStill(ctx, f, opts, drawing)
	}
	if err == nil {
		err = e.describe(f, drawing)
	}
	if err != nil {
		return nil, coded(err)
	}
	drawing.Took = time.Since(start)
	drawing.Draw = drawing.Took - drawing.Decode
	return drawing, nil
}

func (e *Engine) drawStill(ctx context.Context, f *raster.File, opts ascii.Options, drawing *charcoal.Drawing) error {
	start := time.Now()
	p, err := f.Decode(reduction(f, opts))
	if err != nil {
		return err
	}
	drawing.Picture = picture(f.Info) // what its header said, or its decoder knows better
	drawing.Hash = charcoal.PerceptualHash(raster.Hash(p.Image))
	drawing.Decode = time.Since(start)
	if p.Damage != nil && !e.config.Partial {
		return p.Damage
	} else if p.Damage != nil {
		drawing.Warnings = append(drawing.Warnings, p.Damage.Error()+"; this is what there is of it")
	}
	drawing.Art, err = ascii.ConvertContext(ctx, pixels(p), opts)
	return err
}

// pixels returns a picture as package ascii knows it.
func pixels(p *raster.Picture) image.Image {
	if p.Reduction == 1 {
		return p.Image
	}
	return &ascii.Reduced{Image: p.Image, Scale: p.Reduction, Original: p.Original}
}

// drawFrames draws each frame before the next one is decoded.
func (e *Engine) drawFrames(ctx context.Context, r io.ReadSeeker, opts ascii.Options, drawing *charcoal.Drawing) error {
	a, err := raster.Animate(ctx, r, e.config.Raster)
	if err != nil {
		return err
	}
	var broken error
	frames := func(yield func(image.Image, time.Duration) bool) {
		start := time.Now()
		for f, err := range a.Frames() {
			if broken = err; err != nil {
				return
			}
			if drawing.Hash == 0 {
				drawing.Hash = charcoal.PerceptualHash(raster.Hash(f.Image))
			}
			drawing.Decode += time.Since(start)
			if !yield(f.Image, f.Delay) {
				return
			}
			start = time.Now()
		}
	}
	drawing.Art, err = ascii.ConvertFrames(ctx, frames, a.Loops, opts)
	if broken != nil {
		return broken
	}
	return err
}

func picture(i raster.Info) charcoal.Picture {
	return charcoal.Picture{Format: i.Format, MediaType: i.MediaType, Width: i.Width, Height: i.Height}
}

// coded gives errors that are the fault of the picture or the options their
// code. Everything else (a failing disk, an ended context) stays as it is, so
// that the job is tried again.
func coded(err error) error {
	if e, ok := errors.AsType[*raster.LimitError](err); ok {
		return charcoal.OverLimit(e.What, e.Limit, e.Actual, e.Unit).Because(err)
	}
	if e, ok := errors.AsType[*ascii.LimitError](err); ok {
		return charcoal.OverLimit("the art", e.Limit, e.Actual, e.Unit).Because(err)
	}
	if e, ok := errors.AsType[*raster.UnsupportedError](err); ok {
		return charcoal.Errorf(charcoal.Unsupported, "%s", e.Message).Because(e.Err)
	}
	if e, ok := errors.AsType[*raster.CorruptError](err); ok {
		return charcoal.Errorf(charcoal.Unprocessed, "%s", e.Message).Because(e.Err)
	}
	if e, ok := errors.AsType[*ascii.OptionError](err); ok {
		return charcoal.Errorf(charcoal.Invalid, "%s", e.Message)
	}
	return err
}
