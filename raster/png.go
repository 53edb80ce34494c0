package raster

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/png"
)

// PNG is decoded row by row. Of an animated one the default picture is shown.
var pngFormat = format{
	name: "PNG", mediaType: "image/png",
	matches: magic("\x89PNG\r\n\x1a\n"),
	header:  pngHeader,
	decode: func(ctx context.Context, r reader, _ header, reduction int) (image.Image, error) {
		return png.Decode(ctx, r, png.Options{Reduction: reduction})
	},
	reductions: anyReduction,
	profile:    pngProfile,
	moves:      apngMoves,
	loops:      apngLoops,
	frames:     apngFrames,
	ends:       func(tail []byte) bool { return bytes.Contains(tail, []byte("IEND")) },
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
	h.reduced = pngMemory(h.width, h.height, b[28] != 0)
	h.orientation = pngOrientation(r)
	return h, nil
}

// pngMemory estimates what the decoder takes. An interlaced picture is summed up in
// passes, the sums of all its boxes at once.
func pngMemory(width, height int, interlaced bool) func(int) int64 {
	rows := rowMemory(width, height, 8)
	return func(k int) int64 {
		total := 2<<20 + rows(k)
		if interlaced && k > 1 {
			const sums = 5 * 8 // of up to four channels, and counts
			total += sums * area((width+k-1)/k, (height+k-1)/k)
		}
		return total
	}
}

// pngOrientation looks for EXIF data. The chunk may come before or after the pixels;
// a picture whose later chunks cannot be seen is upright.
func pngOrientation(r reader) int {
	exif := findPNGChunk(r, "eXIf", "IEND")
	if exif == nil {
		return 1
	}
	return exifOrientation(exif)
}

// apngMoves looks for acTL, which stands before the pixels (section 11.3.6.1).
func apngMoves(r reader) bool { return findPNGChunk(r, "acTL", "IDAT") != nil }

// findPNGChunk returns the content of the first chunk of a kind after IHDR, or nil
// when there is none before one of another kind.
func findPNGChunk(r reader, kind, before string) *io.SectionReader {
	const maxChunks = 10_000 // a file of empty chunks must not cost a seek for every 12 bytes
	pos := int64(8 + 12 + 13)
	for range maxChunks {
		var b [8]byte
		if _, err := r.ReadAt(b[:], pos); err != nil {
			return nil
		}
		size := int64(binary.BigEndian.Uint32(b[:]))
		switch string(b[4:]) {
		case kind:
			return io.NewSectionReader(r, pos+8, size)
		case before:
			return nil
		}
		pos += 12 + size
	}
	return nil
}
