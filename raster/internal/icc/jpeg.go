package icc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxSegments stops files of millions of empty segments, each of which costs a
// read. A profile of [MaxSize] needs 17 of them.
const maxSegments = 1 << 12

// FromJPEG collects the profile that a JPEG file carries in its APP2 segments
// before the first scan (ICC.1:2010, annex B.4), in whatever order they come. It
// returns nil without an error when there is none or the file ends before the scan,
// and an error when parts of it are missing, when it is larger than [MaxSize], when
// the file is damaged, or when r fails.
func FromJPEG(r io.ReaderAt) ([]byte, error) {
	var c chunks
	at := int64(2) // past SOI
	for range maxSegments {
		marker, size, err := segment(r, at)
		if err != nil {
			return nil, ending(err)
		}
		const app2, startOfScan, endOfImage = 0xe2, 0xda, 0xd9
		if marker == startOfScan || marker == endOfImage {
			return c.joined()
		}
		if marker == app2 {
			if err := c.add(io.NewSectionReader(r, at+4, size-2)); err != nil {
				return nil, fmt.Errorf("read a colour profile: %w", err)
			}
		}
		if marker == fill {
			size = -1 // one byte, and the marker is yet to come
		}
		at += 2 + size
	}
	return nil, errors.New("look for a colour profile: there are too many segments")
}

const fill = 0xff

// segment reads the marker at a position and the length behind it, which counts
// itself (ITU-T T.81, B.1.1.4).
func segment(r io.ReaderAt, at int64) (marker byte, size int64, err error) {
	var b [4]byte
	if err := readAt(r, b[:], at); err != nil {
		return 0, 0, err
	}
	size = int64(binary.BigEndian.Uint16(b[2:]))
	if b[0] != fill || b[1] != fill && b[1] != 0xd9 && size < 2 {
		return 0, 0, errors.New("there is no marker where one should be")
	}
	return b[1], size, nil
}

// chunks are the parts of a profile by their numbers, which begin with 1.
type chunks struct {
	parts [256][]byte
	count int // that the first part tells
	size  int
}

// add keeps the part of a profile, if that is what the segment holds.
func (c *chunks) add(segment *io.SectionReader) error {
	const mark = "ICC_PROFILE\x00"
	if segment.Size() < int64(len(mark))+2 {
		return nil
	}
	data := make([]byte, segment.Size()) // at most 64 KiB
	if _, err := io.ReadFull(segment, data); err != nil {
		return err
	}
	data, ok := bytes.CutPrefix(data, []byte(mark))
	if !ok {
		return nil
	}
	number, count, part := int(data[0]), int(data[1]), data[2:]
	if c.count == 0 {
		c.count = count
	}
	if number == 0 || number > count || count != c.count || c.parts[number] != nil {
		return fmt.Errorf("part %d of %d does not fit the others", number, count)
	}
	if c.size += len(part); c.size > MaxSize {
		return fmt.Errorf("it has more than the %d bytes that are allowed", MaxSize)
	}
	c.parts[number] = part
	return nil
}

func (c *chunks) joined() ([]byte, error) {
	if c.count == 0 {
		return nil, nil
	}
	profile := make([]byte, 0, c.size)
	for i, part := range c.parts[1 : c.count+1] {
		if part == nil {
			return nil, fmt.Errorf("read a colour profile: part %d of %d is missing", i+1, c.count)
		}
		profile = append(profile, part...)
	}
	return profile, nil
}
