package raster

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// source reads a file for a decoder. It ends with its context, and it remembers
// the first error that was not the end of the file, so that a failing disk is
// never taken for a bad picture. It serves one goroutine.
type source struct {
	ctx    context.Context // a source lives as long as one call of Decode
	r      io.ReadSeeker
	length int64
	err    error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, s.remember(err)
	}
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, s.remember(fmt.Errorf("read the picture: %w", err))
	}
	return n, err // io.EOF must stay as it is
}

func (s *source) Seek(offset int64, whence int) (int64, error) {
	n, err := s.r.Seek(offset, whence)
	if err != nil {
		return n, s.remember(fmt.Errorf("read the picture: %w", err))
	}
	return n, nil
}

// ReadAt saves the TIFF decoder from holding the whole file. It moves the
// position of Read.
func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, errors.New("negative offset")
	}
	if _, err := s.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(s, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF // as io.ReaderAt wants it
	}
	return n, err // io.EOF must stay as it is
}

func (s *source) remember(err error) error {
	if s.err == nil {
		s.err = err
	}
	return err
}

// explain replaces an error that a decoder made of ours by ours: decoders word
// the errors of their reader each in its own way.
func (s *source) explain(err *error) {
	if *err != nil && s.err != nil {
		*err = s.err
	}
}

// measure learns the length of the file and goes back to its start.
func (s *source) measure() (err error) {
	if s.length, err = s.Seek(0, io.SeekEnd); err != nil {
		return err
	}
	_, err = s.Seek(0, io.SeekStart)
	return err
}

// tail returns the last bytes of the file, or fewer when they cannot be read.
func (s *source) tail() []byte {
	b := make([]byte, min(s.length, tailSize))
	n, _ := s.ReadAt(b, s.length-int64(len(b)))
	return b[:n]
}

// identify looks at the first bytes and goes back to the start.
func (s *source) identify() (*format, error) {
	prefix := make([]byte, sniffSize)
	n, err := io.ReadFull(s, prefix)
	if err != nil && !isShort(err) {
		return nil, err
	}
	if _, err := s.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return identify(prefix[:n])
}
