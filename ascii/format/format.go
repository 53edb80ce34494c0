// Package format writes art in the formats that people and programs want. Any art
// can be written in any format without drawing it again.
package format

import (
	"fmt"
	"io"
	"strings"

	"github.com/charcoal-art/charcoal/ascii"
)

// Format is one way to write art.
type Format struct {
	Name      string // "text"
	MediaType string // with its charset where that applies
	Extension string // of a file, with the dot: ".txt"

	// Write writes all of a drawing. It returns the error of w.
	Write func(w io.Writer, art *ascii.Art) error
}

// All is every format, in the order to show them.
func All() []Format { return []Format{textFormat()} }

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
