package ascii_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"os"
	"time"

	"golang.org/x/image/font/gofont/gomono"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// disc is a white disc on black.
func disc(x, y, radius int) image.Image {
	img := image.NewGray(image.Rect(0, 0, 100, 100))
	for i := range img.Pix {
		dx, dy := i%100-x, i/100-y
		if dx*dx+dy*dy < radius*radius {
			img.SetGray(i%100, i/100, color.Gray{Y: 255})
		}
	}
	return img
}

// A picture becomes art, and art becomes text.
func ExampleConvert() {
	o := ascii.Defaults()
	o.Cols = 20
	o.Glyphs = "ramp:.o@"          // in place of printable ASCII
	o.Effort, o.Dither = 1, "none" // the quickest, by tone alone
	art, err := ascii.Convert(disc(50, 50, 40), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := format.Lookup("text")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := text.Write(os.Stdout, art, format.Settings{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ....................
	// ......ooo@@@oo......
	// ....o@@@@@@@@@@@....
	// ...@@@@@@@@@@@@@@o..
	// ..o@@@@@@@@@@@@@@@..
	// ..o@@@@@@@@@@@@@@@..
	// ...@@@@@@@@@@@@@@o..
	// ....@@@@@@@@@@@@o...
	// ......oo@@@@oo......
	// ....................
}

// Art is cells: each has a character, and may have colours.
func ExampleArt_Row() {
	o := ascii.Defaults()
	o.Cols, o.Color, o.Glyphs = 20, "true", "blocks"
	art, err := ascii.Convert(disc(50, 50, 40), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	middle := art.Row(0, art.Rows/2)[art.Cols/2]
	white := ascii.RGB{R: 255, G: 255, B: 255}
	fmt.Println(art.Depth, middle.FG.RGB(art.Palette, white) == white || middle.BG.RGB(art.Palette, white) == white)
	// Output: true true
}

// Options that cannot be say what can be.
func ExampleOptions_Validate() {
	o := ascii.Defaults()
	o.Fit = "covr"
	fmt.Println(o.Validate())
	// Output: fit is "covr", but must be one of: contain, cover, stretch (did you mean "cover"?)
}

// A palette of one's own is kept to.
func ExampleOptions_palette() {
	o := ascii.Defaults()
	o.Cols, o.Color, o.Glyphs = 20, "16", "blocks"
	o.Palette = []ascii.RGB{{R: 0x1b, G: 0x1b, B: 0x3a}, {R: 0xff, G: 0xd1, B: 0x66}} // night and lamp
	art, err := ascii.Convert(disc(50, 50, 40), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	used := map[ascii.RGB]bool{}
	for _, c := range art.Frames[0].Cells {
		used[c.BG.RGB(art.Palette, art.Page.Ground)] = true
	}
	fmt.Println(used[o.Palette[0]], used[o.Palette[1]])
	// Output: true true
}

// Where the reader's font is known, characters are measured in it, and it says how
// wide cells are.
func ExampleOptions_font() {
	font, err := glyph.ParseFont(gomono.TTF)
	if err != nil {
		fmt.Println(err)
		return
	}
	o := ascii.Defaults()
	o.Cols, o.Font = 40, gomono.TTF
	if o.CellAspect, err = font.Aspect(); err != nil {
		fmt.Println(err)
		return
	}
	art, err := ascii.Convert(disc(50, 50, 40), o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("cells of %.2f to 1, %d by %d\n", o.CellAspect, art.Cols, art.Rows)
	// Output: cells of 0.52 to 1, 40 by 21
}

func ExampleOptions_Grid() {
	o := ascii.Defaults()
	o.Cols, o.Rows = 80, 24 // a terminal
	fmt.Println(o.Grid(3000, 2000))
	o.Fit = "cover"
	fmt.Println(o.Grid(3000, 2000))
	// Output:
	// 72 24
	// 80 24
}

func ExampleOptions_Canonical() {
	o := ascii.Defaults()
	o.Rotate, o.Flip = 180, "both"
	c := o.Canonical()
	fmt.Println(c.Rotate, c.Flip, c.Tone, c.Background)
	// Output: 0 none faithful #000000
}

func ExampleConvertFrames() {
	frames := func(yield func(image.Image, time.Duration) bool) {
		for x := 20; x <= 80; x += 30 {
			if !yield(disc(x, 50, 15), 100*time.Millisecond) {
				return
			}
		}
	}
	o := ascii.Defaults()
	o.Cols, o.Frames = 20, 10
	const forever = 0
	art, err := ascii.ConvertFrames(context.Background(), frames, forever, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(art.Frames), "frames of", art.Frames[0].Delay)
	// Output: 3 frames of 100ms
}
