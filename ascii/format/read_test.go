package format

import (
	"errors"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
)

func TestEscapesBecomeCells(t *testing.T) {
	red, free := ascii.Indexed(1), ascii.Free(ascii.RGB{R: 1, G: 2, B: 3})
	tests := []struct {
		name, text string
		depth      string
		want       []ascii.Cell
	}{
		{"text", "ab", "none", []ascii.Cell{{Rune: 'a'}, {Rune: 'b'}}},
		{"a colour", "\x1b[31ma\x1b[0mb", "16", []ascii.Cell{{Rune: 'a', FG: red}, {Rune: 'b'}}},
		{"a reset without a number", "\x1b[31ma\x1b[mb", "16", []ascii.Cell{{Rune: 'a', FG: red}, {Rune: 'b'}}},
		{"a ground", "\x1b[41;97ma\x1b[49mb", "16", []ascii.Cell{{Rune: 'a', FG: ascii.Indexed(15), BG: red}, {Rune: 'b', FG: ascii.Indexed(15)}}},
		{"of 256", "\x1b[38;5;200;48;5;1ma", "256", []ascii.Cell{{Rune: 'a', FG: ascii.Indexed(200), BG: red}}},
		{"free", "\x1b[38;2;1;2;3ma", "true", []ascii.Cell{{Rune: 'a', FG: free}}},
		{"free with colons", "\x1b[38:2:1:2:3ma", "true", []ascii.Cell{{Rune: 'a', FG: free}}},
		{"free and of the terminal", "\x1b[38;2;1;2;3ma\x1b[31mb", "true", []ascii.Cell{{Rune: 'a', FG: free}, {Rune: 'b', FG: ascii.Free(ascii.TerminalPalette()[1])}}},
		{"free with a colour space", "\x1b[38:2::1:2:3ma", "true", []ascii.Cell{{Rune: 'a', FG: free}}},
		{"free with a tolerance", "\x1b[48:2::1:2:3::1:0ma", "true", []ascii.Cell{{Rune: 'a', BG: free}}},
		{"of 256 with colons", "\x1b[38:5:200;41ma", "256", []ascii.Cell{{Rune: 'a', FG: ascii.Indexed(200), BG: red}}},
		{"bright", "\x1b[90;107ma\x1b[39mb\x1b[49mc", "16", []ascii.Cell{{Rune: 'a', FG: ascii.Indexed(8), BG: ascii.Indexed(15)}, {Rune: 'b', BG: ascii.Indexed(15)}, {Rune: 'c'}}},
		{"underlines of 256", "\x1b[58;5;200;31ma", "16", []ascii.Cell{{Rune: 'a', FG: red}}},
		{"free underlines", "\x1b[58;2;31;32;33;41ma", "16", []ascii.Cell{{Rune: 'a', BG: red}}},
		{"underlines with colons", "\x1b[58:2::31:32:33;4:3;59;31ma\x1b[58:5:31mb", "16", []ascii.Cell{{Rune: 'a', FG: red}, {Rune: 'b', FG: red}}},
		{"reverse without colours", "\x1b[7ma\x1b[0mb", "16", []ascii.Cell{{Rune: 'a', FG: ascii.Indexed(0), BG: ascii.Indexed(15)}, {Rune: 'b'}}},
		{"reverse with one", "\x1b[7;41ma", "16", []ascii.Cell{{Rune: 'a', FG: red, BG: ascii.Indexed(15)}}},
		{"reverse", "\x1b[31;7ma\x1b[27mb", "16", []ascii.Cell{{Rune: 'a', FG: ascii.Indexed(0), BG: red}, {Rune: 'b', FG: red}}},
		{"keys of xterm", "\x1b[>4;31ma", "none", []ascii.Cell{{Rune: 'a'}}},
		{"a hidden cursor", "\x1b[?25la\x1b[?25h", "none", []ascii.Cell{{Rune: 'a'}}},
		{"a title", "\x1b]0;title\aa\x1b]0;title\x1b\\b", "none", []ascii.Cell{{Rune: 'a'}, {Rune: 'b'}}},
		{"nonsense", "\x1b[38;5ma\x1b[38;2;1;2ma\x1b[38;5;999ma", "none", []ascii.Cell{{Rune: 'a'}, {Rune: 'a'}, {Rune: 'a'}}},
		{"cut off", "a\x1b[3", "none", []ascii.Cell{{Rune: 'a'}}},
	}
	for _, tt := range tests {
		art, err := Read([]byte(tt.text), ascii.Defaults().Page(), anyGrid)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := art.Frames[0].Cells
		if art.Depth != tt.depth || len(got) != len(tt.want) {
			t.Errorf("%s: got %d cells of depth %s, want %d of %s", tt.name, len(got), art.Depth, len(tt.want), tt.depth)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%s: cell %d is %+v, want %+v", tt.name, i, got[i], tt.want[i])
			}
		}
	}
}

