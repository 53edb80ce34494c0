package postgres

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

// TestBehindPgBouncer runs the suites where every transaction may get another connection
// of the server.
func TestBehindPgBouncer(t *testing.T) {
	t.Run("store", func(t *testing.T) {
		conformance.Store(t, func(t *testing.T) conformance.OpenStore {
			url := bounced(t, newDatabase(t))
			return func(t *testing.T) charcoal.Store { return openStore(t, url) }
		})
	})
	t.Run("events", func(t *testing.T) {
		conformance.Events(t, func(t *testing.T) conformance.EventStore { return openStore(t, bounced(t, newDatabase(t))) })
	})
	t.Run("catalogue", func(t *testing.T) {
		conformance.Catalogue(t, func(t *testing.T) func(*testing.T) conformance.Library {
			url := bounced(t, newDatabase(t))
			return func(t *testing.T) conformance.Library { return openStore(t, url) }
		})
	})
}

// TestPgBouncerDoesNotMigrate: the lock that keeps migrations apart is of a session.
func TestPgBouncerDoesNotMigrate(t *testing.T) {
	url := server.NewDatabase(t, "")
	if err := openError(t, bounced(t, url)); charcoal.CodeOf(err) != charcoal.Unavailable || !strings.Contains(err.Error(), "PgBouncer") {
		t.Errorf("open: got %v, want unavailable and why", err)
	}
	if err := Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	if err := openError(t, bounced(t, url)); err != nil {
		t.Errorf("open when it is migrated: %v", err)
	}
}

// bounced is the URL of a database behind PgBouncer.
func bounced(t *testing.T, url string) string {
	t.Helper()
	direct := fmt.Sprintf("127.0.0.1:%d", server.Port(t))
	return strings.Replace(url, direct, bouncer.Addr(t, &server), 1) + "&pgbouncer=true"
}
