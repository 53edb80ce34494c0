package target_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/target"
)

// Every target is made of names that the engine knows.
func TestEveryTarget(t *testing.T) {
	for _, tt := range target.All() {
		if found, err := target.Lookup(tt.Name); err != nil || found.Name != tt.Name {
			t.Errorf("Lookup(%q) found %q, %v", tt.Name, found.Name, err)
		}
		if !strings.HasSuffix(tt.Notes, ".") {
			t.Errorf("%s: %q is no sentence", tt.Name, tt.Notes)
		}
		if _, err := format.Lookup(tt.Format); err != nil {
			t.Errorf("%s: %v", tt.Name, err)
		}
		for _, glyphs := range append(tt.Glyphs, tt.Options().Glyphs) {
			o := tt.Options()
			o.Glyphs = glyphs
			if err := o.Validate(); err != nil {
				t.Errorf("%s: %v", tt.Name, err)
			}
		}
		if o := tt.Options(); tt.Limit(o).Cols != o.Cols || tt.Limit(o).Color != o.Color || tt.Limit(o).Glyphs != o.Glyphs {
			t.Errorf("%s: its own options are over its limits", tt.Name)
		}
	}
}

func TestLookupOfUnknownTarget(t *testing.T) {
	_, err := target.Lookup("fax")
	if _, ok := errors.AsType[*target.UnknownError](err); !ok || !strings.Contains(err.Error(), `"fax"; there are: terminal, `) {
		t.Errorf("got %v, want an UnknownError that names what there is", err)
	}
}

