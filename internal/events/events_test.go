package events

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
)

func TestLiveEvents(t *testing.T) {
	log := &memoryLog{}
	log.add(charcoal.Event{}, charcoal.Event{})
	h, _ := start(t, config(), log)
	s := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	log.add(charcoal.Event{})
	h.Poke()
	wantNumbers(t, "first", next(t, s, 1), 6)
	log.add(charcoal.Event{}, charcoal.Event{})
	h.Poke()
	wantNumbers(t, "more", next(t, s, 2), 8, 10)
}

func TestReplayThenLive(t *testing.T) {
	log := &memoryLog{}
	for range 3*page + 7 {
		log.add(charcoal.Event{})
	}
	h, _ := start(t, config(), log)
	s := subscribe(t, h, charcoal.EventFilter{}, 10)
	log.add(charcoal.Event{}) // the hub has not looked yet
	got := next(t, s, 3*page+7-5+1)
	for i, e := range got {
		if want := int64(12 + 2*i); e.Seq != want {
			t.Fatalf("event %d: got number %d, want %d", i, e.Seq, want)
		}
	}
	log.add(charcoal.Event{})
	h.Poke()
	wantNumbers(t, "live", next(t, s, 1), log.last)
}

func TestFilters(t *testing.T) {
	owners := [2]charcoal.ID{charcoal.NewID(), charcoal.NewID()}
	images := [2]charcoal.ID{charcoal.NewID(), charcoal.NewID()}
	log := &memoryLog{}
	h, _ := start(t, config(), log)
	tests := []struct {
		name   string
		filter charcoal.EventFilter
		want   []int64
	}{
		{"everything", charcoal.EventFilter{}, []int64{2, 4, 6, 8}},
		{"of an owner", charcoal.EventFilter{Owner: &owners[0]}, []int64{2, 4}},
		{"of an image", charcoal.EventFilter{Image: &images[1]}, []int64{4, 8}},
		{"of an image and its owner", charcoal.EventFilter{Owner: &owners[1], Image: &images[1]}, []int64{8}},
	}
	streams := make([]*Stream, len(tests))
	for i, tt := range tests {
		streams[i] = subscribe(t, h, tt.filter, 0)
	}
	for i := range 4 {
		log.add(charcoal.Event{Owner: owners[i/2], Image: images[i%2]})
	}
	h.Poke()
	for i, tt := range tests {
		wantNumbers(t, tt.name, next(t, streams[i], len(tt.want)), tt.want...)
		wantNumbers(t, tt.name+", again from the log", next(t, subscribe(t, h, tt.filter, 0), len(tt.want)), tt.want...)
	}
}

func TestReset(t *testing.T) {
	tests := []struct {
		name  string
		after int64
		want  []int64
		reset bool
	}{
		{"from the beginning, which is gone", 0, []int64{4, 6, 8}, true},
		{"after an event that is gone", 3, []int64{4, 6, 8}, true},
		{"after the last one that is gone", 4, []int64{6, 8}, false},
		{"after a number that was never given", 1000, []int64{8}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			log := &memoryLog{}
			now := time.Now()
			log.add(charcoal.Event{}, charcoal.Event{}, charcoal.Event{At: now}, charcoal.Event{At: now})
			_, _ = log.PurgeEvents(t.Context(), now.Add(-time.Hour), 100, 100)
			h, _ := start(t, config(), log)
			got := next(t, subscribe(t, h, charcoal.EventFilter{}, tt.after), len(tt.want))
			wantNumbers(t, "events", got, tt.want...)
			if reset := got[0].Type == charcoal.EventsReset; reset != tt.reset {
				t.Errorf("begins with a reset: got %t, want %t", reset, tt.reset)
			}
		})
	}
}

// A reader who does not read loses the stream, and nobody else anything.
func TestSlowReader(t *testing.T) {
	cfg := config()
	cfg.Buffer = 8
	log := &memoryLog{}
	h, _ := start(t, cfg, log)
	slow := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	quick := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	for i := range int64(20) {
		log.add(charcoal.Event{})
		h.Poke()
		wantNumbers(t, "quick", next(t, quick, 1), 2*i+2)
		if i == 0 {
			wantNumbers(t, "slow", next(t, slow, 1), 2) // it has joined
		}
	}
	if _, err := slow.Next(t.Context()); !errors.Is(err, ErrSlow) {
		t.Errorf("the slow reader: got %v, want %v", err, ErrSlow)
	}
	if len(slow.waiting) != 0 {
		t.Errorf("the slow reader still holds %d events", len(slow.waiting))
	}
	again := subscribe(t, h, charcoal.EventFilter{}, 2)
	if got := next(t, again, 19); got[0].Seq != 4 {
		t.Errorf("coming back: got number %d, want 4", got[0].Seq)
	}
}

