package charcoal_test

import (
	"testing"

	"github.com/charcoal-art/charcoal"
)

func TestEventKind(t *testing.T) {
	for what, want := range map[charcoal.EventType]string{
		charcoal.ImageCreated: "image", charcoal.RenderingReady: "rendering", charcoal.EventsReset: "reset", "": "",
	} {
		if got := what.Kind(); got != want {
			t.Errorf("kind of %q: got %q, want %q", what, got, want)
		}
	}
}

// Every state that a rendering can get into has its event.
func TestEventsOfStates(t *testing.T) {
	known := make(map[charcoal.EventType]bool)
	for _, what := range charcoal.EventTypes() {
		known[what] = true
	}
	for _, state := range []charcoal.State{
		charcoal.Queued, charcoal.Running, charcoal.Ready, charcoal.Failed, charcoal.CanceledState,
	} {
		if what := charcoal.EventType("rendering." + string(state)); !known[what] {
			t.Errorf("there is no event %q", what)
		}
	}
}

func TestDeliveryTarget(t *testing.T) {
	owner, other, endpoint := charcoal.NewID(), charcoal.NewID(), charcoal.NewID()
	target := func(owner, endpoint charcoal.ID, url string) string {
		return (&charcoal.Delivery{Owner: owner, Endpoint: endpoint, URL: url}).Target()
	}
	tests := []struct {
		name string
		a, b string
		same bool
	}{
		{"one endpoint", target(owner, endpoint, "http://a/"), target(owner, endpoint, "http://b/"), true},
		{"callbacks at one host", target(owner, charcoal.ID{}, "http://a/1"), target(owner, charcoal.ID{}, "http://A/2"), true},
		{"callbacks at two hosts", target(owner, charcoal.ID{}, "http://a/"), target(owner, charcoal.ID{}, "http://b/"), false},
		{"callbacks of two owners", target(owner, charcoal.ID{}, "http://a/"), target(other, charcoal.ID{}, "http://a/"), false},
		{"an endpoint and a callback", target(owner, endpoint, "http://a/"), target(owner, charcoal.ID{}, "http://a/"), false},
	}
	for _, tt := range tests {
		if got := tt.a == tt.b; got != tt.same {
			t.Errorf("%s: %q and %q: the same %t, want %t", tt.name, tt.a, tt.b, got, tt.same)
		}
	}
}