func TestLimit(t *testing.T) {
	slack, err := target.Lookup("slack")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name         string
		change, want func(*ascii.Options)
	}{
		{"as it is", func(*ascii.Options) {}, func(*ascii.Options) {}},
		{"too wide", func(o *ascii.Options) { o.Cols = 200 }, func(*ascii.Options) {}},
		{"narrower", func(o *ascii.Options) { o.Cols = 20 }, func(o *ascii.Options) { o.Cols = 20 }},
		{"characters it has", func(o *ascii.Options) { o.Glyphs = "braille" }, func(o *ascii.Options) { o.Glyphs = "braille" }},
		{"characters it lacks", func(o *ascii.Options) { o.Glyphs = "octants" }, func(*ascii.Options) {}},
		{"a ramp", func(o *ascii.Options) { o.Glyphs = "ramp: .#" }, func(o *ascii.Options) { o.Glyphs = "ramp: .#" }},
		{"colours", func(o *ascii.Options) { o.Color = "true" }, func(*ascii.Options) {}},
		{"polarity", func(o *ascii.Options) { o.Invert = false }, func(o *ascii.Options) { o.Invert = false }},
	} {
		got, want := slack.Options(), slack.Options()
		tt.change(&got)
		tt.want(&want)
		if got = slack.Limit(got); got.Cols != want.Cols || got.Glyphs != want.Glyphs || got.Color != want.Color || got.Invert != want.Invert {
			t.Errorf("%s: got %+v, want %+v", tt.name, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		name   string
		target target.Target
		text   string
		want   string
	}{
		{"nothing to do", target.Target{}, " a \n", " a \n"},
		{"a fence", target.Target{Before: "```\n", After: "```\n"}, "a\n", "```\na\n```\n"},
		{"a fence that the art would end", target.Target{Before: "```\n", After: "```\n", Tick: '\''}, "````\n``\n", "```\n``'`\n``\n```\n"},
		{"indenting", target.Target{Indent: "    "}, "a\n\nb", "    a\n    \n    b"},
		{"useless spaces", target.Target{Trim: true}, " a  \n  \n", " a\n\n"},
		{"spaces that collapse", target.Target{Blank: '\u2800'}, " ⣿\n", "\u2800⣿\n"},
		{"both", target.Target{Blank: '\u00a0', Trim: true}, " a \n", "\u00a0a\n"},
	} {
		if got := string(tt.target.Wrap([]byte(tt.text))); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBudget(t *testing.T) {
	const text = "äb\ncdef\ng"
	for _, tt := range []struct {
		budget target.Budget
		want   string // the unit that is over
	}{
		{target.Budget{}, ""},
		{target.Budget{Chars: 9, Bytes: 10, Lines: 3, LineBytes: 4}, ""},
		{target.Budget{Chars: 8}, "characters"},
		{target.Budget{Bytes: 9}, "bytes"},
		{target.Budget{Lines: 2}, "lines"},
		{target.Budget{LineBytes: 3}, "bytes in a line"},
	} {
		err := tt.budget.Check([]byte(text))
		over, ok := errors.AsType[*target.BudgetError](err)
		if ok != (tt.want != "") || ok && over.Unit != tt.want {
			t.Errorf("%+v: got %v, want it over in %q", tt.budget, err, tt.want)
		}
	}
}

func TestBudgetWithin(t *testing.T) {
	got := target.Budget{Chars: 5, Bytes: 7}.Within(target.Budget{Chars: 9, Lines: 3})
	if want := (target.Budget{Chars: 5, Bytes: 7, Lines: 3}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// square is art of cols × cols/2 characters.
func square(cols int) []byte {
	return []byte(strings.Repeat(strings.Repeat("x", cols)+"\n", (cols+1)/2))
}

func TestFit(t *testing.T) {
	for _, tt := range []struct {
		name    string
		budget  target.Budget
		maxCols int
		want    int
		calls   int // at most
	}{
		{"no limit", target.Budget{}, 100, 100, 3},
		{"the widest fits", target.Budget{Lines: 50}, 100, 100, 3},
		{"characters", target.Budget{Chars: 2000}, 100, 62, 7},
		{"bytes", target.Budget{Bytes: 2000}, 2000, 62, 8},
		{"lines", target.Budget{Lines: 4}, 2000, 8, 7},
		{"wide", target.Budget{Chars: 1e6}, 2000, 1413, 18},
		{"just one column", target.Budget{Chars: 2}, 100, 1, 7},
		{"narrow already", target.Budget{Chars: 2000}, 1, 1, 1},
	} {
		var tries []int
		draw := func(cols int) ([]byte, error) {
			tries = append(tries, cols)
			return square(cols), nil
		}
		text, cols, err := target.Fit(draw, tt.budget, tt.maxCols)
		if err != nil || cols != tt.want || string(text) != string(square(tt.want)) {
			t.Errorf("%s: got %d columns, %v, want %d", tt.name, cols, err, tt.want)
		}
		if len(tries) > tt.calls {
			t.Errorf("%s: drew %v, want at most %d tries", tt.name, tries, tt.calls)
		}
		if widest := slices.Max(tries); widest > max(32, 2*tt.want) {
			t.Errorf("%s: drew %d columns on the way to %d", tt.name, widest, tt.want)
		}
	}
}

func TestFitFails(t *testing.T) {
	_, _, err := target.Fit(func(cols int) ([]byte, error) { return square(cols), nil }, target.Budget{Chars: 1}, 100)
	if over, ok := errors.AsType[*target.BudgetError](err); !ok || over.Actual != 2 {
		t.Errorf("no room for a column: got %v, want a BudgetError of 2 characters", err)
	}
	errDraw := errors.New("no picture")
	if _, _, err := target.Fit(func(int) ([]byte, error) { return nil, errDraw }, target.Budget{}, 100); !errors.Is(err, errDraw) {
		t.Errorf("got %v, want the error of draw", err)
	}
	if _, _, err := target.Fit(nil, target.Budget{}, 0); err == nil {
		t.Error("no columns: got no error")
	}
}

// FuzzFit finds the same as trying all widths, for any text that grows.
func FuzzFit(f *testing.F) {
	f.Add(uint16(100), uint16(2000), uint8(3))
	f.Fuzz(func(t *testing.T, maxCols, chars uint16, slope uint8) {
		most := int(maxCols)%300 + 1
		draw := func(cols int) ([]byte, error) {
			return []byte(strings.Repeat("x", cols*cols*int(slope)/16+cols)), nil
		}
		budget := target.Budget{Chars: int(chars) + 1}
		want := 0
		for cols := 1; cols <= most; cols++ {
			if text, _ := draw(cols); budget.Check(text) == nil {
				want = cols
			}
		}
		if _, got, err := target.Fit(draw, budget, most); got != want || (err != nil) != (want == 0) {
			t.Errorf("got %d columns, %v, want %d", got, err, want)
		}
	})
}

func TestTargetsAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range target.All() {
		if !strings.Contains(string(page), "`"+tt.Name+"`") {
			t.Errorf("docs/formats.md does not name the target %s", tt.Name)
		}
	}
	for _, f := range format.All() {
		if !strings.Contains(string(page), "| `"+f.Name+"` |") {
			t.Errorf("docs/formats.md does not describe the format %s", f.Name)
		}
	}
}
