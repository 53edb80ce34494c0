// Package fileblob keeps [charcoal.Blobs] as files below one folder.
//
// A blob is written to a temporary file, flushed to the disk, renamed into its
// place, and the rename is flushed too. So a key has its old bytes, its new
// bytes or none, whatever fails, and a Put that returned nil survives a loss of
// power as far as the disk keeps its word.
package fileblob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/charcoal-art/charcoal"
)

// tmp is the folder of unfinished files. It is on the same file system as the
// blobs, which a rename needs.
const tmp = "tmp"

// Blobs is a folder of blobs. Its methods are safe for concurrent use.
type Blobs struct {
	root *os.Root // the kernel's fence: no key leads out of it, not by a symlink either

	mu      sync.Mutex
	durable map[string]bool // folders whose entry in their parent is on the disk
}

var _ charcoal.Blobs = (*Blobs)(nil)

// Open opens the folder dir, makes it if needed, and removes unfinished files
// that a crash left behind. The caller must hold a lock on the data directory:
// those files could be the work of another process otherwise.
func Open(dir string) (*Blobs, error) {
	abs, err := filepath.Abs(dir)
	if err == nil {
		err = makeRoot(abs)
	}
	if err != nil {
		return nil, fmt.Errorf("make the blob folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the blob folder: %w", err)
	}
	if err := emptyTmp(root); err != nil {
		return nil, errors.Join(fmt.Errorf("clear unfinished blobs: %w", err), root.Close())
	}
	return &Blobs{root: root, durable: map[string]bool{".": true}}, nil
}

// OpenToRead opens a folder that is there, and changes nothing in it.
func OpenToRead(dir string) (*Blobs, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the blob folder: %w", err)
	}
	return &Blobs{root: root, durable: map[string]bool{".": true}}, nil
}

// makeRoot makes dir and its parents, and flushes the entry of each as makeDir
// does. Folders that we may not read are not ours, and were not made by us.
func makeRoot(dir string) error {
	parent := filepath.Dir(dir)
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrNotExist) && parent != dir {
		if err := makeRoot(parent); err != nil {
			return err
		}
		err = os.Mkdir(dir, 0o700)
	}
	existed := errors.Is(err, fs.ErrExist)
	if err != nil && !existed {
		return err
	}
	err = syncPath(parent)
	if existed && errors.Is(err, fs.ErrPermission) {
		return nil
	}
	return err
}

func syncPath(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func emptyTmp(root *os.Root) error {
	if err := root.RemoveAll(tmp); err != nil {
		return err
	}
	return root.Mkdir(tmp, 0o700)
}

// Close releases the folder. Open blobs stay readable.
func (b *Blobs) Close() error { return b.root.Close() }

// Put implements [charcoal.Blobs]. It looks at ctx between reads; a read that
// blocks is the reader's to interrupt.
func (b *Blobs) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	n, err := b.put(ctx, key, r)
	if err != nil {
		return 0, storing(key, err)
	}
	return n, nil
}

func (b *Blobs) put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if err := b.makeDir(path.Dir(key)); err != nil {
		return 0, err
	}
	name := path.Join(tmp, rand.Text())
	n, err := b.write(ctx, name, r)
	if err == nil {
		err = b.publish(name, key)
	}
	if err != nil {
		return 0, errors.Join(err, b.remove(name))
	}
	return n, nil
}

// write fills a new file and flushes it to the disk.
func (b *Blobs) write(ctx context.Context, name string, r io.Reader) (n int64, err error) {
	f, err := b.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	src := &source{ctx: ctx, r: r}
	n, err = io.Copy(f, src)
	if src.err != nil {
		return 0, &readError{src.err}
	}
	if err != nil {
		return 0, err
	}
	return n, f.Sync()
}

// publish renames a complete file to its key. When the rename cannot be made
// durable it is undone, so that an error never leaves a blob behind.
func (b *Blobs) publish(name, key string) error {
	if err := b.root.Rename(name, key); err != nil {
		return err
	}
	if err := b.syncDir(path.Dir(key)); err != nil {
		return errors.Join(err, b.remove(key))
	}
	return nil
}

// makeDir makes dir and its parents and returns when their entries are on the
// disk. It flushes a folder that was there already as well, once: a process
// before this one may have died between making and flushing it.
func (b *Blobs) makeDir(dir string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.makeDirLocked(dir)
}

func (b *Blobs) makeDirLocked(dir string) error {
	if b.durable[dir] {
		return nil
	}
	parent := path.Dir(dir)
	if err := b.makeDirLocked(parent); err != nil {
		return err
	}
	if err := b.root.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := b.syncDir(parent); err != nil {
		return err
	}
	b.durable[dir] = true
	return nil
}

func (b *Blobs) syncDir(dir string) error {
	f, err := b.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Open implements [charcoal.Blobs].
func (b *Blobs) Open(_ context.Context, key string) (charcoal.Blob, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	f, err := b.root.Open(key)
	if missing(err) {
		return nil, notFound(key)
	}
	if tooManyFiles(err) {
		return nil, charcoal.Errorf(charcoal.Unavailable, "too many files are open; try again shortly").Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", key, err)
	}
	return newBlob(key, f)
}

// Delete implements [charcoal.Blobs]. The removal is durable too, so a row may
// be forgotten after it. The folder stays: it is one of a few hundred.
func (b *Blobs) Delete(_ context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	info, err := b.root.Lstat(key)
	if err == nil && info.IsDir() { // a folder is no blob
		return nil
	}
	if err == nil {
		err = b.remove(key)
	}
	if err == nil || missing(err) {
		err = b.syncDir(path.Dir(key)) // also of an earlier removal that was not flushed
	}
	if err != nil && !missing(err) {
		return fmt.Errorf("delete blob %s: %w", key, err)
	}
	return nil
}

// remove is Remove that does not mind a missing file.
func (b *Blobs) remove(name string) error {
	if err := b.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// missing reports that a path names nothing: also when a part of it is a file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
