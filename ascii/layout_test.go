package ascii

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
)

func TestGrid(t *testing.T) {
	tests := []struct {
		name          string
		o             Options
		width, height int
		cols, rows    int
	}{
		{"a photograph", Options{Cols: 100, CellAspect: 0.5}, 768, 512, 100, 33},
		{"square cells", Options{Cols: 100, CellAspect: 1}, 768, 512, 100, 67},
		{"from rows", Options{Rows: 33, CellAspect: 0.5}, 768, 512, 99, 33},
		{"very wide", Options{Cols: 10, CellAspect: 0.5}, 10_000, 1, 10, 1},
		{"very high from rows", Options{Rows: 10, CellAspect: 0.5}, 1, 10_000, 1, 10},
		{"very high", Options{Cols: 10, CellAspect: 0.5}, 1, 10_000, 10, 50_000},
		{"absurd", Options{Cols: 2000, CellAspect: 10}, 1, math.MaxInt32, 2000, math.MaxInt32},

		{"contained in a wide box", Options{Cols: 100, Rows: 20, CellAspect: 0.5}, 100, 100, 40, 20},
		{"contained in a high box", Options{Cols: 20, Rows: 100, CellAspect: 0.5}, 100, 100, 20, 10},
		{"fitting exactly", Options{Cols: 40, Rows: 20, CellAspect: 0.5, Fit: "contain"}, 100, 100, 40, 20},
		{"covering", Options{Cols: 100, Rows: 20, CellAspect: 0.5, Fit: "cover"}, 100, 100, 100, 20},
		{"stretched", Options{Cols: 7, Rows: 9, CellAspect: 0.5, Fit: "stretch"}, 768, 512, 7, 9},
		{"fit without a box", Options{Cols: 100, CellAspect: 0.5, Fit: "cover"}, 768, 512, 100, 33},

		{"a small picture", Options{Cols: 100, CellAspect: 0.5, NoUpscale: true}, 30, 30, 30, 15},
		{"a small picture in wide cells", Options{Cols: 100, CellAspect: 2, NoUpscale: true}, 30, 30, 15, 30},
		{"a small picture in a box", Options{Cols: 100, Rows: 100, CellAspect: 0.5, NoUpscale: true}, 30, 30, 30, 15},
		{"a small picture stretched", Options{Cols: 100, Rows: 20, CellAspect: 0.5, Fit: "stretch", NoUpscale: true}, 30, 30, 30, 20},
		{"a small picture covering", Options{Cols: 100, Rows: 20, CellAspect: 0.5, Fit: "cover", NoUpscale: true}, 30, 30, 30, 20},
		{"a large picture", Options{Cols: 100, CellAspect: 0.5, NoUpscale: true}, 300, 300, 100, 50},

		{"a half", Options{Cols: 100, CellAspect: 0.5, Crop: Rectangle{0, 0, 0.5, 1}}, 200, 200, 100, 100},
		{"turned", Options{Cols: 100, CellAspect: 0.5, Rotate: 90}, 400, 200, 100, 100},
		{"turned by half", Options{Cols: 100, CellAspect: 0.5, Rotate: 180}, 400, 200, 100, 25},
		{"of no size", Options{Cols: 100, CellAspect: 0.5}, 0, 0, 100, 50},
	}
	for _, tt := range tests {
		if cols, rows := tt.o.Grid(tt.width, tt.height); cols != tt.cols || rows != tt.rows {
			t.Errorf("%s: got %d×%d, want %d×%d", tt.name, cols, rows, tt.cols, tt.rows)
		}
	}
}

