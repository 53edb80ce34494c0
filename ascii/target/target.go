// Package target knows the places where text art goes, as data: which characters
// show there, how wide and how long a text may be, and what has to stand around it.
package target

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal/ascii"
)

// Target is a place where art is read.
type Target struct {
	Name  string
	Notes string // one sentence for people: what the numbers come from

	Format     string   // of package ascii/format, to write in
	Glyphs     []string // glyph sets that show there, the default first; nil: any
	Color      string   // the greatest colour depth, which is the default, too
	Paint      string   // where colour goes, as in [ascii.Options]
	Invert     bool     // its page is light
	CellAspect float64  // of a character there; 0: as most are
	Cols       int      // a line that is wider breaks; 0: none does
	Budget     Budget   // of the whole text, with what stands around it

	Before, After string // lines around the art
	Indent        string // begins each line
	Blank         rune   // in place of spaces, where those collapse; 0: spaces stay
	Trim          bool   // spaces at the end of lines are useless there, or harm
	Tick          rune   // in place of each third backquote, where three end the art; 0: none do
}

// Lookup returns the target of a name.
func Lookup(name string) (Target, error) {
	var names []string
	for _, t := range All() {
		if t.Name == name {
			return t, nil
		}
		names = append(names, t.Name)
	}
	return Target{}, &UnknownError{Name: name, Known: names}
}

// UnknownError says that there is no target of a name.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no target %.64q; there are: %s", e.Name, strings.Join(e.Known, ", "))
}

// Options are those to start from: [ascii.Defaults] with what suits the target.
func (t Target) Options() ascii.Options {
	o := ascii.Defaults()
	o.Color, o.Paint, o.Invert = t.Color, t.Paint, t.Invert
	if len(t.Glyphs) > 0 {
		o.Glyphs = t.Glyphs[0]
	}
	if t.CellAspect > 0 {
		o.CellAspect = t.CellAspect
	}
	if t.Cols > 0 {
		o.Cols = t.Cols
	}
	return o
}

// Limit returns options without what the target cannot show: too many columns,
// characters that it lacks, and colours.
func (t Target) Limit(o ascii.Options) ascii.Options {
	if t.Cols > 0 {
		o.Cols = min(o.Cols, t.Cols)
	}
	if t.Glyphs != nil && !slices.Contains(t.Glyphs, o.Glyphs) && !strings.HasPrefix(o.Glyphs, "ramp:") {
		o.Glyphs = t.Glyphs[0]
	}
	depths := ascii.ColorDepths()
	if slices.Index(depths, o.Color) > slices.Index(depths, t.Color) {
		o.Color = t.Color
	}
	return o
}

// Wrap makes what a format wrote into a text for the target. The budget counts its
// length.
func (t Target) Wrap(text []byte) []byte {
	var out bytes.Buffer
	out.WriteString(t.Before)
	for line := range bytes.Lines(text) {
		line, ended := bytes.CutSuffix(line, []byte("\n"))
		out.WriteString(t.Indent)
		out.Write(t.line(line))
		if ended {
			out.WriteByte('\n')
		}
	}
	out.WriteString(t.After)
	return out.Bytes()
}

func (t Target) line(line []byte) []byte {
	if t.Trim {
		line = bytes.TrimRight(line, " ")
	}
	if t.Blank != 0 {
		line = bytes.ReplaceAll(line, []byte(" "), []byte(string(t.Blank)))
	}
	if t.Tick != 0 {
		line = bytes.ReplaceAll(line, []byte("```"), []byte("``"+string(t.Tick)))
	}
	return line
}
