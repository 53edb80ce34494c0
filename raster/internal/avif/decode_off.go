//go:build !nodynamic

package avif

import (
	"context"
	"image"
	"io"
)

// Available reports whether there is a decoder in this program.
const Available = false

// Decode returns [ErrUnavailable].
func Decode(context.Context, io.Reader, int64, int64) (image.Image, error) {
	return nil, ErrUnavailable
}
