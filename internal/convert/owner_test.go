package convert

import (
	"context"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// TestBinOwned deletes an account whose owner does not wait for it.
func TestBinOwned(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		anna, bert := person(charcoal.RoleUser), person(charcoal.RoleUser)
		body := pngOf(t, 16, 12)
		for range binAtOnce + 1 {
			w.upload(uploadBy(anna, body))
		}
		other := w.upload(uploadBy(bert, body)).Image
		ctx, leave := context.WithCancel(t.Context())
		leave()
		noError(t, "bin", w.BinOwned(ctx, anna.User))
		noError(t, "bin again", w.BinOwned(ctx, anna.User))
		left, err := w.List(t.Context(), person(charcoal.RoleAdmin), charcoal.ID{}, 10)
		noError(t, "list", err)
		equal(t, "what is left", left, []charcoal.ID{other.ID})
	})
}
