package format

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// castFormat is asciicast version 2, which asciinema plays: a header, and an event
// for each frame that draws what changed.
func castFormat() Format {
	return Format{
		Name:      "cast",
		MediaType: "application/x-asciicast",
		Extension: ".cast",
		Notes:     "A recording of a terminal for asciinema, with all frames; players decide how often it loops.",
		Write:     checked("cast", writeCast),
	}
}

// castHeader is the first line. The duration holds the delay of the last frame.
type castHeader struct {
	Version  int     `json:"version"`
	Width    int     `json:"width"`
	Height   int     `json:"height"`
	Duration float64 `json:"duration,omitempty"` // seconds
	Title    string  `json:"title,omitempty"`
}

func writeCast(b *bufio.Writer, art *ascii.Art, s Settings) error {
	var at, total time.Duration
	for _, f := range art.Frames {
		total += f.Delay
	}
	lines := json.NewEncoder(b)
	lines.SetEscapeHTML(false)
	header := castHeader{Version: 2, Width: art.Cols, Height: art.Rows, Duration: total.Seconds()}
	if s.Title != "" {
		header.Title = s.title()
	}
	if err := lines.Encode(header); err != nil {
		return fmt.Errorf("encode the header: %w", err)
	}
	for i, f := range art.Frames {
		if err := lines.Encode([]any{at.Seconds(), "o", castFrame(art, i)}); err != nil {
			return fmt.Errorf("encode frame %d: %w", i, err)
		}
		at += f.Delay
	}
	return nil
}

// castFrame is what turns the frame before, or an empty screen, into a frame.
// Rows are reached by their number and no line end follows the last one, so that
// nothing scrolls.
func castFrame(art *ascii.Art, frame int) string {
	var screen bytes.Buffer
	b := bufio.NewWriter(&screen)
	if frame == 0 {
		_, _ = b.WriteString("\x1b[?25l\x1b[2J") // no cursor, nothing else
	}
	for y := range art.Rows {
		row := art.Row(frame, y)
		if frame > 0 && slices.Equal(row, art.Row(frame-1, y)) {
			continue
		}
		_, _ = fmt.Fprintf(b, "\x1b[%dH", y+1)
		writeANSIRow(b, art, row)
	}
	_ = b.Flush() // a buffer takes everything
	return screen.String()
}
