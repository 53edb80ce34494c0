package conformance

import (
	"testing"

	"github.com/charcoal-art/charcoal"
)

// TestModel holds the model against the suite: what the property test measures
// stores by must itself keep the contract. Only contexts mean nothing to it,
// because it never waits.
func TestModel(t *testing.T) {
	runEach(t, func(*testing.T) OpenStore {
		return func(*testing.T) charcoal.Store { return newModel() }
	}, storyTests())
}
