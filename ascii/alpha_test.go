package ascii

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"testing"
)

// onNothing is a disc of a colour in the middle of a transparent picture.
func onNothing(c color.NRGBA) *image.NRGBA {
	const size = 64
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for i := range size * size {
		x, y := i%size-size/2, i/size-size/2
		if x*x+y*y < size*size/9 {
			img.SetNRGBA(i%size, i/size, c)
		}
	}
	return img
}

// isBlank reports whether a drawing shows nothing: the same in every cell.
func isBlank(a *Art) bool {
	cells := a.Frames[0].Cells
	return !slices.ContainsFunc(cells, func(c Cell) bool { return c != cells[0] })
}

// No drawing on transparency is blank, whatever its colour and the page. That is
// the default.
func TestDrawingsOnTransparencyAreNeverBlank(t *testing.T) {
	colors := map[string]color.NRGBA{
		"black": {0, 0, 0, 255}, "white": {255, 255, 255, 255}, "navy": {0, 0, 128, 255},
		"grey": {128, 128, 128, 255}, "yellow": {255, 255, 0, 255}, "black glass": {0, 0, 0, 128},
	}
	pages := map[string]func(*Options){
		"dark":  func(*Options) {},
		"light": func(o *Options) { o.Invert = true },
		"grey":  func(o *Options) { o.Background = "#808080" },
		"blue":  func(o *Options) { o.Background = "#002b36" },
	}
	for page, change := range pages {
		for name, c := range colors {
			o := Defaults()
			o.Cols = 20
			change(&o)
			art, err := Convert(onNothing(c), o)
			if err != nil {
				t.Fatal(err)
			}
			if isBlank(art) {
				t.Errorf("%s on a %s page is blank", name, page)
			}
		}
	}
}

func TestAlpha(t *testing.T) {
	black, white := color.NRGBA{0, 0, 0, 255}, color.NRGBA{255, 255, 255, 255}
	tests := []struct {
		name   string
		color  color.NRGBA
		change func(*Options)
		corner string // the character in a transparent corner
		middle string
	}{
		{"black over the dark page, as asked", black, func(o *Options) { o.Alpha = "over" }, " ", " "},
		{"black over white", black, func(o *Options) { o.Alpha, o.Background = "over", "#ffffff" }, "@", " "},
		{"black with an automatic ground", black, func(*Options) {}, "@", " "},
		{"white with an automatic ground", white, func(*Options) {}, " ", "@"},
		{"white on paper", white, func(o *Options) { o.Invert = true }, "@", " "},
		{"black on paper", black, func(o *Options) { o.Invert = true }, " ", "@"},
		{"white with spaces on paper", white, func(o *Options) { o.Invert, o.Alpha = true, "spaces" }, " ", " "},
		{"black with spaces over a light background", black, func(o *Options) { o.Alpha, o.Background = "spaces", "#ffffff" }, " ", " "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Defaults()
			o.Cols, o.Glyphs = 16, "ramp: @"
			tt.change(&o)
			art, err := Convert(onNothing(tt.color), o)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Split(text(art), "\n")
			if corner, middle := lines[0][:1], lines[art.Rows/2][art.Cols/2:][:1]; corner != tt.corner || middle != tt.middle {
				t.Errorf("got %q in the corner and %q in the middle, want %q and %q:\n%s", corner, middle, tt.corner, tt.middle, text(art))
			}
		})
	}
}

// What is not transparent is drawn as it is, however dark: night is no logo.
func TestOpaquePicturesKeepTheirGround(t *testing.T) {
	o := Defaults()
	o.Cols = 10
	for name, img := range map[string]image.Image{
		"a dark picture":   image.NewGray(image.Rect(0, 0, 40, 40)),
		"nothing at all":   image.NewNRGBA(image.Rect(0, 0, 40, 40)),
		"a uniform colour": &image.Uniform{color.Black},
	} {
		if u, ok := img.(*image.Uniform); ok {
			img = partOf(plainImage{u}, image.Rect(0, 0, 40, 40))
		}
		art, err := Convert(img, o)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimSpace(text(art)); got != "" {
			t.Errorf("%s: got %q, want a blank page", name, got)
		}
	}
}

// One pixel that is not quite opaque is found wherever it is.
func TestOnePixelThatIsNotOpaque(t *testing.T) {
	whole := image.NewNRGBA(image.Rect(0, 0, 41, 3))
	for _, width := range []int{1, 2, 7, 8, 9, 16, 39} {
		part := image.Rect(2, 1, 2+width, 3)
		for i := range whole.Pix {
			whole.Pix[i] = 0
		}
		for at := range 2 * width {
			img := whole.SubImage(part).(*image.NRGBA)
			for x := range width {
				img.Set(2+x, 1, color.Black)
				img.Set(2+x, 2, color.Black)
			}
			if !isOpaque(img) || !isOpaque((*image.RGBA)(img)) {
				t.Fatalf("%d pixels wide: got transparent, want opaque", width)
			}
			img.Pix[at/width*img.Stride+at%width*4+3] = 254
			if isOpaque(img) || isOpaque((*image.RGBA)(img)) {
				t.Fatalf("%d pixels wide, pixel %d: got opaque, want transparent", width, at)
			}
		}
	}
}
