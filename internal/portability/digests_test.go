package portability

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/score"
	"github.com/charcoal-art/charcoal/raster"
)

// digests draws small pictures in many ways and writes a digest of each drawing,
// and for some their score and a digest of what the formats make of them.
func digests(w io.Writer) error {
	for _, p := range []struct {
		name string
		img  image.Image
	}{{"hills", hills(48, 40)}, {"disc", disc(22, 32)}} {
		for _, way := range ways() {
			o := ascii.Defaults()
			o.Cols, o.Effort = 16, 3
			way.change(&o)
			if o.Effort == ascii.MaxEffort && p.name == "disc" {
				continue // once is enough: emulated machines are slow
			}
			art, err := ascii.Convert(p.img, o)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", p.name, way.name, err)
			}
			name := p.name + ", " + way.name
			if err := report(w, name, art); err != nil {
				return err
			}
			if o.Effort == 3 && strings.Contains(way.name, "effort") { // one for each depth
				if err := written(w, name, art, p.img); err != nil {
					return err
				}
			}
		}
	}
	if err := photo(w); err != nil {
		return err
	}
	return animation(w)
}

// way is one way to draw.
type way struct {
	name   string
	change func(*ascii.Options)
}

func ways() []way {
	all := []way{
		{"inverted", func(o *ascii.Options) { o.Invert = true }},
		{"vivid", func(o *ascii.Options) { o.Tone = "vivid" }},
		{"vivid colour", func(o *ascii.Options) { o.Tone, o.Color, o.Glyphs = "vivid", "true", "all" }},
		{"curves", func(o *ascii.Options) { o.Brightness, o.Contrast, o.Gamma = 0.1, 0.3, 1.7 }},
		{"saturated", func(o *ascii.Options) { o.Color, o.Saturation, o.Gamma = "true", 0.6, 0.8 }},
		{"local contrast", func(o *ascii.Options) { o.LocalContrast, o.Sharpen = 0.5, 0.4 }},
		{"edges", func(o *ascii.Options) { o.Edges = 0.7 }},
		{"threshold", func(o *ascii.Options) { o.Threshold = 0.4 }},
		{"turned", func(o *ascii.Options) { o.Rotate, o.Flip = 90, "horizontal" }},
		{"ink", func(o *ascii.Options) { o.Color, o.Paint = "true", "ink" }},
		{"two colours", func(o *ascii.Options) {
			o.Color, o.Palette = "16", []ascii.RGB{{R: 20, G: 30, B: 60}, {R: 250, G: 220, B: 180}}
		}},
		{"any font", func(o *ascii.Options) { o.AnyFont, o.Effort = true, 5 }},
		{"any font, inverted", func(o *ascii.Options) { o.AnyFont, o.Invert = true, true }},
		{"ramp", func(o *ascii.Options) { o.Glyphs = "ramp: .:-=+*#%@" }},
		{"stretched", func(o *ascii.Options) { o.Rows, o.Fit, o.CellAspect = 9, "stretch", 0.47 }},
	}
	for _, effort := range []int{1, 3, 5, 9} {
		all = append(all, way{fmt.Sprint("mono, effort ", effort), func(o *ascii.Options) { o.Effort = effort }})
		for _, depth := range []string{"true", "256", "16"} {
			all = append(all, way{fmt.Sprint(depth, " colours, effort ", effort), func(o *ascii.Options) {
				o.Color, o.Glyphs, o.Effort = depth, "all", effort
			}})
		}
	}
	for _, dither := range ascii.Dithers() {
		for _, depth := range []string{"none", "16"} {
			all = append(all, way{"dither " + dither + " of " + depth, func(o *ascii.Options) { o.Dither, o.Color = dither, depth }})
		}
	}
	for _, set := range ascii.GlyphSets() {
		if set != "ramp" {
			all = append(all, way{"glyphs " + set, func(o *ascii.Options) { o.Glyphs = set }})
		}
	}
	return all
}

func report(w io.Writer, name string, art *ascii.Art) error {
	stored, err := art.MarshalBinary()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = fmt.Fprintf(w, "%s: art %x\n", name, digest(stored))
	return err
}

// written tells what is made of a drawing.
func written(w io.Writer, name string, art *ascii.Art, img image.Image) error {
	var files bytes.Buffer
	for _, f := range format.All() {
		if err := f.Write(&files, art, format.Settings{}); err != nil {
			return fmt.Errorf("%s as %s: %w", name, f.Name, err)
		}
	}
	s, err := score.Of(context.Background(), art, img)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = fmt.Fprintf(w, "%s: formats %x, quality %.6f\n", name, digest(files.Bytes()), s.Quality)
	return err
}

func digest(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:8]
}

// photo is decoded from a JPEG first.
func photo(w io.Writer) error {
	var file bytes.Buffer
	if err := jpeg.Encode(&file, hills(61, 47), nil); err != nil {
		return err
	}
	img, _, err := raster.Decode(context.Background(), bytes.NewReader(file.Bytes()), raster.DefaultLimits())
	if err != nil {
		return err
	}
	o := ascii.Defaults()
	o.Cols, o.Color, o.Glyphs = 20, "true", "sextants"
	art, err := ascii.Convert(img, o)
	if err != nil {
		return err
	}
	return report(w, "photo", art)
}

func animation(w io.Writer) error {
	frames := func(yield func(image.Image, time.Duration) bool) {
		for i := range 4 {
			if !yield(disc(20+6*i, 40), 100*time.Millisecond) {
				return
			}
		}
	}
	o := ascii.Defaults()
	o.Cols, o.Frames = 20, 4
	art, err := ascii.ConvertFrames(context.Background(), frames, 0, o)
	if err != nil {
		return err
	}
	if err := report(w, "animation", art); err != nil {
		return err
	}
	return written(w, "animation", art, disc(20, 40))
}

// hills are smooth tones and colours with some grain, made with whole numbers.
func hills(width, height int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	grain := uint32(1)
	for y := range height {
		for x := range width {
			grain = grain*1664525 + 1013904223
			ridge := (x*x/7 + 3*y*(width-x)/5) % 256
			c := color.RGBA{uint8(ridge), uint8(255 * y / height), uint8(255 - ridge/2), 255}
			c.R ^= uint8(grain >> 28)
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// disc is a red disc on a transparent ground.
func disc(x, size int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, size, size))
	for py := range size {
		for px := range size {
			if dx, dy := px-x, py-size/2; dx*dx+dy*dy < size*size/9 {
				img.SetNRGBA(px, py, color.NRGBA{230, uint8(4 * py), 40, uint8(255 - px)})
			}
		}
	}
	return img
}
