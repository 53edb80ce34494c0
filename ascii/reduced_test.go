package ascii

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"testing"
)

func evenly(pixels int) run { return run{pixels, 1, 0, pixels} }

// reducedBy averages an original, whose light is even within boxes, over boxes that
// start anywhere.
func reducedBy(scale int, shift image.Point, original *image.Gray) *Reduced {
	r := &Reduced{Scale: scale, Original: original.Rect.Add(shift)}
	small := image.NewGray(image.Rect(0, 0, (r.Original.Max.X+scale-1)/scale, (r.Original.Max.Y+scale-1)/scale))
	for y := range small.Rect.Max.Y {
		for x := range small.Rect.Max.X {
			at := image.Pt(max(x*scale-shift.X, 0), max(y*scale-shift.Y, 0))
			small.SetGray(x, y, original.GrayAt(at.X, at.Y))
		}
	}
	r.Image = small
	return r
}

// boxes is a picture in boxes of one grey each.
func boxes(width, height, scale int, shift image.Point) *image.Gray {
	rnd := rand.New(rand.NewPCG(7, 8))
	grey := map[image.Point]uint8{}
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			box := image.Pt((x+shift.X)/scale, (y+shift.Y)/scale)
			if _, ok := grey[box]; !ok {
				grey[box] = uint8(rnd.IntN(256))
			}
			img.SetGray(x, y, color.Gray{Y: grey[box]})
		}
	}
	return img
}

// Nothing of a picture that is even within the boxes of its reduction is lost, so
// the samples must be those of the original.
func TestSamplesOfReducedPictures(t *testing.T) {
	for _, tt := range []struct {
		size, shift image.Point
		scale       int
	}{
		{image.Pt(64, 48), image.Point{}, 8},
		{image.Pt(61, 47), image.Point{}, 8},  // partly outside at the end
		{image.Pt(61, 47), image.Pt(3, 1), 8}, // as after a turn: at the start
		{image.Pt(5, 3), image.Point{}, 8},    // one pixel for all
		{image.Pt(9000, 2), image.Pt(1, 0), 1000},
	} {
		original := boxes(tt.size.X, tt.size.Y, tt.scale, tt.shift)
		whole := sourceOf(original)
		reduced := sourceOf(reducedBy(tt.scale, tt.shift, original))
		for _, part := range []image.Rectangle{original.Rect, image.Rect(tt.size.X/3, tt.size.Y/3, tt.size.X-1, tt.size.Y-1)} {
			if part.Empty() {
				continue
			}
			want, _, err := sampleGray(t.Context(), whole.of(part), 7, 5)
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := sampleGray(t.Context(), reduced.of(part.Add(tt.shift)), 7, 5)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if math.Abs(float64(got[i]-want[i])) > 1e-6 {
					t.Fatalf("%v by %d from %v, part %v: sample %d is %v, want %v", tt.size, tt.scale, tt.shift, part, i, got[i], want[i])
				}
			}
		}
	}
}

func TestReducedIsDrawnAsTheOriginal(t *testing.T) {
	shift := image.Pt(5, 2)
	original := boxes(331, 257, 8, shift)
	reduced := reducedBy(8, shift, original)
	for _, o := range []Options{
		{Cols: 20, Glyphs: "ascii", Color: "none"},
		{Cols: 30, Glyphs: "blocks", Color: "true"},
		{Rows: 9, Glyphs: "ascii", Color: "none", Crop: Rectangle{X: 0.25, Y: 0.25, Width: 0.5, Height: 0.5}},
		{Cols: 12, Rows: 12, Fit: "cover", Glyphs: "ascii", Color: "none", Rotate: 90},
		{Cols: 1000, NoUpscale: true, Glyphs: "ascii", Color: "none", Effort: 1},
	} {
		o.CellAspect = 0.5
		want, err := Convert(original, o)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Convert(reduced, o)
		if err != nil {
			t.Fatal(err)
		}
		if got.Cols != want.Cols || got.Rows != want.Rows {
			t.Fatalf("%+v: got %d×%d cells, want %d×%d", o, got.Cols, got.Rows, want.Cols, want.Rows)
		}
		for i, c := range want.Frames[0].Cells {
			if got.Frames[0].Cells[i] != c {
				t.Errorf("%+v: cell %d is %v, want %v", o, i, got.Frames[0].Cells[i], c)
				break
			}
		}
	}
}

func TestReducedThatLies(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 4, 4))
	for name, r := range map[string]*Reduced{
		"no scale":         {img, 0, image.Rect(0, 0, 4, 4)},
		"larger original":  {img, 2, image.Rect(0, 0, 9, 8)},
		"original outside": {img, 2, image.Rect(-1, 0, 7, 8)},
		"no original":      {img, 2, image.Rectangle{}},
	} {
		if _, err := Convert(r, Options{Cols: 2, CellAspect: 0.5, Glyphs: "ascii", Color: "none"}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestNeed(t *testing.T) {
	o := Options{Cols: 100, CellAspect: 0.5, Glyphs: "ascii", Color: "none"}
	with := func(change func(*Options)) Options {
		o := o
		change(&o)
		return o
	}
	for _, tt := range []struct {
		name string
		o    Options
		want image.Point
	}{
		{"polished", o, image.Pt(700, 700)},
		{"by table", with(func(o *Options) { o.Effort = 1 }), image.Pt(350, 350)},
		{"half of it", with(func(o *Options) { o.Crop = Rectangle{0.5, 0, 0.5, 1} }), image.Pt(1400, 1400)},
		{"turned", with(func(o *Options) { o.Rotate, o.Rows, o.Fit = 90, 10, "stretch" }), image.Pt(140, 700)},
		{"trimmed", with(func(o *Options) { o.Trim = true }), image.Pt(1400, 1400)},
	} {
		if got := tt.o.Need(1000, 1000); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
