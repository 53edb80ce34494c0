package icc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// FromWebP returns the profile in the chunk ICCP of a WebP file (RFC 9649, 2.7.1.4),
// which comes before the pixels; nil without an error when there is none.
func FromWebP(r io.ReaderAt) ([]byte, error) {
	const header, maxChunks = 12, 16 // VP8X comes first, then ICCP; others are not expected
	at := int64(header)
	for range maxChunks {
		var b [8]byte
		if err := readAt(r, b[:], at); err != nil {
			return nil, ending(err)
		}
		kind, size := string(b[:4]), binary.LittleEndian.Uint32(b[4:])
		switch kind {
		case "ICCP":
			return data(r, at+int64(len(b)), size)
		case "VP8 ", "VP8L", "ANMF":
			return nil, nil
		}
		at += int64(len(b)) + int64(size) + int64(size&1)
	}
	return nil, nil
}

// FromTIFF returns the profile of the first picture of a TIFF file, that of tag
// 34675 (ICC.1:2010, annex B.2); nil without an error when there is none.
func FromTIFF(r io.ReaderAt) ([]byte, error) {
	var b [8]byte
	if err := readAt(r, b[:], 0); err != nil {
		return nil, ending(err)
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	at := int64(order.Uint32(b[4:]))
	if err := readAt(r, b[:2], at); err != nil {
		return nil, ending(err)
	}
	const entrySize = 12
	directory := make([]byte, entrySize*int(order.Uint16(b[:]))) // under 1 MiB
	if err := readAt(r, directory, at+2); err != nil {
		return nil, ending(err)
	}
	for ; len(directory) > 0; directory = directory[entrySize:] {
		const iccProfile = 34675
		if order.Uint16(directory) == iccProfile {
			return data(r, int64(order.Uint32(directory[8:])), order.Uint32(directory[4:]))
		}
	}
	return nil, nil
}

// data reads a profile of a size that the file claims.
func data(r io.ReaderAt, at int64, size uint32) ([]byte, error) {
	if size > MaxSize {
		return nil, fmt.Errorf("read a colour profile: it has %d bytes, and %d are allowed", size, MaxSize)
	}
	profile := make([]byte, size)
	if err := readAt(r, profile, at); err != nil {
		return nil, fmt.Errorf("read a colour profile: %w", err)
	}
	return profile, nil
}

func readAt(r io.ReaderAt, b []byte, at int64) error {
	_, err := io.ReadFull(io.NewSectionReader(r, at, int64(len(b))), b)
	return err
}

// ending makes an error of reading one of looking for a profile. A file that ends
// has none; what else is wrong with it, its decoder says.
func ending(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return fmt.Errorf("look for a colour profile: %w", err)
}
