package s3blob

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkPut stores blobs of 100 kB; the server keeps them as files.
func BenchmarkPut(b *testing.B) {
	data := bytes.Repeat([]byte("charcoal"), 100_000/8)
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("100kB/writers=%d", writers), func(b *testing.B) {
			blobs := open(b, newBucket(b, &s3))
			b.ReportAllocs()
			b.SetBytes(int64(len(data)))
			spread(b, writers, func() error {
				_, err := blobs.Put(b.Context(), charcoal.OriginalKey(charcoal.NewID()), bytes.NewReader(data))
				return err
			})
		})
	}
}

// BenchmarkRead opens and reads blobs: art, a photograph, a large original.
func BenchmarkRead(b *testing.B) {
	for _, size := range []int{10_000, 3_000_000, 30_000_000} {
		b.Run(fmt.Sprintf("%dkB", size/1000), func(b *testing.B) {
			blobs := open(b, newBucket(b, &s3))
			key := charcoal.OriginalKey(charcoal.NewID())
			if _, err := blobs.Put(b.Context(), key, bytes.NewReader(make([]byte, size))); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(int64(size))
			for b.Loop() {
				blob, err := blobs.Open(b.Context(), key)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, blob); err != nil {
					b.Fatal(err)
				}
			}
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
