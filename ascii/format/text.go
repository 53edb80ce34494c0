package format

import (
	"bufio"
	"fmt"
	"io"

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
		Write:     writeText,
	}
}

func writeText(w io.Writer, art *ascii.Art) error {
	b := bufio.NewWriter(w)
	for y := range art.Rows {
		for _, c := range art.Row(0, y) {
			_, _ = b.WriteRune(c.Rune) // a bufio.Writer keeps its error for Flush
		}
		_ = b.WriteByte('\n')
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return nil
}
