package search

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold makes texts that people take for the same the same: without regard to case,
// accents, width and other forms of compatibility (UAX #15). "É", "é" and "e" all
// become "e". Marks that change a letter into another one, as in Indic scripts and
// in kana, stay.
func Fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFKC.String(strings.Map(foldRune, norm.NFKD.String(s)))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// foldRune goes by way of the capital letter, which the two forms of sigma and of i share.
func foldRune(r rune) rune {
	if accent(r) {
		return -1
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// accent reports whether r is of the blocks of combining diacritical marks, or
// selects the look of the character before it.
func accent(r rune) bool {
	return 0x0300 <= r && r <= 0x036f || 0x1ab0 <= r && r <= 0x1aff || 0x1dc0 <= r && r <= 0x1dff ||
		0x20d0 <= r && r <= 0x20ff || 0xfe00 <= r && r <= 0xfe0f
}

// Words returns the words of a text, folded, each once, in their order. What is
// neither letter, digit nor symbol parts words. So does a change between a script
// that puts spaces between words and one that does not.
func Words(s string) []string {
	var words []string
	for rest := Fold(s); rest != ""; {
		var word string
		if word, rest = nextWord(rest); word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// nextWord cuts off the first run of characters of one class; it is "" for what
// parts words.
func nextWord(s string) (word, rest string) {
	first, end := classOf(firstRune(s)), len(s)
	for i, r := range s {
		if c := classOf(r); c != first && c != joins {
			end = i
			break
		}
	}
	if first == parts || first == joins {
		return "", s[end:]
	}
	return s[:end], s[end:]
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

type class int

const (
	parts    class = iota // words from each other
	spaced                // letters of scripts that put spaces between words, and digits
	unspaced              // letters of scripts that do not, and symbols
	joins                 // marks, which belong to what they follow
)

func classOf(r rune) class {
	switch {
	case r == utf8.RuneError:
		return parts
	case r < utf8.RuneSelf:
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' {
			return spaced
		}
		return parts
	case unicode.In(r, unicode.Mn, unicode.Mc):
		return joins
	case r == 'ー' || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo,
		unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.So, unicode.Sk):
		return unspaced
	case unicode.IsLetter(r) || unicode.IsNumber(r):
		return spaced
	}
	return parts
}

// needle is a word that is looked for.
type needle struct {
	text  []byte
	start bool // only where a word begins; otherwise anywhere, since nothing shows where words begin
}

func needlesOf(text string) []needle {
	var needles []needle
	for _, word := range Words(text) {
		needles = append(needles, needle{text: []byte(word), start: classOf(firstRune(word)) == spaced})
	}
	return needles
}

// in reports whether the needle is in words, each of which has a space before it.
func (n needle) in(words []byte) bool {
	for from := 0; ; from++ {
		i := bytes.Index(words[from:], n.text)
		if i < 0 {
			return false
		}
		from += i
		if !n.start || words[from-1] == ' ' {
			return true
		}
	}
}
