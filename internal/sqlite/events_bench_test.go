package sqlite

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkEventLog measures what the log adds to the life of a picture: uploaded,
// claimed, drawn. Four events are written for each.
func BenchmarkEventLog(b *testing.B) {
	for _, logged := range []bool{true, false} {
		name := "with"
		if !logged {
			name = "without"
		}
		b.Run(name, func(b *testing.B) {
			s := openStore(b, b.TempDir()+"/bench.db")
			defer func() { _ = s.Close() }()
			if !logged {
				dropEventTriggers(b, s)
			}
			var lives atomic.Int64
			b.SetParallelism(16)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					live(b, s)
					lives.Add(1)
				}
			})
			b.ReportMetric(float64(lives.Load())/b.Elapsed().Seconds(), "pictures/s")
		})
	}
}

func dropEventTriggers(b *testing.B, s *Store) {
	err := s.writer.write(b.Context(), func(t *tx) error {
		for _, trigger := range []string{"event_image_created", "event_rendering_added", "event_rendering_moved"} {
			if err := t.exec("DROP TRIGGER " + trigger); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func live(b *testing.B, s *Store) {
	ctx, now := b.Context(), time.Now()
	img := charcoal.Image{ID: charcoal.NewID(), Created: now, Visibility: charcoal.Private}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Created: now}
	if err := s.BeginUpload(ctx, img, 1<<40); err != nil {
		b.Error(err)
	}
	if _, _, err := s.CommitUpload(ctx, img, r, false); err != nil {
		b.Error(err)
	}
	job, err := s.Claim(ctx, "bench", now, now.Add(time.Minute), 0)
	if err != nil {
		b.Error(err)
		return
	}
	if err := s.Finish(ctx, job.Rendering.Lease(), now, charcoal.Result{}); err != nil {
		b.Error(err)
	}
}
