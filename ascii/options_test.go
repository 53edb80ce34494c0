package ascii

import (
	"encoding/json"
	"errors"
	"image"
	"math"
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
		{"stretched", Options{Cols: 7, Rows: 9, CellAspect: 0.5}, 768, 512, 7, 9},
		{"very wide", Options{Cols: 10, CellAspect: 0.5}, 10_000, 1, 10, 1},
		{"very high from rows", Options{Rows: 10, CellAspect: 0.5}, 1, 10_000, 1, 10},
		{"very high", Options{Cols: 10, CellAspect: 0.5}, 1, 10_000, 10, 50_000},
		{"absurd", Options{Cols: 2000, CellAspect: 10}, 1, math.MaxInt32, 2000, math.MaxInt32},
	}
	for _, tt := range tests {
		if cols, rows := tt.o.Grid(tt.width, tt.height); cols != tt.cols || rows != tt.rows {
			t.Errorf("%s: got %d×%d, want %d×%d", tt.name, cols, rows, tt.cols, tt.rows)
		}
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
		{"cells", Options{Cols: 2000, Rows: 2001, CellAspect: 0.5}, image.NewGray(image.Rect(0, 0, 1, 1)),
			LimitError{4_000_000, 4_002_000, "cells"}},
		{"own limit", Options{Cols: 10, Rows: 10, CellAspect: 0.5, Limits: Limits{Cells: 99}}, image.NewGray(image.Rect(0, 0, 1, 1)),
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
