package format

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// maxGIFPixels bounds the memory of all frames: a byte each, 128 MiB.
const maxGIFPixels = 1 << 27

// gifFormat is pictures of all frames as terminals show them, in cells of 8 × 16
// pixels. Art of more than 256 colours, blends of ink and ground counted, is
// shown in the 256 that represent them best.
func gifFormat() Format {
	return Format{
		Name:      "gif",
		MediaType: "image/gif",
		Extension: ".gif",
		Notes:     "A picture or an animation, 8 × 16 pixels a cell, in 256 colours.",
		Write:     checked("gif", writeGIF),
	}
}

func writeGIF(b *bufio.Writer, art *ascii.Art, s Settings) error {
	width, height := art.Cols*cellWidth, art.Rows*cellHeight
	if err := checkPixels(art, len(art.Frames), maxGIFPixels); err != nil {
		return err
	}
	if width > 65535 || height > 65535 {
		return &SizeError{Pixels: int64(max(width, height)), Limit: 65535}
	}
	p, err := newPainter(art, s.font(), len(art.Frames))
	if err != nil {
		return err
	}
	frames, err := p.paintFrames(newBrush(newExact()))
	if errors.Is(err, errManyColors) {
		frames, err = p.paintFrames(newBrush(p.reduce()))
	}
	if err != nil {
		return err
	}
	anim := &gif.GIF{
		Image: frames, Delay: centiseconds(art.Frames), LoopCount: loopCount(art),
		Config: image.Config{ColorModel: frames[0].Palette, Width: width, Height: height},
	}
	if err := gif.EncodeAll(b, anim); err != nil {
		return fmt.Errorf("encode: %w", err)
	}
	return nil
}

// loopCount is how often to play again: -1 never, 0 for ever.
func loopCount(art *ascii.Art) int {
	switch {
	case len(art.Frames) == 1 || art.Loops == 1:
		return -1
	case art.Loops == 0:
		return 0
	}
	return min(art.Loops-1, 65535)
}

// centiseconds are the delays in the unit of GIF. What rounding cuts off one is
// added to the next.
func centiseconds(frames []ascii.Frame) []int {
	const most = 65535
	delays := make([]int, len(frames))
	var owed time.Duration
	for i, f := range frames {
		owed += min(max(f.Delay, 0), most*10*time.Millisecond)
		n := min(int((owed+5*time.Millisecond)/(10*time.Millisecond)), most)
		owed -= time.Duration(n) * 10 * time.Millisecond
		delays[i] = n
	}
	return delays
}

// paintFrames draws each frame, and of those after the first just the rectangle
// that changed.
func (p *painter) paintFrames(b *brush) ([]*image.Paletted, error) {
	frames := make([]*image.Paletted, len(p.art.Frames))
	for i, f := range p.art.Frames {
		area := changed(p.art, i)
		img := image.NewPaletted(image.Rectangle{cellRect(area.Min.X, area.Min.Y).Min, cellRect(area.Max.X, area.Max.Y).Min}, nil)
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; x++ {
				if err := b.paint(img, cellRect(x, y).Min, p.look(f.Cells[y*p.art.Cols+x])); err != nil {
					return nil, err
				}
			}
		}
		frames[i] = img
	}
	for _, img := range frames {
		img.Palette = b.palette()
	}
	return frames, nil
}

// changed returns the cells in which a frame differs from the one before: all of
// the first, and never none, since a GIF has no frames without pixels.
func changed(art *ascii.Art, frame int) image.Rectangle {
	if frame == 0 {
		return image.Rect(0, 0, art.Cols, art.Rows)
	}
	area := image.Rectangle{}
	before := art.Frames[frame-1].Cells
	for i, c := range art.Frames[frame].Cells {
		if c != before[i] {
			x, y := i%art.Cols, i/art.Cols
			area = area.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	if area.Empty() {
		return image.Rect(0, 0, 1, 1)
	}
	return area
}
