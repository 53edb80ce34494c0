package score

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// plane is one number for each pixel.
type plane struct {
	width, height int
	v             []float64 // row by row
}

func newPlane(width, height int) *plane { return &plane{width, height, make([]float64, width*height)} }

func (p *plane) mean() float64 {
	var sum float64
	for _, v := range p.v {
		sum += v
	}
	return sum / float64(len(p.v))
}

// raster is linear light, a plane for each primary.
type raster [3]*plane

func newRaster(width, height int) (r raster) {
	for i := range r {
		r[i] = newPlane(width, height)
	}
	return r
}

// decode maps encoded sRGB, 0 to 1, to linear light (IEC 61966-2-1).
func decode(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

// luminance weighs the primaries (Rec. ITU-R BT.709).
func luminance(r raster) *plane {
	p := newPlane(r[0].width, r[0].height)
	for i := range p.v {
		p.v[i] = 0.2126*r[0].v[i] + 0.7152*r[1].v[i] + 0.0722*r[2].v[i]
	}
	return p
}

// render draws the first frame of art.
func render(art *ascii.Art) (raster, error) {
	glyphs, err := glyphsOf(art)
	if err != nil {
		return raster{}, err
	}
	r := newRaster(art.Cols*cellWidth, art.Rows*cellHeight)
	for y := range art.Rows {
		for x, c := range art.Row(0, y) {
			ink, ground := c.FG.RGB(art.Palette, art.Page.Ink), c.BG.RGB(art.Palette, art.Page.Ground)
			r.draw(x*cellWidth, y*cellHeight, glyphs[c.Rune], ink, ground)
		}
	}
	return r, nil
}

// glyphsOf measures the characters that art has.
func glyphsOf(art *ascii.Art) (map[rune][]float32, error) {
	glyphs := map[rune][]float32{}
	for _, c := range art.Frames[0].Cells {
		if _, ok := glyphs[c.Rune]; ok {
			continue
		}
		atlas, err := glyph.New(cellWidth, cellHeight, []rune{c.Rune})
		if err != nil {
			return nil, fmt.Errorf("measure %q: %w", c.Rune, err)
		}
		glyphs[c.Rune] = atlas.Glyphs[0].Coverage
	}
	return glyphs, nil
}

// draw draws a cell. Terminals blend the edges of glyphs in encoded sRGB.
func (r raster) draw(left, top int, coverage []float32, ink, ground ascii.RGB) {
	fg := [3]float64{float64(ink.R) / 255, float64(ink.G) / 255, float64(ink.B) / 255}
	bg := [3]float64{float64(ground.R) / 255, float64(ground.G) / 255, float64(ground.B) / 255}
	for i, c := range coverage {
		at := (top+i/cellWidth)*r[0].width + left + i%cellWidth
		for p := range r {
			r[p].v[at] = decode(bg[p] + (fg[p]-bg[p])*float64(c))
		}
	}
}

// resample averages the linear light of a picture over the pixels of a raster.
// Where it is transparent it shows the ground.
func resample(img image.Image, ground ascii.RGB, width, height int) raster {
	b := img.Bounds()
	r := newRaster(width, height)
	columns := overlaps(b.Dx(), width)
	rows := overlaps(b.Dy(), height)
	line := newRaster(width, 1)
	for y := range b.Dy() {
		line.fill(img, y, columns, ground)
		for _, o := range rows[y] {
			for p := range r {
				dst := r[p].v[o.at*width:][:width]
				for x, v := range line[p].v {
					dst[x] += v * o.share
				}
			}
		}
	}
	return r
}

// fill averages row y of a picture.
func (r raster) fill(img image.Image, y int, columns [][]overlap, ground ascii.RGB) {
	for p := range r {
		clear(r[p].v)
	}
	b := img.Bounds()
	bg := [3]float64{decode(float64(ground.R) / 255), decode(float64(ground.G) / 255), decode(float64(ground.B) / 255)}
	for x := range b.Dx() {
		light := lightOf(img.At(b.Min.X+x, b.Min.Y+y), bg)
		for _, o := range columns[x] {
			for p := range r {
				r[p].v[o.at] += light[p] * o.share
			}
		}
	}
}

func lightOf(c color.Color, bg [3]float64) [3]float64 {
	n, _ := color.NRGBA64Model.Convert(c).(color.NRGBA64)
	a := float64(n.A) / 0xffff
	var light [3]float64
	for p, v := range [3]uint16{n.R, n.G, n.B} {
		light[p] = decode(float64(v)/0xffff)*a + bg[p]*(1-a)
	}
	return light
}

// overlap is the share of a pixel of the raster that a pixel of the picture fills.
type overlap struct {
	at    int
	share float64
}

// overlaps deals n pixels out to m boxes of equal size.
func overlaps(n, m int) [][]overlap {
	all := make([][]overlap, n)
	for i := range all {
		from, to := i*m, (i+1)*m // in n-ths of a box
		for at := from / n; at*n < to; at++ {
			units := min(to, (at+1)*n) - max(from, at*n)
			all[i] = append(all[i], overlap{at, float64(units) / float64(n)})
		}
	}
	return all
}
