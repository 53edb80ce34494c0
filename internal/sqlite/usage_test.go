package sqlite

import (
	"testing"

	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestMeterConformance(t *testing.T) {
	conformance.Meter(t, func(t *testing.T) *Store { return openStore(t, newPath(t)) })
}
