package ascii

import (
	"encoding/json"
	"errors"
	"image"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestDefaultsAreValid(t *testing.T) {
	if err := Defaults().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		option string // "": valid
		want   string // in the message
	}{
		{"most columns", func(o *Options) { o.Cols = 2000 }, "", ""},
		{"rows alone", func(o *Options) { o.Cols, o.Rows = 0, 30 }, "", ""},
		{"both", func(o *Options) { o.Rows = 30 }, "", ""},
		{"a ramp", func(o *Options) { o.Glyphs = "ramp: .:-=+*#%@" }, "", ""},
		{"a ramp of blocks", func(o *Options) { o.Glyphs = "ramp: ░▒▓█" }, "", ""},
		{"too many columns", func(o *Options) { o.Cols = 2001 }, "cols", "cols is 2001, but must be from 1 to 2000"},
		{"negative columns", func(o *Options) { o.Cols = -1 }, "cols", "cols is -1"},
		{"own limit", func(o *Options) { o.Limits.Cols = 80 }, "cols", "from 1 to 80"},
		{"neither", func(o *Options) { o.Cols = 0 }, "cols", "give at least one"},
		{"too many rows", func(o *Options) { o.Rows = 1 << 40 }, "rows", "from 1 to 100000"},
		{"no aspect", func(o *Options) { o.CellAspect = 0 }, "cell_aspect", "from 0.1 to 10"},
		{"aspect NaN", func(o *Options) { o.CellAspect = math.NaN() }, "cell_aspect", "from 0.1 to 10"},
		{"aspect infinite", func(o *Options) { o.CellAspect = math.Inf(1) }, "cell_aspect", "from 0.1 to 10"},
		{"glyphs misspelt", func(o *Options) { o.Glyphs = "asci" }, "glyphs", `did you mean "ascii"?`},
		{"glyphs unknown", func(o *Options) { o.Glyphs = "emoji" }, "glyphs", "all, chars:<characters>"},
		{"color unknown", func(o *Options) { o.Color = "truecolor" }, "color", `must be one of: none`},
		{"ramp of one", func(o *Options) { o.Glyphs = "ramp:@@@" }, "glyphs", "at least two different characters"},
		{"ramp of none", func(o *Options) { o.Glyphs = "ramp:" }, "glyphs", "at least two different characters"},
		{"ramp too long", func(o *Options) { o.Glyphs = "ramp:" + strings.Repeat(".", 300) }, "glyphs", "at most 256"},
		{"ramp with a line break", func(o *Options) { o.Glyphs = "ramp: .\n" }, "glyphs", "control character"},
		{"ramp with an escape", func(o *Options) { o.Glyphs = "ramp: \x1b" }, "glyphs", "control character"},
		{"ramp of wide ones", func(o *Options) { o.Glyphs = "ramp: 漢" }, "glyphs", "two cells wide"},
		{"ramp of emoji", func(o *Options) { o.Glyphs = "ramp: 😀" }, "glyphs", "two cells wide"},
		{"ramp with an accent", func(o *Options) { o.Glyphs = "ramp: \u0301" }, "glyphs", "no width"},
		{"ramp with a joiner", func(o *Options) { o.Glyphs = "ramp: \u200d" }, "glyphs", "no width"},
		{"ramp not in the font", func(o *Options) { o.Glyphs = "ramp: א" }, "glyphs", "font"},
		{"ramp not UTF-8", func(o *Options) { o.Glyphs = "ramp: \xff" }, "glyphs", "UTF-8"},

		{"a fit", func(o *Options) { o.Fit = "cover" }, "", ""},
		{"a fit misspelt", func(o *Options) { o.Fit = "covr" }, "fit", `did you mean "cover"?`},
		{"a crop", func(o *Options) { o.Crop = Rectangle{1. / 3, 0, 2. / 3, 1} }, "", ""},
		{"a crop of nothing", func(o *Options) { o.Crop = Rectangle{0.5, 0.5, 0, 0} }, "crop", "crop is 0.5,0.5,0,0, but"},
		{"a crop outside", func(o *Options) { o.Crop = Rectangle{0.5, 0, 0.6, 1} }, "crop", "within it"},
		{"a crop NaN", func(o *Options) { o.Crop = Rectangle{math.NaN(), 0, 0.5, 0.5} }, "crop", "within it"},
		{"a crop infinite", func(o *Options) { o.Crop = Rectangle{0, 0, math.Inf(1), 0.5} }, "crop", "within it"},
		{"a quarter turn", func(o *Options) { o.Rotate = 270 }, "", ""},
		{"an odd turn", func(o *Options) { o.Rotate = 45 }, "rotate", "rotate is 45, but must be 0, 90, 180 or 270"},
		{"a turn back", func(o *Options) { o.Rotate = -90 }, "rotate", "rotate is -90"},
		{"a whole turn", func(o *Options) { o.Rotate = 360 }, "rotate", "rotate is 360"},
		{"a flip", func(o *Options) { o.Flip = "sideways" }, "flip", "one of: none, horizontal, vertical, both"},
		{"a paint", func(o *Options) { o.Paint = "inks" }, "paint", `did you mean "ink"?`},
		{"a palette", func(o *Options) { o.Palette = make([]RGB, 256) }, "", ""},
		{"a palette of one", func(o *Options) { o.Palette = make([]RGB, 1) }, "palette", "has 1 colours, but must have from 2 to 256"},
		{"a large palette", func(o *Options) { o.Palette = make([]RGB, 257) }, "palette", "from 2 to 256"},
		{"a background", func(o *Options) { o.Background = "#002B36" }, "", ""},
		{"a background by name", func(o *Options) { o.Background = "red" }, "background", `background is "red", but must be a colour such as "#ff8000"`},
		{"a short background", func(o *Options) { o.Background = "#fff" }, "background", "background is"},
		{"a long background", func(o *Options) { o.Background = "#" + strings.Repeat("f", 1000) }, "background", "…"},
		{"an alpha", func(o *Options) { o.Alpha = "space" }, "alpha", `did you mean "spaces"?`},
		{"a tone", func(o *Options) { o.Tone = "vivd" }, "tone", `did you mean "vivid"?`},
		{"dark", func(o *Options) { o.Brightness = -1.5 }, "brightness", "brightness is -1.5, but must be from -1 to 1"},
		{"a contrast NaN", func(o *Options) { o.Contrast = math.NaN() }, "contrast", "from -1 to 1"},
		{"a gamma", func(o *Options) { o.Gamma = 2.2 }, "", ""},
		{"a great gamma", func(o *Options) { o.Gamma = 11 }, "gamma", "from 0.1 to 10"},
		{"a negative gamma", func(o *Options) { o.Gamma = -1 }, "gamma", "from 0.1 to 10"},
		{"a saturation", func(o *Options) { o.Saturation = 2 }, "saturation", "from -1 to 1"},
		{"a local contrast", func(o *Options) { o.LocalContrast = -0.1 }, "local_contrast", "from 0 to 1"},
		{"a sharpness", func(o *Options) { o.Sharpen = 2 }, "sharpen", "from 0 to 1"},
		{"edges", func(o *Options) { o.Edges = 2 }, "edges", "from 0 to 1"},
		{"a threshold", func(o *Options) { o.Threshold = 128 }, "threshold", "from 0 to 1"},
		{"a dither", func(o *Options) { o.Dither = "bluenoise" }, "dither", `did you mean "blue-noise"?`},
		{"an effort", func(o *Options) { o.Effort = 10 }, "effort", "effort is 10, but must be from 1 to 9"},
		{"frames", func(o *Options) { o.Frames = 1001 }, "frames", "from 1 to 1000"},
		{"frames of the operator", func(o *Options) { o.Frames, o.Limits.Frames = 11, 10 }, "frames", "from 1 to 10"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := Defaults()
			tt.change(&o)
			err := o.Validate()
			if tt.option == "" {
				if err != nil {
					t.Errorf("got %v, want no error", err)
				}
				return
			}
			got, ok := errors.AsType[*OptionError](err)
			if !ok || got.Option != tt.option || !strings.Contains(got.Message, tt.want) {
				t.Errorf("got %#v, want an OptionError of %s with %q", err, tt.option, tt.want)
			}
		})
	}
}

