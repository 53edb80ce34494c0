package format_test

import (
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

func TestIRC(t *testing.T) {
	red, blue := ascii.Free(ascii.RGB{R: 250}), ascii.Free(ascii.RGB{B: 250})
	cell := func(r rune, fg, bg ascii.Color) ascii.Cell { return ascii.Cell{Rune: r, FG: fg, BG: bg} }
	for _, tt := range []struct {
		name string
		row  []ascii.Cell
		want string
	}{
		{"no colours", cells("a,1"), "a,1\n"},
		{"a digit after a colour", []ascii.Cell{cell('1', red, 0)}, "\x03041\n"},
		{"a comma after a colour", []ascii.Cell{cell(',', red, 0), cell('1', red, 0)}, "\x0304,99,1\n"},
		{"a ground", []ascii.Cell{cell('a', red, blue), cell('b', 0, blue)}, "\x0304,12a\x0399b\n"},
		{"all off", []ascii.Cell{cell('a', red, 0), cell('1', 0, 0)}, "\x0304a\x0f1\n"},
		{"only changes", []ascii.Cell{cell('a', red, 0), cell(' ', blue, 0), cell('b', red, 0)}, "\x0304a b\n"},
	} {
		art := &ascii.Art{Cols: len(tt.row), Rows: 1, Frames: []ascii.Frame{{Cells: tt.row}}}
		if got := string(write(t, "irc", art)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// Each line is a message, so it begins without colours.
func TestIRCLinesStandAlone(t *testing.T) {
	art := drawn("a", "b")
	for i := range art.Frames[0].Cells {
		art.Frames[0].Cells[i].FG = ascii.Free(ascii.RGB{R: 250})
	}
	if got, want := string(write(t, "irc", art)), "\x0304a\n\x0304b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// bbTag is what forums take for a tag.
var bbTag = regexp.MustCompile(`\[/?[a-z*]+(=[^\]\n]*)?\]`)

// readBB takes BBCode apart: its tags, and the text without them as a page shows it.
func readBB(s string) (tags []string, text string) {
	tags = bbTag.FindAllString(s, -1)
	text = bbTag.ReplaceAllString(s, "")
	return tags, html.UnescapeString(strings.NewReplacer("\u2060", "", "\u00a0", " ").Replace(text))
}

func TestBBCodeIsParsedBack(t *testing.T) {
	art := drawn("[/b] [color=red]x", `[code][/code]    `)
	tags, got := readBB(string(write(t, "bbcode", art)))
	if want := []string{"[code]", "[/code]"}; strings.Join(tags, "") != strings.Join(want, "") {
		t.Errorf("tags: got %q, want %q", tags, want)
	}
	if want := "\n" + text(art) + "\n"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}

	art.Frames[0].Cells[0].FG = ascii.Free(ascii.RGB{R: 255})
	art.Frames[0].Cells[1].BG = ascii.Free(ascii.RGB{B: 255})
	for backgrounds, want := range map[bool]string{
		false: "[font=monospace][color=#ff0000][/color][/font]",
		true:  "[font=monospace][color=#ff0000][/color][bgcolor=#0000ff][/bgcolor][/font]",
	} {
		tags, got := readBB(string(writeWith(t, "bbcode", art, format.Settings{Backgrounds: backgrounds})))
		if strings.Join(tags, "") != want {
			t.Errorf("tags: got %q, want %q", tags, want)
		}
		if want := text(art) + "\n"; got != want {
			t.Errorf("text: got %q, want %q", got, want)
		}
	}
}
