package vp8

import (
	"encoding/binary"
	"fmt"
	"io"
)

// frameHeader is what a frame says before its macroblocks (RFC 6386, section 9).
type frameHeader struct {
	width, height int

	updateSegments bool // whether macroblocks say which segment they belong to
	segmentProbs   [3]uint8
	skips          bool // whether macroblocks say that they have no coefficients
	skipProb       uint8

	steps  [segments]steps
	filter filterHeader
	probs  *[planes]planeProbs

	modes   boolReader   // the rest of the first partition
	tokens  []boolReader // the partitions of coefficients
	cropped bool         // whether the file is too short for one of them
}

func (h *frameHeader) columns() int { return (h.width + 15) / 16 }
func (h *frameHeader) rows() int    { return (h.height + 15) / 16 }

const segments = 4

// segmentHeader is what differs between segments (section 9.3).
type segmentHeader struct {
	enabled, absolute bool
	quantizer, level  [segments]int
}

// frameTag is the size of the header that is not coded (section 9.1).
const frameTag = 10

// readTag reads the sizes of the picture and of the first partition.
func readTag(c Chunk) (h frameHeader, first int64, err error) {
	var b [frameTag]byte
	if n, err := c.ReadAt(b[:min(frameTag, c.Size())], 0); n < frameTag {
		return h, 0, fmt.Errorf("read the frame header: %w", atEnd(err))
	}
	const start = 0x2a019d
	if isKey := b[0]&1 == 0; !isKey || uint32(b[3])|uint32(b[4])<<8|uint32(b[5])<<16 != start {
		return h, 0, errNoKeyFrame
	}
	h.width = int(binary.LittleEndian.Uint16(b[6:]) & 0x3fff) // above are hints to scale, which WebP ignores
	h.height = int(binary.LittleEndian.Uint16(b[8:]) & 0x3fff)
	if h.width == 0 || h.height == 0 {
		return h, 0, errEmpty
	}
	return h, int64(b[0])>>5 | int64(b[1])<<3 | int64(b[2])<<11, nil
}

// atEnd makes the end of a file unexpected.
func atEnd(err error) error {
	if err == nil || err == io.EOF { //nolint:errorlint // as io.ReaderAt gives it
		return io.ErrUnexpectedEOF
	}
	return err
}

// readHeader reads the header, of which all but the tag is the start of the first
// partition (section 19.2).
func readHeader(c Chunk) (*frameHeader, error) {
	h, first, err := readTag(c)
	if err != nil {
		return nil, err
	}
	end := frameTag + first
	if end > c.Size() {
		return nil, fmt.Errorf("find the first partition: %w", io.ErrUnexpectedEOF)
	}
	h.modes = newBoolReader(section{r: c, off: frameTag, end: end}, firstBuffer)
	r := &h.modes
	r.literal(2) // the colour space, and whether values need clamping: they are clamped
	seg := readSegments(r, &h)
	h.filter = readFilter(r, &seg)
	if err := h.openTokens(c, end, 1<<r.literal(2)); err != nil {
		return nil, err
	}
	h.steps = readSteps(r, &seg)
	r.flag() // whether the probabilities are for the frames that follow as well
	h.probs = readProbs(r)
	if h.skips = r.flag(); h.skips {
		h.skipProb = uint8(r.literal(8))
	}
	if r.overrun() {
		return nil, fmt.Errorf("read the frame header: %w", atEnd(r.in.err))
	}
	return &h, nil
}

func readSegments(r *boolReader, h *frameHeader) segmentHeader {
	s := segmentHeader{enabled: r.flag()}
	if !s.enabled {
		return s
	}
	s.absolute = true
	h.updateSegments = r.flag()
	if r.flag() {
		s.absolute = r.flag()
		for i := range s.quantizer {
			s.quantizer[i] = r.optional(7)
		}
		for i := range s.level {
			s.level[i] = r.optional(6)
		}
	}
	if h.updateSegments {
		for i := range h.segmentProbs {
			h.segmentProbs[i] = 255
			if r.flag() {
				h.segmentProbs[i] = uint8(r.literal(8))
			}
		}
	}
	return s
}

// openTokens finds the n partitions of coefficients (section 9.5). A partition that
// would reach past the end of the chunk ends there.
func (h *frameHeader) openTokens(c Chunk, pos int64, n int) error {
	var sizes [3 * (maxPartitions - 1)]byte
	table := sizes[:3*(n-1)]
	if pos+int64(len(table)) > c.Size() {
		return fmt.Errorf("read the sizes of partitions: %w", io.ErrUnexpectedEOF)
	}
	if got, err := c.ReadAt(table, pos); got < len(table) {
		return fmt.Errorf("read the sizes of partitions: %w", atEnd(err))
	}
	pos += int64(len(table))
	for i := range n {
		end := c.Size()
		if i < n-1 {
			end = pos + int64(table[3*i]) + int64(table[3*i+1])<<8 + int64(table[3*i+2])<<16
		}
		h.cropped = h.cropped || end > c.Size()
		end = min(end, c.Size())
		h.tokens = append(h.tokens, newBoolReader(section{r: c, off: pos, end: end}, partitionBuffer))
		pos = end
	}
	return nil
}

const maxPartitions = 8

// readProbs reads the probabilities of coefficients (section 13.4).
func readProbs(r *boolReader) *[planes]planeProbs {
	probs := defaultProbs
	for i := range probs {
		for j := range probs[i] {
			for k := range probs[i][j] {
				for l := range probs[i][j][k] {
					if r.bit(updateProbs[i][j][k][l]) {
						probs[i][j][k][l] = uint8(r.literal(8))
					}
				}
			}
		}
	}
	return byPosition(&probs)
}