func TestConvertRefusesOverLimits(t *testing.T) {
	tests := []struct {
		name string
		o    Options
		img  image.Image
		want LimitError
	}{
		{"rows of a high picture", Options{Cols: 2000, CellAspect: 1}, image.NewGray(image.Rect(0, 0, 1, 100)),
			LimitError{100_000, 200_000, "rows"}},
		{"columns of a wide one", Options{Rows: 10, CellAspect: 0.5}, image.NewGray(image.Rect(0, 0, 1000, 1)),
			LimitError{2000, 20_000, "columns"}},
		{"cells", Options{Cols: 2000, Rows: 2001, CellAspect: 0.5, Fit: "stretch"}, image.NewGray(image.Rect(0, 0, 1, 1)),
			LimitError{4_000_000, 4_002_000, "cells"}},
		{"own limit", Options{Cols: 10, Rows: 10, CellAspect: 0.5, Fit: "stretch", Limits: Limits{Cells: 99}}, image.NewGray(image.Rect(0, 0, 1, 1)),
			LimitError{99, 100, "cells"}},
	}
	for _, tt := range tests {
		tt.o.Glyphs, tt.o.Color = "ascii", "none"
		_, err := Convert(tt.img, tt.o)
		if got, ok := errors.AsType[*LimitError](err); !ok || *got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, err, &tt.want)
		}
	}
}

