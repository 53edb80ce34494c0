package sqlite

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	conformance.Store(t, func(t *testing.T) conformance.OpenStore {
		path := newPath(t)
		return func(t *testing.T) charcoal.Store { return openStore(t, path) }
	})
}

// newPath names a database with characters that mean something in a URI.
func newPath(t *testing.T) string {
	return filepath.Join(t.TempDir(), "50% #1 ?mode=ro&x=;.db")
}

func openStore(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
