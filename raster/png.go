package raster

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/png"
	"io"
)

// PNG is decoded by the standard library. Of an animated one the default
// picture is shown.
var pngFormat = format{
	name: "PNG", mediaType: "image/png",
	matches: magic("\x89PNG\r\n\x1a\n"),
	header:  pngHeader,
	decode:  func(r reader, _ header) (image.Image, error) { return png.Decode(r) },
	loops:   apngLoops,
	frames:  apngFrames,
	ends:    func(tail []byte) bool { return bytes.Contains(tail, []byte("IEND")) },
}

// pngHeader reads IHDR, then looks for an eXIf chunk (PNG, third edition,
// sections 11.2.1 and 11.3.4.6) where one can be found without reading the
// picture.
func pngHeader(r reader) (header, error) {
	var b [8 + 8 + 13]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return header{}, err
	}
	if string(b[12:16]) != "IHDR" {
		return header{}, errors.New("its first chunk is not IHDR")
	}
	h := header{
		width:  int(binary.BigEndian.Uint32(b[16:])),
		height: int(binary.BigEndian.Uint32(b[20:])),
	}
	h.perPixel = pngBytesPerPixel(b[24], b[25], b[28])
	h.orientation = pngOrientation(r)
	return h, nil
}

// pngBytesPerPixel says what the standard decoder holds for each pixel. An
// interlaced picture is decoded in passes that are then merged.
func pngBytesPerPixel(depth, colour, interlace byte) int64 {
	n := int64(4)    // grey too: with a tRNS chunk it is decoded to four
	if colour == 3 { // a palette
		n = 1
	}
	if depth == 16 {
		n *= 2
	}
	if interlace != 0 {
		n *= 2
	}
	return n
}

// pngOrientation walks the chunks after IHDR. The chunk may come before or
// after the pixels; a picture whose later chunks cannot be seen is upright.
func pngOrientation(r reader) int {
	const maxChunks = 10_000 // a file of empty chunks must not cost a seek for every 12 bytes
	pos := int64(8 + 12 + 13)
	for range maxChunks {
		var b [8]byte
		if _, err := r.ReadAt(b[:], pos); err != nil {
			return 1
		}
		size, kind := int64(binary.BigEndian.Uint32(b[:])), string(b[4:])
		switch kind {
		case "eXIf":
			return exifOrientation(io.NewSectionReader(r, pos+8, size))
		case "IEND":
			return 1
		}
		pos += 12 + size
	}
	return 1
}