// The operator's limits are not part of what is stored.
func TestOptionsAsJSON(t *testing.T) {
	o := Defaults()
	o.Limits.Cols = 7
	b, err := json.Marshal(o)
	want := `{"cols":100,"cell_aspect":0.5,"glyphs":"ascii","color":"none"}`
	if err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}

// Equal drawings have equal canonical options.
func TestCanonical(t *testing.T) {
	spelt := Options{
		Cols: 100, CellAspect: 0.5, Glyphs: "ascii", Color: "none", Fit: "contain", Flip: "none", Paint: "both",
		Background: "#000000", Alpha: "auto", Tone: "faithful", Gamma: 1, Dither: "search", Effort: 5, Frames: 1,
	}
	tests := []struct {
		name           string
		change, same   func(*Options)
		differFromBase bool
	}{
		{"nothing", func(*Options) {}, func(o *Options) { *o = spelt }, false},
		{"a fit without a box", func(o *Options) { o.Fit = "cover" }, func(*Options) {}, false},
		{"a fit", func(o *Options) { o.Rows, o.Fit = 9, "" }, func(o *Options) { o.Rows, o.Fit = 9, "contain" }, true},
		{"all of it", func(o *Options) { o.Crop = Rectangle{0, 0, 1, 1} }, func(*Options) {}, false},
		{"upside down", func(o *Options) { o.Rotate = 180 }, func(o *Options) { o.Flip = "both" }, true},
		{"top down", func(o *Options) { o.Flip = "vertical" }, func(o *Options) { o.Rotate, o.Flip = 180, "horizontal" }, true},
		{"round and round", func(o *Options) { o.Rotate, o.Flip = 180, "both" }, func(*Options) {}, false},
		{"a background", func(o *Options) { o.Background = "#ABCDEF" }, func(o *Options) { o.Background = "#abcdef" }, true},
		{"a light page", func(o *Options) { o.Invert = true }, func(o *Options) { o.Invert, o.Background = true, "#ffffff" }, true},
		{"colours where there are none", func(o *Options) { o.Palette, o.Saturation, o.Paint = make([]RGB, 2), 1, "ink" }, func(*Options) {}, false},
	}
	asJSON := func(change func(*Options)) string {
		o := Defaults()
		change(&o)
		b, err := json.Marshal(o.Canonical())
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	base := asJSON(func(*Options) {})
	for _, tt := range tests {
		got, want := asJSON(tt.change), asJSON(tt.same)
		if got != want || (got != base) != tt.differFromBase {
			t.Errorf("%s: got %s, want %s; without: %s", tt.name, got, want, base)
		}
	}
}

func TestCanonicalAgainIsTheSame(t *testing.T) {
	o := Options{Cols: 3, Rows: 4, CellAspect: 1, Glyphs: "ascii", Color: "none", Rotate: 90, Flip: "vertical", Crop: Rectangle{0, 0, 0.5, 1}}
	once := o.Canonical()
	if twice := once.Canonical(); !reflect.DeepEqual(once, twice) {
		t.Errorf("got %+v, want %+v", twice, once)
	}
}

func TestColoursAsText(t *testing.T) {
	for _, s := range []string{"", "#", "#12345", "#1234567", "123456", "#gggggg", "#+12345", "# 12345"} {
		if c, err := ParseRGB(s); err == nil {
			t.Errorf("ParseRGB(%q) = %v, want an error", s, c)
		}
	}
	o := Defaults()
	o.Palette = []RGB{{0xff, 0x80, 0}, {1, 2, 3}}
	b, err := json.Marshal(o)
	if err != nil || !strings.Contains(string(b), `"palette":["#ff8000","#010203"]`) {
		t.Errorf("got %s, %v", b, err)
	}
	var back Options
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(back, o) {
		t.Errorf("got %+v, %v, want %+v", back, err, o)
	}
}
