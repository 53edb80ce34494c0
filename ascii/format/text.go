package format

import (
	"bufio"

	"github.com/charcoal-art/charcoal/ascii"
)

// textFormat is plain UTF-8: a line for each row, every line as wide as the art
// and ended by "\n". Spaces at the end of a line stay, because clients rely on
// the rectangle.
func textFormat() Format {
	return Format{
		Name:      "text",
		MediaType: "text/plain; charset=utf-8",
		Extension: ".txt",
		Notes:     "Plain text in UTF-8; without colours, and of an animation the first frame.",
		Write:     checked("text", writeText),
	}
}

// The errors of b are ignored throughout: a bufio.Writer keeps the first for
// Flush.
func writeText(b *bufio.Writer, art *ascii.Art, _ Settings) error {
	for y := range art.Rows {
		for _, c := range art.Row(0, y) {
			_, _ = b.WriteRune(c.Rune)
		}
		_ = b.WriteByte('\n')
	}
	return nil
}
