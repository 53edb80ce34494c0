package fileblob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"github.com/charcoal-art/charcoal"
)

// blob is an open file. A later Put of its key puts another file in its place
// and does not touch this one.
type blob struct {
	*os.File
	size int64
}

func (b *blob) Size() int64 { return b.size }

func newBlob(key string, f *os.File) (*blob, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open blob %s: %w", key, err), f.Close())
	}
	if !info.Mode().IsRegular() {
		return nil, errors.Join(notFound(key), f.Close())
	}
	return &blob{f, info.Size()}, nil
}

// source is a reader that ends with its context and keeps its own error apart
// from those of the file it is copied to.
type source struct {
	ctx context.Context
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		s.err = charcoal.Errorf(charcoal.Canceled, "the call was given up before it was done").Because(err)
		return 0, s.err
	}
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// readError is an error of the bytes' source: even when it says "no space left"
// it says so of another disk than ours.
type readError struct{ error }

func (e *readError) Unwrap() error { return e.error }

// checkKey accepts clean relative paths with slashes. Keys are made by us, so
// another is a fault. [os.Root] would stop an escape anyway; this stops one
// object from having two keys, and a key in the folder of unfinished files.
func checkKey(key string) error {
	first, _, _ := strings.Cut(key, "/")
	if !fs.ValidPath(key) || key == "." || first == tmp || strings.ContainsAny(key, "\\\x00") {
		return fmt.Errorf("%.80q is not a blob key", key)
	}
	return nil
}

// storing wraps a failed Put and says when the reason is a lack of room, or of
// open files, which passes.
func storing(key string, err error) error {
	if tooManyFiles(err) {
		return charcoal.Errorf(charcoal.Unavailable, "too many files are open; try again shortly").Because(err)
	}
	if _, ok := errors.AsType[*readError](err); !ok && full(err) {
		return charcoal.Errorf(charcoal.StorageFull, "there is no room left to store it").Because(err)
	}
	return fmt.Errorf("store blob %s: %w", key, err)
}

func full(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

func tooManyFiles(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
}

func notFound(key string) error {
	return charcoal.Errorf(charcoal.NotFound, "there is nothing stored for it").Because(fmt.Errorf("no blob %s", key))
}
