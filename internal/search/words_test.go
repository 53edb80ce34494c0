package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" .,;!? \n", nil},
		{"IMG_2024-03-12 (1).JPG", []string{"img", "2024", "03", "12", "1", "jpg"}},
		{"Café CAFÉ cafe\u0301", []string{"cafe"}},
		{"ﬁ ｆｕｌｌ ½ ²", []string{"fi", "full", "1", "2"}},
		{"Straße İstanbul ıssız", []string{"straße", "istanbul", "issiz"}},
		{"ΟΔΟΣ οδός", []string{"οδοσ"}},
		{"黒猫の写真.png", []string{"黒猫の写真", "png"}},
		{"写真2024年cat", []string{"写真", "2024", "年", "cat"}},
		{"がぎ ガギ ｶﾞｷﾞ", []string{"がぎ", "ガギ"}},
		{"カメラー", []string{"カメラー"}},
		{"แมวดำ", []string{"แมวดํา"}},
		{"हिन्दी में", []string{"हिन्दी", "में"}},
		{"party🎉🐱!", []string{"party", "🎉🐱"}},
		{"❤️", []string{"❤"}},
		{"\u0301\u0941", nil},
		{"\xff\xfea", []string{"a"}},
		{"don't C++ a&b", []string{"don", "t", "c", "a", "b"}},
	} {
		if got := Words(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestNeedle(t *testing.T) {
	for _, tt := range []struct {
		needle, words string
		want          bool
	}{
		{"ab", " ab ", true},
		{"ab", " xab abc ", true},
		{"aa", " xaaa ", false},
		{"aa", " xaaa aab ", true},
		{"b", " ab abc ", false},
		{"猫", " 黒猫 ", true},
		{"黒 猫", " 黒猫 ", true},
		{"ab", "", false},
	} {
		needles := needlesOf(tt.needle)
		got := !slices.ContainsFunc(needles, func(n needle) bool { return !n.in([]byte(tt.words)) })
		if got != tt.want {
			t.Errorf("%q in %q: got %v, want %v", tt.needle, tt.words, got, tt.want)
		}
	}
}

// FuzzWords checks what the index rests on: words hold nothing that parts them, stay
// as they are, and no signature hides a text from a part of it.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"", "IMG_2024.jpg", "黒猫の写真.png Kätzchen", "ﷺ ﬃ ⅷ", "a\u0301\u0941\ufe0f", "\xff\xf0\x9f", "ǅ ǲ ß ſ K Å", "각각"} {
		f.Add(seed, uint8(0), uint8(3))
	}
	f.Fuzz(func(t *testing.T, text string, from, length uint8) {
		words := Words(text)
		line := enclose(words, " ")
		if len(words) > 0 && strings.Count(line, " ") != len(words)+1 {
			t.Fatalf("%q: a word of %q holds a space", text, words)
		}
		for _, word := range words {
			if word == "" || !utf8.ValidString(word) {
				t.Fatalf("%q: got the word %q", text, word)
			}
			begin := min(int(from), len(word))
			part := word[begin:min(begin+int(length), len(word))]
			n := needle{[]byte(part), classOf(firstRune(part)) == spaced}
			if slices.Equal(Words(part), []string{part}) && n.in([]byte(line)) && sign([]string{part})&^sign(words) != 0 {
				t.Fatalf("%q: %q is found in %q, but its signature is not", text, part, words)
			}
		}
	})
}
