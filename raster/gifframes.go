package raster

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"io"
	"time"
)

// gifWalker reads the blocks of a GIF (GIF89a, appendix B) one after another. Each
// frame becomes a GIF of its own for the standard decoder, which otherwise
// holds all frames at once.
type gifWalker struct {
	r      *bufio.Reader
	start  []byte // header, screen and global palette
	frame  []byte // extension and picture of the frame being read
	delay  time.Duration
	method disposal
	loops  int // as for [Animation]
}

const (
	gifExtension = 0x21
	gifPicture   = 0x2c
	gifTrailer   = 0x3b

	gifControl     = 0xf9
	gifApplication = 0xff
)

func newGIFWalker(r io.Reader) (*gifWalker, error) {
	w := &gifWalker{r: bufio.NewReaderSize(r, 1<<16), loops: 1}
	err := w.take(&w.start, 13)
	if err == nil {
		err = w.takePalette(&w.start, w.start[10])
	}
	return w, err
}

// gifLoops reads up to the first picture, before which the extension stands.
func gifLoops(src *source) (int, error) {
	if _, err := src.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	w, err := newGIFWalker(src)
	if err != nil {
		return 0, err
	}
	if _, err := w.untilPicture(); err != nil {
		return 0, err
	}
	return w.loops, nil
}

func gifFrames(src *source, _ header, add func(part) error) error {
	w, err := newGIFWalker(src)
	if err != nil {
		return err
	}
	for {
		more, err := w.untilPicture()
		if err != nil || !more {
			return err
		}
		p, err := w.picture()
		if err != nil {
			return err
		}
		if err := add(p); err != nil {
			return err
		}
		w.frame, w.delay, w.method = nil, 0, keep
	}
}

// untilPicture reads extensions. There is no more at the trailer.
func (w *gifWalker) untilPicture() (more bool, err error) {
	for {
		kind, err := w.r.ReadByte()
		switch {
		case err != nil:
			return false, err
		case kind == gifTrailer:
			return false, nil
		case kind == gifPicture:
			return true, nil
		case kind == gifExtension:
			err = w.extension()
		default:
			err = errors.New("it has an unknown block")
		}
		if err != nil {
			return false, err
		}
	}
}

func (w *gifWalker) extension() error {
	label, err := w.r.ReadByte()
	if err != nil {
		return err
	}
	var data []byte
	if err := w.takeBlocks(&data); err != nil {
		return err
	}
	switch {
	case label == gifControl && len(data) >= 6 && data[0] == 4:
		w.frame = append([]byte{gifExtension, label}, data...)
		w.control(data[1:5])
	case label == gifApplication && len(data) >= 16 && (string(data[1:12]) == "NETSCAPE2.0" || string(data[1:12]) == "ANIMEXTS1.0") && data[13] == 1:
		w.loops = int(binary.LittleEndian.Uint16(data[14:]))
		if w.loops > 0 {
			w.loops++ // it counts how often it starts again
		}
	}
	return nil
}

// control reads a graphic control extension (section 23). Browsers show frames
// that ask for less than 20 ms for 100 ms, and animations are made for them.
func (w *gifWalker) control(b []byte) {
	w.delay = time.Duration(binary.LittleEndian.Uint16(b[1:])) * 10 * time.Millisecond
	if w.delay < 20*time.Millisecond {
		w.delay = 100 * time.Millisecond
	}
	switch b[0] >> 2 & 7 {
	case 2:
		w.method = clearPlace
	case 3:
		w.method = restorePlace
	default:
		w.method = keep
	}
}

// picture reads an image descriptor and its data (sections 20 to 22).
func (w *gifWalker) picture() (part, error) {
	at := len(w.frame) + 1
	w.frame = append(w.frame, gifPicture)
	if err := w.take(&w.frame, 9); err != nil {
		return part{}, err
	}
	d := w.frame[at:]
	left, top := int(binary.LittleEndian.Uint16(d)), int(binary.LittleEndian.Uint16(d[2:]))
	width, height := int(binary.LittleEndian.Uint16(d[4:])), int(binary.LittleEndian.Uint16(d[6:]))
	if err := w.takePalette(&w.frame, d[8]); err != nil {
		return part{}, err
	}
	if err := w.take(&w.frame, 1); err != nil { // the width of codes
		return part{}, err
	}
	if err := w.takeBlocks(&w.frame); err != nil {
		return part{}, err
	}
	frame := w.frame
	return part{
		decode: func() (image.Image, error) {
			return gif.Decode(io.MultiReader(bytes.NewReader(w.start), bytes.NewReader(frame), bytes.NewReader([]byte{gifTrailer})))
		},
		place: image.Rect(left, top, left+width, top+height),
		delay: w.delay, disposal: w.method,
	}, nil
}

// take reads n bytes to the end of dst.
func (w *gifWalker) take(dst *[]byte, n int) error {
	at := len(*dst)
	*dst = append(*dst, make([]byte, n)...)
	_, err := io.ReadFull(w.r, (*dst)[at:])
	return err
}

func (w *gifWalker) takePalette(dst *[]byte, flags byte) error {
	if flags&0x80 == 0 {
		return nil
	}
	return w.take(dst, 3<<(flags&7+1))
}

// takeBlocks reads data in blocks of up to 255 bytes, up to an empty one.
func (w *gifWalker) takeBlocks(dst *[]byte) error {
	for {
		size, err := w.r.ReadByte()
		if err != nil {
			return err
		}
		*dst = append(*dst, size)
		if size == 0 {
			return nil
		}
		if err := w.take(dst, int(size)); err != nil {
			return err
		}
	}
}
