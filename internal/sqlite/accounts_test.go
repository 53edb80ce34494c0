package sqlite

import (
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestAccounts(t *testing.T) {
	conformance.Accounts(t, func(t *testing.T) charcoal.Accounts {
		s := openStore(t, newPath(t))
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		})
		return s
	})
}
