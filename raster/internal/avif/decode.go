//go:build nodynamic

package avif

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"

	"github.com/gen2brain/avif"
)

// Available reports whether there is a decoder in this program.
const Available = true

// Decode reads the still picture of a whole file: as RGBA, or RGBA64 when it has more
// than 8 bits. Orientation and colour profile are for the caller. maxBytes and
// maxPixels bound the file and the picture; 0 means no limit. A file that codes far
// more pixels than its header shows is refused before the decoder sees it.
//
// The decoder cannot be interrupted: ctx is looked at before it starts. The first
// call of a program compiles it, which takes most of a second.
func Decode(ctx context.Context, r io.Reader, maxBytes, maxPixels int64) (image.Image, error) {
	file, err := readAll(r, maxBytes)
	if err != nil {
		return nil, err
	}
	file, c, err := prepare(file, maxPixels)
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return decode(file, c)
}

func readAll(r io.Reader, maxBytes int64) ([]byte, error) {
	if maxBytes > 0 {
		r = io.LimitReader(r, maxBytes+1)
	}
	file, err := io.ReadAll(r)
	if err != nil {
		return nil, err // as the reader words it
	}
	if maxBytes > 0 && int64(len(file)) > maxBytes {
		return nil, fmt.Errorf("the AVIF has more than the %d bytes that are allowed", maxBytes)
	}
	return file, nil
}

// decode asks the decoder for the size first: were it to see another one than the
// header tells, it would take other memory, too.
func decode(file []byte, c Config) (image.Image, error) {
	seen, err := avif.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("decode an AVIF: %w", plain(err))
	}
	if seen.Width != c.Width || seen.Height != c.Height {
		return nil, fmt.Errorf("decode an AVIF: its header says both %d×%d and %d×%d", c.Width, c.Height, seen.Width, seen.Height)
	}
	img, err := avif.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("decode an AVIF: %w", plain(err))
	}
	if !painted(img, c) {
		return nil, errors.New("decode an AVIF: its pixels are damaged")
	}
	return img, nil
}

// painted reports whether there is a picture: the decoder says nothing when libaom
// refuses the pixels, and returns memory that nobody wrote to.
func painted(img image.Image, c Config) bool {
	var pix []uint8
	var opaque bool
	switch img := img.(type) {
	case *image.RGBA:
		pix, opaque = img.Pix, img.Opaque()
	case *image.RGBA64:
		pix, opaque = img.Pix, img.Opaque()
	}
	return opaque || c.Alpha && slices.ContainsFunc(pix, func(v uint8) bool { return v != 0 })
}

// plain drops the trace of a trap in the sandbox, which nobody can read.
func plain(err error) error {
	if message, _, cut := bytes.Cut([]byte(err.Error()), []byte("\n")); cut {
		return errors.New(string(message))
	}
	return err
}
