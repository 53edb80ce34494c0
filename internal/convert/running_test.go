package convert

import (
	"context"
	"math"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// TestLosingAnAttempt cancels a rendering that is claimed again before the news of that
// arrives, and whose earlier attempt ends last.
func TestLosingAnAttempt(t *testing.T) {
	var r running
	id := charcoal.NewID()
	first, leaveFirst := r.add(t.Context(), id, 1)
	second, leaveSecond := r.add(t.Context(), id, 2)
	other, leaveOther := r.add(t.Context(), charcoal.NewID(), 1)
	defer leaveOther()

	r.lose(id, 1)
	equal(t, "why the first one stops", context.Cause(first), ErrLeaseLost)
	equal(t, "why the second one stops", context.Cause(second), nil)
	leaveFirst()
	r.lose(id, math.MaxInt)
	equal(t, "why the second one stops", context.Cause(second), ErrLeaseLost)
	equal(t, "why another rendering stops", context.Cause(other), nil)
	leaveSecond()
	equal(t, "attempts left", len(r.stop), 1)
}
