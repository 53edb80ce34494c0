package ascii

import (
	"context"
	"errors"
	"image"
	"iter"
	"time"
)

// ConvertFrames draws an animation: pictures, all of the same size, and how long
// each shows. At most [Options].Frames of them are asked for. A picture may change
// once the next one is asked for. Loops is how often it plays, 0 for ever.
//
// A cell keeps its character and colours for as long as what the picture shows
// there stays nearly the same, so that noise does not make it flicker. What
// shows through transparent parts is decided by the first picture.
//
// Errors are those of [Convert], and that of ctx.
func ConvertFrames(ctx context.Context, frames iter.Seq2[image.Image, time.Duration], loops int, o Options) (*Art, error) {
	var d *drawing
	var drawn []Frame
	for img, delay := range frames {
		if d == nil {
			var err error
			if d, err = newDrawing(img, o); err != nil {
				return nil, err
			}
			d.still = &stillness{}
		}
		cells, err := d.next(ctx, img, len(drawn))
		if err != nil {
			return nil, err
		}
		drawn = append(drawn, Frame{Cells: cells, Delay: delay})
		if len(drawn) == max(1, o.Frames) {
			break
		}
	}
	if d == nil {
		return nil, errors.New("the animation has no frames")
	}
	art := d.art(drawn...)
	art.Loops = loops
	if len(drawn) == 1 {
		art.Loops, art.Frames[0].Delay = 0, 0
	}
	return art, nil
}

// next draws one more frame than there are.
func (d *drawing) next(ctx context.Context, img image.Image, drawn int) ([]Cell, error) {
	if !d.part.In(sourceOf(img).part) {
		return nil, errors.New("the frames of the animation have different sizes")
	}
	if err := d.checkGrid(d.cols, d.rows, drawn+1); err != nil {
		return nil, err
	}
	return d.draw(ctx, img)
}

// Light may change by this much, as lightness from 0 to 1, before a cell is drawn
// anew: on average over the cell, and in any one sample. The noise of GIF dithering
// and of lossy compression is less, what moves is more.
const (
	stillMean   = 0.02
	stillSample = 0.15
)

// stillness remembers what cells showed when they were last drawn. It compares with
// that, not with the frame before, so that slow changes are not missed.
type stillness struct {
	shown [][]float32 // lightness, a plane for each primary or luminance alone
	cells []Cell
}

// moved says of each cell whether its picture changed, and remembers the new one
// where it did. All cells of the first frame have.
func (s *stillness) moved(light []plane, cols, rows int) (moved []bool, all, none bool) {
	now := make([][]float32, len(light))
	for i, p := range light {
		now[i] = make([]float32, len(p.pix))
		for j, v := range p.pix {
			now[i][j] = lightness(v)
		}
	}
	moved, none = make([]bool, cols*rows), true
	if s.shown == nil {
		s.shown = now
		return moved, true, false
	}
	sx, sy := light[0].width/cols, light[0].height/rows
	for i := range moved {
		at := i/cols*sy*light[0].width + i%cols*sx
		if moved[i] = s.changed(now, at, sx, sy, light[0].width); moved[i] {
			s.remember(now, at, sx, sy, light[0].width)
			none = false
		}
	}
	return moved, false, none
}

// changed compares the sx × sy samples from at on.
func (s *stillness) changed(now [][]float32, at, sx, sy, stride int) bool {
	for p, plane := range now {
		var sum float32
		for y := range sy {
			for x := range sx {
				j := at + y*stride + x
				d := max(plane[j], s.shown[p][j]) - min(plane[j], s.shown[p][j])
				if d > stillSample {
					return true
				}
				sum += d
			}
		}
		if sum > stillMean*float32(sx*sy) {
			return true
		}
	}
	return false
}

func (s *stillness) remember(now [][]float32, at, sx, sy, stride int) {
	for p, plane := range now {
		for y := range sy {
			copy(s.shown[p][at+y*stride:][:sx], plane[at+y*stride:])
		}
	}
}

// steady draws the cells of a frame, and gives those whose picture did not change
// what they had. Without stillness it only draws.
func (d *drawing) steady(light []plane, draw func() ([]Cell, error)) ([]Cell, error) {
	if d.still == nil {
		return draw()
	}
	moved, all, none := d.still.moved(light, d.cols, d.rows)
	if none {
		return append([]Cell(nil), d.still.cells...), nil
	}
	cells, err := draw()
	if err != nil {
		return nil, err
	}
	for i := range cells {
		if !all && !moved[i] {
			cells[i] = d.still.cells[i]
		}
	}
	d.still.cells = cells
	return cells, nil
}
