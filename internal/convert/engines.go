package convert

import (
	"strings"

	"github.com/charcoal-art/charcoal"
)

// engines are what can draw, the default first.
type engines []charcoal.Converter

// named returns the engine of a name, the default for "". A name that is none is
// Invalid.
func (e engines) named(name string) (charcoal.Converter, error) {
	if name == "" {
		return e[0], nil
	}
	var known []string
	for _, c := range e {
		own := charcoal.EngineName(c.Engine())
		if own == name {
			return c, nil
		}
		known = append(known, own)
	}
	return nil, charcoal.Errorf(charcoal.Invalid, "there is no engine %.40q here; there are: %s", name, strings.Join(known, ", "))
}

// scorer is the first engine that can score, nil when none can.
func (e engines) scorer() Scorer {
	for _, c := range e {
		if s, ok := c.(Scorer); ok {
			return s
		}
	}
	return nil
}
