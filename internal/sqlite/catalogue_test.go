package sqlite

import (
	"testing"

	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestCatalogue(t *testing.T) {
	conformance.Catalogue(t, func(t *testing.T) func(*testing.T) conformance.Library {
		path := newPath(t)
		return func(t *testing.T) conformance.Library { return openStore(t, path) }
	})
}
