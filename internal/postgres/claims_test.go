package postgres

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

// soon ends what waits for a lock that nobody gives up in this test.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// hold begins a transaction that executes statements and stays open until the test ends.
func hold(t *testing.T, s *Store, statements ...string) pgx.Tx {
	t.Helper()
	open, err := s.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = open.Rollback(context.WithoutCancel(t.Context())) })
	for _, statement := range statements {
		if _, err := open.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return open
}

// TestOwnersDoNotSerializeWork does all that happens to a rendering while somebody else holds
// the row of its owner, as a claim does until it is committed.
func TestOwnersDoNotSerializeWork(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	queueFor(t, s, 1, 3, time.Time{})
	hold(t, s, `SELECT 1 FROM queues FOR NO KEY UPDATE`)
	ctx := soon(t)
	job, err := s.Claim(ctx, "a", at(), at().Add(time.Minute), 0)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	if err := s.Release(ctx, job.Rendering.Lease(), time.Time{}); err != nil {
		t.Errorf("release: %v", err)
	}
	img := newImage(job.Image.Owner)
	if err := s.BeginUpload(ctx, img, 1<<40); err != nil {
		t.Errorf("begin upload: %v", err)
	}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Created: at()}
	if _, _, err := s.CommitUpload(ctx, img, r, false); err != nil {
		t.Errorf("commit upload: %v", err)
	}
}

// TestLimitHoldsAtOnce has more claim than an owner may have running.
func TestLimitHoldsAtOnce(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	queueFor(t, s, 2, 40, time.Time{})
	var claimed atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			_, err := s.Claim(t.Context(), "a", at(), at().Add(time.Minute), 3)
			if err == nil {
				claimed.Add(1)
			} else if charcoal.CodeOf(err) != charcoal.NotFound {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := claimed.Load(); got != 6 {
		t.Errorf("claimed %d of two owners with a limit of 3 each, want 6", got)
	}
}

// TestManyAreClaimedInTurn: a batch is what as many single claims would have been.
func TestManyAreClaimedInTurn(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	queueFor(t, s, 1, 10, time.Time{})
	queueFor(t, s, 3, 9, time.Time{})
	jobs, err := s.claim(t.Context(), "a", at(), at().Add(time.Minute), 0, 8)
	if err != nil {
		t.Fatal(err)
	}
	count := make(map[charcoal.ID]int)
	for _, job := range jobs {
		count[job.Rendering.Owner]++
	}
	for owner, n := range count {
		if len(count) != 4 || n != 2 {
			t.Errorf("%d owners have their turn, and %s has %d of 8, want 4 owners with 2 each", len(count), owner, n)
		}
	}
}

// TestNobodyIsForgotten has queues become empty and fill again all the time: whoever
// has something due must be known to wait, whatever came together.
func TestNobodyIsForgotten(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	owners := []charcoal.ID{{1}, {2}, {3}}
	var wg sync.WaitGroup
	for worker := range 12 {
		wg.Go(func() {
			for i := range 25 {
				if err := upload(t, s, newImage(owners[(worker+i)%len(owners)])); err != nil {
					t.Errorf("upload: %v", err)
				}
				job, err := s.Claim(t.Context(), "a", at(), at().Add(time.Minute), 0)
				if err != nil {
					t.Errorf("claim, with as many due as claim: %v", err)
					return
				}
				if err := s.Finish(t.Context(), job.Rendering.Lease(), at(), charcoal.Result{}); err != nil {
					t.Errorf("finish: %v", err)
				}
			}
		})
	}
	wg.Wait()
	if _, err := s.Claim(t.Context(), "a", at(), at().Add(time.Minute), 0); charcoal.CodeOf(err) != charcoal.NotFound {
		t.Errorf("claim in the end: got %v, want not found", err)
	}
	var waiting int
	if err := s.pool.QueryRow(t.Context(), `SELECT count(*) FROM queues WHERE waiting`).Scan(&waiting); err != nil || waiting != 0 {
		t.Errorf("%d owners wait for nothing (%v)", waiting, err)
	}
}

// TestEventsOfSlowTransactions: what is committed late has a later number, however early
// it was written.
func TestEventsOfSlowTransactions(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	if err := upload(t, s, newImage(charcoal.ID{1})); err != nil {
		t.Fatal(err)
	}
	slow := hold(t, s, `UPDATE images SET title = 'slow'`)
	if err := upload(t, s, newImage(charcoal.ID{2})); err != nil {
		t.Fatal(err)
	}
	before, err := s.EventsAfter(t.Context(), 0, charcoal.EventFilter{}, 100)
	if err != nil || len(before) != 4 {
		t.Fatalf("got %d events and %v, want the 4 that are committed", len(before), err)
	}
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := s.EventsAfter(t.Context(), before[3].Seq, charcoal.EventFilter{}, 100)
	if err != nil || len(after) != 1 || after[0].Type != charcoal.ImageEdited {
		t.Errorf("got %+v and %v, want the event of the slow transaction after the others", after, err)
	}
}
