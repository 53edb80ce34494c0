// Package format writes art in the formats that people and programs want. Any art
// can be written in any format without drawing it again.
//
// Text is written as it is made, in memory of a row or, in asciicasts, of a
// frame. Pictures are made whole: a PNG takes at most 128 MiB and a GIF twice that,
// and larger ones are refused with a [*SizeError] before any of it is taken.
package format

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// Format is one way to write art.
type Format struct {
	Name      string // "text"
	MediaType string // with its charset where that applies
	Extension string // of a file, with the dot: ".txt"
	Notes     string // one sentence for people: what it is and what it cannot show

	// Write writes all of a drawing. It returns the error of w, or an [*ArtError]
	// for art that no format can show, before anything is written.
	Write func(w io.Writer, art *ascii.Art, s Settings) error
}

// Settings is what a format may say beside the art. The zero value is valid;
// formats ignore what they have no place for. Characters that a document cannot
// have are replaced.
type Settings struct {
	Title string // of the document; "Text art"
	Label string // what the picture shows, for those who cannot see it; Title

	Inverse     *ascii.Art  // html: the picture drawn for the other kind of page, light or dark, to follow the reader's scheme
	Outlines    bool        // svg: characters as shapes, for viewers without the fonts
	Backgrounds bool        // bbcode: write grounds, as [bgcolor=…], which only some forums know
	Font        *glyph.Font // svg outlines, png and gif: drawn with it; the embedded one
}

func (s Settings) title() string {
	if s.Title == "" {
		return "Text art"
	}
	return clean(s.Title)
}

func (s Settings) label() string {
	if s.Label == "" {
		return s.title()
	}
	return clean(s.Label)
}

func (s Settings) font() *glyph.Font {
	if s.Font == nil {
		return glyph.Embedded()
	}
	return s.Font
}

// clean replaces what is not shown by what is.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if showable(r) {
			return r
		}
		return utf8.RuneError
	}, s)
}

// All is every format, in the order to show them.
func All() []Format {
	return []Format{
		textFormat(),
		ansiFormat(),
		htmlFormat(),
		svgFormat(),
		pngFormat(),
		gifFormat(),
		jsonFormat(),
		ircFormat(),
		bbcodeFormat(),
		ansFormat(),
		castFormat(),
	}
}

// Lookup returns the format of a name.
func Lookup(name string) (Format, error) {
	var names []string
	for _, f := range All() {
		if f.Name == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return Format{}, &UnknownError{Name: name, Known: names}
}

// UnknownError says that there is no format of a name.
type UnknownError struct {
	Name  string
	Known []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("there is no format %.64q; there are: %s", e.Name, strings.Join(e.Known, ", "))
}

// checked makes a Write of what writes art that is known to be sound into a
// buffer, which keeps the first error of w for the end.
func checked(name string, write func(*bufio.Writer, *ascii.Art, Settings) error) func(io.Writer, *ascii.Art, Settings) error {
	return func(w io.Writer, art *ascii.Art, s Settings) error {
		if err := check(art); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		b := bufio.NewWriter(w)
		err := write(b, art, s)
		if err == nil {
			err = b.Flush()
		}
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		return nil
	}
}
