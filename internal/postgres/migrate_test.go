package postgres

import (
	"strings"
	"sync"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// TestMigrateAtOnce has many processes find an empty database at the same time.
func TestMigrateAtOnce(t *testing.T) {
	url := server.NewDatabase(t, "")
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			s, err := Open(t.Context(), url)
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			defer closeStore(t, s)
			if err := upload(t, s, newImage(charcoal.ID{1})); err != nil {
				t.Errorf("upload: %v", err)
			}
		})
	}
	wg.Wait()
}

// TestSchemaOfAnotherRelease is left alone.
func TestSchemaOfAnotherRelease(t *testing.T) {
	url := newDatabase(t)
	server.ExecIn(t, url, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)`)
	if err := openError(t, url); charcoal.CodeOf(err) != charcoal.Unavailable || !strings.Contains(err.Error(), "newer release (schema 999") {
		t.Errorf("open: got %v, want unavailable and why", err)
	}
}

func TestOpenRefusesWhatIsNoDatabase(t *testing.T) {
	for _, url := range []string{"postgres://u:secret@127.0.0.1:bad/x", "postgres://u:secret@127.0.0.1:1/x?connect_timeout=2"} {
		err := openError(t, url)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("open %s: got %v, want an error without the password", url, err)
		}
	}
}
