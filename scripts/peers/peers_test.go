//go:build linux

package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTableShowsWhatFailsAndWhatMissesItsBar(t *testing.T) {
	dir := t.TempDir()
	for _, c := range contests() {
		if err := os.WriteFile(filepath.Join(dir, c.file), []byte("a picture"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shell := func(script string) []string { return []string{"sh", "-c", script} }
	var b strings.Builder
	err := writeTable(t.Context(), &b, dir, []program{
		{fast, shell("exit 0")}, {usual, shell("sleep 0.1")}, {chafa, shell("exit 0")}, {jp2a, shell("exit 1")},
	}, 1)
	if err != nil {
		t.Fatal(err)
	}
	baseline := rowOf(t, b.String(), "JPEG, baseline, 3072×4096")
	for _, want := range []string{"**fails**", "**default: ", " × chafa (≤ 1.00), CPU "} {
		if !strings.Contains(baseline, want) {
			t.Errorf("the row %q lacks %q", baseline, want)
		}
	}
	if oneColour := rowOf(t, b.String(), "PNG of one colour"); strings.Contains(oneColour, "× chafa") {
		t.Errorf("a peer without a bar was run: %q", oneColour)
	}
}

func rowOf(t *testing.T, table, title string) string {
	t.Helper()
	for row := range strings.Lines(table) {
		if strings.HasPrefix(row, "| "+title) {
			return row
		}
	}
	t.Fatalf("no row of %q in\n%s", title, table)
	return ""
}

func TestCosts(t *testing.T) {
	c := costs{{wall: 9 * time.Second, peak: 3}, {wall: 1 * time.Second, peak: 8}, {wall: 2 * time.Second, peak: 1}}
	if got := c.median(wall); got != 2*time.Second {
		t.Errorf("median: got %v, want 2s", got)
	}
	if got := c.fastest(); got != time.Second {
		t.Errorf("fastest: got %v, want 1s", got)
	}
	if got := c.peak(); got != 8 {
		t.Errorf("peak: got %v, want 8", got)
	}
}

func TestOneColourIsPNG(t *testing.T) {
	const side = 300
	var b bytes.Buffer
	if err := oneColour(&b, side); err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := img.Bounds().Size(), image.Pt(side, side); got != want {
		t.Errorf("size: got %v, want %v", got, want)
	}
	if first, last := img.At(0, 0), img.At(side-1, side-1); first != last {
		t.Errorf("the corners differ: %v and %v", first, last)
	}
}

func TestMosaicRepeatsTiles(t *testing.T) {
	tiles := textures()[:2]
	whole := mosaic(tiles)
	if got, want := whole.Bounds().Size(), image.Pt(3072, 4096); got != want {
		t.Fatalf("size: got %v, want %v", got, want)
	}
	if got, want := whole.At(2*tileWidth+7, 9), tiles[0].At(7, 9); got != want {
		t.Errorf("the third tile is not the first again: got %v, want %v", got, want)
	}
}
