package format_test

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// takeSauce returns the art and the record after it.
func takeSauce(t *testing.T, data []byte) (art string, record []byte) {
	t.Helper()
	at := len(data) - 128
	if at < 1 || string(data[at:at+7]) != "SAUCE00" || data[at-1] != 0x1a {
		t.Fatalf("no SAUCE record at the end of %q", data)
	}
	return string(data[:at-1]), data[at:]
}

func TestANSRecord(t *testing.T) {
	data := writeWith(t, "ans", drawn("ab", "c█"), format.Settings{Title: "é☃ and a title that is much longer than 35 characters"})
	art, record := takeSauce(t, data)
	if want := "ab\r\nc\xdb\r\n\x1b[0m"; art != want {
		t.Errorf("art: got %q, want %q", art, want)
	}
	if got := record[7:42]; got[0] != 0x82 || !strings.HasPrefix(string(got[2:]), " and a title") {
		t.Errorf("title: got %q", got)
	}
	if got := binary.LittleEndian.Uint32(record[90:]); int(got) != len(art) {
		t.Errorf("size: got %d, want %d", got, len(art))
	}
	if got, want := record[94:106], []byte{1, 1, 80, 0, 2, 0, 0, 0, 0, 0, 0, 0b10011}; !bytes.Equal(got, want) {
		t.Errorf("type, size and flags: got %v, want %v", got, want)
	}
	if got := strings.TrimRight(string(record[106:]), "\x00"); got != "IBM VGA" {
		t.Errorf("font: got %q", got)
	}
}

// Lines as wide as the viewer wrap by themselves.
func TestANSWraps(t *testing.T) {
	for cols, want := range map[int]string{79: "\r\n", 80: "", 100: ""} {
		row := strings.Repeat("x", cols)
		data := write(t, "ans", drawn(row, row))
		art, record := takeSauce(t, data)
		if art != row+want+row+want+"\x1b[0m" {
			t.Errorf("%d columns: got %q", cols, art)
		}
		if got := binary.LittleEndian.Uint16(record[96:]); int(got) != max(80, cols) {
			t.Errorf("%d columns: the record says %d", cols, got)
		}
	}
}

func TestANSCharacters(t *testing.T) {
	for _, tt := range []struct {
		name, char string
		want       byte
	}{
		{"its own", "É", 0x90},
		{"a block", "▌", 0xdd},
		{"a space that does not break", "\u00a0", 0xff},
		{"a sextant that is nearly a half", "🬂", '\xdf'},
		{"a quadrant, as light as it is", "▗", 0xb0},
		{"a letter with another accent", "Ō", 0x99},
		{"an empty cell of braille", "⠀", ' '},
		{"a full cell of braille", "⣿", 0xb0},
		{"what no font has", "語", '?'},
	} {
		art, _ := takeSauce(t, write(t, "ans", drawn(tt.char)))
		if art[0] != tt.want {
			t.Errorf("%s: %s becomes %#x, want %#x", tt.name, tt.char, art[0], tt.want)
		}
	}
}

func TestANSColours(t *testing.T) {
	cell := func(r rune, fg, bg ascii.Color) ascii.Cell { return ascii.Cell{Rune: r, FG: fg, BG: bg} }
	yellow, navy := ascii.Free(ascii.RGB{R: 250, G: 250, B: 90}), ascii.Free(ascii.RGB{B: 160})
	art := &ascii.Art{Cols: 4, Rows: 1, Depth: "true", Frames: []ascii.Frame{{Cells: []ascii.Cell{
		cell('a', yellow, navy), cell(' ', 0, navy), cell('b', navy, yellow), cell('c', 0, 0),
	}}}}
	got, _ := takeSauce(t, write(t, "ans", art))
	if want := "\x1b[0;1;33;44ma \x1b[0;5;34;43mb\x1b[0;37;40mc\r\n\x1b[0m"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
