package raster

import (
	"errors"
	"io"
)

var errCounted = errors.New("counted enough")

// CountFrames returns how many frames an animation has, at most so many, without
// decoding them. It is 1 for a still picture, and for one whose frames cannot be told.
func (f *File) CountFrames(atMost int) (n int, err error) {
	if !f.Moves() {
		return 1, nil
	}
	defer f.src.explain(&err)
	defer recoverAsCorrupt(&f.Info, &err)
	if _, err := f.src.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	err = f.format.frames(f.src, f.header, func(part) error {
		if n++; n >= atMost {
			return errCounted
		}
		return nil
	})
	if ended := f.src.ctx.Err(); ended != nil {
		return 0, ended
	}
	if f.src.err != nil {
		return 0, f.src.err
	}
	return max(1, n), nil
}
