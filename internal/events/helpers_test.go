package events

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// memoryLog is a log of events in memory. Numbers have gaps.
type memoryLog struct {
	mu     sync.Mutex
	events []charcoal.Event
	purged int64
	last   int64
	reads  int
}

// add appends events and numbers them 2, 4, 6, …
func (l *memoryLog) add(events ...charcoal.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		l.last += 2
		e.Seq = l.last
		l.events = append(l.events, e)
	}
}

func (l *memoryLog) EventsAfter(_ context.Context, after int64, f charcoal.EventFilter, limit int) ([]charcoal.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	i, _ := slices.BinarySearchFunc(l.events, after+1, func(e charcoal.Event, seq int64) int { return int(e.Seq - seq) })
	var found []charcoal.Event
	for _, e := range l.events[i:] {
		if len(found) < limit && f.Match(e) {
			found = append(found, e)
		}
	}
	return found, nil
}

func (l *memoryLog) EventSpan(context.Context) (purged, last int64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.purged, l.last, nil
}

func (l *memoryLog) PurgeEvents(_ context.Context, before time.Time, keep int64, limit int) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for n < limit && n < len(l.events) && (l.events[n].At.Before(before) || int64(len(l.events)-n) > keep) {
		l.purged = l.events[n].Seq
		n++
	}
	l.events = l.events[n:]
	return n, nil
}

func config() Config {
	return Config{
		Poll: time.Minute, Buffer: 10_000, MaxStreams: 10_000, Retain: time.Hour, Keep: 1 << 40, Purge: time.Hour,
		Encode: func(e charcoal.Event) []byte { return fmt.Appendf(nil, "%d", e.Seq) },
	}
}

// start runs a hub until the test ends.
func start(t testing.TB, cfg Config, log charcoal.Events) (h *Hub, stop func()) {
	t.Helper()
	h, err := New(t.Context(), cfg, log, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return h, stop
}

func subscribe(t testing.TB, h *Hub, f charcoal.EventFilter, after int64) *Stream {
	t.Helper()
	s, err := h.Subscribe(t.Context(), f, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// next reads n events, in however many pieces they come.
func next(t testing.TB, s *Stream, n int) []charcoal.Event {
	t.Helper()
	var got []charcoal.Event
	for len(got) < n {
		batch, err := s.Next(t.Context())
		if err != nil {
			t.Fatalf("next: %v", err)
		}
		for _, m := range batch {
			got = append(got, m.Event)
			if want := fmt.Sprint(m.Seq); m.Type != charcoal.EventsReset && string(m.Encoded) != want {
				t.Errorf("encoded: got %q, want %q", m.Encoded, want)
			}
		}
	}
	if len(got) > n {
		t.Fatalf("got %d events, want %d", len(got), n)
	}
	return got
}

func numbers(events []charcoal.Event) []int64 {
	var all []int64
	for _, e := range events {
		all = append(all, e.Seq)
	}
	return all
}

func wantNumbers(t testing.TB, what string, got []charcoal.Event, want ...int64) {
	t.Helper()
	if !slices.Equal(numbers(got), want) {
		t.Errorf("%s: got %v, want %v", what, numbers(got), want)
	}
}
