package format_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal/ascii"
)

// readJSON makes art of JSON again, as a program that knows only the schema would.
func readJSON(t *testing.T, data []byte) *ascii.Art {
	t.Helper()
	var doc struct {
		Cols, Rows, Loops int
		Depth             string
		Page              struct{ Ink, Ground string }
		Palette           []string
		Frames            []struct {
			Delay  float64 `json:"delay_ms"`
			Lines  []string
			Colors [][][3]any
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	art := &ascii.Art{
		Cols: doc.Cols, Rows: doc.Rows, Loops: doc.Loops, Depth: doc.Depth,
		Page: ascii.Page{Ink: rgb(t, doc.Page.Ink), Ground: rgb(t, doc.Page.Ground)},
	}
	for _, c := range doc.Palette {
		art.Palette = append(art.Palette, rgb(t, c))
	}
	for _, f := range doc.Frames {
		frame := ascii.Frame{Delay: time.Duration(f.Delay * float64(time.Millisecond)), Cells: cells(strings.Join(f.Lines, ""))}
		i := 0
		for _, line := range f.Colors {
			for _, run := range line {
				for range int(run[0].(float64)) {
					frame.Cells[i].FG, frame.Cells[i].BG = colorOf(t, run[1]), colorOf(t, run[2])
					i++
				}
			}
		}
		art.Frames = append(art.Frames, frame)
	}
	return art
}

func rgb(t *testing.T, s string) ascii.RGB {
	t.Helper()
	var c ascii.RGB
	for i, v := range []*uint8{&c.R, &c.G, &c.B} {
		*v = uint8(strings.IndexByte("0123456789abcdef", s[1+2*i])<<4 | strings.IndexByte("0123456789abcdef", s[2+2*i]))
	}
	return c
}

func colorOf(t *testing.T, v any) ascii.Color {
	t.Helper()
	switch v := v.(type) {
	case string:
		return ascii.Free(rgb(t, v))
	case float64:
		return ascii.Indexed(uint8(v))
	}
	return 0
}

func TestJSONIsParsedBack(t *testing.T) {
	s := readSchema(t)
	for name, want := range map[string]*ascii.Art{"mono": drawn("ab", "c "), "hostile": hostile(), "animated": animated()} {
		data := writeWith(t, "json", want, hostileSettings())
		if err := s.validate(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, readJSON(t, data)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestJSONTexts(t *testing.T) {
	var doc struct{ Title, Label string }
	if err := json.Unmarshal(writeWith(t, "json", drawn("a"), hostileSettings()), &doc); err != nil {
		t.Fatal(err)
	}
	if want := "</title><script>alert(1)</script>\uFFFD\uFFFD]0;x\uFFFD"; doc.Title != want {
		t.Errorf("title: got %q, want %q", doc.Title, want)
	}
	if data := writeWith(t, "json", drawn("</"), hostileSettings()); strings.Contains(string(data), "</") {
		t.Errorf("a script element that holds it could end: %s", data)
	}
}
