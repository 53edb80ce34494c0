package raster

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"io"
	"time"
)

// apngWalker reads the chunks of an animated PNG (PNG, third edition, section
// 11.3.6). Each frame becomes a PNG of its own for the standard decoder.
type apngWalker struct {
	r        *bufio.Reader
	left     int64 // bytes of the file
	animated bool  // acTL was seen
	loops    int
	sequence uint32

	ihdr  []byte
	setup []byte       // chunks that decoding the pixels needs: palette and transparency
	frame *part        // that is being read, or nil
	data  bytes.Buffer // its IDAT chunks
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
	w, err := newAPNGWalker(src)
	if err != nil {
		return err
	}
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

// chunk reads the next chunk. Its checksum is left to the decoder where it gets the
// chunk as it is; data that is cut off or changed shows in its own checksum.
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

// keep remembers what frames need.
func (w *apngWalker) keep(kind string, data []byte) {
	switch kind {
	case "IHDR":
		w.ihdr = data
	case "PLTE", "tRNS":
		w.setup = appendChunk(w.setup, kind, data)
	case "acTL":
		if len(data) == 8 && !w.animated {
			w.animated = true
			w.loops = int(min(binary.BigEndian.Uint32(data[4:]), 1<<30))
		}
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
		w.data.Write(appendChunk(nil, "IDAT", data))
	}
}

// finish hands over the frame that was read, if any.
func (w *apngWalker) finish(add func(part) error) error {
	if w.frame == nil {
		return nil
	}
	if w.data.Len() == 0 || len(w.ihdr) < 13 {
		return errors.New("a frame has no pixels")
	}
	p := *w.frame
	p.decode = w.still(p.place.Size())
	w.frame = nil
	err := add(p)
	w.data.Reset()
	return err
}

// still decodes the data of a frame as a PNG of its size.
func (w *apngWalker) still(size image.Point) func() (image.Image, error) {
	ihdr := bytes.Clone(w.ihdr)
	binary.BigEndian.PutUint32(ihdr, uint32(size.X))
	binary.BigEndian.PutUint32(ihdr[4:], uint32(size.Y))
	start := append(appendChunk([]byte(pngSignature), "IHDR", ihdr), w.setup...)
	return func() (image.Image, error) {
		img, err := png.Decode(io.MultiReader(bytes.NewReader(start), &w.data, bytes.NewReader(appendChunk(nil, "IEND", nil))))
		if err != nil {
			return nil, fmt.Errorf("in a frame: %w", err)
		}
		return img, nil
	}
}

func appendChunk(b []byte, kind string, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
	at := len(b)
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[at:]))
}
