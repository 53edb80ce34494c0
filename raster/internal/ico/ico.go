// Package ico decodes icons and cursors of Windows (ICO and CUR): a directory of
// pictures, each of which is a bitmap with a mask of what is transparent, or a PNG.
package ico

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/bmp"
)

// A FormatError says why something is no icon, or a damaged one.
type FormatError string

func (e FormatError) Error() string { return "ico: " + string(e) }

// Entry is a picture of an icon.
type Entry struct {
	Width, Height int // as the picture says, which is not bound to what the directory says
	PNG           bool
	Offset, Size  int64 // where its content is

	bits int      // of a pixel
	info bmp.Info // of a bitmap
}

// Content is the file of the picture when it is a PNG.
func (e *Entry) Content(r io.ReaderAt) *io.SectionReader {
	return io.NewSectionReader(r, e.Offset, e.Size)
}

// maxEntries bounds the pictures that are looked at. It stops a directory of 65535
// entries, each of which costs a read.
const maxEntries = 256

const (
	dirSize   = 6
	entrySize = 16
)

// Best finds the picture of the largest area, and of those with the same one that of the
// most colours. Pictures whose headers are damaged count only when there is no other:
// then the error is that of the first.
func Best(r io.ReaderAt) (Entry, error) {
	dir, err := readDir(r)
	if err != nil {
		return Entry{}, err
	}
	var best Entry
	var firstErr error
	for ; len(dir) >= entrySize; dir = dir[entrySize:] {
		e := Entry{
			Size:   int64(binary.LittleEndian.Uint32(dir[8:])),
			Offset: int64(binary.LittleEndian.Uint32(dir[12:])),
		}
		switch err := e.measure(r); {
		case err == nil && e.better(&best):
			best = e
		case err != nil && firstErr == nil:
			firstErr = err
		}
	}
	if best.Width == 0 {
		return best, firstErr
	}
	return best, nil
}

// readDir reads the entries of the directory.
func readDir(r io.ReaderAt) ([]byte, error) {
	var b [dirSize]byte
	if err := readAt(r, b[:], 0); err != nil {
		return nil, fmt.Errorf("ico: read the directory: %w", err)
	}
	kind, count := binary.LittleEndian.Uint16(b[2:]), int(binary.LittleEndian.Uint16(b[4:]))
	switch {
	case b[0] != 0 || b[1] != 0 || kind != 1 && kind != 2:
		return nil, FormatError("this is no icon")
	case count == 0:
		return nil, FormatError("the icon has no picture")
	}
	dir := make([]byte, min(count, maxEntries)*entrySize)
	if err := readAt(r, dir, dirSize); err != nil {
		return nil, fmt.Errorf("ico: read the directory: %w", err)
	}
	return dir, nil
}

// measure reads the header of the picture.
func (e *Entry) measure(r io.ReaderAt) (err error) {
	const (
		signature = "\x89PNG\r\n\x1a\n"
		header    = len(signature) + 4 + len("IHDR") + 10
	)
	var b [header]byte
	if err := readAt(e.Content(r), b[:], 0); err != nil {
		return fmt.Errorf("ico: read a picture: %w", err)
	}
	if string(b[:len(signature)]) == signature {
		e.PNG, e.bits = true, 32
		e.Width, e.Height = int(binary.BigEndian.Uint32(b[16:])), int(binary.BigEndian.Uint32(b[20:]))
		if string(b[12:16]) != "IHDR" || e.Width < 1 || e.Height < 1 || e.Width > maxSide || e.Height > maxSide {
			return FormatError("a picture has a damaged header")
		}
		return nil
	}
	if e.info, err = bmp.ReadInfo(e.Content(r)); err != nil {
		return err
	}
	e.info.Height /= 2 // the mask counts as well
	e.Width, e.Height, e.bits = e.info.Width, e.info.Height, e.info.Bits
	if e.Height < 1 || e.Width > maxSide || e.Height > maxSide {
		return FormatError("a picture has a damaged header")
	}
	return nil
}

// maxSide bounds the sides of pictures, which are 256 by what the directory can say. It
// keeps areas from overflowing.
const maxSide = 1 << 15

func (e *Entry) better(than *Entry) bool {
	a, b := e.Width*e.Height, than.Width*than.Height
	return a > b || a == b && e.bits > than.bits
}

// readAt fills p. That the file ends before is unexpected.
func readAt(r io.ReaderAt, p []byte, off int64) error {
	n, err := r.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	}
	return err
}
