package ascii

import (
	"context"
	"errors"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func text(a *Art) string {
	var b strings.Builder
	for y := range a.Rows {
		for _, c := range a.Row(0, y) {
			b.WriteRune(c.Rune)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func mustConvert(t testing.TB, img image.Image, o Options) *Art {
	t.Helper()
	a, err := Convert(img, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustDictionary(t testing.TB, o Options) *dictionary {
	t.Helper()
	d, err := dictionaryOf(o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// The search finds what looking at one character after the other finds.
func TestBestIsTheBest(t *testing.T) {
	for _, glyphs := range []string{"ascii", "ramp: .:-=+*#%@", "chars: █", "sextants"} {
		o := Defaults()
		o.Glyphs = glyphs
		d := mustDictionary(t, o)
		m := &matcher{dictionary: d}
		rnd := rand.New(rand.NewPCG(9, 9))
		for range 2000 {
			var q [samples]float32
			offset := rnd.Float32() - 0.5
			for i := range q {
				q[i] = offset + (rnd.Float32()-0.5)/4
			}
			f := func(g uint16) float32 { return dot(&d.light[g], &q) + d.bounds[g].halfSelf }
			present := uint16(rnd.IntN(len(d.runes)))
			want, least := present, f(present)-leastGain
			for g := range d.runes {
				if v := f(uint16(g)); v < least {
					want, least = uint16(g), v
				}
			}
			if got := m.best(&q, present); got != want {
				t.Fatalf("%s: got %q with %v, want %q with %v", glyphs, d.runes[got], f(got), d.runes[want], f(want))
			}
			if got := d.leastPlain(&q, f(present)-leastGain, present); got != want {
				t.Fatalf("%s: got %q with %v, want %q with %v", glyphs, d.runes[got], f(got), d.runes[want], f(want))
			}
		}
	}
}

// energy is the plain definition of what the matcher minimises.
func energy(d *dictionary, target *canvas, picks []uint16, cols int) float64 {
	e, means := newCanvas(target.width, target.height), newCanvas(cols, len(picks)/cols)
	for y := range e.height {
		for x := range e.width {
			pick := picks[y/subRows*cols+x/subCols]
			v := d.light[pick][y%subRows*subCols+x%subCols] - target.row(y)[margin+x]
			e.row(y)[margin+x] = v
			means.row(y / subRows)[margin+x/subCols] += v / samples
		}
	}
	return quadratic(e, (*canvas).spread) + farWeight*quadratic(means, (*canvas).spreadFar)
}

func quadratic(e *canvas, spread func(*canvas)) (sum float64) {
	s := newCanvas(e.width, e.height)
	copy(s.pix, e.pix)
	spread(s)
	for i := range e.pix {
		sum += float64(e.pix[i]) * float64(s.pix[i])
	}
	return sum
}

// After the sweeps hardly any single exchange is left that helps, and the energy
// is far below that of the nearest tones.
func TestMatchLowersTheEnergy(t *testing.T) {
	const cols, rows = 12, 5
	d := mustDictionary(t, Defaults())
	target := sampled(t, photograph(96, 80), cols, rows, d)
	kept := newCanvas(target.width, target.height)
	copy(kept.pix, target.pix)
	copied := newCanvas(target.width, target.height)
	copy(copied.pix, target.pix)
	nearest := newMatcher(d, copied, cols, rows, 2)
	nearest.start()
	picks, err := newMatcher(d, target, cols, rows, 2).match(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before, after := energy(d, kept, nearest.picks, cols), energy(d, kept, picks, cols)
	if after > before/2 {
		t.Errorf("got energy %v, want less than half of %v", after, before)
	}
	better := 0
	for i, p := range picks {
		for g := range d.runes {
			picks[i] = uint16(g)
			if energy(d, kept, picks, cols) < after-1e-3 {
				better++
				break
			}
		}
		picks[i] = p
	}
	if better > cols*rows/10 {
		t.Errorf("%d of %d cells could be better", better, cols*rows)
	}
}

// flat is a picture of one grey.
func flat(v uint8) image.Image { return image.NewUniform(color.Gray{Y: v}) }

// uniform pictures are endless; window makes them finite.
type window struct {
	image.Image
	r image.Rectangle
}

func (w window) Bounds() image.Rectangle { return w.r }

// The tone of flat greys comes out right, or nearly so where no character has it or a
// little of it buys a smoother flat, whichever the page and the characters.
func TestToneOfFlatGreys(t *testing.T) {
	for _, glyphs := range []string{"ascii", "ramp: .:-=+*#%@", "ramp: ░▒▓█"} {
		for _, invert := range []bool{false, true} {
			o := Defaults()
			o.Cols, o.Rows, o.Glyphs, o.Invert = 40, 20, glyphs, invert
			d := mustDictionary(t, o)
			for v := 0; v <= 255; v += 15 {
				a := mustConvert(t, window{flat(uint8(v)), image.Rect(0, 0, 40, 20)}, o)
				got := meanLight(d, a)
				want := d.darkest() + (d.lightest()-d.darkest())*float64(linear8()[v])/one
				if math.Abs(got-want) > 0.08*(d.lightest()-d.darkest()) {
					t.Errorf("%s, invert %v, grey %d: got light %.3f, want %.3f", glyphs, invert, v, got, want)
				}
			}
		}
	}
}

func meanLight(d *dictionary, a *Art) float64 {
	means := map[rune]float64{}
	for i, r := range d.runes {
		means[r] = d.means[i]
	}
	var sum float64
	for _, c := range a.Frames[0].Cells {
		sum += means[c.Rune]
	}
	return sum / float64(len(a.Frames[0].Cells))
}

func TestBlackAndWhitePages(t *testing.T) {
	black, white := window{flat(0), image.Rect(0, 0, 8, 8)}, window{flat(255), image.Rect(0, 0, 8, 8)}
	glass := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	o := Defaults()
	o.Cols = 10
	inverted := o
	inverted.Invert = true
	tests := []struct {
		name string
		img  image.Image
		o    Options
	}{
		{"black on a dark page", black, o},
		{"white on a light page", white, inverted},
		{"nothing on a dark page", glass, o},
		{"nothing on a light page", glass, inverted},
	}
	for _, tt := range tests {
		if got := strings.Trim(text(mustConvert(t, tt.img, tt.o)), " \n"); got != "" {
			t.Errorf("%s: got ink:\n%s", tt.name, got)
		}
	}
}

// Where a character has the tone and the shape of the picture, it is found.
func TestShapesBecomeCharactersOfThatShape(t *testing.T) {
	want := "█▌ ▐█\n▀▀ ▄▄\n▌▌ ▐▐\n"
	o := Defaults()
	o.Cols, o.Glyphs = 5, "ramp: █▌▐▀▄"
	if got := text(mustConvert(t, halves(want), o)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// halves draws lines of block elements as a picture, 2 × 4 pixels for each.
func halves(lines string) image.Image {
	parts := map[rune]image.Rectangle{
		'█': image.Rect(0, 0, 2, 4), '▌': image.Rect(0, 0, 1, 4), '▐': image.Rect(1, 0, 2, 4),
		'▀': image.Rect(0, 0, 2, 2), '▄': image.Rect(0, 2, 2, 4),
	}
	rows := strings.Split(strings.TrimSuffix(lines, "\n"), "\n")
	img := image.NewGray(image.Rect(0, 0, 2*utf8.RuneCountInString(rows[0]), 4*len(rows)))
	for y, row := range rows {
		for x, r := range []rune(row) {
			draw.Draw(img, parts[r].Add(image.Pt(2*x, 4*y)), image.White, image.Point{}, draw.Src)
		}
	}
	return img
}

// Small pictures keep the art that they have. Look at the difference before you
// accept it with -update.
func TestGoldenArt(t *testing.T) {
	inverted, ramp := Defaults(), Defaults()
	inverted.Invert, ramp.Glyphs = true, "ramp: .:-=+*#%@"
	tests := []struct {
		name string
		img  image.Image
		o    Options
	}{
		{"ball", ball(96), Defaults()},
		{"ball-inverted", ball(96), inverted},
		{"ball-ramp", ball(96), ramp},
		{"wedge", wedge(256, 64), Defaults()},
	}
	for _, tt := range tests {
		tt.o.Cols = 48
		got := text(mustConvert(t, tt.img, tt.o))
		name := filepath.Join("testdata", tt.name+".txt")
		if *update {
			if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

var update = flag.Bool("update", false, "write the golden files")

// ball is a lit ball on a transparent ground.
func ball(size int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			u, v := 2*float64(x)/float64(size)-1, 2*float64(y)/float64(size)-1
			if depth := 1 - u*u - v*v; depth > 0 {
				light := max(0, -0.5*u-0.6*v+0.62*math.Sqrt(depth))
				img.SetNRGBA(x, y, color.NRGBA{R: uint8(40 + 215*light), G: uint8(30 + 200*light), B: 60, A: 255})
			}
		}
	}
	return img
}

// wedge is all greys from black to white.
func wedge(width, height int) image.Image {
	img := image.NewGray(image.Rect(0, 0, width, height))
	for i := range img.Pix {
		img.Pix[i] = uint8(i % width * 255 / (width - 1))
	}
	return img
}

// A ramp is measured, so the order of its characters says nothing.
func TestRampOrderDoesNotMatter(t *testing.T) {
	a, b := Defaults(), Defaults()
	a.Glyphs, b.Glyphs = "ramp: .:-=+*#%@", "ramp:@#%+=*-:. "
	img := photograph(60, 40)
	got, want := text(mustConvert(t, img, a)), text(mustConvert(t, img, b))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if strings.Trim(got, " .:-=+*#%@\n") != "" {
		t.Errorf("got characters that are not in the ramp:\n%s", got)
	}
}

func TestConvertEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ConvertContext(ctx, photograph(20, 20), Defaults()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
}

func TestEmptyPicture(t *testing.T) {
	if _, err := Convert(image.NewGray(image.Rectangle{}), Defaults()); err == nil {
		t.Error("a picture without pixels gave art")
	}
}

func TestExtremePictures(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {1, 50}, {50, 1}, {20_000, 1}, {3, 3}} {
		o := Defaults()
		o.Cols = 20
		img := image.NewGray(image.Rect(0, 0, size[0], size[1]))
		a := mustConvert(t, img, o)
		if cols, rows := o.Grid(size[0], size[1]); a.Cols != cols || a.Rows != rows || len(a.Frames[0].Cells) != cols*rows {
			t.Errorf("%v: got %d×%d with %d cells, want %d×%d", size, a.Cols, a.Rows, len(a.Frames[0].Cells), cols, rows)
		}
	}
}