func TestStop(t *testing.T) {
	h, stop := start(t, config(), &memoryLog{})
	joined := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if _, err := joined.Next(t.Context()); !errors.Is(err, ErrStopped) {
			t.Errorf("a stream that waits: got %v, want %v", err, ErrStopped)
		}
	})
	fresh := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	stop()
	waiting.Wait()
	if _, err := fresh.Next(t.Context()); !errors.Is(err, ErrStopped) {
		t.Errorf("a stream that never waited: got %v, want %v", err, ErrStopped)
	}
	_, err := h.Subscribe(t.Context(), charcoal.EventFilter{}, FromNow)
	if charcoal.CodeOf(err) != charcoal.Unavailable {
		t.Errorf("subscribe: got %v, want %s", err, charcoal.Unavailable)
	}
}

func TestContextEndsNext(t *testing.T) {
	h, _ := start(t, config(), &memoryLog{})
	s := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("next: got %v, want %v", err, context.Canceled)
	}
}

func TestTooManyStreams(t *testing.T) {
	cfg := config()
	cfg.MaxStreams = 2
	h, _ := start(t, cfg, &memoryLog{})
	first := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	subscribe(t, h, charcoal.EventFilter{}, FromNow)
	_, err := h.Subscribe(t.Context(), charcoal.EventFilter{}, FromNow)
	if charcoal.CodeOf(err) != charcoal.Overloaded {
		t.Errorf("subscribe: got %v, want %s", err, charcoal.Overloaded)
	}
	first.Close()
	first.Close()
	subscribe(t, h, charcoal.EventFilter{}, FromNow)
}

func TestClosedStreamsAreForgotten(t *testing.T) {
	log := &memoryLog{}
	h, _ := start(t, config(), log)
	id := charcoal.NewID()
	for _, f := range []charcoal.EventFilter{{}, {Owner: &id}, {Image: &id}} {
		s := subscribe(t, h, f, FromNow)
		log.add(charcoal.Event{Owner: id, Image: id})
		next(t, s, 1)
		s.Close()
	}
	if n := len(h.readers.everything) + len(h.readers.byOwner) + len(h.readers.byImage) + h.open; n != 0 {
		t.Errorf("what is kept of closed streams: %+v", h.readers)
	}
}

func TestWait(t *testing.T) {
	log := &memoryLog{}
	h, _ := start(t, config(), log)
	image := charcoal.NewID()
	calls := 0
	err := h.Wait(t.Context(), charcoal.EventFilter{Image: &image}, func(context.Context) (bool, error) {
		calls++
		log.add(charcoal.Event{Image: image}) // at once after the look, as a worker may
		return calls == 3, nil
	})
	if err != nil || calls != 3 {
		t.Errorf("wait: got %v after %d looks, want 3", err, calls)
	}
	broken := errors.New("broken")
	err = h.Wait(t.Context(), charcoal.EventFilter{}, func(context.Context) (bool, error) { return false, broken })
	if !errors.Is(err, broken) {
		t.Errorf("wait: got %v, want %v", err, broken)
	}
}

// Events of other processes come without a poke, and old ones go.
func TestPollAndPurge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &memoryLog{}
		cfg := config()
		h, err := New(t.Context(), cfg, log, slog.New(slog.DiscardHandler), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { h.Run(ctx) })
		s := subscribe(t, h, charcoal.EventFilter{}, 0)
		var reader sync.WaitGroup
		reader.Go(func() { wantNumbers(t, "polled", next(t, s, 2), 2, 4) })
		synctest.Wait() // the reader waits, and the hub, too
		log.add(charcoal.Event{At: time.Now()}, charcoal.Event{At: time.Now()})
		reader.Wait()

		time.Sleep(cfg.Retain + 2*cfg.Purge) //nolint:forbidigo // the clock of the bubble: no real time passes, purges come due
		synctest.Wait()
		if len(log.events) != 0 {
			t.Errorf("events left: %d, want none", len(log.events))
		}
		cancel()
		running.Wait()
	})
}

// A log that fails costs nobody the stream.
func TestBrokenLog(t *testing.T) {
	log := &brokenLog{memoryLog: &memoryLog{}}
	h, _ := start(t, config(), log)
	s := subscribe(t, h, charcoal.EventFilter{}, FromNow)
	log.add(charcoal.Event{})
	next(t, s, 1)
	log.fail(2)
	log.add(charcoal.Event{})
	for range 3 {
		h.Poke()
	}
	ctx, cancel := context.WithCancel(t.Context())
	var poking sync.WaitGroup
	poking.Go(func() {
		for ctx.Err() == nil {
			h.Poke()
		}
	})
	wantNumbers(t, "after the failure", next(t, s, 1), 4)
	cancel()
	poking.Wait()
}

type brokenLog struct {
	*memoryLog
	mu       sync.Mutex
	failures int
}

func (l *brokenLog) fail(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failures = n
}

func (l *brokenLog) EventsAfter(ctx context.Context, after int64, f charcoal.EventFilter, limit int) ([]charcoal.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures > 0 {
		l.failures--
		return nil, errors.New("broken")
	}
	return l.memoryLog.EventsAfter(ctx, after, f, limit)
}
