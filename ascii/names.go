package ascii

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// rampPrefix starts a glyph set that spells out its characters.
const rampPrefix = "ramp:"

// maxRamp bounds the characters of a spelt out glyph set.
const maxRamp = 256

// GlyphSets are the names that [Options].Glyphs takes. Besides these it takes
// "ramp:" followed by the characters to use, in any order: their real ink is
// measured.
func GlyphSets() []string { return []string{"ascii"} }

// ColorDepths are the names that [Options].Color takes.
func ColorDepths() []string { return []string{"none"} }

// runesOf returns the characters of a glyph set.
func runesOf(name string) ([]rune, error) {
	if chars, ok := strings.CutPrefix(name, rampPrefix); ok {
		return rampRunes(chars)
	}
	if name == "ascii" {
		return printableASCII(), nil
	}
	return nil, unknown("glyphs", name, append(GlyphSets(), rampPrefix+"<characters>"))
}

func printableASCII() []rune {
	var runes []rune
	for r := ' '; r <= '~'; r++ {
		runes = append(runes, r)
	}
	return runes
}

// rampRunes returns the distinct characters of a spelt out set.
func rampRunes(chars string) ([]rune, error) {
	runes := []rune(chars)
	if len(runes) > maxRamp {
		return nil, rampError(chars, fmt.Sprintf("it has %d characters, but may have at most %d", len(runes), maxRamp))
	}
	for _, r := range runes {
		if why := unfit(r); why != "" {
			return nil, rampError(chars, fmt.Sprintf("%q (%U) cannot be used: %s", r, r, why))
		}
	}
	slices.Sort(runes)
	runes = slices.Compact(runes)
	if len(runes) < 2 {
		return nil, rampError(chars, "it needs at least two different characters, such as \"ramp: .:-=+*#%@\"")
	}
	return runes, nil
}

// unfit says why a character cannot stand in one cell of a terminal, or "".
func unfit(r rune) string {
	switch {
	case r == unicode.ReplacementChar:
		return "it stands for bytes that are not UTF-8"
	case unicode.IsControl(r):
		return "it is a control character"
	case unicode.Is(unicode.Cf, r) || unicode.IsMark(r):
		return "it has no width of its own"
	case isWide(r):
		return "it is two cells wide"
	case !glyph.Has(r):
		return "the font that measures the ink does not have it"
	}
	return ""
}

// isWide reports whether r is in one of the scripts and blocks that Unicode
// Standard Annex 11 gives two cells. The font has none of them; this only picks
// the better sentence.
func isWide(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana) ||
		r >= 0x3000 && r <= 0x303e || r >= 0xff01 && r <= 0xff60 || r >= 0x1f300 && r <= 0x1faff
}

func rampError(chars, why string) error {
	return &OptionError{Option: "glyphs", Value: rampPrefix + chars, Message: "glyphs is a ramp that cannot be used: " + why}
}

func checkGlyphs(name string) error {
	_, err := runesOf(name)
	return err
}

func checkColor(name string) error {
	if slices.Contains(ColorDepths(), name) {
		return nil
	}
	return unknown("color", name, ColorDepths())
}

// unknown says which names there are, and which is meant when one is near.
func unknown(option, value string, names []string) error {
	shown := value
	if len(shown) > 64 {
		shown = strings.ToValidUTF8(shown[:64], "") + "…"
	}
	message := fmt.Sprintf("%s is %q, but must be one of: %s", option, shown, strings.Join(names, ", "))
	if name, ok := nearest(value, names); ok {
		message += fmt.Sprintf(" (did you mean %q?)", name)
	}
	return &OptionError{Option: option, Value: shown, Message: message}
}

// nearest returns the name that takes the fewest edits to get from value, if few
// enough for a slip.
func nearest(value string, names []string) (string, bool) {
	best, least := "", 3
	for _, name := range names {
		if len(value) > 2*len(name) {
			continue
		}
		if d := distance(strings.ToLower(value), name); d < least {
			best, least = name, d
		}
	}
	return best, best != ""
}

// distance is the Levenshtein distance in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
