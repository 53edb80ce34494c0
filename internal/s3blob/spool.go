package s3blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
)

// inMemory is what a part may take of memory: two thousand slow uploads at once
// take 64 MiB. What is larger goes to a file.
const inMemory = 32 << 10

// spool holds one part at a time, so that its size and hash are known before it
// is sent, and it can be sent again.
type spool struct {
	dir  string // for the file
	buf  []byte // the end of the part that is not in the file
	file *os.File
	in   int64 // bytes of the part that are in the file
	size int64
	sum  hash.Hash

	lingers bool // the file has a name still, which must go with it
}

func newSpool(dir string) *spool {
	return &spool{dir: dir, buf: make([]byte, 0, inMemory), sum: sha256.New()}
}

// fill takes the next part: all that is left of r, or up to limit bytes. It
// reports whether r ended. An error of r is in the chain as it is.
func (s *spool) fill(ctx context.Context, r io.Reader, limit int64) (ended bool, err error) {
	s.buf, s.in, s.size = s.buf[:0], 0, 0
	s.sum.Reset()
	for s.size < limit {
		if ctx.Err() != nil {
			return false, givenUp(ctx)
		}
		if len(s.buf) == cap(s.buf) {
			if err := s.spill(); err != nil {
				return false, scratching(err)
			}
		}
		err := s.read(r, limit-s.size)
		if errors.Is(err, io.EOF) {
			return true, nil
		}
		if err != nil {
			return false, &localError{err}
		}
	}
	return false, nil
}

func (s *spool) read(r io.Reader, limit int64) error {
	free := s.buf[len(s.buf):cap(s.buf)]
	n, err := r.Read(free[:min(int64(len(free)), limit)])
	s.sum.Write(free[:n])
	s.buf = s.buf[:len(s.buf)+n]
	s.size += int64(n)
	return err
}

// spill moves what is in memory to the file.
func (s *spool) spill() error {
	if s.file == nil {
		file, err := os.CreateTemp(s.dir, "charcoal-part-")
		if err != nil {
			return err
		}
		s.file = file
		s.lingers = os.Remove(file.Name()) != nil // where an open file can be removed, a crash leaves none
	}
	n, err := s.file.WriteAt(s.buf, s.in)
	s.in += int64(n)
	s.buf = s.buf[:0]
	return err
}

// whole makes the part readable by content.
func (s *spool) whole() error {
	if s.in == 0 || len(s.buf) == 0 {
		return nil
	}
	if err := s.spill(); err != nil {
		return scratching(err)
	}
	return nil
}

// content is the part from its beginning; each call gives a reader of its own,
// since a transport may hold on to that of a failed request for a while.
func (s *spool) content() io.Reader {
	if s.in == 0 {
		return bytes.NewReader(s.buf)
	}
	return io.NewSectionReader(s.file, 0, s.size)
}

func (s *spool) sha256() string { return hex.EncodeToString(s.sum.Sum(nil)) }

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if s.lingers {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}
