package convert

import (
	"testing"

	"github.com/charcoal-art/charcoal"
)

// TestOneAccountDoesNotFillTheQueue: others still find room in it.
func TestOneAccountDoesNotFillTheQueue(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.cfg.OwnBacklog = 3
		anna, bert := person(charcoal.RoleUser), person(charcoal.RoleUser)
		var first Submitted
		for i := range 3 {
			first = w.upload(uploadBy(anna, pngOf(t, 16+i, 12)))
		}
		_, err := w.Submit(t.Context(), uploadBy(anna, pngOf(t, 20, 12)))
		wantCode(t, "one more", err, charcoal.Overloaded)
		_, _, err = w.Draw(t.Context(), anna, first.Image.ID, wide())
		wantCode(t, "another drawing", err, charcoal.Overloaded)
		same, added, err := w.Draw(t.Context(), anna, first.Image.ID, Drawing{Options: small()})
		noError(t, "a drawing that is there", err)
		equal(t, "added", added, false)
		equal(t, "the drawing", same.ID, first.Rendering.ID)
		w.upload(uploadBy(bert, pngOf(t, 16, 12)))
		w.attempt()
		w.attempt()
		w.upload(uploadBy(anna, pngOf(t, 20, 12)))
	})
}
