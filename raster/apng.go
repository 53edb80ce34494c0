package raster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
	"time"

	"github.com/charcoal-art/charcoal/raster/internal/png"
)

// apngWalker reads the chunks of an animated PNG (PNG, third edition, section
// 11.3.6).
type apngWalker struct {
	r        *bufio.Reader
	left     int64 // bytes of the file
	animated bool  // acTL was seen
	loops    int
	sequence uint32

	ctx    context.Context // as long as frames are read
	config png.Config      // of the default picture, which frames share but for their size
	frame  *part           // that is being read, or nil
	data   bytes.Buffer    // its zlib stream
}

const pngSignature = "\x89PNG\r\n\x1a\n"

func newAPNGWalker(src *source) (*apngWalker, error) {
	if _, err := src.Seek(int64(len(pngSignature)), io.SeekStart); err != nil {
		return nil, err
	}
	return &apngWalker{r: bufio.NewReaderSize(src, 1<<16), left: src.length, loops: 1}, nil
}

// apngLoops reads up to the pixels, before which acTL stands.
func apngLoops(src *source) (int, error) {
	w, err := newAPNGWalker(src)
	if err != nil {
		return 0, err
	}
	for {
		kind, data, err := w.chunk()
		if err != nil || kind == "IDAT" || kind == "IEND" {
			return w.loops, nil //nolint:nilerr // what is wrong with it shows when it is decoded
		}
		w.keep(kind, data)
	}
}

// apngFrames gives the frames of an animation, and none for a still picture.
func apngFrames(src *source, _ header, add func(part) error) error {
	config, err := png.ReadConfig(io.NewSectionReader(src, 0, math.MaxInt64))
	if err != nil {
		return err
	}
	w, err := newAPNGWalker(src)
	if err != nil {
		return err
	}
	w.ctx, w.config = src.ctx, config
	for {
		kind, data, err := w.chunk()
		if err != nil {
			return err
		}
		switch kind {
		case "IDAT":
			if !w.animated {
				return nil
			}
			w.pixels(data)
		case "fdAT":
			err = w.frameData(data)
		case "fcTL":
			if err = w.finish(add); err == nil {
				err = w.control(data)
			}
		case "IEND":
			return w.finish(add)
		default:
			w.keep(kind, data)
		}
		if err != nil {
			return err
		}
	}
}

// chunk reads the next chunk. Its checksum is not looked at: pixels that are changed
// show in that of their stream.
func (w *apngWalker) chunk() (kind string, data []byte, err error) {
	var b [8]byte
	if _, err := io.ReadFull(w.r, b[:]); err != nil {
		return "", nil, err
	}
	size := int64(binary.BigEndian.Uint32(b[:]))
	if w.left -= 12 + size; w.left < 0 {
		return "", nil, io.ErrUnexpectedEOF
	}
	data = make([]byte, size+4)
	if _, err := io.ReadFull(w.r, data); err != nil {
		return "", nil, err
	}
	return string(b[4:]), data[:size], nil
}

// keep remembers what is said of the animation.
func (w *apngWalker) keep(kind string, data []byte) {
	if kind == "acTL" && len(data) == 8 && !w.animated {
		w.animated = true
		w.loops = int(min(binary.BigEndian.Uint32(data[4:]), 1<<30))
	}
}

// next checks a sequence number, of which fcTL and fdAT have one in common.
func (w *apngWalker) next(data []byte) error {
	if len(data) < 4 || binary.BigEndian.Uint32(data) != w.sequence {
		return errors.New("its frames are out of order")
	}
	w.sequence++
	return nil
}

// control begins a frame.
func (w *apngWalker) control(b []byte) error {
	if len(b) != 26 {
		return errors.New("a frame has no proper header")
	}
	if err := w.next(b); err != nil {
		return err
	}
	at := image.Pt(int(binary.BigEndian.Uint32(b[12:])), int(binary.BigEndian.Uint32(b[16:])))
	size := image.Pt(int(binary.BigEndian.Uint32(b[4:])), int(binary.BigEndian.Uint32(b[8:])))
	w.frame = &part{
		place: image.Rectangle{Min: at, Max: at.Add(size)},
		delay: fraction(binary.BigEndian.Uint16(b[20:]), binary.BigEndian.Uint16(b[22:])), replace: b[25] == 0,
	}
	switch {
	case b[24] == 1, b[24] == 2 && w.sequence == 1: // nothing is before the first
		w.frame.disposal = clearPlace
	case b[24] == 2:
		w.frame.disposal = restorePlace
	}
	return nil
}

// fraction is a delay; a denominator of 0 means hundredths.
func fraction(seconds, of uint16) time.Duration {
	if of == 0 {
		of = 100
	}
	return time.Duration(seconds) * time.Second / time.Duration(of)
}

func (w *apngWalker) frameData(data []byte) error {
	if err := w.next(data); err != nil {
		return err
	}
	if w.frame == nil {
		return errors.New("a frame has no header")
	}
	w.pixels(data[4:])
	return nil
}

// pixels takes data for the frame. The default picture is no frame when no header
// comes before it.
func (w *apngWalker) pixels(data []byte) {
	if w.frame != nil {
		w.data.Write(data)
	}
}

// finish hands over the frame that was read, if any.
func (w *apngWalker) finish(add func(part) error) error {
	if w.frame == nil {
		return nil
	}
	if w.data.Len() == 0 {
		return errors.New("a frame has no pixels")
	}
	p := *w.frame
	p.decode = func() (image.Image, error) {
		img, err := w.config.DecodeFrame(w.ctx, &w.data, p.place.Size(), png.Options{})
		if err != nil {
			return nil, fmt.Errorf("in a frame: %w", err)
		}
		return img, nil
	}
	w.frame = nil
	err := add(p)
	w.data.Reset()
	return err
}
