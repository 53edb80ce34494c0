package ascii

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// Every character of every set takes one cell and is in the embedded font.
func TestGlyphSetsFitTheirCells(t *testing.T) {
	counts := map[string]int{
		"ascii": 95, "blocks": 33, "sextants": 64, "octants": 256, "braille": 256, "lines": 53, "all": 236,
	}
	for _, s := range glyphSets() {
		t.Run(s.name, func(t *testing.T) {
			runes := s.runes()
			if len(runes) != counts[s.name] {
				t.Errorf("got %d characters, want %d", len(runes), counts[s.name])
			}
			for i, r := range runes {
				if why := unfit(glyph.Embedded(), r); why != "" {
					t.Errorf("%q (%U) %s", r, r, why)
				}
				if slices.Contains(runes[:i], r) {
					t.Errorf("%q (%U) is there twice", r, r)
				}
			}
		})
	}
}

func TestSpeltOutSets(t *testing.T) {
	for _, name := range []string{"chars:@. @", "ramp:. @"} {
		got, err := runesIn(glyph.Embedded(), name)
		if want := []rune(" .@"); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestUnfitCharactersAreNamed(t *testing.T) {
	tests := []struct{ name, chars, want string }{
		{"wide", "a漢", `'漢' (U+6F22) is two cells wide`},
		{"halfwidth", "aｶ", `'ｶ' (U+FF76) is not in the font`},
		{"fullwidth", "aＡ", `'Ａ' (U+FF21) is two cells wide`},
		{"emoji", "a⌚", `'⌚' (U+231A) is two cells wide`},
		{"sign of the zodiac", "a♈", `'♈' (U+2648) is two cells wide`},
		{"accent", "a\u0301", `(U+0301) has no width`},
		{"joiner", "a\u200d", `(U+200D) has no width`},
		{"filler", "a\u3164", `(U+3164) has no width`},
		{"right to left mark", "a\u200f", `(U+200F) has no width`},
		{"variation selector", "a\ufe0f", `(U+FE0F) has no width`},
		{"line separator", "a\u2028", `(U+2028) ends a line`},
		{"escape", "a\x1b", `(U+001B) is a control character`},
		{"C1", "a\u009b", `(U+009B) is a control character`},
		{"not UTF-8", "a\xff", `bytes that are not UTF-8`},
		{"surrogate", "a\xed\xa0\x80", `bytes that are not UTF-8`},
		{"private use", "a\ue000", `(U+E000) is not in the font`},
		{"far too many", strings.Repeat("a", 1<<20), "1048576 bytes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := runesIn(glyph.Embedded(), charsPrefix+tt.chars)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestFontOfTheUser(t *testing.T) {
	o := Defaults()
	o.Font = []byte("no font")
	if err := o.Validate(); err == nil || !strings.Contains(err.Error(), "font cannot be used") {
		t.Errorf("got %v, want the font to be refused", err)
	}
}

// FuzzGlyphs shows that no name of a set makes trouble: it is refused, or what it
// gives can be drawn.
func FuzzGlyphs(f *testing.F) {
	for _, s := range []string{"all", "chars:", "chars: .:-=+*#%@", "ramp:漢", "chars:\xff\x00", "chars:\u0301a", "CHARS:ab"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		runes, err := runesIn(glyph.Embedded(), name)
		if err != nil {
			if len(err.Error()) > 1000 || !utf8.ValidString(err.Error()) {
				t.Errorf("the message for people is %d bytes: %.200q", len(err.Error()), err)
			}
			return
		}
		if _, err := glyph.New(4, 8, runes); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	})
}
