package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

// TestRestarts stops the server, as an operator and as a crash do, while others upload and
// work. They only ever hear that it does not answer; what was acknowledged is there
// afterwards, and everything comes to its end.
func TestRestarts(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash=%t", crash), func(t *testing.T) {
			s := openClosing(t, newDatabase(t))
			workWhile(t, s, func() {
				for range 3 {
					server.Restart(t, crash)
					untilStored(t, s)
				}
			})
		})
	}
}

// TestCutConnections cuts connections in the middle of what the server says.
func TestCutConnections(t *testing.T) {
	url := newDatabase(t)
	proxy := testservers.NewProxy(t, fmt.Sprintf("127.0.0.1:%d", server.Port(t)))
	s := openClosing(t, strings.Replace(url, fmt.Sprintf("127.0.0.1:%d", server.Port(t)), proxy.Addr, 1))
	workWhile(t, s, func() {
		for i := range 40 {
			proxy.CutAnswer(int64(500 + 977*i))
			untilStored(t, s)
		}
		proxy.Cut()
	})
}

// untilAnswers waits until the store answers again.
func untilAnswers(t *testing.T, s *Store) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		err := s.Ping(t.Context())
		if err == nil {
			return
		}
		if charcoal.CodeOf(err) != charcoal.Unavailable || time.Now().After(deadline) {
			t.Fatalf("ping: %v", err)
		}
	}
}

// untilStored uploads until one is acknowledged.
func untilStored(t *testing.T, s *Store) {
	t.Helper()
	for mayFail(t, t.Context(), "upload", upload(t, s, newImage(charcoal.ID{2}))) {
		untilAnswers(t, s)
	}
}

// workWhile uploads and draws until the faults are over, and then all that is left.
func workWhile(t *testing.T, s *Store, faults func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	stored := make([][]charcoal.ID, 4)
	for n := range stored {
		wg.Go(func() { stored[n] = uploadUntil(t, ctx, s) })
		wg.Go(func() { drawUntil(t, ctx, s) })
	}
	faults()
	stop()
	wg.Wait()
	wantAllDrawn(t, s, stored)
}

// mayFail fails the test for an error that is not one of a database that is away.
func mayFail(t *testing.T, ctx context.Context, doing string, err error) bool { //nolint:revive // as a helper, t comes first
	if err == nil {
		return false
	}
	if code := charcoal.CodeOf(err); code != charcoal.Unavailable && ctx.Err() == nil {
		t.Errorf("%s: got %q: %v", doing, code, err)
	}
	return true
}

// uploadUntil uploads until the context ends and returns what was acknowledged.
func uploadUntil(t *testing.T, ctx context.Context, s *Store) (stored []charcoal.ID) { //nolint:revive // see above
	for ctx.Err() == nil {
		img := newImage(charcoal.ID{1})
		if mayFail(t, ctx, "begin upload", s.BeginUpload(ctx, img, 1<<40)) {
			continue
		}
		r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Created: at()}
		if _, _, err := s.CommitUpload(ctx, img, r, false); !mayFail(t, ctx, "commit upload", err) {
			stored = append(stored, img.ID)
		}
	}
	return stored
}

func drawUntil(t *testing.T, ctx context.Context, s *Store) { //nolint:revive // see above
	for ctx.Err() == nil {
		drawOne(t, ctx, s)
	}
}

func drawOne(t *testing.T, ctx context.Context, s *Store) { //nolint:revive // see above
	job, err := s.Claim(ctx, "a", at(), at().Add(time.Minute), 0)
	if charcoal.CodeOf(err) == charcoal.NotFound || mayFail(t, ctx, "claim", err) {
		return
	}
	err = s.Finish(ctx, job.Rendering.Lease(), at(), charcoal.Result{})
	if charcoal.CodeOf(err) != charcoal.Conflict { // which is one whose lease was taken back
		mayFail(t, ctx, "finish", err)
	}
}

// wantAllDrawn takes back leases whose claims nobody heard of, draws what is left, and
// counts by hand.
func wantAllDrawn(t *testing.T, s *Store, stored [][]charcoal.ID) {
	t.Helper()
	ctx := t.Context()
	var counts charcoal.Counts
	for deadline := time.Now().Add(time.Minute); ; {
		_, _, err := s.ExpireLeases(ctx, at().Add(time.Hour), 1000, "lost")
		mayFail(t, ctx, "expire", err)
		drawOne(t, ctx, s)
		counts, err = s.Counts(ctx)
		if !mayFail(t, ctx, "count", err) && counts.Queued+counts.Running == 0 || time.Now().After(deadline) {
			break
		}
	}
	for _, ids := range stored {
		for _, id := range ids {
			if img, err := s.Image(ctx, id); err != nil || img.State != charcoal.Ready {
				t.Errorf("image %s, whose upload was acknowledged, is %q: %v", id, img.State, err)
			}
		}
	}
	var want charcoal.Counts
	if err := s.pool.QueryRow(ctx, `SELECT count(*), count(*) FROM images`).Scan(&want.Uploads, &want.Ready); err != nil {
		t.Fatal(err)
	}
	if counts != want || want.Uploads == 0 {
		t.Errorf("counts: got %+v, want %+v", counts, want)
	}
}

