package fileblob

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkPut stores blobs of 100 kB, each durable when it is stored.
func BenchmarkPut(b *testing.B) {
	data := bytes.Repeat([]byte("charcoal"), 100_000/8)
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("100kB/writers=%d", writers), func(b *testing.B) {
			blobs := openBlobs(b, b.TempDir())
			b.SetBytes(int64(len(data)))
			spread(b, writers, func() error {
				_, err := blobs.Put(b.Context(), charcoal.OriginalKey(charcoal.NewID()), bytes.NewReader(data))
				return err
			})
		})
	}
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
