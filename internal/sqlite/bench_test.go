package sqlite

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkCommit makes small durable writes: with one writer each pays for a
// flush of the disk, with many they share it.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := openBench(b)
			spread(b, writers, func() error { return begin(b.Context(), s, charcoal.NewID()) })
		})
	}
}

// BenchmarkWork claims and finishes one rendering.
func BenchmarkWork(b *testing.B) {
	for _, workers := range []int{1, 8} {
		b.Run(fmt.Sprintf("claim+finish/workers=%d", workers), func(b *testing.B) {
			s := openBench(b)
			prepare(b, s, b.N)
			spread(b, workers, func() error { return workOnce(b, s) })
		})
	}
}

// BenchmarkClaimFromBacklog claims with many more waiting: it must not cost
// more than with few.
func BenchmarkClaimFromBacklog(b *testing.B) {
	for _, backlog := range []int{0, 20_000} {
		b.Run(fmt.Sprintf("backlog=%d", backlog), func(b *testing.B) {
			s := openBench(b)
			prepare(b, s, b.N+backlog)
			spread(b, 8, func() error { return workOnce(b, s) })
		})
	}
}

func workOnce(b *testing.B, s *Store) error {
	job, err := s.Claim(b.Context(), "a", at(), at().Add(time.Minute), 0)
	if err != nil {
		return err
	}
	return s.Finish(b.Context(), job.Rendering.Lease(), at(), charcoal.Result{Cols: 100, Rows: 40})
}

// prepare queues n renderings.
func prepare(b *testing.B, s *Store, n int) {
	b.Helper()
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	for range 128 {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := upload(b, s); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// spread calls f b.N times from n goroutines.
func spread(b *testing.B, n int, f func() error) {
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
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "ops/s")
}

func openBench(b *testing.B) *Store {
	b.Helper()
	s := openStore(b, b.TempDir()+"/bench.db")
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("close: %v", err)
		}
	})
	return s
}
