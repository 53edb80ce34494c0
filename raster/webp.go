package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"slices"
	"time"

	"golang.org/x/image/webp"

	"github.com/charcoal-art/charcoal/raster/internal/icc"
	"github.com/charcoal-art/charcoal/raster/internal/vp8"
)

// WebP with only lossy pixels is decoded by package vp8, the rest by
// golang.org/x/image: lossless, with alpha, and the first frame of an animation.
var webpFormat = format{
	name: "WebP", mediaType: "image/webp",
	matches:    func(p []byte) bool { return len(p) >= 12 && string(p[:4]) == "RIFF" && string(p[8:12]) == "WEBP" },
	header:     webpHeader,
	decode:     webpDecode,
	reductions: anyReduction,
	profile:    embedded(icc.FromWebP),
	moves:      webpMoves,
	loops:      webpLoops,
	frames:     webpFrames,
}

// chunk is where a RIFF chunk's content lies.
type chunk struct {
	kind string
	pos  int64
	size int64
}

// webpChunk reads the chunk header at pos.
func webpChunk(r io.ReaderAt, pos int64) (c chunk, next int64, err error) {
	var b [8]byte
	if _, err := r.ReadAt(b[:], pos); err != nil {
		return chunk{}, 0, err
	}
	c = chunk{kind: string(b[:4]), pos: pos + 8, size: int64(binary.LittleEndian.Uint32(b[4:]))}
	return c, c.pos + c.size + c.size&1, nil
}

// findChunk returns the first chunk of one of the kinds at pos or later.
func findChunk(r io.ReaderAt, pos int64, kinds ...string) (chunk, error) {
	const maxChunks = 10_000 // a file of empty chunks must not cost a seek for every 8 bytes
	for range maxChunks {
		c, next, err := webpChunk(r, pos)
		if err != nil {
			return chunk{}, err
		}
		if slices.Contains(kinds, c.kind) {
			return c, nil
		}
		pos = next
	}
	return chunk{}, errors.New("it has too many chunks")
}

const webpBody = 12 // after "RIFF", the size and "WEBP"

// webpHeader reads the first chunk (RFC 9649, sections 2.5 to 2.7).
func webpHeader(r reader) (header, error) {
	c, err := findChunk(r, webpBody, "VP8 ", "VP8L", "VP8X")
	if err != nil {
		return header{}, err
	}
	var b [10]byte
	want := b[:min(int64(len(b)), c.size)]
	if _, err := r.ReadAt(want, c.pos); err != nil {
		return header{}, err
	}
	h := header{orientation: 1, perPixel: 12} // lossless needs the picture, a copy and tables
	switch c.kind {
	case "VP8 ":
		h.width = int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff)
		h.height = int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	case "VP8L":
		bits := binary.LittleEndian.Uint32(b[1:])
		h.width, h.height = int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1
	case "VP8X":
		h.width, h.height = uint24(b[4:])+1, uint24(b[7:])+1
		h.orientation, err = webpOrientation(r, b[0])
	}
	if isLossy(r) {
		size := image.Pt(h.width, h.height)
		h.reduced = func(k int) int64 { return vp8.Memory(size, k) }
	}
	return h, err
}