// TestAway: a server that is not there is Unavailable at once, and nothing has to be opened
// again when it is back.
func TestAway(t *testing.T) {
	url := newDatabase(t)
	s := openClosing(t, url)
	server.Halt(t, false)
	for doing, err := range map[string]error{
		"ping": s.Ping(t.Context()), "upload": upload(t, s, newImage(charcoal.ID{1})), "open": openError(t, url),
	} {
		if charcoal.CodeOf(err) != charcoal.Unavailable {
			t.Errorf("%s: got %v, want unavailable", doing, err)
		}
	}
	server.Resume(t)
	if err := upload(t, s, newImage(charcoal.ID{1})); err != nil {
		t.Errorf("upload when it is back: %v", err)
	}
}

func openError(t *testing.T, url string) error {
	s, err := Open(t.Context(), url)
	if err == nil {
		closeStore(t, s)
	}
	return err
}

// TestStatementTimeout: what waits for too long ends, though its caller does not.
func TestStatementTimeout(t *testing.T) {
	url := newDatabase(t)
	hold(t, openClosing(t, url), `LOCK TABLE renderings`)
	s := openClosing(t, url+"&statement_timeout=500")
	_, err := s.Claim(t.Context(), "a", at(), at(), 0)
	if charcoal.CodeOf(err) != charcoal.Unavailable {
		t.Errorf("claim: got %v, want unavailable", err)
	}
}

// TestPartition: a caller gives up when it wants to, though the network says nothing.
func TestPartition(t *testing.T) {
	url := newDatabase(t)
	address := fmt.Sprintf("127.0.0.1:%d", server.Port(t))
	proxy := testservers.NewProxy(t, address)
	s := openClosing(t, strings.Replace(url, address, proxy.Addr, 1))
	proxy.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Counts(ctx); charcoal.CodeOf(err) != charcoal.Canceled || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("counts: got %v, want canceled", err)
	}
	proxy.Thaw()
	untilAnswers(t, s)
}

func TestClassify(t *testing.T) {
	for _, tt := range []struct {
		name string
		err  error
		want charcoal.Code
	}{
		{"no error", nil, charcoal.Internal},
		{"an error of ours", charcoal.Errorf(charcoal.Gone, "gone"), charcoal.Gone},
		{"unique_violation", &pgconn.PgError{Code: "23505"}, charcoal.Conflict},
		{"foreign_key_violation", &pgconn.PgError{Code: "23503"}, charcoal.Conflict},
		{"disk_full", &pgconn.PgError{Code: "53100"}, charcoal.StorageFull},
		{"too_many_connections", &pgconn.PgError{Code: "53300"}, charcoal.Unavailable},
		{"admin_shutdown", &pgconn.PgError{Code: "57P01"}, charcoal.Unavailable},
		{"a standby", &pgconn.PgError{Code: "25006"}, charcoal.Unavailable},
		{"a timeout", &pgconn.PgError{Code: "57014"}, charcoal.Unavailable},
		{"a deadlock, again and again", &pgconn.PgError{Code: "40P01"}, charcoal.Unavailable},
		{"a wrong password", &pgconn.PgError{Code: "28P01"}, charcoal.Unavailable},
		{"no such column", &pgconn.PgError{Code: "42703"}, charcoal.Internal},
		{"a broken connection", errors.Join(errors.New("read"), context.DeadlineExceeded), charcoal.Unavailable},
		{"anything else", errors.New("else"), charcoal.Internal},
	} {
		got := classify(t.Context(), wrap("do it", tt.err))
		if charcoal.CodeOf(got) != tt.want || (got == nil) != (tt.err == nil) {
			t.Errorf("%s: got %v with the code %q, want %q", tt.name, got, charcoal.CodeOf(got), tt.want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := classify(ended, &pgconn.PgError{Code: "57014"}); !errors.Is(err, context.Canceled) {
		t.Errorf("of a caller who gave up: got %v, want canceled", err)
	}
}
