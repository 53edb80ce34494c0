package raster

import (
	"errors"
	"fmt"
	stdjpeg "image/jpeg"
	"strconv"

	"golang.org/x/image/tiff"

	"github.com/charcoal-art/charcoal/raster/internal/avif"
	"github.com/charcoal-art/charcoal/raster/internal/bmp"
	"github.com/charcoal-art/charcoal/raster/internal/jpeg"
	"github.com/charcoal-art/charcoal/raster/internal/png"
	"github.com/charcoal-art/charcoal/raster/internal/pnm"
)

var errSizes = errors.New("its sizes contradict each other")

// UnsupportedError says that a file is not a picture, or of a kind that is not
// decoded here.
type UnsupportedError struct {
	Message string // one clause for people
	Err     error  // the cause, or nil
}

func (e *UnsupportedError) Error() string { return e.Message }
func (e *UnsupportedError) Unwrap() error { return e.Err }

// CorruptError says that a picture of a known format cannot be decoded.
type CorruptError struct {
	Format  string // "PNG"; may be ""
	Message string // one clause for people
	Err     error  // the cause, or nil
}

func (e *CorruptError) Error() string { return e.Message }
func (e *CorruptError) Unwrap() error { return e.Err }

// LimitError says that a file is over one of the [Limits].
type LimitError struct {
	What          string // "the picture"
	Limit, Actual int64
	Unit          string // "pixels"
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("%s is over the limit: %d of at most %d %s", e.What, e.Actual, e.Limit, e.Unit)
}

// fail makes the error of a decoder into one of ours. size is how many bytes the
// decoder was given, tail the last of them.
func (f *format) fail(err error, size int64, tail []byte) error {
	switch {
	case isOurs(err):
		return err
	case isUnsupported(err):
		return &UnsupportedError{
			Message: fmt.Sprintf("this %s uses a feature that is not supported (%v)", f.name, err), Err: err,
		}
	case isShort(err) || f.ends != nil && !f.ends(tail):
		return &CorruptError{
			Format: f.name, Message: fmt.Sprintf("the %s is cut off after %s bytes", f.name, grouped(size)), Err: err,
		}
	}
	return &CorruptError{Format: f.name, Message: fmt.Sprintf("the %s is damaged (%v)", f.name, err), Err: err}
}

func isOurs(err error) bool {
	switch err.(type) { //nolint:errorlint // ours are not wrapped in here
	case *UnsupportedError, *CorruptError, *LimitError:
		return true
	}
	return false
}

// isUnsupported reports whether a decoder says that the file may be good, but is
// beyond it.
func isUnsupported(err error) bool {
	return errors.Is(err, jpeg.ErrUnsupported) || errors.Is(err, avif.ErrUnsupported) || errors.Is(err, errors.ErrUnsupported) ||
		is[stdjpeg.UnsupportedError](err) || is[tiff.UnsupportedError](err) ||
		is[bmp.UnsupportedError](err) || is[png.UnsupportedError](err) || is[pnm.UnsupportedError](err)
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isUnsupportedError(err error) bool { return is[*UnsupportedError](err) }

// grouped writes n with a comma every three digits.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
