// Package score tells how faithful text art is to its picture: both are drawn on
// one raster, the art with a font and the picture averaged, and compared as an eye
// sees them from near and from far. It reads no files and is safe for concurrent
// use.
//
// In light without colour the range between the least and the greatest light that
// a cell of printable ASCII reaches counts as black to white, since nothing else
// can be shown.
package score

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// Score is how faithful art is.
type Score struct {
	Quality   float64 `json:"quality"`   // 0 to 100: 100 · max(0, Structure) · exp(-Tone/15) · exp(-Color/15)
	Structure float64 `json:"structure"` // -1 to 1: how shapes and contrasts agree
	Tone      float64 `json:"tone"`      // RMS of L* from far away, after the best gain and offset; 0 is perfect
	Color     float64 `json:"color"`     // mean distance in OKLab, times 100; 0 without colours
}

// Cell is the size in pixels of a cell on the raster.
const (
	cellWidth  = 8
	cellHeight = 16
)

// MaxCells bounds the art that [Of] takes. It holds about 13 kB for each cell.
const MaxCells = 100_000

// Of scores the first frame of art against its picture, as the embedded font shows
// it. The picture is stretched over the grid of the art; what is transparent shows
// the ground of the page.
//
// Errors are that of ctx, and those of art that is too large or has characters
// that the font lacks.
func Of(ctx context.Context, art *ascii.Art, img image.Image) (Score, error) {
	if err := check(art); err != nil {
		return Score{}, err
	}
	if img.Bounds().Empty() {
		return Score{}, errors.New("the picture has no pixels")
	}
	drawn, err := render(art)
	if err != nil {
		return Score{}, err
	}
	if err := ctx.Err(); err != nil {
		return Score{}, err
	}
	picture := resample(img, art.Page.Ground, drawn[0].width, drawn[0].height)
	if art.Depth != "none" {
		return compareColor(ctx, drawn, picture)
	}
	low, high, err := reachOf(art.Page)
	if err != nil {
		return Score{}, err
	}
	y := luminance(drawn)
	for i := range y.v {
		y.v[i] = (y.v[i] - low) / (high - low)
	}
	return compareLight(ctx, y, luminance(picture))
}

func check(art *ascii.Art) error {
	if art.Cols < 1 || art.Rows < 1 || art.Cols > MaxCells/art.Rows {
		return fmt.Errorf("art of %d×%d cells cannot be scored: there may be 1 to %d", art.Cols, art.Rows, MaxCells)
	}
	if len(art.Frames) == 0 || len(art.Frames[0].Cells) != art.Cols*art.Rows {
		return fmt.Errorf("art without a whole frame of %d×%d cells cannot be scored", art.Cols, art.Rows)
	}
	return nil
}

// compareLight scores light alone.
func compareLight(ctx context.Context, art, picture *plane) (Score, error) {
	s, err := structure(ctx, art, picture, cellHeight/8, cellHeight/4, cellHeight/2)
	if err != nil {
		return Score{}, err
	}
	return quality(Score{Structure: s, Tone: tone(art, picture)}), nil
}

// compareColor scores colours, whose structure is finer as every cell has two of them.
func compareColor(ctx context.Context, art, picture raster) (Score, error) {
	a, p := luminance(art), luminance(picture)
	s, err := structure(ctx, a, p, cellHeight/16, cellHeight/8, cellHeight/4)
	if err != nil {
		return Score{}, err
	}
	return quality(Score{Structure: s, Tone: tone(a, p), Color: distance(art, picture, cellHeight/4)}), nil
}

func quality(s Score) Score {
	s.Quality = 100 * max(0, s.Structure) * math.Exp(-s.Tone/15) * math.Exp(-s.Color/15)
	return s
}

// reachOf is the least and the greatest light of cells of printable ASCII on a page.
func reachOf(p ascii.Page) (low, high float64, err error) {
	var runes []rune
	for r := ' '; r <= '~'; r++ {
		runes = append(runes, r)
	}
	atlas, err := glyph.New(cellWidth, cellHeight, runes)
	if err != nil {
		return 0, 0, fmt.Errorf("measure the characters: %w", err)
	}
	low, high = math.Inf(1), math.Inf(-1)
	for _, g := range atlas.Glyphs {
		cell := newRaster(cellWidth, cellHeight)
		cell.draw(0, 0, g.Coverage, p.Ink, p.Ground)
		m := luminance(cell).mean()
		low, high = min(low, m), max(high, m)
	}
	if high <= low {
		return 0, 1, nil // ink like its ground shows nothing
	}
	return low, high, nil
}
