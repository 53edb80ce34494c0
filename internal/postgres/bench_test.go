package postgres

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// at is when the story of every test here happens.
func at() time.Time { return time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC) }

// BenchmarkClaim claims what is queued for some owners, one by one or many at once. Each of
// 8 workers holds up to 16, and ends these in one statement.
func BenchmarkClaim(b *testing.B) {
	for _, owners := range []int{1, 100, 10_000} {
		for _, batch := range []int{1, 16} {
			b.Run(fmt.Sprintf("owners=%d/batch=%d", owners, batch), func(b *testing.B) {
				s := openClosing(b, newDatabase(b))
				queueFor(b, s, owners, max(owners, 16*b.N), time.Time{})
				spread(b, 8, 16, func() error { return claim16(b, s, batch) })
			})
		}
	}
}

// BenchmarkClaimAmongDelayed claims while many owners have only what is not due yet.
func BenchmarkClaimAmongDelayed(b *testing.B) {
	s := openClosing(b, newDatabase(b))
	queueFor(b, s, 10_000, 10_000, at().Add(time.Hour))
	queueFor(b, s, 1, 16*b.N, time.Time{})
	spread(b, 8, 16, func() error { return claim16(b, s, 1) })
}

func claim16(b *testing.B, s *Store, batch int) error {
	var held []charcoal.ID
	for len(held) < 16 {
		jobs, err := s.claim(b.Context(), "a", at(), at().Add(time.Minute), 0, batch)
		if err != nil || len(jobs) != batch {
			return fmt.Errorf("claimed %d of %d: %w", len(jobs), batch, err)
		}
		for _, job := range jobs {
			held = append(held, job.Rendering.ID)
		}
	}
	return s.alone(b.Context(), func(t *tx) error {
		return t.exec(`UPDATE renderings SET state = 'ready' WHERE id = ANY($1)`, held)
	})
}

// BenchmarkWork claims and finishes, with 64 at most running.
func BenchmarkWork(b *testing.B) {
	for _, owners := range []int{1, 100} {
		b.Run(fmt.Sprintf("owners=%d", owners), func(b *testing.B) {
			s := openClosing(b, newDatabase(b))
			queueFor(b, s, owners, b.N, time.Time{})
			spread(b, 16, 1, func() error {
				job, err := s.Claim(b.Context(), "a", at(), at().Add(time.Minute), 0)
				if err != nil {
					return err
				}
				return s.Finish(b.Context(), job.Rendering.Lease(), at(), charcoal.Result{Cols: 100, Rows: 40})
			})
		})
	}
}

// BenchmarkUpload stores images of one owner, or of many.
func BenchmarkUpload(b *testing.B) {
	for _, owners := range []int{1, 100} {
		b.Run(fmt.Sprintf("owners=%d", owners), func(b *testing.B) {
			s := openClosing(b, newDatabase(b))
			var n atomic.Int64
			spread(b, 16, 1, func() error {
				return upload(b, s, newImage(charcoal.ID{1, byte(n.Add(1) % int64(owners))}))
			})
		})
	}
}

// BenchmarkCounts counts with nothing in the journal, and with what it may hold.
func BenchmarkCounts(b *testing.B) {
	for _, entries := range []int{0, fewEntries} {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			s := openClosing(b, newDatabase(b))
			queueFor(b, s, 1, 10_000, time.Time{})
			writeLogOf(b, s)
			queueFor(b, s, 1, entries/2, time.Time{})
			for b.Loop() {
				if _, err := s.Counts(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkHeartbeat extends 64 leases at a time.
func BenchmarkHeartbeat(b *testing.B) {
	s := openClosing(b, newDatabase(b))
	queueFor(b, s, 1, 64, time.Time{})
	jobs, err := s.claim(b.Context(), "a", at(), at().Add(time.Minute), 0, 64)
	if err != nil {
		b.Fatal(err)
	}
	leases := make([]charcoal.Lease, len(jobs))
	for i := range jobs {
		leases[i] = jobs[i].Rendering.Lease()
	}
	for b.Loop() {
		if lost, err := s.Heartbeat(b.Context(), leases, at()); err != nil || len(lost) > 0 {
			b.Fatal(lost, err)
		}
	}
}

// BenchmarkWriteLog writes a journal of 10,000 entries into the log.
func BenchmarkWriteLog(b *testing.B) {
	s := openClosing(b, newDatabase(b))
	for b.Loop() {
		b.StopTimer()
		queueFor(b, s, 10, writeLogMost/2, time.Time{})
		b.StartTimer()
		writeLogOf(b, s)
	}
	b.ReportMetric(float64(b.N)*writeLogMost/b.Elapsed().Seconds(), "events/s")
}

func writeLogOf(tb testing.TB, s *Store) {
	tb.Helper()
	if err := s.writeLog(tb.Context()); err != nil {
		tb.Fatal(err)
	}
}

func newImage(owner charcoal.ID) charcoal.Image {
	return charcoal.Image{ID: charcoal.NewID(), Owner: owner, Created: at(), Size: 1, Visibility: charcoal.Private}
}

func upload(tb testing.TB, s *Store, img charcoal.Image) error {
	if err := s.BeginUpload(tb.Context(), img, 1<<40); err != nil {
		return err
	}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Created: at()}
	_, _, err := s.CommitUpload(tb.Context(), img, r, false)
	return err
}

// queueFor queues n renderings of so many owners in one statement.
func queueFor(tb testing.TB, s *Store, owners, n int, notBefore time.Time) {
	tb.Helper()
	ids, images := make([]charcoal.ID, n), make([]charcoal.ID, n)
	whose := make([]charcoal.ID, n)
	first := charcoal.NewID()
	for i := range n {
		ids[i], images[i], whose[i] = charcoal.NewID(), charcoal.NewID(), first
		whose[i][14], whose[i][15] = byte(i%owners>>8), byte(i%owners)
	}
	err := s.write(tb.Context(), func(t *tx) error {
		return t.exec(`WITH new AS (SELECT id, image, owner FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS n (id, image, owner)), i AS (
				INSERT INTO images (id, owner, filename, created, size, sha256, format, media_type, width, height, frames, hash, title, tags, visibility, expires)
				SELECT image, owner, '', 0, 1, decode(repeat('00', 32), 'hex'), '', '', 0, 0, 0, 0, '', '{}', 'private', 0 FROM new
			)
			INSERT INTO renderings (id, image_id, owner, options, state, created, not_before, key, callback)
			SELECT id, image, owner, '{}', 'queued', 0, $4, '', '' FROM new`, ids, images, whose, micros(notBefore))
	})
	if err != nil {
		tb.Fatal(err)
	}
	server.ExecIn(tb, s.pool.Config().ConnString(), "VACUUM ANALYZE")
}

// spread calls f b.N times from n goroutines, each of which does so many things.
func spread(b *testing.B, n, each int, f func() error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N*each)/b.Elapsed().Seconds(), "ops/s")
}
