package avif

import (
	"errors"
	"fmt"
	"io"
)

// How many pixels may be coded for every pixel that is shown, and besides: for
// alpha, a gain map, a thumbnail or a layer of a progressive picture. It stops
// frames that are larger than the header says, and one more frame after another.
const workFactor, workExtra = 4, 1 << 21

// checkWork holds the coded pictures against the size of the one that is shown. What
// the decoder would refuse, it need not notice.
func (m *meta) checkWork(file []byte, c Config) error {
	allowed := workFactor*int64(c.Width)*int64(c.Height) + workExtra
	bytes := len(file) // that items may have together
	for _, it := range m.items {
		if it.kind != "av01" {
			continue
		}
		data, err := m.data(it, file, bytes)
		if err != nil {
			return err
		}
		bytes -= len(data)
		if allowed -= codedPixels(data); allowed < 0 {
			return fmt.Errorf("the AVIF codes far more pixels than the %d×%d that it shows", c.Width, c.Height)
		}
	}
	return nil
}

// data puts the parts of an item together. Parts that overlap could make a file
// large without end, so they share a budget.
func (m *meta) data(it *item, file []byte, budget int) ([]byte, error) {
	if it.unreadable {
		return nil, fmt.Errorf("%w: it is made of other items", ErrUnsupported)
	}
	source := file
	if it.fromInside {
		source = m.inside
	}
	var data []byte
	for _, e := range it.extents {
		rest := source[min(e.offset, uint64(len(source))):]
		if e.length > uint64(len(rest)) || len(rest) == 0 {
			return nil, fmt.Errorf("the AVIF is cut off: %w", io.ErrUnexpectedEOF)
		}
		part := rest
		if e.length > 0 { // otherwise all that follows
			part = rest[:e.length]
		}
		if len(data)+len(part) > budget {
			return nil, errors.New("the AVIF uses its bytes more than once")
		}
		if len(it.extents) == 1 {
			return part, nil
		}
		data = append(data, part...)
	}
	return data, nil
}

// codedPixels is how many pixels the frames of AV1 data have together, at most:
// each as many as the largest that a sequence header allows (AV1 Bitstream &
// Decoding Process Specification, 5.3 to 5.5).
func codedPixels(data []byte) int64 {
	var frames, pixels int64
	for len(data) > 0 {
		kind, body, rest := obu(data)
		switch kind {
		case obuSequenceHeader:
			b := bits{data: body}
			pixels = max(pixels, b.sequence())
		case obuFrameHeader, obuFrame:
			frames++
		}
		data = rest
	}
	return frames * pixels
}

// Kinds of OBU (6.2.2).
const (
	obuSequenceHeader = 1
	obuFrameHeader    = 3
	obuFrame          = 6
)

// obu takes an open bitstream unit apart (5.3). One that is damaged goes on to the
// end of the data.
func obu(data []byte) (kind uint8, body, rest []byte) {
	header := data[0]
	data = data[1:]
	if header&4 != 0 { // an extension
		data = data[min(1, len(data)):]
	}
	if header&2 != 0 { // a size
		var size uint64
		size, data = leb128(data)
		n := min(size, uint64(len(data)))
		data, rest = data[:n], data[n:]
	}
	return header >> 3 & 15, data, rest
}

// leb128 reads a number of at most 8 bytes (4.10.5).
func leb128(data []byte) (v uint64, rest []byte) {
	for i := range min(8, len(data)) {
		v |= uint64(data[i]&0x7f) << (7 * i)
		if data[i] < 0x80 {
			return v, data[i+1:]
		}
	}
	return v, data[min(8, len(data)):]
}

// bits reads from the most significant bit on; behind the end are zeros.
type bits struct {
	data []byte
	at   int
}

func (b *bits) read(n int) (v uint64) {
	for range n {
		v <<= 1
		if i := b.at / 8; i < len(b.data) {
			v |= uint64(b.data[i]>>(7-b.at%8)) & 1
		}
		b.at++
	}
	return v
}

func (b *bits) flag() bool { return b.read(1) == 1 }

// sequence reads a sequence header (5.5.1) as far as the largest frame, and returns
// its pixels.
func (b *bits) sequence() int64 {
	b.read(3 + 1) // profile, still picture
	if reduced := b.flag(); reduced {
		b.read(5) // level
	} else {
		b.operatingPoints()
	}
	widthBits, heightBits := int(b.read(4))+1, int(b.read(4))+1
	width, height := b.read(widthBits)+1, b.read(heightBits)+1
	return int64(width * height)
}

func (b *bits) operatingPoints() {
	delayBits := 0 // of a decoder model, or none
	if timing := b.flag(); timing {
		delayBits = b.timing()
	}
	displayDelay := b.flag()
	for range b.read(5) + 1 {
		b.read(12)
		if level := b.read(5); level > 7 {
			b.read(1)
		}
		if delayBits > 0 && b.flag() {
			b.read(2*delayBits + 1)
		}
		if displayDelay && b.flag() {
			b.read(4)
		}
	}
}

// timing reads timing_info and decoder_model_info, and returns the bits of a delay.
func (b *bits) timing() int {
	b.read(32 + 32)
	if equal := b.flag(); equal {
		b.uvlc()
	}
	if model := b.flag(); !model {
		return 0
	}
	delayBits := int(b.read(5)) + 1
	b.read(32 + 5 + 5)
	return delayBits
}

// uvlc skips a number of variable length (4.10.3).
func (b *bits) uvlc() {
	zeros := 0
	for b.at < 8*len(b.data) && !b.flag() {
		zeros++
	}
	if zeros < 32 {
		b.read(zeros)
	}
}
