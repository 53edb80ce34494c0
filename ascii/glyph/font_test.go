package glyph

import (
	"bytes"
	"strings"
	"testing"
)

func TestParseFont(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want string // in the error; "": none
	}{
		{"the embedded one", embedded, ""},
		{"nothing", nil, "read the font"},
		{"text", []byte("no font at all, but long enough to have a header"), "read the font"},
		{"cut off", embedded[:200], "read the font"},
		{"too large", make([]byte, MaxFont+1), "may have at most 16777216"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseFont(tt.data)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// A font that says that its letters are eight units wide and its lines as high would
// be drawn so large that each letter takes much memory. It gets an error.
func TestHugeGlyphsAreRefused(t *testing.T) {
	data := bytes.Clone(embedded)
	hhea, hmtx := data[tableOf(t, data, "hhea"):], data[tableOf(t, data, "hmtx"):]
	copy(hhea[4:], []byte{0, 8, 0, 0}) // ascent and descent
	for i := range int(hhea[34])<<8 | int(hhea[35]) {
		copy(hmtx[4*i:], []byte{0, 8}) // advances
	}
	f, err := ParseFont(data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Atlas(8, 16, []rune("M"))
	if err == nil || !strings.Contains(err.Error(), "larger than 8 cells") {
		t.Errorf("got %v, want it to be larger than 8 cells", err)
	}
}

// tableOf returns where a table of a TrueType font starts.
func tableOf(t *testing.T, data []byte, tag string) int {
	t.Helper()
	for at := 12; at+16 <= len(data); at += 16 {
		if string(data[at:at+4]) == tag {
			return int(data[at+8])<<24 | int(data[at+9])<<16 | int(data[at+10])<<8 | int(data[at+11])
		}
	}
	t.Fatalf("the font has no table %s", tag)
	return 0
}

// FuzzParseFont shows that no bytes make the reader panic or take much memory. It
// changes the embedded font in places.
func FuzzParseFont(f *testing.F) {
	f.Add(uint32(0), []byte{0, 8, 0, 0})
	f.Add(uint32(12), []byte("head"))
	f.Add(uint32(300), []byte{0xff, 0xff, 0xff, 0xff})
	f.Add(uint32(60_000), bytes.Repeat([]byte{0x80}, 64))
	f.Fuzz(func(t *testing.T, at uint32, patch []byte) {
		data := bytes.Clone(embedded)
		copy(data[int(at)%len(data):], patch)
		font, err := ParseFont(data)
		if err != nil {
			return
		}
		a, err := font.Atlas(8, 16, []rune("Mg@█"))
		if err == nil && len(a.Glyphs) != 4 {
			t.Errorf("got %d glyphs, want 4", len(a.Glyphs))
		}
	})
}
