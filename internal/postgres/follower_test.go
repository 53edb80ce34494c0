package postgres

import (
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func countFound(t *testing.T, s *Store, q charcoal.Query) int {
	t.Helper()
	q.Viewer = charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}
	q.Limit = charcoal.MaxPage
	page, err := s.Search(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Images)
}

// TestFollowerFarBehind has another process purge events that the index has not seen.
func TestFollowerFarBehind(t *testing.T) {
	url := newDatabase(t)
	s, other := openClosing(t, url), openClosing(t, url)
	queueFor(t, s, 1, 20, time.Time{})
	if got := countFound(t, s, charcoal.Query{}); got != 20 {
		t.Fatalf("before: found %d, want 20", got)
	}
	server.ExecIn(t, url, `UPDATE images SET title = 'renamed' WHERE id IN (SELECT id FROM images LIMIT 3)`)
	for {
		if seen, _, err := other.PlanDeliveries(t.Context(), at(), 1000); err != nil || seen == 0 {
			break
		}
	}
	if _, err := other.PurgeEvents(t.Context(), time.Now().Add(time.Hour), 0, 1000); err != nil {
		t.Fatal(err)
	}
	if got := countFound(t, s, charcoal.Query{Text: "renamed"}); got != 3 {
		t.Errorf("after: found %d, want 3", got)
	}
}

// TestFollowerSeesLateCommits: an image that was written early and committed late is not
// missed, and one that was purged is gone.
func TestFollowerSeesLateCommits(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	queueFor(t, s, 1, 2, time.Time{})
	slow := hold(t, s, `INSERT INTO images (id, owner, filename, created, size, sha256, format, media_type, width, height, frames, hash, title, tags, visibility, expires)
		SELECT '00000000-0000-7000-8000-000000000001', owner, filename, created, size, sha256, format, media_type, width, height, frames, hash, 'slow', tags, visibility, expires
		FROM images LIMIT 1`)
	queueFor(t, s, 1, 2, time.Time{})
	if got := countFound(t, s, charcoal.Query{}); got != 4 {
		t.Fatalf("while it is under way: found %d, want 4", got)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := countFound(t, s, charcoal.Query{Text: "slow"}); got != 1 {
		t.Errorf("committed: found %d, want 1", got)
	}
	if _, err := s.pool.Exec(t.Context(), `UPDATE images SET deleted = 1`); err != nil {
		t.Fatal(err)
	}
	if n, err := s.PurgeImages(t.Context(), at(), 3); n != 3 || err != nil {
		t.Fatalf("purged %d and %v, want 3", n, err)
	}
	if got := countFound(t, s, charcoal.Query{Binned: true}); got != 2 {
		t.Errorf("after a purge: found %d, want 2", got)
	}
	if got := len(s.follower.set.numbers); got != 2 {
		t.Errorf("the index knows %d images, want 2", got)
	}
}

// TestCloseWhileFollowing must not leave a goroutine, which the end of all tests looks for.
func TestCloseWhileFollowing(t *testing.T) {
	s := openStore(t, newDatabase(t))
	countFound(t, s, charcoal.Query{})
	closeStore(t, s)
}
