package raster

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"io"
	"math"
	"math/bits"

	"github.com/charcoal-art/charcoal/raster/internal/icc"
	"github.com/charcoal-art/charcoal/raster/internal/jpeg"
)

// JPEG is decoded by package jpeg: 8 bits, baseline and progressive, grey, YCbCr,
// RGB and CMYK. What that does not support, the standard library may.
var jpegFormat = format{
	name: "JPEG", mediaType: "image/jpeg",
	matches:    magic("\xff\xd8\xff"),
	header:     jpegHeader,
	decode:     jpegDecode,
	profile:    embedded(icc.FromJPEG),
	reductions: func(_ header, atMost int) int { return 1 << min(3, bits.Len(uint(atMost))-1) },
	ends:       func(tail []byte) bool { return bytes.Contains(tail, []byte{0xff, markerEOI}) },
}

// The markers that matter here (ITU-T T.81, table B.1).
const (
	markerSOF0 = 0xc0 // … SOF15, with DHT, JPG and DAC in between
	markerDHT  = 0xc4
	markerJPG  = 0xc8
	markerDAC  = 0xcc
	markerEOI  = 0xd9
	markerSOS  = 0xda
	markerAPP1 = 0xe1
)

// jpegHeader walks the segments up to the frame header, which may come after
// megabytes of metadata.
func jpegHeader(r reader) (header, error) {
	h := header{}
	s := newJPEGSegments(r)
	for {
		marker, size, err := s.next()
		switch {
		case err != nil:
			return header{}, err
		case marker == markerSOS || marker == markerEOI:
			return header{}, errors.New("it has no frame header")
		case isFrameHeader(marker):
			err := h.readFrame(s.r, marker)
			c, unusual := jpeg.ReadConfig(io.NewSectionReader(r, 0, math.MaxInt64))
			if unusual == nil {
				h.reduced = c.Memory
			} else if err == nil && area(h.width, h.height) > maxUnusual {
				err = fmt.Errorf("%w, of %d × %d pixels", jpeg.ErrUnsupported, h.width, h.height)
			}
			return h, err
		case marker == markerAPP1 && h.orientation == 0 && s.begins(exifMark):
			n := int64(len(exifMark))
			h.orientation = exifOrientation(io.NewSectionReader(r, s.pos+n, size-n))
		}
		if err := s.skip(size); err != nil {
			return header{}, err
		}
	}
}

// exifMark is how an APP1 segment with EXIF data begins (Exif 2.32, section 4.7.2).
const exifMark = "Exif\x00\x00"

// maxUnusual bounds the pixels of what only the standard library decodes, which looks
// at them as often as the file says.
const maxUnusual = 16_000_000

func jpegDecode(ctx context.Context, r reader, h header, reduction int) (image.Image, error) {
	if h.reduced == nil {
		return stdjpeg.Decode(r)
	}
	return jpeg.Decode(ctx, r, jpeg.Options{Reduction: reduction})
}

func isFrameHeader(marker byte) bool {
	return marker >= markerSOF0 && marker <= markerSOF0+15 &&
		marker != markerDHT && marker != markerJPG && marker != markerDAC
}

// jpegSegments reads a file from its start to its end, once: whatever it holds, a file
// of a million segments or of junk must not cost a read for each of them.
type jpegSegments struct {
	r   *bufio.Reader
	pos int64
}

func newJPEGSegments(r io.ReaderAt) *jpegSegments {
	const start = 2 // past SOI
	return &jpegSegments{bufio.NewReader(io.NewSectionReader(r, start, math.MaxInt64-start)), start}
}

// next reads up to the content of a segment and returns how long that is. Any bytes
// may come before a marker, as other decoders allow.
func (s *jpegSegments) next() (marker byte, size int64, err error) {
	const maxJunk = 1 << 16
	var b [2]byte
	for junk := 0; b[0] != 0xff || b[1] == 0 || b[1] == 0xff; junk++ {
		if junk > maxJunk {
			return 0, 0, errors.New("it has no markers")
		}
		b[0] = b[1]
		if b[1], err = s.r.ReadByte(); err != nil {
			return 0, 0, err
		}
		s.pos++
	}
	marker = b[1]
	if marker == 0x01 || marker >= 0xd0 && marker <= markerEOI {
		return marker, 0, nil // these stand alone
	}
	if _, err := io.ReadFull(s.r, b[:]); err != nil {
		return 0, 0, err
	}
	s.pos += 2
	size = int64(binary.BigEndian.Uint16(b[:])) - 2
	if size < 0 {
		return 0, 0, errors.New("a segment has a negative length")
	}
	return marker, size, nil
}

// begins reports whether what follows is mark.
func (s *jpegSegments) begins(mark string) bool {
	b, _ := s.r.Peek(len(mark))
	return string(b) == mark
}

func (s *jpegSegments) skip(n int64) error {
	s.pos += n
	_, err := s.r.Discard(int(n))
	return err
}

// readFrame reads a frame header (ITU-T T.81, section B.2.2).
func (h *header) readFrame(r io.Reader, marker byte) error {
	var b [6]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return err
	}
	h.height = int(binary.BigEndian.Uint16(b[1:]))
	h.width = int(binary.BigEndian.Uint16(b[3:]))
	h.perPixel = max(3, int64(b[5])) // one byte a component, as if nothing were subsampled
	if b[5] == 4 {
		h.perPixel = 9 // the decoder converts to CMYK
	}
	if b[5] == 1 {
		h.perPixel = 1
	}
	if baseline := marker <= markerSOF0+1; !baseline {
		h.perPixel *= 5 // the decoder keeps every coefficient, 4 bytes each
	}
	return nil
}
