package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/raster"
)

// openPicture opens a file, or standard input when its name is "-".
func openPicture(name string, stdin io.Reader) (io.ReadSeekCloser, error) {
	if name == "-" {
		return readAll(stdin, raster.DefaultLimits().Bytes)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	switch {
	case err == nil && info.Mode().IsRegular():
		return file, nil
	case err == nil && info.IsDir():
		err = errors.New("this is a folder; name the pictures in it")
	case err == nil: // a pipe, as <(command) makes it
		var picture io.ReadSeekCloser
		picture, err = readAll(file, raster.DefaultLimits().Bytes)
		return picture, errors.Join(err, file.Close())
	}
	return nil, errors.Join(err, file.Close())
}

// readAll keeps what cannot be read twice in memory, up to a limit in bytes.
func readAll(r io.Reader, limit int64) (io.ReadSeekCloser, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	if int64(len(data)) > limit {
		return nil, charcoal.Errorf(charcoal.TooLarge, "the file is over the limit of %d bytes", limit)
	}
	return inMemory{bytes.NewReader(data)}, nil
}

type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
