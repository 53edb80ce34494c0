package sqlite

import (
	"fmt"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkClaimAmongOwners claims when many owners wait: whose turn it is must
// not take longer to find out.
func BenchmarkClaimAmongOwners(b *testing.B) {
	for _, owners := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprintf("owners=%d", owners), func(b *testing.B) {
			s := openBench(b)
			queueFor(b, s, owners, max(b.N, owners), time.Time{})
			spread(b, 64, func() error { return claimOnce(b, s) })
		})
	}
}

// BenchmarkClaimAmongDelayed claims while many owners have only what is not due yet.
func BenchmarkClaimAmongDelayed(b *testing.B) {
	s := openBench(b)
	queueFor(b, s, 10_000, 10_000, at().Add(time.Hour))
	queueFor(b, s, 1, b.N, time.Time{})
	spread(b, 64, func() error { return claimOnce(b, s) })
}

func claimOnce(b *testing.B, s *Store) error {
	_, err := s.Claim(b.Context(), "a", at(), at().Add(time.Minute), 0)
	return err
}

// queueFor queues n renderings of so many owners in one transaction.
func queueFor(tb testing.TB, s *Store, owners, n int, notBefore time.Time) {
	tb.Helper()
	ids := make([]charcoal.ID, owners)
	for i := range ids {
		ids[i] = charcoal.NewID()
	}
	err := s.writer.write(tb.Context(), func(t *tx) error {
		for i := range n {
			img := charcoal.Image{ID: charcoal.NewID(), Owner: ids[i%owners], Created: at(), Size: 1}
			if err := insertImage(t, img); err != nil {
				return err
			}
			r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Created: at(), NotBefore: notBefore}
			if _, _, err := addRendering(t, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		tb.Fatal(err)
	}
}
