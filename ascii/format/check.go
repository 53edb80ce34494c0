package format

import (
	"fmt"
	"unicode"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal/ascii"
)

// ArtError says why art cannot be shown in any format.
type ArtError struct{ Reason string }

func (e *ArtError) Error() string { return "the art cannot be shown: " + e.Reason }

// check refuses art that is not whole, and characters that would act on a
// terminal or break a document instead of standing in a cell.
func check(art *ascii.Art) error {
	if art.Cols < 1 || art.Rows < 1 || len(art.Frames) == 0 {
		return &ArtError{fmt.Sprintf("it is %d×%d cells in %d frames", art.Cols, art.Rows, len(art.Frames))}
	}
	for i, f := range art.Frames {
		if len(f.Cells)%art.Cols != 0 || len(f.Cells)/art.Cols != art.Rows {
			return &ArtError{fmt.Sprintf("frame %d has %d cells, not %d×%d", i, len(f.Cells), art.Cols, art.Rows)}
		}
		for _, c := range f.Cells {
			if !showable(c.Rune) {
				return &ArtError{fmt.Sprintf("%U is not a character that is seen", c.Rune)}
			}
		}
	}
	return nil
}

// showable reports whether r may stand in a cell: no control characters, no line
// or paragraph separator, nothing that UTF-8 or XML does not have.
func showable(r rune) bool {
	if r >= ' ' && r <= '~' {
		return true
	}
	return utf8.ValidRune(r) && !unicode.IsControl(r) && r != 0x2028 && r != 0x2029 && r&0xfffe != 0xfffe
}
