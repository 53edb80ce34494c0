package sqlite

import (
	"testing"

	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestEvents(t *testing.T) {
	conformance.Events(t, func(t *testing.T) conformance.EventStore { return openStore(t, newPath(t)) })
}

func TestWebhooks(t *testing.T) {
	conformance.Webhooks(t, func(t *testing.T) func(t *testing.T) conformance.EventStore {
		path := newPath(t)
		return func(t *testing.T) conformance.EventStore { return openStore(t, path) }
	})
}