// isLossy reports whether all pixels are in one chunk of VP8.
func isLossy(r reader) bool {
	c, err := findChunk(r, webpBody, "VP8 ", "VP8L", "ALPH", "ANMF")
	return err == nil && c.kind == "VP8 "
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// webpOrientation looks for the EXIF chunk that the flags promise, which comes
// after the pixels. It is an error when r ends before, for then the sides of
// the picture are not known.
func webpOrientation(r reader, flags byte) (int, error) {
	const hasExif = 1 << 3
	if flags&hasExif == 0 {
		return 1, nil
	}
	c, err := findChunk(r, webpBody, "EXIF")
	if err != nil {
		return 1, err
	}
	exif := io.NewSectionReader(r, c.pos, c.size)
	var mark [6]byte // some writers keep the mark of JPEG in front
	if _, err := exif.ReadAt(mark[:], 0); err == nil && string(mark[:]) == "Exif\x00\x00" {
		exif = io.NewSectionReader(r, c.pos+6, c.size-6)
	}
	return exifOrientation(exif), nil
}

func webpDecode(ctx context.Context, r reader, h header, reduction int) (image.Image, error) {
	c, err := findChunk(r, webpBody, "VP8 ", "VP8L", "ALPH", "ANMF")
	switch {
	case err != nil:
		return nil, err
	case c.kind == "ANMF":
		return webpFirstFrame(r, c, h)
	case c.kind == "VP8 ":
		return lossyDecode(ctx, io.NewSectionReader(r, c.pos, c.size), h, reduction)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return webp.Decode(r)
}

// lossyDecode decodes a VP8 chunk. Its size was held against the limits only if it is
// that of the canvas, which RFC 9649 (section 2.7) wants: a canvas of one pixel must
// not be the way to 268 million.
func lossyDecode(ctx context.Context, c vp8.Chunk, h header, reduction int) (image.Image, error) {
	if size, err := vp8.Size(c); err != nil {
		return nil, err
	} else if size != image.Pt(h.width, h.height) {
		return nil, errSizes
	}
	img, err := vp8.Decode(ctx, c, vp8.Options{Reduction: reduction})
	if img == nil { // which in an image.Image would not be nil
		return nil, err
	}
	return img, err
}

// webpFirstFrame decodes the frame in an ANMF chunk and places it on the canvas.
func webpFirstFrame(r reader, c chunk, h header) (image.Image, error) {
	p, err := webpFrame(r, c)
	if err != nil {
		return nil, err
	}
	if !p.place.In(image.Rect(0, 0, h.width, h.height)) {
		return nil, errors.New("its first frame is larger than its canvas")
	}
	frame, err := p.decode()
	if err != nil {
		return nil, err
	}
	return onCanvas(frame, p.place.Min, h), nil
}

// webpFrame reads an ANMF chunk (RFC 9649, section 2.7.1.1). The frame is decoded
// by making a still picture of its chunks.
func webpFrame(r reader, c chunk) (part, error) {
	const frameHeader = 16
	var b [frameHeader]byte
	if _, err := r.ReadAt(b[:], c.pos); err != nil {
		return part{}, err
	}
	at := image.Pt(2*uint24(b[0:]), 2*uint24(b[3:]))
	size := image.Pt(uint24(b[6:])+1, uint24(b[9:])+1)
	p := part{
		place:   image.Rectangle{Min: at, Max: at.Add(size)},
		delay:   time.Duration(uint24(b[12:])) * time.Millisecond,
		replace: b[15]&2 != 0,
	}
	if b[15]&1 != 0 {
		p.disposal = clearPlace
	}
	chunks := io.NewSectionReader(r, c.pos+frameHeader, c.size-frameHeader)
	p.decode = func() (image.Image, error) {
		_, noAlpha := findChunk(chunks, 0, "ALPH")
		start := stillHeader(chunks.Size(), size.X, size.Y, noAlpha == nil)
		return webp.Decode(io.MultiReader(bytes.NewReader(start), chunks))
	}
	return p, nil
}

// webpMoves reads the flag of the first chunk (section 2.7.1).
func webpMoves(r reader) bool {
	const animation = 1 << 1
	var flags [1]byte
	c, err := findChunk(r, webpBody, "VP8 ", "VP8L", "VP8X")
	if err != nil || c.kind != "VP8X" {
		return false
	}
	_, err = r.ReadAt(flags[:], c.pos)
	return err == nil && flags[0]&animation != 0
}

// webpLoops reads the ANIM chunk (section 2.7.1.1), which only animations have.
func webpLoops(src *source) (int, error) {
	c, err := findChunk(src, webpBody, "ANIM", "VP8 ", "VP8L", "ANMF")
	if err != nil || c.kind != "ANIM" {
		return 1, nil //nolint:nilerr // what is wrong with it shows when it is decoded
	}
	var b [6]byte
	if _, err := src.ReadAt(b[:], c.pos); err != nil {
		return 1, err
	}
	return int(binary.LittleEndian.Uint16(b[4:])), nil
}

// webpFrames gives the frames of an animation, and none for a still picture.
func webpFrames(src *source, _ header, add func(part) error) error {
	const maxOthers = 10_000 // a file of empty chunks must not cost a read for every 8 bytes
	others := 0
	for pos := int64(webpBody); pos < src.length; {
		c, next, err := webpChunk(src, pos)
		switch {
		case err != nil:
			return err
		case others > maxOthers:
			return errors.New("it has too many chunks besides its frames")
		case c.kind == "VP8 " || c.kind == "VP8L":
			return nil
		}
		pos = next
		if c.kind != "ANMF" {
			others++
			continue
		}
		p, err := webpFrame(src, c)
		if err != nil {
			return err
		}
		if err := add(p); err != nil {
			return err
		}
	}
	return nil
}

// stillHeader is the start of an extended WebP file of the given size, up to the
// chunks of its pixels.
func stillHeader(size int64, width, height int, alpha bool) []byte {
	var flags byte
	if alpha {
		flags = 1 << 4
	}
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WEBPVP8X"...)
	b = append(b, 10, 0, 0, 0, flags, 0, 0, 0)
	b = appendUint24(b, width-1)
	b = appendUint24(b, height-1)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8)+uint32(size))
	return b
}

func appendUint24(b []byte, v int) []byte { return append(b, byte(v), byte(v>>8), byte(v>>16)) }
