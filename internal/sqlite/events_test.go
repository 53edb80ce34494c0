package sqlite

import (
	"strings"
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

// TestEventQueriesUseIndexes asks SQLite how it would answer: nothing may cost more
// because more is kept.
func TestEventQueriesUseIndexes(t *testing.T) {
	s := openClosing(t, newPath(t))
	for _, test := range []struct {
		name, query string
		want        []string
	}{
		{"events", selectEvents, []string{"SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"of an owner", selectOwnEvents, []string{"events_owner (owner=? AND seq>?)"}},
		{"of an image", selectImageEvents, []string{"events_image (image_id=? AND seq>?)"}},
		{"of an image of an owner", selectOwnImageEvents, []string{"events_image (image_id=? AND seq>?)"}},
		{"purge of events", purgeEvents, []string{"SEARCH events USING INTEGER PRIMARY KEY (rowid=?)", "MATERIALIZE oldest"}},
		{"what is to be planned", selectNextEvents, []string{"SEARCH events USING INTEGER PRIMARY KEY (rowid>?)"}},
		{"who wants an event", wantedByEndpoints, []string{"SEARCH events USING INTEGER PRIMARY KEY", "endpoints_owner (owner=?)"}},
		{"whose callback", wantedByCallbacks, []string{"SEARCH events USING INTEGER PRIMARY KEY", "SEARCH renderings USING PRIMARY KEY (id=?)"}},
		{"due targets", selectDueTargets, []string{"targets_due (due<?)", "deliveries USING COVERING INDEX deliveries_busy"}},
		{"places that are taken", selectBusy, []string{"deliveries_leased (target=?)", "deliveries_busy (owner=? AND due>?)"}},
		{"what is overdue", takeBack, []string{"deliveries_leased (target=? AND due<?)"}},
		{"claim", claimDeliveries, []string{"SEARCH deliveries USING PRIMARY KEY (id=?)", "deliveries_due (target=? AND due<?)"}},
		{"settle", settleTarget, []string{"deliveries_leased (target=?)", "deliveries_due (target=?)"}},
		{"purge of deliveries", purgeDeliveries, []string{"deliveries_done (created<?)", "endpoints_disabled", "deliveries_endpoint (endpoint=?)"}},
		{"deliveries", selectDeliveries, []string{"deliveries_endpoint (endpoint=? AND id<?)"}},
	} {
		plan := explain(t, s, test.query)
		for _, want := range test.want {
			if !strings.Contains(plan, want) {
				t.Errorf("%s: want %q in the plan, got:\n%s", test.name, want, plan)
			}
		}
	}
}
