package ascii

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// The best colours of a cell are at least as good as all of a fine grid.
func TestLeastSquaresAgainstBruteForce(t *testing.T) {
	const steps = 50
	rnd := rand.New(rand.NewPCG(1, 2))
	e := even()
	even := e.seen(&ones, 0)
	for range 300 {
		var cover, pull inkPlane
		for i := range cover {
			cover[i], pull[i] = rnd.Float32(), 4*rnd.Float32()-2
		}
		f := newForm('x', cover, e, 0, &even)
		q := bowl{f.gram, product(&pull, &ones), product(&pull, &cover)}
		ground, ink := q.solve()
		if ground < 0 || ground > 1 || ink < 0 || ink > 1 {
			t.Fatalf("got ground %v and ink %v, want both from 0 to 1", ground, ink)
		}
		got := q.at(ground, ink-ground)
		for i := range steps + 1 {
			for j := range steps + 1 {
				b, a := float32(i)/steps, float32(j)/steps
				if e := q.at(b, a-b); e < got-1e-3 {
					t.Fatalf("got %v at %v and %v, but %v and %v give %v", got, ground, ink, b, a, e)
				}
			}
		}
		fixed := q.inkOn(0.25)
		for j := range steps + 1 {
			if a := float32(j) / steps; q.at(0.25, a-0.25) < q.at(0.25, fixed-0.25)-1e-3 {
				t.Fatalf("ink on a quarter: got %v, but %v is better", fixed, a)
			}
		}
	}
}

// The energy that the painter adds up in short vectors is that of the error field.
func TestEnergyOfMixtures(t *testing.T) {
	p := paletteCell(t, "chars: M▄/")
	p.look(0, 0)
	p.measure()
	energy := func(g, ground, ink int) float32 {
		m := p.mix(ground, ink)
		return m.even + m.terms.times(&p.view.terms[g])
	}
	solid := energy(0, 3, 3) - seenError(p, choice{form: 0, ground: 3, ink: 3})
	for g := range p.forms {
		for ground := range p.palette {
			for ink := range p.palette {
				got := energy(g, ground, ink)
				want := seenError(p, choice{form: g, ground: ground, ink: ink}) + solid
				if d := got - want; d > 2e-3 || d < -2e-3 {
					t.Fatalf("%c of %d on %d: got %v, want %v", p.forms[g].rune, ink, ground, got, want)
				}
			}
		}
	}
}

// paletteCell is a painter of one cell that is a wedge.
func paletteCell(t *testing.T, glyphs string) *indexedPainter {
	t.Helper()
	l := &light{width: inkCols, height: inkRows}
	for i := range inks {
		v := float32(i) / inks
		l.r, l.g, l.b = append(l.r, v), append(l.g, v/2), append(l.b, 1-v)
	}
	o := Options{Glyphs: glyphs, CellAspect: 0.5, Color: "16"}
	a, err := alphabetOf(o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newIndexedPainter(l, 1, 1, a, o, paletteOf(o))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// seenError is the energy of the error that a choice leaves, sample by sample.
func seenError(p *indexedPainter, c choice) (energy float32) {
	p.draw(0, 0, c)
	var around [3]patch
	for i := range around {
		p.field.patch(i, 0, 0, &around[i])
	}
	for k, m := range p.view.lab {
		var lab patch
		for j := range lab {
			lab[j] = m[0]*around[0][j] + m[1]*around[1][j] + m[2]*around[2][j]
		}
		seen := p.eyes[k].spread(&lab, 0)
		var own inkPlane
		for y := range inkRows {
			copy(own[y*inkCols:], lab[(y+reach)*patchCols+reach:][:inkCols])
		}
		energy += product(&seen, &own)
	}
	return energy
}

// cellPicture paints each cell of a row as a fill of its pixels says.
func cellPicture(cols int, at func(cell, x, y int) color.RGBA) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 8*cols, 16))
	for y := range 16 {
		for x := range 8 * cols {
			img.SetRGBA(x, y, at(x/8, x%8, y))
		}
	}
	return img
}

func convertRow(t *testing.T, img image.Image, o Options) *Art {
	t.Helper()
	o.Cols, o.Rows, o.CellAspect = img.Bounds().Dx()/8, img.Bounds().Dy()/16, 0.5
	art, err := Convert(img, o)
	if err != nil {
		t.Fatal(err)
	}
	return art
}

var (
	red   = color.RGBA{205, 0, 0, 255}
	green = color.RGBA{0, 205, 0, 255}
)

