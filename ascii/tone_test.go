package ascii

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// ramp is a plane whose lightness goes from 0 on the left to 1 on the right.
func ramp(width, height int) plane {
	p := plane{width, height, make([]float32, width*height)}
	for i := range p.pix {
		l := float32(i%width) / float32(width-1)
		p.pix[i] = l * l
	}
	return p
}

// toned is the lightness of a ramp of five steps after a change of tone.
func toned(change func(*Options)) []float32 {
	o := Defaults()
	change(&o)
	p := ramp(5, 5)
	(&toner{Options: o, cell: 4}).luminance(p)
	for i, v := range p.pix {
		p.pix[i] = lightness(v)
	}
	return p.pix[10:15]
}

func TestTone(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		want   []float32 // from 0, 0.25, 0.5, 0.75, 1
	}{
		{"nothing", func(*Options) {}, []float32{0, 0.25, 0.5, 0.75, 1}},
		{"a gamma of 1", func(o *Options) { o.Gamma = 1 }, []float32{0, 0.25, 0.5, 0.75, 1}},
		{"brighter", func(o *Options) { o.Brightness = 0.25 }, []float32{0.25, 0.5, 0.75, 1, 1}},
		{"darker", func(o *Options) { o.Brightness = -1 }, []float32{0, 0, 0, 0, 0}},
		{"more contrast", func(o *Options) { o.Contrast = 1. / 3 }, []float32{0, 0, 0.5, 1, 1}},
		{"less contrast", func(o *Options) { o.Contrast = -1. / 3 }, []float32{0.25, 0.375, 0.5, 0.625, 0.75}},
		{"no contrast", func(o *Options) { o.Contrast = -1 }, []float32{0.5, 0.5, 0.5, 0.5, 0.5}},
		{"gamma", func(o *Options) { o.Gamma = 2 }, []float32{0, 0.5, 0.7071, 0.866, 1}},
		{"less gamma", func(o *Options) { o.Gamma = 0.5 }, []float32{0, 0.0625, 0.25, 0.5625, 1}},
		{"a threshold", func(o *Options) { o.Threshold = 0.5 }, []float32{0, 0, 1, 1, 1}},
		{"a threshold of all", func(o *Options) { o.Threshold = 1 }, []float32{0, 0, 0, 0, 1}},
	}
	for _, tt := range tests {
		got := toned(tt.change)
		for i, want := range tt.want {
			if math.Abs(float64(got[i]-want)) > 0.001 {
				t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
				break
			}
		}
	}
}

// Whatever the tone, light stays from 0 to 1, in every size of picture.
func TestToneStaysInRange(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	signed := func() float64 { return 2*rnd.Float64() - 1 }
	for range 200 {
		o := Defaults()
		o.Tone, o.Invert = Tones()[rnd.IntN(2)], rnd.IntN(2) == 0
		o.Brightness, o.Contrast, o.Saturation, o.Gamma = signed(), signed(), signed(), 0.1+rnd.Float64()*9.9
		o.LocalContrast, o.Sharpen, o.Edges = rnd.Float64(), rnd.Float64(), rnd.Float64()
		l := &light{width: 1 + rnd.IntN(40), height: 1 + rnd.IntN(40)}
		for _, p := range []*[]float32{&l.r, &l.g, &l.b} {
			*p = make([]float32, l.width*l.height)
			for i := range *p {
				(*p)[i] = float32(rnd.IntN(3)) / 2
			}
		}
		(&toner{Options: o, cell: 1 + rnd.IntN(16)}).color(l)
		for _, p := range [][]float32{l.r, l.g, l.b} {
			if i := slices.IndexFunc(p, func(v float32) bool { return !(v >= 0 && v <= 1) }); i >= 0 {
				t.Fatalf("%+v: light of %v", o, p[i])
			}
		}
	}
}

// A colour keeps its hue and gets the luminance that the tone says.
func TestColoursFollowTheTone(t *testing.T) {
	l := &light{width: 1, height: 1, r: []float32{0.4}, g: []float32{0.1}, b: []float32{0.2}}
	o := Defaults()
	o.Brightness = -0.1
	before := l.luminance()[0]
	(&toner{Options: o, cell: 8}).color(l)
	want := lightness(before) - 0.1
	if got := lightness(l.luminance()[0]); math.Abs(float64(got-want)) > 0.001 {
		t.Errorf("lightness: got %v, want %v", got, want)
	}
	if r := l.r[0] / l.g[0]; math.Abs(float64(r-4)) > 0.01 {
		t.Errorf("red is %v times green, want 4", r)
	}
}

func TestSaturation(t *testing.T) {
	for _, tt := range []struct {
		saturation float64
		isGrey     bool
	}{{-1, true}, {-0.5, false}, {0.5, false}} {
		l := &light{width: 1, height: 1, r: []float32{0.4}, g: []float32{0.1}, b: []float32{0.2}}
		o := Defaults()
		o.Saturation = tt.saturation
		(&toner{Options: o, cell: 8}).color(l)
		spread := l.r[0] - l.g[0]
		if (spread < 1e-6) != tt.isGrey || tt.saturation > 0 && spread <= 0.3 || tt.saturation == -0.5 && spread >= 0.3 {
			t.Errorf("%v: red, green, blue = %v, %v, %v", tt.saturation, l.r[0], l.g[0], l.b[0])
		}
	}
}

