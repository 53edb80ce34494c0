package events

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// TestPurgeWhileReading takes events away that a slow reader was still to come to.
func TestPurgeWhileReading(t *testing.T) {
	log := &memoryLog{}
	for range 3 * page {
		log.add(charcoal.Event{})
	}
	h, _ := start(t, config(), log)
	s := subscribe(t, h, charcoal.EventFilter{}, 0)
	next(t, s, page)
	if _, err := log.PurgeEvents(t.Context(), time.Time{}, 10, 3*page); err != nil {
		t.Fatal(err)
	}
	reset := next(t, s, 1)
	wantNumbers(t, "reset", reset, log.purged)
	if reset[0].Type != charcoal.EventsReset {
		t.Errorf("type: got %q, want a reset", reset[0].Type)
	}
	if got := next(t, s, 10); got[0].Seq != log.purged+2 {
		t.Errorf("the first after the reset: got %d, want %d", got[0].Seq, log.purged+2)
	}
}

// busyLog is one in which something happens at every step of a purge.
type busyLog struct {
	memoryLog
	purging func()
}

func (l *busyLog) PurgeEvents(ctx context.Context, before time.Time, keep int64, limit int) (int, error) {
	l.purging()
	l.add(charcoal.Event{})
	return l.memoryLog.PurgeEvents(ctx, before, keep, limit)
}

// TestPurgingHoldsNothingUp removes so much that it takes several steps.
func TestPurgingHoldsNothingUp(t *testing.T) {
	log := &busyLog{}
	for range 3 * page {
		log.add(charcoal.Event{})
	}
	cfg := config()
	cfg.Keep = 10
	h, err := New(t.Context(), cfg, log, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	steps := 0
	log.purging = func() {
		if steps++; h.last != log.last {
			t.Errorf("step %d: handed out up to %d, want %d", steps, h.last, log.last)
		}
	}
	h.purge(t.Context())
	if steps < 3 {
		t.Errorf("got %d steps, want more", steps)
	}
}
