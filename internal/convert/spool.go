package convert

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// spool holds bytes in memory while they are few, then in a temporary file. It is
// written once from the start, then read and sought.
type spool struct {
	dir    string
	memory bytes.Buffer
	file   *os.File
	reader *bytes.Reader
}

// spoolMemory is how many bytes are few.
const spoolMemory = 1 << 20

func (s *spool) Write(p []byte) (int, error) {
	switch {
	case s.file != nil:
		return s.file.Write(p)
	case s.memory.Len()+len(p) <= spoolMemory:
		return s.memory.Write(p)
	}
	file, err := os.CreateTemp(s.dir, "charcoal-*")
	if err != nil {
		return 0, err
	}
	s.file = file
	if _, err := file.Write(s.memory.Bytes()); err != nil {
		return 0, err
	}
	s.memory = bytes.Buffer{}
	return file.Write(p)
}

func (s *spool) Read(p []byte) (int, error) { return s.source().Read(p) }

func (s *spool) Seek(offset int64, whence int) (int64, error) { return s.source().Seek(offset, whence) }

func (s *spool) source() io.ReadSeeker {
	if s.file != nil {
		return s.file
	}
	if s.reader == nil {
		s.reader = bytes.NewReader(s.memory.Bytes())
	}
	return s.reader
}

// Close removes what there is of it.
func (s *spool) Close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}
