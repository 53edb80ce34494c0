// Package raster turns untrusted bytes into pixels, under limits.
//
// What a file is, its content says; names are not looked at. [Probe] reads a
// header, [Decode] the whole picture. Whoever needs only some pixels, as text art
// does, uses [Open] and [File.Decode]: most formats are then reduced while they are
// read, in a small part of the time and memory.
//
// All refuse a picture over its [Limits] before anything of its size is allocated,
// and are safe for concurrent use. Goroutines that help to decode end with the call.
package raster

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"runtime/debug"
)

// ProbeSize is how many bytes of a file [Probe] wants to see.
const ProbeSize = 64 << 10

// Limits bounds what a file may cost. Zero means no limit.
type Limits struct {
	Bytes  int64 // size of the file
	Pixels int64 // width × height, also of a tile within a picture
	Memory int64 // bytes that decoding takes, by estimate; see [File.Memory]

	Frames    int   // of an animation that are read
	AllPixels int64 // width × height of an animation, times the frames that are read
}

// DefaultLimits are 64 MiB, 1,000 megapixels, 1 GiB of memory, 10,000 frames and
// 1,000 megapixels of all frames. Pixels are work, not memory: most of them are never
// held at once.
func DefaultLimits() Limits {
	return Limits{Bytes: 64 << 20, Pixels: 1_000_000_000, Memory: 1 << 30, Frames: 10_000, AllPixels: 1_000_000_000}
}

// Info is what a header says of a picture. A size of zero means that the bytes
// seen do not tell it.
type Info struct {
	Format        string // "PNG"
	MediaType     string // "image/png"
	Width, Height int    // in pixels as shown, after Orientation is applied
	Orientation   int    // as EXIF counts, 1 to 8; 1 is upright
	Memory        int64  // bytes that decoding the whole needs, an estimate on the high side
}

// Probe says what a picture is from its first [ProbeSize] bytes, or all bytes
// of a smaller file. When these do not hold the header (some TIFF files have it
// at the end) the sizes are zero and there is no error.
//
// Errors are [*UnsupportedError], [*CorruptError] and [*LimitError].
func Probe(prefix []byte, lim Limits) (info Info, err error) {
	defer recoverAsCorrupt(&info, &err)
	f, err := identify(prefix)
	if err != nil {
		return Info{}, err
	}
	h, err := f.header(bytes.NewReader(prefix))
	switch {
	case isShort(err) && len(prefix) >= ProbeSize:
		return f.info(header{}), nil
	case err != nil:
		return f.info(header{}), f.fail(err, int64(len(prefix)), prefix)
	}
	return f.info(h), f.check(h, lim)
}

// Inspect reads the header of a whole file from the start of r, wherever in the
// file it lies. Errors are those of [Decode].
func Inspect(ctx context.Context, r io.ReadSeeker, lim Limits) (info Info, err error) {
	src := &source{ctx: ctx, r: r}
	defer src.explain(&err)
	defer recoverAsCorrupt(&info, &err)
	f, h, err := inspect(src, lim)
	return f.info(h), err
}

// Decode reads a whole picture from the start of r and turns it upright. It stops
// soon after ctx ends and then returns ctx's error.
//
// Errors are those of [Probe]; any other error came from r, and the picture is not
// at fault. A picture of which a part is missing is an error, too. The info holds
// whatever was learnt before an error.
func Decode(ctx context.Context, r io.ReadSeeker, lim Limits) (img image.Image, info Info, err error) {
	f, err := Open(ctx, r, lim)
	if err != nil {
		return nil, f.Info, err
	}
	p, err := f.Decode(1)
	if err == nil {
		err = p.Damage
	}
	if err != nil {
		return nil, f.Info, err
	}
	return p.Image, f.Info, nil
}

// inspect holds the file and its header against the limits. It never returns a
// nil format.
func inspect(src *source, lim Limits) (*format, header, error) {
	unknown := &format{}
	if err := src.measure(); err != nil {
		return unknown, header{}, err
	}
	if lim.Bytes > 0 && src.length > lim.Bytes {
		return unknown, header{}, &LimitError{What: "the file", Limit: lim.Bytes, Actual: src.length, Unit: "bytes"}
	}
	f, err := src.identify()
	if err != nil {
		return unknown, header{}, err
	}
	h, err := f.header(src)
	if err != nil {
		return f, header{}, f.fail(err, src.length, src.tail())
	}
	return f, h, f.check(h, lim)
}

// check refuses sizes that are nothing or too much.
func (f *format) check(h header, lim Limits) error {
	if h.width <= 0 || h.height <= 0 {
		return &CorruptError{Format: f.name, Message: fmt.Sprintf("the %s has no pixels: its size is %d×%d", f.name, h.width, h.height)}
	}
	actual := max(area(h.width, h.height), h.tile)
	if lim.Pixels > 0 && actual > lim.Pixels {
		return &LimitError{What: "the picture", Limit: lim.Pixels, Actual: actual, Unit: "pixels"}
	}
	return f.checkMemory(h, f.reduction(h, maxReduction), lim)
}

// checkMemory refuses what would take too much memory when it is decoded.
func (f *format) checkMemory(h header, reduction int, lim Limits) error {
	if actual := h.memory(reduction); lim.Memory > 0 && actual > lim.Memory {
		return overMemory(lim.Memory, actual)
	}
	return nil
}

func overMemory(limit, actual int64) error {
	return &LimitError{What: "what decoding this picture needs", Limit: limit, Actual: actual, Unit: "bytes of memory"}
}

func (f *format) info(h header) Info {
	info := Info{
		Format: f.name, MediaType: f.mediaType,
		Width: h.width, Height: h.height,
		Orientation: max(1, h.orientation),
		Memory:      h.memory(1),
	}
	if swapsSides(h.orientation) {
		info.Width, info.Height = info.Height, info.Width
	}
	return info
}

// recoverAsCorrupt turns a panic of a decoder into an error. Decoders
// meet hostile bytes: a bug in one costs one picture, not the process. Nothing outlives the call, so no state is left half-changed.
func recoverAsCorrupt(info *Info, err *error) {
	if p := recover(); p != nil {
		*err = &CorruptError{
			Format:  info.Format,
			Message: "the picture cannot be decoded",
			Err:     fmt.Errorf("panic in a decoder: %v\n%s", p, debug.Stack()),
		}
	}
}

// isShort reports whether err means that the bytes ended too early.
func isShort(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// area is width × height without overflow, of the product or of its bytes: sizes that
// no picture has count as the largest.
func area(width, height int) int64 {
	const limit, most = 1 << 31, 1 << 54
	return min(min(int64(width), limit)*min(int64(height), limit), most)
}
