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
	Turns  int           // conversions that compute at the same time; 0: one for each core
	Time   time.Duration // that decoding and drawing may take, once they have their turn; 0: for ever
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
	return picture(info), e.checkMemory(info)
}

// Convert implements [charcoal.Converter]. It waits until the picture fits the
// memory budget and a core is free; only then the time that it may take begins.
func (e *Engine) Convert(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (*charcoal.Drawing, error) {
	opts.Limits = e.config.Art
	if err := opts.Validate(); err != nil {
		return nil, coded(err)
	}
	info, err := raster.Inspect(ctx, r, e.config.Raster)
	if err != nil {
		return nil, coded(err)
	}
	opts.Limits.Memory = max(1, e.config.Memory-info.Memory)
	memory, err := e.cost(info, opts)
	if err != nil {
		return nil, err
	}
	release, err := e.Reserve(ctx, memory)
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
		return nil, charcoal.OverLimit("what decoding this picture needs", e.config.Memory, memory, "bytes of memory")
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

// cost is the memory that a conversion takes. One that could not have it even
// alone is refused, here rather than by the kernel.
func (e *Engine) cost(info raster.Info, opts ascii.Options) (int64, error) {
	if err := e.checkMemory(info); err != nil {
		return 0, err
	}
	return min(e.config.Memory, info.Memory+opts.Memory(info.Width, info.Height)+e.framesMemory(info, opts)), nil
}

// framesMemory is what reading frame by frame takes besides a still picture: a
// canvas, what it was before, a frame, and its bytes.
func (e *Engine) framesMemory(info raster.Info, opts ascii.Options) int64 {
	if opts.Frames < 2 {
		return 0
	}
	const perPixel = 4 + 4 + 8
	return int64(info.Width)*int64(info.Height)*perPixel + 4*e.config.Raster.Bytes
}

func (e *Engine) checkMemory(info raster.Info) error {
	if info.Memory > e.config.Memory {
		return charcoal.OverLimit("what decoding this picture needs", e.config.Memory, info.Memory, "bytes of memory")
	}
	return nil
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
	draw := drawStill
	if opts.Frames > 1 {
		draw = drawFrames
	}
	art, info, err := draw(ctx, r, e.config.Raster, opts)
	if err != nil {
		return nil, coded(err)
	}
	return &charcoal.Drawing{Art: art, Picture: picture(info), Took: time.Since(start)}, nil
}

func drawStill(ctx context.Context, r io.ReadSeeker, lim raster.Limits, opts ascii.Options) (*ascii.Art, raster.Info, error) {
	img, info, err := raster.Decode(ctx, r, lim)
	if err != nil {
		return nil, info, err
	}
	art, err := ascii.ConvertContext(ctx, img, opts)
	return art, info, err
}

// drawFrames draws each frame before the next one is decoded.
func drawFrames(ctx context.Context, r io.ReadSeeker, lim raster.Limits, opts ascii.Options) (*ascii.Art, raster.Info, error) {
	a, err := raster.Animate(ctx, r, lim)
	if err != nil {
		return nil, raster.Info{}, err
	}
	var broken error
	frames := func(yield func(image.Image, time.Duration) bool) {
		for f, err := range a.Frames() {
			if broken = err; err != nil || !yield(f.Image, f.Delay) {
				return
			}
		}
	}
	art, err := ascii.ConvertFrames(ctx, frames, a.Loops, opts)
	if broken != nil {
		return nil, a.Info, broken
	}
	return art, a.Info, err
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
