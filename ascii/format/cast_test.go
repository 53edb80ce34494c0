package format_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
)

// terminal plays what a cast draws, without colours: characters, and going to a row.
type terminal struct {
	screen [][]rune
	row    int
	col    int
}

func (m *terminal) play(t *testing.T, data string) {
	t.Helper()
	for data != "" {
		if rest, ok := strings.CutPrefix(data, "\x1b["); ok {
			end := strings.IndexAny(rest, "HJlm")
			if end < 0 {
				t.Fatalf("an unknown escape in %q", data)
			}
			if rest[end] == 'H' {
				m.row, m.col = int(rest[0]-'1'), 0
			}
			data = rest[end+1:]
			continue
		}
		r := []rune(data)[0]
		m.screen[m.row][m.col] = r
		m.col++
		data = data[len(string(r)):]
	}
}

func TestCastPlays(t *testing.T) {
	art := animated()
	lines := strings.Split(strings.TrimSuffix(string(writeWith(t, "cast", art, format.Settings{Title: "<a>"})), "\n"), "\n")
	var header struct {
		Version, Width, Height int
		Duration               float64
		Title                  string
	}
	if err := json.Unmarshal([]byte(lines[0]), &header); err != nil {
		t.Fatal(err)
	}
	if header.Version != 2 || header.Width != 4 || header.Height != 2 || header.Title != "<a>" || header.Duration < 1.073 || header.Duration > 1.074 {
		t.Errorf("header: got %+v", header)
	}
	if len(lines) != 1+len(art.Frames) {
		t.Fatalf("%d events, want one for each frame: %d", len(lines)-1, len(art.Frames))
	}
	m := &terminal{screen: [][]rune{[]rune("????"), []rune("????")}}
	var times []float64
	for i, line := range lines[1:] {
		var event []any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		times = append(times, event[0].(float64))
		m.play(t, event[2].(string))
		if got, want := string(m.screen[0])+string(m.screen[1]), letters(art.Frames[i].Cells); got != want || event[1] != "o" {
			t.Errorf("frame %d: got %q in an event %v, want %q", i, got, event[1], want)
		}
	}
	if want := []float64{0, 0.04, 0.073333333}; !slices.Equal(times, want) {
		t.Errorf("times: got %v, want %v", times, want)
	}
	if !strings.HasSuffix(lines[3], `"o",""]`) {
		t.Errorf("a frame in which nothing changes draws: %s", lines[3])
	}
}

func letters(cells []ascii.Cell) string {
	var s strings.Builder
	for _, c := range cells {
		s.WriteRune(c.Rune)
	}
	return s.String()
}
