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

// TestOpenBeside: two processes share a file of one schema, and never change it under
// the other.
func TestOpenBeside(t *testing.T) {
	path := newPath(t)
	server := openStore(t, path)
	defer func() { _ = server.Close() }()
	tool, err := OpenBeside(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	u := charcoal.NewUser{User: charcoal.User{ID: charcoal.NewID(), Name: "ada", Role: charcoal.RoleAdmin}}
	if err := tool.AddUser(t.Context(), u, charcoal.AuditEntry{ID: charcoal.NewID()}); err != nil {
		t.Fatal(err)
	}
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := server.User(t.Context(), u.ID); err != nil || got.Name != "ada" {
		t.Errorf("the server reads %+v and %v, want the user that was added beside it", got, err)
	}
	if err := server.writer.write(t.Context(), func(t *tx) error {
		return t.exec(`DELETE FROM goose_db_version WHERE version_id = (SELECT max(version_id) FROM goose_db_version)`)
	}); err != nil {
		t.Fatal(err)
	}
	if tool, err := OpenBeside(t.Context(), path); charcoal.CodeOf(err) != charcoal.Unavailable {
		t.Errorf("opening another schema: got %v and %v, want %s", tool, err, charcoal.Unavailable)
	}
}
