package ascii

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// glyphSet is a named set of characters.
type glyphSet struct {
	name  string
	runes func() []rune
}

// glyphSets is the table of all sets, the default first. A set is a line here and
// a file glyphs_*.go.
func glyphSets() []glyphSet {
	return []glyphSet{
		{"ascii", printableASCII},
		{"blocks", blockRunes},
		{"sextants", sextantRunes},
		{"octants", octantRunes},
		{"braille", brailleRunes},
		{"lines", lineRunes},
		{"all", allRunes},
	}
}

// GlyphSets are the names that [Options].Glyphs takes. Besides these it takes
// "chars:", or "ramp:", followed by the characters to use, in any order: their
// real ink is measured.
func GlyphSets() []string {
	var names []string
	for _, s := range glyphSets() {
		names = append(names, s.name)
	}
	return names
}

// A glyph set that spells out its characters starts with one of these.
const (
	charsPrefix = "chars:"
	rampPrefix  = "ramp:"
)

// maxChars bounds the characters of a spelt out glyph set.
const maxChars = 256

// alphabet is what to draw with: characters, and the font that measures them.
type alphabet struct {
	font  *glyph.Font
	runes []rune
}

// alphabetOf returns what the options say to draw with. Errors are [*OptionError].
func alphabetOf(o Options) (alphabet, error) {
	font, err := fontOf(o.Font)
	if err != nil {
		return alphabet{}, err
	}
	runes, err := runesIn(font, o.Glyphs)
	return alphabet{font, runes}, err
}

// fontOf reads the font of the user, if there is one.
func fontOf(data []byte) (*glyph.Font, error) {
	if data == nil {
		return glyph.Embedded(), nil
	}
	f, err := glyph.ParseFont(data)
	if err != nil {
		return nil, &OptionError{Option: "font", Message: "font cannot be used: " + err.Error()}
	}
	return f, nil
}

// runesIn returns the characters of a glyph set. A font may lack some of a named
// set, but must have those that are spelt out.
func runesIn(font *glyph.Font, name string) ([]rune, error) {
	for _, prefix := range []string{charsPrefix, rampPrefix} {
		if chars, ok := strings.CutPrefix(name, prefix); ok {
			return spelt(font, prefix, chars)
		}
	}
	for _, s := range glyphSets() {
		if s.name == name {
			return named(font, s)
		}
	}
	return nil, unknown("glyphs", name, append(GlyphSets(), charsPrefix+"<characters>"))
}

// named returns the characters of a named set that the font has.
func named(font *glyph.Font, s glyphSet) ([]rune, error) {
	runes := slices.DeleteFunc(s.runes(), func(r rune) bool { return !font.Has(r) })
	if len(runes) < 2 {
		return nil, &OptionError{Option: "glyphs", Value: s.name, Message: "glyphs cannot be used: the font has none of " + s.name}
	}
	return runes, nil
}

// spelt returns the distinct characters of a spelt out set.
func spelt(font *glyph.Font, prefix, chars string) ([]rune, error) {
	runes, err := distinct(font, chars)
	if err != nil {
		return nil, &OptionError{Option: "glyphs", Value: shorten(prefix + chars), Message: "glyphs cannot be used: " + err.Error()}
	}
	return runes, nil
}

func distinct(font *glyph.Font, chars string) ([]rune, error) {
	if len(chars) > 4*maxChars {
		return nil, fmt.Errorf("there are %d bytes of characters, but may be at most %d", len(chars), 4*maxChars)
	}
	runes := []rune(chars)
	if len(runes) > maxChars {
		return nil, fmt.Errorf("there are %d characters, but may be at most %d", len(runes), maxChars)
	}
	for _, r := range runes {
		if why := unfit(font, r); why != "" {
			return nil, fmt.Errorf("%q (%U) %s", r, r, why)
		}
	}
	slices.Sort(runes)
	runes = slices.Compact(runes)
	if len(runes) < 2 {
		return nil, errors.New(`there must be at least two different characters, as in "chars: .:-=+*#%@"`)
	}
	return runes, nil
}

// unfit says why a character cannot stand in one cell of a terminal, or "".
func unfit(font *glyph.Font, r rune) string {
	switch {
	case r == unicode.ReplacementChar:
		return "stands for bytes that are not UTF-8"
	case unicode.IsControl(r):
		return "is a control character"
	case r == '\u2028' || r == '\u2029':
		return "ends a line"
	case unicode.Is(unicode.Cf, r) || unicode.IsMark(r) || isFiller(r):
		return "has no width of its own"
	case isWide(r):
		return "is two cells wide"
	case !font.Has(r):
		return "is not in the font that measures the ink"
	}
	return ""
}

// isFiller reports whether r is a letter without a shape (Hangul fillers).
func isFiller(r rune) bool {
	return r == 0x115f || r == 0x1160 || r == 0x3164 || r == 0xffa0
}

// isWide reports whether r is in one of the scripts and blocks that Unicode
// Standard Annex 11 gives two cells, or one of the symbols that are drawn as
// emoji, two cells wide, unless told otherwise.
func isWide(r rune) bool {
	switch {
	case unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi, unicode.Tangut):
		return r < 0xff61 || r > 0xffdc // halfwidth forms
	case r >= 0x2e80 && r <= 0x303e, r >= 0x3200 && r <= 0x4dbf, r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return true
	}
	return slices.Contains(emoji(), r)
}

// emoji are the characters below U+1F000 that Unicode Technical Standard 51 gives
// an emoji shape by default (Emoji_Presentation=Yes).
func emoji() []rune {
	return []rune("⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕")
}

// checkGlyphs reports whether the options say what to draw with.
func checkGlyphs(o Options) error {
	_, err := alphabetOf(o)
	return err
}

// upTo returns all characters from one to another.
func upTo(first, last rune) []rune {
	runes := make([]rune, 0, last-first+1)
	for r := first; r <= last; r++ {
		runes = append(runes, r)
	}
	return runes
}
