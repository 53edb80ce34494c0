package format

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/png"

	"github.com/charcoal-art/charcoal/ascii"
)

// maxPNGPixels bounds the memory of a picture: 4 bytes each, 128 MiB.
const maxPNGPixels = 1 << 25

// pngFormat is a picture of the art as a terminal shows it, in cells of 8 × 16
// pixels. It has a palette where 256 colours are enough.
func pngFormat() Format {
	return Format{
		Name:      "png",
		MediaType: "image/png",
		Extension: ".png",
		Notes:     "A picture of the art, 8 × 16 pixels a cell; of an animation the first frame.",
		Write:     checked("png", writePNG),
	}
}

func writePNG(b *bufio.Writer, art *ascii.Art, s Settings) error {
	if err := checkPixels(art, 1, maxPNGPixels); err != nil {
		return err
	}
	p, err := newPainter(art, s.font(), 1)
	if err != nil {
		return err
	}
	var img image.Image
	img, err = p.paintPalette()
	if errors.Is(err, errManyColors) {
		img, err = p.paintTrue(), nil
	}
	if err != nil {
		return err
	}
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	if err := encoder.Encode(b, img); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return nil
}

// paintPalette draws the first frame with as many colours as it has, or returns
// errManyColors.
func (p *painter) paintPalette() (*image.Paletted, error) {
	b := newBrush(newExact())
	img := image.NewPaletted(image.Rect(0, 0, p.art.Cols*cellWidth, p.art.Rows*cellHeight), nil)
	for i, c := range p.art.Frames[0].Cells {
		if err := b.paint(img, cellRect(i%p.art.Cols, i/p.art.Cols).Min, p.look(c)); err != nil {
			return nil, err
		}
	}
	img.Palette = b.palette()
	return img, nil
}

func (p *painter) paintTrue() *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, p.art.Cols*cellWidth, p.art.Rows*cellHeight))
	for i, c := range p.art.Frames[0].Cells {
		at := cellRect(i%p.art.Cols, i/p.art.Cols).Min
		l := p.look(c)
		for y := range cellHeight {
			pix := img.Pix[img.PixOffset(at.X, at.Y+y):]
			for x, coverage := range l.mask[y] {
				c := l.blend(coverage)
				pix[4*x], pix[4*x+1], pix[4*x+2], pix[4*x+3] = c.R, c.G, c.B, 255
			}
		}
	}
	return img
}