func TestPartThatIsDrawn(t *testing.T) {
	bounds := image.Rect(10, 20, 110, 220) // 100 × 200
	tests := []struct {
		name string
		o    Options
		want image.Rectangle
	}{
		{"all", Options{Cols: 10}, bounds},
		{"a quarter", Options{Cols: 10, Crop: Rectangle{0.5, 0.5, 0.5, 0.5}}, image.Rect(60, 120, 110, 220)},
		{"a third", Options{Cols: 10, Crop: Rectangle{2. / 3, 0, 1. / 3, 1}}, image.Rect(77, 20, 110, 220)},
		{"less than a pixel", Options{Cols: 10, Crop: Rectangle{0.999, 0.999, 0.001, 0.001}}, image.Rect(109, 219, 110, 220)},
		{"a square covered", Options{Cols: 20, Rows: 10, Fit: "cover"}, image.Rect(10, 70, 110, 170)},
		{"a square covered from a turned picture", Options{Cols: 20, Rows: 10, Fit: "cover", Rotate: 90}, image.Rect(10, 70, 110, 170)},
		{"a wide box covered from a turned picture", Options{Cols: 40, Rows: 10, Fit: "cover", Rotate: 270}, bounds},
		{"a high box covered", Options{Cols: 5, Rows: 10, Fit: "cover"}, image.Rect(35, 20, 85, 220)},
	}
	for _, tt := range tests {
		tt.o.CellAspect = 0.5
		if got := tt.o.layout(tt.o.cropped(bounds)).part; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// turned is a picture turned by the meaning of the words.
func turned(img image.Image, rotate int, flip string) image.Image {
	b := img.Bounds()
	step := func(size image.Point, from func(x, y int) image.Point) {
		next := image.NewNRGBA(image.Rectangle{Max: size})
		for y := range size.Y {
			for x := range size.X {
				next.Set(x, y, img.At(b.Min.X+from(x, y).X, b.Min.Y+from(x, y).Y))
			}
		}
		img, b = next, next.Rect
	}
	for range rotate / 90 { // the first column, from below, becomes the first row
		size := b.Size()
		step(image.Pt(size.Y, size.X), func(x, y int) image.Point { return image.Pt(y, size.Y-1-x) })
	}
	size := b.Size()
	if flip == "horizontal" || flip == "both" {
		step(size, func(x, y int) image.Point { return image.Pt(size.X-1-x, y) })
	}
	if flip == "vertical" || flip == "both" {
		step(size, func(x, y int) image.Point { return image.Pt(x, size.Y-1-y) })
	}
	return img
}

// Turning samples is turning pixels.
func TestTurning(t *testing.T) {
	img := noisy()["NRGBA"]
	for _, rotate := range []int{0, 90, 180, 270} {
		for _, flip := range Flips() {
			t.Run(fmt.Sprint(rotate, " ", flip), func(t *testing.T) {
				o := Defaults()
				o.Cols, o.Alpha = 12, "over"
				want, err := Convert(turned(img, rotate, flip), o)
				if err != nil {
					t.Fatal(err)
				}
				o.Rotate, o.Flip = rotate, flip
				got, err := Convert(img, o)
				if err != nil {
					t.Fatal(err)
				}
				if got.Cols != want.Cols || !slices.Equal(got.Frames[0].Cells, want.Frames[0].Cells) {
					t.Errorf("got\n%s\nwant\n%s", text(got), text(want))
				}
			})
		}
	}
}

// A view is what is drawn.
func TestView(t *testing.T) {
	img := noisy()["NRGBA"]
	for _, rotate := range []int{0, 90, 180, 270} {
		for _, flip := range Flips() {
			want := turned(img, rotate, flip)
			got := Options{Cols: 10, CellAspect: 0.5, Rotate: rotate, Flip: flip}.View(img)
			if got.Bounds().Size() != want.Bounds().Size() {
				t.Fatalf("%d %s: got %v, want %v", rotate, flip, got.Bounds(), want.Bounds())
			}
			for i := range want.Bounds().Dx() * want.Bounds().Dy() {
				x, y := i%want.Bounds().Dx(), i/want.Bounds().Dx()
				g, w := got.At(got.Bounds().Min.X+x, got.Bounds().Min.Y+y), want.At(want.Bounds().Min.X+x, want.Bounds().Min.Y+y)
				if wide(g) != wide(w) {
					t.Fatalf("%d %s: pixel %d,%d is %v, want %v", rotate, flip, x, y, g, w)
				}
			}
		}
	}
	half := Options{Cols: 10, CellAspect: 0.5, Crop: Rectangle{0.5, 0, 0.5, 1}}.View(img)
	if got, want := half.Bounds(), image.Rect(18, 5, 36, 28); got != want {
		t.Errorf("the right half is %v, want %v", got, want)
	}
}

func TestTrimming(t *testing.T) {
	const size = 20
	white, noise, red := color.NRGBA{255, 255, 255, 255}, color.NRGBA{250, 252, 249, 255}, color.NRGBA{200, 0, 0, 255}
	canvas := func(border ...color.NRGBA) *image.NRGBA {
		img := image.NewNRGBA(image.Rect(5, 5, 5+size, 5+size))
		for i := range size * size {
			img.SetNRGBA(5+i%size, 5+i/size, border[i%len(border)])
		}
		return img
	}
	fill := func(img *image.NRGBA, r image.Rectangle, c color.NRGBA) *image.NRGBA {
		for y := r.Min.Y; y < r.Max.Y; y++ {
			for x := r.Min.X; x < r.Max.X; x++ {
				img.SetNRGBA(x, y, c)
			}
		}
		return img
	}
	subject := image.Rect(8, 10, 15, 21)
	tests := []struct {
		name string
		img  *image.NRGBA
		want image.Rectangle
	}{
		{"a border of one colour", fill(canvas(white), subject, red), subject},
		{"a border with noise", fill(canvas(white, noise), subject, red), subject},
		{"a transparent border", fill(canvas(color.NRGBA{}), subject, red), subject},
		{"transparent borders whose colours differ", fill(canvas(color.NRGBA{9, 90, 200, 0}, color.NRGBA{}), subject, red), subject},
		{"one pixel", fill(canvas(white), image.Rect(7, 9, 8, 10), red), image.Rect(7, 9, 8, 10)},
		{"nothing but border", canvas(white), image.Rect(5, 5, 25, 25)},
		{"no border", fill(canvas(white), image.Rect(5, 5, 25, 25), red), image.Rect(5, 5, 25, 25)},
	}
	for _, tt := range tests {
		if got := trimmed(tt.img, tt.img.Rect); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

// plainImage hides what a picture can do beyond the interface.
type plainImage struct{ image.Image }

// A picture of any kind can be cut without a copy.
func TestPartOfAnyPicture(t *testing.T) {
	part := image.Rect(0, 8, 9, 19)
	for name, img := range noisy() {
		want, err := sampleLight(t.Context(), sourceOf(partOf(img, part)), 5, 4)
		if err != nil {
			t.Fatal(err)
		}
		got, err := sampleLight(t.Context(), sourceOf(partOf(plainImage{img}, part)), 5, 4)
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.r {
			if math.Abs(float64(got.r[i]-want.r[i])) > 0.01 {
				t.Fatalf("%s: box %d has %v, want %v", name, i, got.r[i], want.r[i])
			}
		}
	}
}