// What a cell can show exactly comes out exactly, in every depth.
func TestExactCells(t *testing.T) {
	tests := []struct {
		glyphs string
		inked  func(x, y int) bool
		want   []rune // any of these, one with the colours exchanged
	}{
		{"blocks", func(_, y int) bool { return y < 8 }, []rune("▀▄")},
		{"blocks", func(x, _ int) bool { return x < 4 }, []rune("▌▐")},
		{"blocks", func(x, y int) bool { return x < 4 == (y < 8) }, []rune("▚▞")},
		{"blocks", func(x, y int) bool { return x < 4 && y < 8 }, []rune("▘▟")},
		{"blocks", func(_, y int) bool { return y >= 14 }, []rune("▁")},
		{"octants", func(x, y int) bool { return x < 4 && y < 4 }, []rune{0x1cea8, 0x1cde5}},
		{"all", func(x, y int) bool { return x < 4 == (y < 8) }, []rune("▚▞")},
	}
	for _, depth := range []string{"true", "256", "16"} {
		for _, tt := range tests {
			t.Run(fmt.Sprintf("%c of %s", tt.want[0], depth), func(t *testing.T) {
				img := cellPicture(3, func(_, x, y int) color.RGBA {
					if tt.inked(x, y) {
						return red
					}
					return green
				})
				art := convertRow(t, img, Options{Glyphs: tt.glyphs, Color: depth})
				cell := art.Row(0, 0)[1]
				fg, bg := cell.FG.RGB(art.Palette, RGB{}), cell.BG.RGB(art.Palette, RGB{})
				colors := []RGB{{205, 0, 0}, {0, 205, 0}}
				if !slices.Contains(tt.want, cell.Rune) || !near8(fg, colors) || !near8(bg, colors) || fg == bg {
					t.Errorf("got %c (%U) of %v on %v, want one of %c in red and green", cell.Rune, cell.Rune, fg, bg, tt.want)
				}
			})
		}
	}
}

// near8 reports whether c is within rounding of one of the colours.
func near8(c RGB, colors []RGB) bool {
	return slices.ContainsFunc(colors, func(w RGB) bool {
		return max(diff(c.R, w.R), diff(c.G, w.G), diff(c.B, w.B)) <= 6
	})
}

func diff(a, b uint8) uint8 { return max(a, b) - min(a, b) }

// What the palette of 16 has, it shows plainly. (In 256 some colours are mixtures of
// others, exactly.)
func TestEvenCellsOfThePalette(t *testing.T) {
	palette := paletteOf(Options{Color: "16"})
	img := cellPicture(16, func(cell, _, _ int) color.RGBA {
		c := palette[cell]
		return color.RGBA{c.R, c.G, c.B, 255}
	})
	art := convertRow(t, img, Options{Glyphs: "blocks", Color: "16"})
	for i, c := range art.Row(0, 0) {
		fg, bg := c.FG.RGB(art.Palette, RGB{}), c.BG.RGB(art.Palette, RGB{})
		if c.Rune == '█' && fg == palette[i] || c.Rune == ' ' && bg == palette[i] || fg == bg && bg == palette[i] {
			continue
		}
		t.Errorf("colour %d: got %c of %v on %v, want only %v", i, c.Rune, fg, bg, palette[i])
	}
}

func TestPaintInk(t *testing.T) {
	img := cellPicture(8, func(cell, _, y int) color.RGBA { return color.RGBA{uint8(30 * cell), uint8(16 * y), 99, 255} })
	for _, depth := range []string{"true", "256", "16"} {
		for _, invert := range []bool{false, true} {
			for _, glyphs := range []string{"ascii", "all"} {
				art := convertRow(t, img, Options{Glyphs: glyphs, Color: depth, Paint: "ink", Invert: invert})
				if i := slices.IndexFunc(art.Frames[0].Cells, func(c Cell) bool { return c.BG.IsSet() }); i >= 0 {
					t.Errorf("%s of %s: cell %d has a ground of its own", glyphs, depth, i)
				}
			}
		}
	}
}

