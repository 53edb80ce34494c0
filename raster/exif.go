package raster

import (
	"encoding/binary"
	"errors"
	"io"
)

// The TIFF tags that matter here (TIFF 6.0, section 8 and 15).
const (
	tagOrientation = 0x0112
	tagTileWidth   = 0x0142
	tagTileLength  = 0x0143
)

// exifOrientation returns the orientation that EXIF data tells, or 1 when it
// tells none. Broken metadata never refuses a picture.
func exifOrientation(r io.ReaderAt) int {
	orientation := 1
	_ = eachTag(r, func(tag uint16, value uint32) {
		if tag == tagOrientation && value >= 1 && value <= 8 {
			orientation = int(value)
		}
	})
	return orientation
}

// eachTag calls yield for every tag of the first directory of TIFF data whose
// value is one short or long number (TIFF 6.0, section 2).
func eachTag(r io.ReaderAt, yield func(tag uint16, value uint32)) error {
	var head [8]byte
	if _, err := r.ReadAt(head[:], 0); err != nil {
		return err
	}
	order, err := byteOrder(head[:4])
	if err != nil {
		return err
	}
	pos := int64(order.Uint32(head[4:]))
	var count [2]byte
	if _, err := r.ReadAt(count[:], pos); err != nil {
		return err
	}
	const maxEntries = 4096 // far beyond any real file; 48 KiB at most are read
	entries := make([]byte, 12*min(int(order.Uint16(count[:])), maxEntries))
	if _, err := r.ReadAt(entries, pos+2); err != nil {
		return err
	}
	for ; len(entries) > 0; entries = entries[12:] {
		if value, ok := oneNumber(order, entries[:12]); ok {
			yield(order.Uint16(entries), value)
		}
	}
	return nil
}

func byteOrder(head []byte) (binary.ByteOrder, error) {
	switch string(head) {
	case "II*\x00":
		return binary.LittleEndian, nil
	case "MM\x00*":
		return binary.BigEndian, nil
	}
	return nil, errors.New("it has no TIFF header")
}

// oneNumber returns the value of a directory entry that holds a single number.
func oneNumber(order binary.ByteOrder, entry []byte) (uint32, bool) {
	const short, long = 3, 4
	kind, count := order.Uint16(entry[2:]), order.Uint32(entry[4:])
	switch {
	case count == 1 && kind == short:
		return uint32(order.Uint16(entry[8:])), true
	case count == 1 && kind == long:
		return order.Uint32(entry[8:]), true
	}
	return 0, false
}
