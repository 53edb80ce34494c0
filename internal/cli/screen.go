package cli

import (
	"io"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/charcoal-art/charcoal/ascii"
)

// screen is the room that a drawing may fill. The zero screen is none.
type screen struct{ cols, rows int }

// screenOf returns the room of the terminal that w is, less a line for the
// prompt that follows, or no screen.
func screenOf(w io.Writer) screen {
	fd, ok := descriptor(w)
	if !ok {
		return screen{}
	}
	cols, rows, err := term.GetSize(fd)
	if err != nil || cols < 1 || rows < 2 { // no terminal, or one that does not tell
		return screen{}
	}
	return screen{cols, rows - 1}
}

// room is the columns and rows that a drawing may have.
func (s screen) room() (cols, rows int) {
	lim := ascii.DefaultLimits()
	return min(s.cols, lim.Cols), min(s.rows, lim.Rows)
}

// isTerminal is about a reader or writer.
func isTerminal(stream any) bool {
	fd, ok := descriptor(stream)
	return ok && term.IsTerminal(fd)
}

func descriptor(stream any) (fd int, ok bool) {
	file, ok := stream.(interface{ Fd() uintptr })
	if !ok {
		return 0, false
	}
	return int(file.Fd()), true
}

// variable is the value of one in an environment, or "".
func variable(env []string, name string) string {
	for _, e := range slices.Backward(env) { // of several, the last one counts
		if value, ok := strings.CutPrefix(e, name+"="); ok {
			return value
		}
	}
	return ""
}

// autoColor is the depth that the terminal can show.
const autoColor = "auto"

// terminalDepth returns the colour depth of a terminal, as its environment tells:
// NO_COLOR (no-color.org), COLORTERM, which terminals with free colours set, and
// TERM.
func terminalDepth(env []string) string {
	colorTerm, terminal := variable(env, "COLORTERM"), variable(env, "TERM")
	depth := "16"
	switch {
	case variable(env, "NO_COLOR") != "" || terminal == "dumb" || terminal == "":
		depth = "none"
	case colorTerm == "truecolor" || colorTerm == "24bit" || strings.HasSuffix(terminal, "-direct"):
		depth = "true"
	case strings.Contains(terminal, "256color"):
		depth = "256"
	}
	if !slices.Contains(ascii.ColorDepths(), depth) {
		return "none"
	}
	return depth
}
