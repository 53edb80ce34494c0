package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/doctor"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// existing is the folder itself, or the nearest one above it that is there.
func existing(folder string) (string, error) {
	for at := filepath.Clean(folder); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		switch {
		case err == nil && !info.IsDir():
			return "", fmt.Errorf("%s is not a folder", at)
		case err == nil:
			return at, nil
		case !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at):
			return "", err
		}
	}
}

// tryFolder writes a file, brings it to the disk, reads and deletes it.
func tryFolder(at string) (err error) {
	f, err := os.CreateTemp(at, ".check-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	if _, err := f.WriteString(f.Name()); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	got, err := os.ReadFile(f.Name())
	if err == nil && string(got) != f.Name() {
		err = fmt.Errorf("what was read from %s is not what was written", at)
	}
	return err
}

func (e examined) pictureFolder() (string, error) {
	folder := filepath.Join(e.cfg.Data, "blobs")
	at, err := existing(folder)
	if err == nil {
		err = tryFolder(at)
	}
	if err != nil {
		return "", doctor.Advise(err, "make it writable for the user of the server")
	}
	if at != folder {
		return folder + " is not there yet, and can be made", nil
	}
	return folder + " can be written, read and deleted from", nil
}

func (e examined) sqlite(ctx context.Context) (string, error) {
	path := filepath.Join(e.cfg.Data, "charcoal.db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return path + " is not there yet; the server makes it", nil
	}
	have, newest, err := sqlite.Examine(ctx, path)
	if err != nil {
		return "", doctor.Advise(err, "make it writable for the user of the server, or put it back from a backup when it is damaged")
	}
	return fmt.Sprintf("SQLite in %s, schema %d", path, have), upToDate(have, newest)
}

// leastRoom is what a server needs on the disk beside the largest upload: for the
// database's log and for what is under way.
const leastRoom = 256 << 20

func (e examined) disk(context.Context) (string, error) {
	at, err := existing(e.cfg.Data)
	if err != nil {
		return "", err
	}
	free, known, err := roomIn(at)
	if err != nil || !known {
		return "not known on this system", err
	}
	if least := leastRoom + int64(e.cfg.Limits.UploadBytes); free < least {
		return "", fmt.Errorf("%v are free in %s, and %v are the least to work with", mebibytes(free), at, mebibytes(least))
	}
	return fmt.Sprintf("%v are free in %s", mebibytes(free), at), nil
}

// mebibytes leaves out what nobody wants to read.
func mebibytes(n int64) config.Size { return config.Size(n >> 20 << 20) }

// spareFiles are for the database, queues, and requests that upload nothing.
const spareFiles = 512

// openFiles: an upload takes a connection and a file, which may be a connection, too.
func (e examined) openFiles(context.Context) (string, error) {
	most, known, err := mostOpenFiles()
	if err != nil || !known {
		return "not known on this system", err
	}
	if need := 2*uint64(e.cfg.Limits.Uploads) + spareFiles; most < need {
		return "", fmt.Errorf("%d may be open, and %d uploads at once take %d", most, e.cfg.Limits.Uploads, need)
	}
	return fmt.Sprintf("%d may be open", most), nil
}
