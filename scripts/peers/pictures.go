//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

const (
	tileWidth, tileHeight = 768, 512
	across, down          = 4, 8 // 12 megapixels
	quality               = 85
)

// makePictures makes what is missing of the files of the contests in a folder.
func makePictures(ctx context.Context, dir, corpus string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	tiles, err := photographs(filepath.Join(corpus, "photos"))
	if err != nil {
		return err
	}
	if len(tiles) == 0 {
		fmt.Fprintln(os.Stderr, "no photographs in", corpus, "(set CHARCOAL_CORPUS); textures are drawn instead")
		tiles = textures()
	}
	whole := mosaic(tiles)
	in := func(name string) string { return filepath.Join(dir, name) }
	return errors.Join(
		missing(in("photo.jpg"), func(w io.Writer) error { return typical(w, tiles) }),
		missing(in("baseline.jpg"), func(w io.Writer) error { return encodeJPEG(w, whole) }),
		missing(in("photos.png"), func(w io.Writer) error { return png.Encode(w, whole) }),
		missing(in(square), func(w io.Writer) error { return oneColour(w, 30_000) }),
		missing(in("progressive.jpg"), output(ctx, "jpegtran", "-progressive", in("baseline.jpg"))),
		missing(in("lossy.webp"), output(ctx, "cwebp", "-quiet", "-q", "75", in("photos.png"), "-o", "-")),
	)
}

func encodeJPEG(w io.Writer, img image.Image) error {
	return jpeg.Encode(w, img, &jpeg.Options{Quality: quality})
}

// typical writes the tile whose JPEG is the middle one by length.
func typical(w io.Writer, tiles []image.Image) error {
	var all [][]byte
	for _, tile := range tiles {
		var b bytes.Buffer
		if err := encodeJPEG(&b, tile); err != nil {
			return err
		}
		all = append(all, b.Bytes())
	}
	slices.SortFunc(all, func(a, b []byte) int { return len(a) - len(b) })
	_, err := w.Write(all[len(all)/2])
	return err
}

// missing makes a file that is not there, whole or not at all.
func missing(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), "*.part")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }() // what failed; of what did not, the name is gone
	buffered := bufio.NewWriterSize(file, 1<<20)
	if err := errors.Join(write(buffered), buffered.Flush(), file.Close()); err != nil {
		return fmt.Errorf("make %s: %w", filepath.Base(path), err)
	}
	return os.Rename(file.Name(), path)
}

// output is what a command writes.
func output(ctx context.Context, name string, args ...string) func(io.Writer) error {
	return func(w io.Writer) error {
		cmd := exec.CommandContext(ctx, name, args...) //nolint:gosec // the commands are in makePictures
		cmd.Stdout, cmd.Stderr = w, os.Stderr
		return cmd.Run()
	}
}

// photographs are the PNGs of a folder that have the shape of a tile.
func photographs(dir string) ([]image.Image, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.png"))
	if err != nil {
		return nil, err
	}
	var all []image.Image
	for _, name := range names {
		img, err := readPNG(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if img.Bounds().Size() == image.Pt(tileWidth, tileHeight) {
			all = append(all, img)
		}
	}
	return all, nil
}

func readPNG(name string) (image.Image, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return png.Decode(file)
}

// mosaic lays the tiles side by side, from the first again when there are no more.
func mosaic(tiles []image.Image) image.Image {
	whole := image.NewRGBA(image.Rect(0, 0, across*tileWidth, down*tileHeight))
	for i := range across * down {
		at := image.Pt(i%across*tileWidth, i/across*tileHeight)
		tile := tiles[i%len(tiles)]
		draw.Draw(whole, image.Rectangle{at, at.Add(tile.Bounds().Size())}, tile, tile.Bounds().Min, draw.Src)
	}
	return whole
}
