package sqlite

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
)

// at is the time of every call here.
func at() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// inBubble runs a test with a store and fake waiting: synctest.Wait returns
// when every goroutine of the store has nothing left to do.
func inBubble(t *testing.T, test func(*testing.T, *Store)) {
	path := newPath(t)
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, path)
		defer func() {
			if err := s.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
		}()
		test(t, s)
	})
}

// hold stops the writer inside an op until the returned function is called.
func hold(t *testing.T, s *Store) (release func()) {
	t.Helper()
	gate := make(chan struct{})
	go func() {
		if err := s.writer.write(t.Context(), func(*tx) error { <-gate; return nil }); err != nil {
			t.Errorf("holding op: %v", err)
		}
	}()
	synctest.Wait()
	return func() { close(gate) }
}

func begin(ctx context.Context, s *Store, id charcoal.ID) error {
	return s.BeginUpload(ctx, charcoal.Image{ID: id, Created: at()}, 1)
}

// stale are the uploads that a reader sees.
func stale(t *testing.T, s *Store) []charcoal.ID {
	t.Helper()
	ids, err := s.StaleUploads(t.Context(), at().Add(time.Hour), 1000)
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestWhatWaitsSharesOneCommit(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Store) {
		release := hold(t, s)
		first, last := charcoal.NewID(), charcoal.NewID()
		errs := make(chan error, 3)
		queue := func(do func() error) {
			go func() { errs <- do() }()
			synctest.Wait() // it waits behind the one held
		}
		var seen []charcoal.ID
		queue(func() error { return begin(t.Context(), s, first) })
		queue(func() error {
			return s.writer.write(t.Context(), func(*tx) error { seen = stale(t, s); return nil })
		})
		queue(func() error { return begin(t.Context(), s, last) })
		release()
		for range 3 {
			if err := <-errs; err != nil {
				t.Errorf("write: %v", err)
			}
		}
		if len(seen) != 0 {
			t.Errorf("between the writes a reader saw %v, want nothing: they share a commit", seen)
		}
		if got, want := stale(t, s), []charcoal.ID{first, last}; !slices.Equal(got, want) {
			t.Errorf("after the commit got %v, want %v", got, want)
		}
	})
}

func TestAFailingWriteSpoilsNoOther(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Store) {
		release := hold(t, s)
		first, half, last := charcoal.NewID(), charcoal.NewID(), charcoal.NewID()
		mistake := errors.New("a mistake")
		errs := [3]chan error{make(chan error), make(chan error), make(chan error)}
		go func() { errs[0] <- begin(t.Context(), s, first) }()
		go func() {
			errs[1] <- s.writer.write(t.Context(), func(tx *tx) error {
				return errors.Join(mistake, tx.exec(`INSERT INTO uploads (id, begun) VALUES (?, 1)`, half[:]))
			})
		}()
		go func() { errs[2] <- begin(t.Context(), s, last) }()
		synctest.Wait()
		release()
		for i, want := range []error{nil, mistake, nil} {
			if got := <-errs[i]; !errors.Is(got, want) {
				t.Errorf("write %d: got %v, want %v", i, got, want)
			}
		}
		got := stale(t, s)
		if len(got) != 2 || slices.Contains(got, half) {
			t.Errorf("got uploads %v, want %v and %v", got, first, last)
		}
	})
}

// TestALostTransactionFailsAll loses the transaction as SQLite does when the
// disk is full: the whole of it is gone in the middle of one op.
func TestALostTransactionFailsAll(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Store) {
		release := hold(t, s)
		errs := make(chan error)
		go func() { errs <- begin(t.Context(), s, charcoal.NewID()) }()
		synctest.Wait()
		mistake := errors.New("a mistake")
		go func() {
			errs <- s.writer.write(t.Context(), func(tx *tx) error { return errors.Join(tx.exec("ROLLBACK"), mistake) })
		}()
		synctest.Wait()
		go func() { errs <- begin(t.Context(), s, charcoal.NewID()) }()
		synctest.Wait()
		release()
		for range 3 {
			if err := <-errs; !errors.Is(err, mistake) {
				t.Errorf("got %v, want %v in the chain", err, mistake)
			}
		}
		if got := stale(t, s); len(got) != 0 {
			t.Errorf("got uploads %v, want none", got)
		}
		if err := begin(t.Context(), s, charcoal.NewID()); err != nil {
			t.Errorf("the next write: %v", err)
		}
	})
}

func TestAWriteGivenUpInTimeIsNotDone(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Store) {
		release := hold(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error)
		go func() { errs <- begin(ctx, s, charcoal.NewID()) }()
		synctest.Wait()
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) || charcoal.CodeOf(err) != charcoal.Canceled {
			t.Errorf("got %v, want %v with its code", err, context.Canceled)
		}
		release()
		synctest.Wait()
		if got := stale(t, s); len(got) != 0 {
			t.Errorf("got uploads %v, want none", got)
		}
	})
}

func TestAWriteThatBeganTellsItsOutcome(t *testing.T) {
	inBubble(t, func(t *testing.T, s *Store) {
		ctx, cancel := context.WithCancel(t.Context())
		gate, errs := make(chan struct{}), make(chan error)
		go func() { errs <- s.writer.write(ctx, func(*tx) error { <-gate; return nil }) }()
		synctest.Wait()
		cancel()
		close(gate)
		if err := <-errs; err != nil {
			t.Errorf("got %v, want the outcome: done", err)
		}
	})
}

func TestCloseFinishesWhatWasAsked(t *testing.T) {
	path := newPath(t)
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t, path)
		release := hold(t, s)
		const n = maxBatch // what fits in the channel
		errs := make(chan error, n)
		for range n {
			go func() { errs <- begin(t.Context(), s, charcoal.NewID()) }()
		}
		synctest.Wait()
		closed := make(chan error)
		go func() { closed <- s.Close() }()
		synctest.Wait()
		release()
		for range n {
			if err := <-errs; err != nil {
				t.Errorf("write: %v", err)
			}
		}
		if err := <-closed; err != nil {
			t.Errorf("close: %v", err)
		}
		if err := begin(t.Context(), s, charcoal.NewID()); charcoal.CodeOf(err) != charcoal.Unavailable {
			t.Errorf("write after close: got %v, want code %q", err, charcoal.Unavailable)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close again: %v", err)
		}
	})
}

// TestAnIdleClaimCostsNoFlush looks at the log: what is not written there needs
// no flush.
func TestAnIdleClaimCostsNoFlush(t *testing.T) {
	path := newPath(t)
	s := openStore(t, path)
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}()
	if err := begin(t.Context(), s, charcoal.NewID()); err != nil {
		t.Fatal(err)
	}
	before := logSize(t, path)
	if _, err := s.Claim(t.Context(), "a", at(), at(), 0); charcoal.CodeOf(err) != charcoal.NotFound {
		t.Fatalf("claim: got %v, want code %q", err, charcoal.NotFound)
	}
	if got := logSize(t, path); got != before || before == 0 {
		t.Errorf("the log grew from %d to %d bytes, want no growth", before, got)
	}
}

func logSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
