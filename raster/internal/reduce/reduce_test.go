package reduce

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

var layouts = map[string]Layout{
	"grey": Gray8, "grey and alpha": GrayAlpha8, "RGB": RGB8, "RGBA": RGBA8,
	"grey of 16 bits": Gray16, "grey and alpha of 16 bits": GrayAlpha16, "RGB of 16 bits": RGB16, "RGBA of 16 bits": RGBA16,
}

// picture is made of random rows, some of which repeat.
type picture struct {
	size   image.Point
	layout Layout
	rows   [][]byte
}

func newPicture(size image.Point, layout Layout, rnd *rand.Rand) picture {
	p := picture{size: size, layout: layout}
	for y := range size.Y {
		row := make([]byte, size.X*layout.PixelBytes())
		for i := range row {
			row[i] = byte(rnd.Uint32())
		}
		if y > 0 && rnd.IntN(4) == 0 {
			copy(row, p.rows[y-1])
		}
		p.rows = append(p.rows, row)
	}
	return p
}

// at is a pixel as package image understands it.
func (p picture) at(x, y int) color.Color {
	b := p.rows[y][x*p.layout.PixelBytes():]
	v := make([]uint16, p.layout.Channels())
	for i := range v {
		if p.layout.wide() {
			v[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
		} else {
			v[i] = uint16(b[i]) * 0x101
		}
	}
	switch len(v) {
	case 1:
		return color.NRGBA64{v[0], v[0], v[0], 0xffff}
	case 2:
		return color.NRGBA64{v[0], v[0], v[0], v[1]}
	case 3:
		return color.NRGBA64{v[0], v[1], v[2], 0xffff}
	}
	return color.NRGBA64{v[0], v[1], v[2], v[3]}
}

// average is what a box should be, in floating point.
func (p picture) average(box image.Rectangle) color.NRGBA64 {
	var sum [3]float64
	var alpha, n float64
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			c := p.at(x, y).(color.NRGBA64)
			a := float64(c.A) / 0xffff
			for i, v := range []uint16{c.R, c.G, c.B} {
				sum[i] += a * linear(float64(v)/0xffff)
			}
			alpha += a
			n++
		}
	}
	encode := func(light float64) uint16 {
		v := 1.055*math.Pow(light, 1/2.4) - 0.055
		if light <= 0.0031308 {
			v = light * 12.92
		}
		return uint16(math.Round(v * 0xffff))
	}
	if alpha == 0 {
		return color.NRGBA64{}
	}
	return color.NRGBA64{encode(sum[0] / alpha), encode(sum[1] / alpha), encode(sum[2] / alpha), uint16(math.Round(alpha / n * 0xffff))}
}

func (p picture) box() func(k int) image.Image {
	return func(k int) image.Image {
		b := New(p.size, k, p.layout)
		for y, row := range p.rows {
			if y > 0 && string(row) == string(p.rows[y-1]) {
				b.Repeat(y)
			} else {
				b.Row(y, row)
			}
		}
		return b.Image()
	}
}

func (p picture) upwards() func(k int) image.Image {
	return func(k int) image.Image {
		b := New(p.size, k, p.layout)
		for y := p.size.Y - 1; y >= 0; y-- {
			b.Row(y, p.rows[y])
		}
		return b.Image()
	}
}

// passes gives every fourth pixel, then the ones between, then the rest.
func (p picture) passes() func(k int) image.Image {
	return func(k int) image.Image {
		g := NewGrid(p.size, k, p.layout)
		for _, pass := range [][2]int{{0, 4}, {2, 4}, {1, 2}} {
			p.pass(g, k, pass[0], pass[1])
		}
		return g.Image()
	}
}

func (p picture) pass(g *Grid, k, x0, dx int) {
	if x0 >= p.size.X {
		return
	}
	n := p.layout.PixelBytes()
	for y, row := range p.rows {
		if k > 1 && y > 0 && string(row) == string(p.rows[y-1]) {
			g.Repeat(y)
			continue
		}
		var every []byte
		for x := x0; x < p.size.X; x += dx {
			every = append(every, row[x*n:][:n]...)
		}
		g.Row(y, x0, dx, every)
	}
}

func TestAverageIsOfLight(t *testing.T) {
	for name, layout := range layouts {
		rnd := rand.New(rand.NewPCG(1, uint64(layout)))
		for _, size := range []image.Point{{1, 1}, {7, 5}, {16, 16}, {33, 20}} {
			p := newPicture(size, layout, rnd)
			for _, k := range []int{1, 2, 3, 8, 40} {
				for order, reduced := range map[string]func(int) image.Image{"down": p.box(), "up": p.upwards(), "in passes": p.passes()} {
					t.Run(fmt.Sprintf("%s %v by %d %s", name, size, k, order), func(t *testing.T) { checkAverage(t, p, k, reduced(k)) })
				}
			}
		}
	}
}

func checkAverage(t *testing.T, p picture, k int, got image.Image) {
	t.Helper()
	small := Size(p.size, k)
	if got.Bounds() != (image.Rectangle{Max: small}) {
		t.Fatalf("bounds: got %v, want %v", got.Bounds(), small)
	}
	for y := range small.Y {
		for x := range small.X {
			box := image.Rect(x*k, y*k, (x+1)*k, (y+1)*k).Intersect(image.Rectangle{Max: p.size})
			want := p.average(box)
			if k == 1 {
				want = p.at(x, y).(color.NRGBA64)
			}
			if g := straight(got.At(x, y)); !near(g, want, p.layout.wide(), k) {
				t.Fatalf("at %d, %d: got %v, want %v", x, y, g, want)
			}
		}
	}
}