func TestPaletteOfTheUser(t *testing.T) {
	own := []RGB{{10, 20, 30}, {200, 100, 50}, {250, 250, 240}}
	art := convertRow(t, cellPicture(8, func(cell, _, y int) color.RGBA { return color.RGBA{uint8(30 * cell), uint8(16 * y), 99, 255} }),
		Options{Glyphs: "all", Color: "256", Palette: own})
	if !slices.Equal(art.Palette, own) {
		t.Errorf("got palette %v, want %v", art.Palette, own)
	}
	for i, c := range art.Frames[0].Cells {
		for _, color := range []Color{c.FG, c.BG} {
			if n, ok := color.Index(); color.IsSet() && (!ok || int(n) >= len(own)) {
				t.Errorf("cell %d: colour %v is not in the palette", i, color)
			}
		}
	}
}

// The same picture gives the same cells every time, however it is asked for.
func TestColorIsReproducible(t *testing.T) {
	img := cellPicture(20, func(cell, x, y int) color.RGBA {
		return color.RGBA{uint8(12 * cell), uint8(31 * x), uint8(15 * y), 255}
	})
	for _, depth := range []string{"true", "256", "16"} {
		first := convertRow(t, img, Options{Glyphs: "all", Color: depth})
		if again := convertRow(t, img, Options{Glyphs: "all", Color: depth}); !reflect.DeepEqual(first, again) {
			t.Errorf("depth %s: two drawings differ", depth)
		}
	}
}

func TestColorStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, depth := range []string{"true", "16"} {
		o := Options{Glyphs: "ascii", Color: depth, CellAspect: 0.5}
		l := &light{width: inkCols, height: inkRows, r: make([]float32, inks), g: make([]float32, inks), b: make([]float32, inks)}
		if _, _, err := drawColor(ctx, l, 1, 1, o); !errors.Is(err, context.Canceled) {
			t.Errorf("depth %s: got %v, want %v", depth, err, context.Canceled)
		}
	}
}

func TestEncodeAndDecode(t *testing.T) {
	for v := range 256 {
		want := float32(v) / 255
		light := float32(linear8()[v]) / one
		if got := encode(light); got-want > 2e-4 || want-got > 2e-4 {
			t.Errorf("encode(%v): got %v, want %v", light, got, want)
		}
		if got := decode(want); got-light > 1e-6 || light-got > 1e-6 {
			t.Errorf("decode(%v): got %v, want %v", want, got, light)
		}
	}
}

func TestCubeRoot(t *testing.T) {
	for x := leastCone; x < 1.1; x *= 1.1 {
		r := cubeRoot(x)
		if d := r*r*r - x; d > 1e-12 || d < -1e-12 {
			t.Errorf("cubeRoot(%v) is %v", x, r)
		}
	}
}

// FuzzColor shows that no small picture and no options make colour panic, and that
// every cell is one that was asked for.
func FuzzColor(f *testing.F) {
	f.Add(uint8(0), uint8(0), 0.5, []byte{1, 2, 3, 4, 5, 6, 7, 8})
	f.Add(uint8(7), uint8(9), 10.0, []byte{255})
	f.Add(uint8(13), uint8(1), 0.1, []byte{})
	f.Fuzz(func(t *testing.T, kind, effort uint8, aspect float64, pix []byte) {
		img := image.NewGray(image.Rect(0, 0, 7, 5))
		copy(img.Pix, pix)
		o := Options{
			Cols: 3, Rows: 2, CellAspect: aspect, Effort: int(effort % 10),
			Glyphs: GlyphSets()[int(kind)%len(GlyphSets())],
			Color:  ColorDepths()[1+int(kind)%3],
			Paint:  Paints()[int(kind/8)%2], Invert: kind >= 128,
		}
		art, err := Convert(img, o)
		if err != nil {
			return
		}
		runes, err := alphabetOf(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range art.Frames[0].Cells {
			if !slices.Contains(runes.runes, c.Rune) {
				t.Errorf("%c (%U) is not in %s", c.Rune, c.Rune, o.Glyphs)
			}
		}
	})
}

func BenchmarkColor(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 400, 264))
	for i := range img.Pix {
		img.Pix[i] = uint8(i*i/977) | 3
	}
	for _, bb := range []struct{ glyphs, depth string }{{"all", "true"}, {"sextants", "true"}, {"all", "256"}, {"all", "16"}} {
		b.Run(bb.glyphs+"/"+bb.depth, func(b *testing.B) {
			o := Options{Cols: 100, Rows: 33, CellAspect: 0.5, Glyphs: bb.glyphs, Color: bb.depth}
			for b.Loop() {
				if _, err := Convert(img, o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkForms(b *testing.B) {
	a, err := alphabetOf(Options{Glyphs: "all"})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := newForms(a, 0.5, even(), same); err != nil {
			b.Fatal(err)
		}
	}
}
