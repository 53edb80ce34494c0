package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal/raster"
)

// candidate is a picture that is to be uploaded.
type candidate struct {
	name string // as people know it
	path string // absolute; "" for what is no file that can be read again
	size int64
}

// gathered is what there is to upload.
type gathered struct {
	pictures []candidate
	bytes    int64
	seen     map[string]bool // absolute paths
	faults   []error         // each begins with a name
}

// gather finds the pictures of files and folders. A file that is named is taken as
// it is, a symbolic link followed, "-" standard input. In folders, and the folders in
// them, regular files are taken that look like pictures; what is hidden (begins
// with a dot) and symbolic links are left out. A file is taken once.
func gather(names []string) *gathered {
	g := &gathered{seen: map[string]bool{}}
	for _, name := range names {
		if err := g.add(name); err != nil {
			g.faults = append(g.faults, fmt.Errorf("%s: %w", name, withoutPath(err)))
		}
	}
	return g
}

func (g *gathered) add(name string) error {
	if name == "-" {
		g.pictures = append(g.pictures, candidate{name: name})
		return nil
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return g.walk(name)
	case !info.Mode().IsRegular():
		g.pictures = append(g.pictures, candidate{name: name})
		return nil
	}
	return g.take(name, info)
}

func (g *gathered) take(name string, info fs.FileInfo) error {
	path, err := filepath.Abs(name)
	if err != nil || g.seen[path] {
		return err
	}
	g.seen[path] = true
	g.pictures = append(g.pictures, candidate{name, path, info.Size()})
	g.bytes += info.Size()
	return nil
}

// walk goes through a folder. What in it cannot be read is a fault of its own.
func (g *gathered) walk(folder string) error {
	return fs.WalkDir(os.DirFS(folder), ".", func(inside string, entry fs.DirEntry, err error) error {
		name := filepath.Join(folder, filepath.FromSlash(inside))
		switch {
		case err != nil:
			g.faults = append(g.faults, fmt.Errorf("%s: %w", name, withoutPath(err)))
			return nil
		case inside != "." && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular():
			return nil
		}
		if err := g.consider(name, entry); err != nil {
			g.faults = append(g.faults, fmt.Errorf("%s: %w", name, withoutPath(err)))
		}
		return nil
	})
}

func (g *gathered) consider(name string, entry fs.DirEntry) error {
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // gone meanwhile
	}
	if err != nil {
		return err
	}
	if !slices.Contains(pictureExtensions, strings.ToLower(filepath.Ext(name))) {
		if picture, err := looksLikePicture(name); err != nil || !picture {
			return err
		}
	}
	return g.take(name, info)
}

// pictureExtensions are of files that are taken for pictures without a look. When
// one is none, the server says so.
var pictureExtensions = []string{
	".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff",
	".qoi", ".pbm", ".pgm", ".ppm", ".pnm", ".pam", ".ico", ".cur", ".avif",
}

const sniffSize = 4096 // bytes; every format shows in fewer what it is

func looksLikePicture(name string) (bool, error) {
	file, err := os.Open(name)
	if err != nil {
		return false, err
	}
	defer file.Close()
	prefix, err := io.ReadAll(io.LimitReader(file, sniffSize))
	if err != nil {
		return false, err
	}
	_, err = raster.Probe(prefix, raster.DefaultLimits())
	_, unsupported := errors.AsType[*raster.UnsupportedError](err)
	return len(prefix) > 0 && !unsupported, nil
}
