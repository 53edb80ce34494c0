// Package avif reads AVIF pictures (AV1 Image File Format 1.1.0, in the containers
// of ISO/IEC 14496-12 and 23008-12).
//
// The header is read here. The pixels are decoded by libavif and libaom, which are C
// compiled to WebAssembly: they run in a sandbox, where damage that a file does to
// them stays and ends. That costs megabytes of program, so it is built in only with
// the tag nodynamic, which also keeps the library that brings them from loading
// those of the system instead.
//
// The sandbox can be bounded in neither memory nor time from outside. So a file is
// held against its own header before: what is coded must not be larger than what is
// shown, see [Decode].
package avif

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

var (
	// ErrUnavailable is returned by [Decode] in programs without a decoder.
	ErrUnavailable = errors.New("this program was built without AVIF; build it with -tags nodynamic")
	// ErrUnsupported is wrapped by what is said of files that may be good, but hold
	// no AV1 picture that can be read here.
	ErrUnsupported = errors.New("the kind of AVIF is not supported")
)

// Config is what the header of a file says of its primary picture.
type Config struct {
	Width, Height int    // in pixels as stored, before Orientation is applied
	Orientation   int    // as EXIF counts, 1 to 8; what EXIF itself says does not count in AVIF
	Depth         int    // bits a channel: 8, 10 or 12
	Alpha         bool   // whether pixels may be transparent
	Profile       []byte // ICC profile, or nil
	Primaries     uint16 // of ITU-T H.273: 1 sRGB, 9 Rec. 2020, 12 Display P3, 2 or 0 not told
	Transfer      uint16 // of ITU-T H.273: 1 and 13 sRGB, 16 PQ, 18 HLG, 2 or 0 not told
}

// Memory estimates the bytes that [Decode] takes beside those of the file, on the
// high side. By measure it is 65 a pixel of 8 bits: libaom's frame, two copies as
// RGBA, and what the sandbox left behind each time that it grew.
func (c Config) Memory() int64 {
	const code, perPixel, perWidePixel = 40 << 20, 68, 128
	pixels := int64(c.Width) * int64(c.Height)
	if c.Depth > 8 {
		return code + perWidePixel*pixels
	}
	return code + perPixel*pixels
}

// The limits on a header.
const (
	maxBoxes = 1 << 10 // at the top; stops a file of empty boxes, each of which costs a read
	maxMeta  = 4 << 20 // stops a header as large as the file; colour profiles are the largest part of real ones
)

// ReadConfig reads the header of a file. It returns an error for which errors.Is of
// [io.ErrUnexpectedEOF] holds when r ends before it does.
func ReadConfig(r io.ReaderAt) (Config, error) {
	m, err := readMeta(r)
	if err != nil {
		return Config{}, err
	}
	return m.config()
}

// readMeta finds the one box meta at the top of a file.
func readMeta(r io.ReaderAt) (*meta, error) {
	at := int64(0)
	for range maxBoxes {
		kind, header, size, err := topBox(r, at)
		if err != nil {
			return nil, fmt.Errorf("look for the header of an AVIF: %w", err)
		}
		if kind == "meta" {
			return readMetaBody(r, at+header, size-header)
		}
		at += size
	}
	return nil, errors.New("look for the header of an AVIF: there are too many boxes")
}

// topBox reads the header of a box. A box without a length goes on to the end of
// the file, so that none follows it.
func topBox(r io.ReaderAt, at int64) (kind string, header, size int64, err error) {
	var b [16]byte
	n, err := r.ReadAt(b[:], at)
	if n < 8 {
		return "", 0, 0, short(err)
	}
	c := cursor{data: b[:n]}
	header, size = 8, int64(c.number(4))
	kind = string(c.take(4))
	switch size {
	case 0:
		return "", 0, 0, errors.New("there is none")
	case 1:
		header, size = 16, int64(c.number(8))
	}
	if c.failed {
		return "", 0, 0, io.ErrUnexpectedEOF
	}
	if size < header || size > 1<<62-at {
		return "", 0, 0, errors.New("a box has an impossible length")
	}
	return kind, header, size, nil
}

func readMetaBody(r io.ReaderAt, at, size int64) (*meta, error) {
	if size > maxMeta {
		return nil, fmt.Errorf("the header of the AVIF has %d bytes, and %d are allowed", size, maxMeta)
	}
	body := make([]byte, size)
	if n, err := r.ReadAt(body, at); n < len(body) {
		return nil, fmt.Errorf("read the header of an AVIF: %w", short(err))
	}
	return parseMeta(body)
}

// short makes the end of a file one that came too early.
func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// prepare checks that a file costs no more than its header says, and returns it as
// the decoder may see it: with the still picture alone, also when it is an animation.
func prepare(file []byte, maxPixels int64) ([]byte, Config, error) {
	m, err := readMeta(bytes.NewReader(file))
	if err != nil {
		return nil, Config{}, err
	}
	c, err := m.config()
	if err != nil {
		return nil, c, err
	}
	if pixels := int64(c.Width) * int64(c.Height); maxPixels > 0 && pixels > maxPixels {
		return nil, c, fmt.Errorf("the AVIF has %d pixels, and %d are allowed", pixels, maxPixels)
	}
	if err := m.checkWork(file, c); err != nil {
		return nil, c, err
	}
	const majorBrand = 8 // libavif reads "avis" as an animation, and "avif" as a picture
	if len(file) < majorBrand+4 || string(file[4:8]) != "ftyp" {
		return nil, c, errors.New("the AVIF does not begin with its type")
	}
	copy(file[majorBrand:], "avif")
	return file, c, nil
}
