package postgres

import (
	"os"
	"sync"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

// server is the one of all tests of this package; each test has databases of its own.
var (
	server  testservers.Postgres
	bouncer testservers.PgBouncer // in front of it
)

// template is an empty database whose schema is up to date, for quick copies.
var template struct {
	once sync.Once
	url  string
}

func TestMain(m *testing.M) {
	os.Exit(testservers.Run(m, &bouncer, &server))
}

// newDatabase makes a database and returns its URL.
func newDatabase(tb testing.TB) string {
	tb.Helper()
	template.once.Do(func() {
		url := server.NewTemplate(tb)
		if err := Migrate(tb.Context(), url); err != nil {
			tb.Fatal(err)
		}
		template.url = url
	})
	return server.NewDatabase(tb, template.url)
}

func openStore(tb testing.TB, url string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), url)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// openClosing opens a store and closes it after the test.
func openClosing(tb testing.TB, url string) *Store {
	tb.Helper()
	s := openStore(tb, url)
	tb.Cleanup(func() { closeStore(tb, s) })
	return s
}

func closeStore(tb testing.TB, s *Store) {
	tb.Helper()
	if err := s.Close(); err != nil {
		tb.Errorf("close: %v", err)
	}
}

func TestConformance(t *testing.T) {
	conformance.Store(t, func(t *testing.T) conformance.OpenStore {
		url := newDatabase(t)
		return func(t *testing.T) charcoal.Store { return openStore(t, url) }
	})
}

func TestCatalogue(t *testing.T) {
	conformance.Catalogue(t, func(t *testing.T) func(*testing.T) conformance.Library {
		url := newDatabase(t)
		return func(t *testing.T) conformance.Library { return openStore(t, url) }
	})
}

func TestAccounts(t *testing.T) {
	conformance.Accounts(t, func(t *testing.T) charcoal.Accounts { return openClosing(t, newDatabase(t)) })
}

func TestEvents(t *testing.T) {
	conformance.Events(t, func(t *testing.T) conformance.EventStore { return openStore(t, newDatabase(t)) })
}

func TestWebhooks(t *testing.T) {
	conformance.Webhooks(t, func(t *testing.T) func(t *testing.T) conformance.EventStore {
		url := newDatabase(t)
		return func(t *testing.T) conformance.EventStore { return openStore(t, url) }
	})
}

func TestMeter(t *testing.T) {
	conformance.Meter(t, func(t *testing.T) *Store { return openStore(t, newDatabase(t)) })
}