// Reversed, the colours of the page have to be said: any page has some.
func TestReverseOnAnyPage(t *testing.T) {
	paper, pen := ascii.RGB{R: 250, G: 245, B: 230}, ascii.RGB{R: 20, G: 20, B: 60}
	art, err := Read([]byte("\x1b[7ma"), ascii.Page{Ink: pen, Ground: paper}, anyGrid)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := art.Frames[0].Cells[0], (ascii.Cell{Rune: 'a', FG: ascii.Free(paper), BG: ascii.Free(pen)}); got != want || art.Depth != "true" {
		t.Errorf("got %+v of depth %s, want %+v of true", got, art.Depth, want)
	}
}

func TestLinesAreFilledUp(t *testing.T) {
	art, err := Read([]byte("a\r\n\nbcd\n\n"), ascii.Page{}, anyGrid)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for y := range art.Rows {
		var line strings.Builder
		for _, c := range art.Row(0, y) {
			line.WriteRune(c.Rune)
		}
		lines = append(lines, line.String())
	}
	if got, want := strings.Join(lines, "|"), "a  |   |bcd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add("\x1b[38;2;1;2;3ma\x1b[0m\nb\x1b]x\x1b\\")
	f.Add("\x1b[38:2::1:2:3;58:5:1;7ma\x1b[58;2;1;2;3;:;5:mb")
	f.Add("\x1b[;;m\x1b[99999999999999999999ma\x1b")
	f.Fuzz(func(t *testing.T, text string) {
		art, err := Read([]byte(text), ascii.Page{}, anyGrid)
		if err != nil {
			return
		}
		if len(art.Frames[0].Cells) != art.Cols*art.Rows {
			t.Errorf("%d by %d with %d cells", art.Cols, art.Rows, len(art.Frames[0].Cells))
		}
	})
}

func anyGrid(int, int) error { return nil }

// TestReadStopsWhereTheGridIsTooLarge, before it makes cells for it: a long line
// and many short ones would be billions.
func TestReadStopsWhereTheGridIsTooLarge(t *testing.T) {
	wide := strings.Repeat("x", 50_000)
	for name, text := range map[string]string{
		"a long line, then many":      wide + strings.Repeat("\n", 50_000),
		"many lines, then a long one": strings.Repeat("\n", 50_000) + wide,
		"only line breaks":            strings.Repeat("\n", 10_000_000),
	} {
		o := ascii.Defaults()
		o.Limits.Cols = 100_000
		_, err := Read([]byte(text), o.Page(), o.CheckGrid)
		if _, ok := errors.AsType[*ascii.LimitError](err); !ok {
			t.Errorf("%s: got %v, want a limit", name, err)
		}
	}
}

// TestReadLeavesOutWhatCannotBeShown, since no format would write it.
func TestReadLeavesOutWhatCannotBeShown(t *testing.T) {
	art, err := Read([]byte("a\u2028b\u0301c\ufffe"), ascii.Defaults().Page(), anyGrid)
	if err != nil {
		t.Fatal(err)
	}
	if art.Cols != 3 {
		t.Errorf("got %d columns, want 3", art.Cols)
	}
}