// contrast is the difference between the lightest and the darkest sample.
func contrast(p plane) float32 { return slices.Max(p.pix) - slices.Min(p.pix) }

// A faint picture gets the whole range from vivid, but fog is not made a picture.
func TestVividSpendsTheRange(t *testing.T) {
	flat := func(spread float32) plane {
		p := ramp(64, 32)
		for i, v := range p.pix {
			l := 0.5 + spread*(lightness(v)-0.5)
			p.pix[i] = l * l
		}
		return p
	}
	o := Defaults()
	o.Tone = "vivid"
	for _, tt := range []struct {
		spread, least, most float32
	}{{0.4, 0.8, 1}, {0.01, 0, 0.1}, {0, 0, 1e-6}} {
		p := flat(tt.spread)
		(&toner{Options: o, cell: 4}).luminance(p)
		if got := contrast(p); got < tt.least || got > tt.most {
			t.Errorf("a spread of %v became %v, want from %v to %v", tt.spread, got, tt.least, tt.most)
		}
	}
}

// Edges are drawn in ink, which is dark on a light page.
func TestEdgesAreInk(t *testing.T) {
	step := func() plane {
		p := plane{16, 16, make([]float32, 256)}
		for i := range p.pix {
			if i%16 >= 8 {
				p.pix[i] = 1
			}
		}
		return p
	}
	for _, invert := range []bool{false, true} {
		o := Defaults()
		o.Edges, o.Invert = 1, invert
		p := step()
		(&toner{Options: o, cell: 4}).luminance(p)
		ink := float32(1)
		if invert {
			ink = 0
		}
		if edge := p.pix[8*16+8]; math.Abs(float64(edge-ink)) > 0.1 {
			t.Errorf("inverted %v: the edge has light %v, want %v", invert, edge, ink)
		}
	}
}

func TestLocalContrastBringsOutWhatIsFlat(t *testing.T) {
	p := ramp(64, 64)
	for i, v := range p.pix { // ripples in the light half
		if i%64 >= 32 && i/64%4 < 2 {
			p.pix[i] = v * 0.9
		}
	}
	ripple := func(p plane) float32 { return p.pix[30*64+48] - p.pix[33*64+48] }
	before := ripple(p)
	o := Defaults()
	o.LocalContrast = 1
	(&toner{Options: o, cell: 4}).luminance(p)
	if after := ripple(p); math.Abs(float64(after)) <= math.Abs(float64(before)) {
		t.Errorf("ripples were %v and are %v", before, after)
	}
}

// FuzzOptions draws a small picture with any options: an error or a sound drawing,
// never a panic, and never larger than allowed.
func FuzzOptions(f *testing.F) {
	f.Add(10, 5, 0.5, "ascii", "none", 0.0, 0.0, uint(0), "cover", 90, "vertical", "vivid")
	f.Add(10, 0, 1.0, "ramp: @", "true", 0.25, 0.5, uint(1), "", 0, "", "")
	f.Add(0, 9, 10.0, "all", "16", 1.0, 1e-9, uint(31), "stretch", 270, "both", "faithful")
	f.Add(-1, 1<<40, math.Inf(1), "\xff", "x", math.NaN(), -1.0, uint(255), "x", 1, "x", "x")
	img := image.NewNRGBA(image.Rect(0, 0, 23, 17))
	rnd := rand.New(rand.NewPCG(1, 9))
	for i := range img.Pix {
		img.Pix[i] = uint8(rnd.UintN(256))
	}
	img.SetNRGBA(3, 3, color.NRGBA{})
	f.Fuzz(func(t *testing.T, cols, rows int, aspect float64, glyphs, depth string, at, size float64, bits uint, fit string, rotate int, flip, tone string) {
		o := Options{
			Cols: cols, Rows: rows, CellAspect: aspect, Glyphs: glyphs, Color: depth,
			Crop: Rectangle{at, at, size, size}, Fit: fit, Rotate: rotate, Flip: flip, Tone: tone,
			Invert: bits&1 != 0, Trim: bits&2 != 0, NoUpscale: bits&4 != 0,
			Alpha: Alphas()[bits>>3%3], Dither: Dithers()[bits>>5%5], Effort: int(bits >> 8 % 10),
			Brightness: at - size, Contrast: at - size, LocalContrast: size, Sharpen: at, Edges: size, Threshold: at,
			Limits: Limits{Cols: 60, Rows: 40, Cells: 600},
		}
		art, err := Convert(img, o)
		if err != nil {
			return
		}
		if len(art.Frames[0].Cells) != art.Cols*art.Rows || art.Cols*art.Rows > 600 || art.Cols > 60 || art.Rows > 40 {
			t.Errorf("%d×%d with %d cells", art.Cols, art.Rows, len(art.Frames[0].Cells))
		}
		again, err := Convert(img, o.Canonical())
		if err != nil || !slices.Equal(art.Frames[0].Cells, again.Frames[0].Cells) {
			t.Errorf("the canonical options draw otherwise: %v", err)
		}
	})
}
