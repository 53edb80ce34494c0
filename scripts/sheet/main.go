// Command sheet writes how a font draws printable ASCII, see glyph.Sheet:
//
//	go run ./scripts/sheet LiberationMono-Regular.ttf > ascii/glyph/sheet/liberation-mono.bin
//	go run ./scripts/sheet Iosevka-Regular.ttf > ascii/glyph/sheet/iosevka.bin
//
// Committed are those of Liberation Mono 2.1 (Debian's fonts-liberation) and Iosevka
// (the latin subset of @fontsource/iosevka 5.3.0), both under the SIL Open Font
// License 1.1.
package main

import (
	"errors"
	"fmt"
	"image"
	"io"
	"os"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sheet:", err)
		os.Exit(1)
	}
}

func run(args []string, w io.Writer) error {
	if len(args) != 1 {
		return errors.New("give the file of a font")
	}
	data, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("read the font: %w", err)
	}
	face, err := faceOf(data)
	if err != nil {
		return err
	}
	for r := '!'; r <= '~'; r++ {
		cell, err := draw(face, r)
		if err != nil {
			return err
		}
		if _, err := w.Write(cell); err != nil {
			return fmt.Errorf("write the sheet: %w", err)
		}
	}
	return nil
}

// faceOf returns a font at the size at which its advance is a cell's width.
func faceOf(data []byte) (font.Face, error) {
	parsed, err := opentype.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("parse the font: %w", err)
	}
	const em = 1000
	o := opentype.FaceOptions{Size: em, DPI: 72, Hinting: font.HintingNone}
	probe, err := opentype.NewFace(parsed, &o)
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}
	advance, ok := probe.GlyphAdvance('M')
	if !ok {
		return nil, errors.New("the font has no M")
	}
	o.Size = em * 64 * glyph.SheetWidth / float64(advance)
	face, err := opentype.NewFace(parsed, &o)
	if err != nil {
		return nil, fmt.Errorf("size the font: %w", err)
	}
	return face, nil
}

// draw centres the line of the font in the cell. What is beyond the cell is cut off.
func draw(face font.Face, r rune) ([]byte, error) {
	const width, height = glyph.SheetWidth, glyph.SheetHeight
	m := face.Metrics()
	origin := fixed.Point26_6{Y: (fixed.I(height)-m.Ascent-m.Descent)/2 + m.Ascent}
	box, mask, at, _, ok := face.Glyph(origin, r)
	ink, isAlpha := mask.(*image.Alpha)
	if !ok || !isAlpha {
		return nil, fmt.Errorf("the font has no %q", r)
	}
	cell := make([]byte, width*height)
	seen := box.Intersect(image.Rect(0, 0, width, height))
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			cell[y*width+x] = ink.AlphaAt(at.X+x-box.Min.X, at.Y+y-box.Min.Y).A
		}
	}
	return cell, nil
}