func straight(c color.Color) color.NRGBA64 {
	switch c := c.(type) {
	case color.NRGBA64:
		return c
	case color.NRGBA:
		return color.NRGBA64{uint16(c.R) * 0x101, uint16(c.G) * 0x101, uint16(c.B) * 0x101, uint16(c.A) * 0x101}
	}
	return color.NRGBA64Model.Convert(c).(color.NRGBA64)
}

// near allows half a level, which is rounding, and a hundredth.
func near(a, b color.NRGBA64, wide bool, k int) bool {
	level := 0.51 * 0x101
	if wide {
		level = 1.01
	}
	if k == 1 {
		level = 0
	}
	for _, d := range []float64{float64(a.R) - float64(b.R), float64(a.G) - float64(b.G), float64(a.B) - float64(b.B), float64(a.A) - float64(b.A)} {
		if math.Abs(d) > level {
			return false
		}
	}
	return true
}

// TestOneColourStays shows that averaging loses nothing where there is nothing to
// average.
func TestOneColourStays(t *testing.T) {
	for v := range 1 << 16 {
		if got := wideCurve().encode(uint64(wideCurve().light[v])); got != v {
			t.Fatalf("16 bits: %d became %d", v, got)
		}
	}
	for v := range 1 << 8 {
		if got := narrowCurve().encode(uint64(narrowCurve().light[v])); got != v {
			t.Errorf("8 bits: %d became %d", v, got)
		}
	}
}

// TestWhiteDoesNotOverflow gives the largest box of the largest values.
func TestWhiteDoesNotOverflow(t *testing.T) {
	for name, layout := range layouts {
		a := newAverager(layout)
		n := uint64(MaxReduction * MaxReduction)
		white := make([]byte, layout.PixelBytes())
		for i := range white {
			white[i] = 0xff
		}
		sums := make([]uint64, layout.Channels())
		a.sum(sums, white, 1)
		for i := range sums {
			if sums[i] > (1<<64-1)/n {
				t.Errorf("%s: a sum overflows", name)
			}
			sums[i] *= n
		}
		dst := make([]byte, 8)
		a.store(dst, sums, n)
		for i, v := range dst[:len(white)] {
			if v != 0xff {
				t.Errorf("%s: byte %d of white is %d", name, i, v)
			}
		}
	}
}

func TestMissingRows(t *testing.T) {
	tests := []struct {
		name   string
		layout Layout
		want   color.NRGBA64
	}{
		{"grey", Gray8, color.NRGBA64{0x8080, 0x8080, 0x8080, 0xffff}},
		{"grey of 16 bits", Gray16, color.NRGBA64{0x8080, 0x8080, 0x8080, 0xffff}},
		{"RGB", RGB8, color.NRGBA64{}},
		{"RGBA of 16 bits", RGBA16, color.NRGBA64{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := New(image.Pt(3, 5), 2, tt.layout)
			white := make([]byte, 3*tt.layout.PixelBytes())
			for i := range white {
				white[i] = 0xff
			}
			b.Row(0, white)
			img := b.Image()
			if got := straight(img.At(1, 0)); got != (color.NRGBA64{0xffff, 0xffff, 0xffff, 0xffff}) {
				t.Errorf("a box of which some rows came: got %v, want white", got)
			}
			if got := straight(img.At(1, 2)); got != tt.want {
				t.Errorf("a box of which nothing came: got %v, want %v", got, tt.want)
			}
		})
	}
}

// TestMissingPasses shows that the pixels of early passes stand for those of later
// ones, and not for what the early ones should have brought.
func TestMissingPasses(t *testing.T) {
	tests := []struct {
		k     int
		row   []byte
		rows  int // that are like it
		below byte
	}{
		{1, []byte{10, 10, 10, 10, 15, 15, 15, 15, 20, 20}, 8, 0x80},
		{2, []byte{10, 10, 15, 15, 20}, 4, 0x80},
		{3, []byte{10, 15, 20, 20}, 3, 0x80},
		{8, []byte{13, 20}, 1, 0x80},
	}
	for _, tt := range tests {
		g := NewGrid(image.Pt(10, 12), tt.k, Gray8)
		g.Row(0, 0, 8, []byte{10, 20})
		g.Row(0, 4, 8, []byte{15})
		img := g.Image().(*image.Gray)
		for y := range img.Rect.Dy() {
			want := tt.row
			if y >= tt.rows {
				want = bytes.Repeat([]byte{tt.below}, len(tt.row))
			}
			if got := img.Pix[y*img.Stride:][:img.Stride]; !bytes.Equal(got, want) {
				t.Errorf("by %d, row %d: got %d, want %d", tt.k, y, got, want)
			}
		}
	}
}

func BenchmarkGrid(b *testing.B) {
	size := image.Pt(3072, 512)
	p := newPicture(size, RGB8, rand.New(rand.NewPCG(3, 4)))
	b.SetBytes(int64(size.X * size.Y * 3))
	for b.Loop() {
		g := NewGrid(size, 8, RGB8)
		for y, row := range p.rows {
			g.Row(y, 0, 2, row[:len(row)/2])
			g.Row(y, 1, 2, row[len(row)/2:])
		}
		g.Image()
	}
}

func BenchmarkBox(b *testing.B) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for name, layout := range layouts {
		b.Run(name, func(b *testing.B) {
			size := image.Pt(3072, 512)
			p := newPicture(size, layout, rnd)
			b.SetBytes(int64(size.X * size.Y * layout.PixelBytes()))
			b.ReportAllocs()
			for b.Loop() {
				box := New(size, 8, layout)
				for y, row := range p.rows {
					box.Row(y, row)
				}
				box.Image()
			}
		})
	}
}
