package jpeg

import (
	"bytes"
	"errors"
	"io"
)

// windowSize holds the largest segment there can be, 65533 bytes.
const windowSize = 64 << 10

// source reads a file through a window of fixed size.
type source struct {
	r        io.Reader
	buf      []byte
	pos, end int   // buf[pos:end] is read and not yet used
	err      error // why there is no more to read
}

// more reads more bytes into the window and reports whether there were any. What
// is not yet used stays.
func (s *source) more() bool {
	if s.err != nil {
		return false
	}
	if s.pos > 0 {
		s.end = copy(s.buf, s.buf[s.pos:s.end])
		s.pos = 0
	}
	n, err := io.ReadAtLeast(s.r, s.buf[s.end:], 1)
	s.end += n
	if err != nil {
		s.err = err
	}
	return n > 0
}

// failure is the error for a file that should have gone on.
func (s *source) failure() error {
	if errors.Is(s.err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return s.err
}

// peek returns the next n bytes, at most windowSize, without using them up.
func (s *source) peek(n int) ([]byte, error) {
	for s.end-s.pos < n {
		if !s.more() {
			return nil, s.failure()
		}
	}
	return s.buf[s.pos : s.pos+n], nil
}

// take returns the next n bytes, which are valid until the next call.
func (s *source) take(n int) ([]byte, error) {
	b, err := s.peek(n)
	if err == nil {
		s.pos += n
	}
	return b, err
}

// skip passes over n bytes.
func (s *source) skip(n int) error {
	for s.end-s.pos < n {
		n -= s.end - s.pos
		s.pos = s.end
		if !s.more() {
			return s.failure()
		}
	}
	s.pos += n
	return nil
}

// nextMarker passes over everything up to the next marker and the marker, and
// returns its second byte. Anything may stand before a marker, as in other
// decoders: fill bytes (section B.1.1.2), junk, the rest of a scan.
func (s *source) nextMarker() (byte, error) {
	for {
		i := bytes.IndexByte(s.buf[s.pos:s.end], 0xff)
		if i < 0 {
			s.pos = s.end
			if !s.more() {
				return 0, s.failure()
			}
			continue
		}
		s.pos += i
		b, err := s.peek(2)
		if err != nil {
			return 0, err
		}
		switch b[1] {
		case 0xff:
			s.pos++
		case 0:
			s.pos += 2
		default:
			s.pos += 2
			return b[1], nil
		}
	}
}
