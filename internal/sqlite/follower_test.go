package sqlite

import (
	"context"
	"testing"

	"github.com/charcoal-art/charcoal"
)

func countFound(t *testing.T, s *Store, text string) int {
	t.Helper()
	admin := charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}
	page, err := s.Search(t.Context(), charcoal.Query{Viewer: admin, Text: text, Limit: charcoal.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Images)
}

// TestFollowerFarBehind has another process write more than the log of changes keeps.
func TestFollowerFarBehind(t *testing.T) {
	path := newPath(t)
	s, other := openClosing(t, path), openRaw(t, path, "")
	fillShelf(t, s, 20)
	if got := countFound(t, s, "renamed"); got != 0 {
		t.Fatalf("before: found %d", got)
	}
	for _, statement := range []string{
		`UPDATE images SET title = 'renamed', deleted = 0 WHERE seq <= 3`,
		`DELETE FROM image_changes`,
		`INSERT INTO image_changes (rev, seq) VALUES (1000000, 4)`,
	} {
		if _, err := other.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if got := countFound(t, s, "renamed"); got != 3 {
		t.Errorf("after: found %d, want 3", got)
	}
}

// TestChangesAreForgotten: the log must not grow with every upload there ever was.
func TestChangesAreForgotten(t *testing.T) {
	path := newPath(t)
	s, other := openClosing(t, path), openRaw(t, path, "")
	fillShelf(t, s, 20)
	if _, err := other.ExecContext(t.Context(), `INSERT INTO image_changes (rev, seq) VALUES (100005, 1)`); err != nil {
		t.Fatal(err)
	}
	var oldest int64
	if err := other.QueryRowContext(t.Context(), `SELECT min(rev) FROM image_changes`).Scan(&oldest); err != nil || oldest != 6 {
		t.Errorf("the oldest change kept is %d (%v), want 6", oldest, err)
	}
}

// TestCloseWhileLoading must not wait for all images to be read.
func TestCloseWhileLoading(t *testing.T) {
	s := openStore(t, newPath(t))
	fillShelf(t, s, 2000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.follower.catchUp(ctx) }()
	cancel()
	if err := <-done; err != nil && charcoal.CodeOf(classify(err)) != charcoal.Canceled {
		t.Errorf("a canceled load: got %v, want nil or canceled", err)
	}
	closeStore(t, s)
}
