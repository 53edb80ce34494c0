package events

import (
	"context"
	"fmt"
	"sync"

	"github.com/charcoal-art/charcoal"
)

// FromNow begins a stream with what happens next.
const FromNow int64 = -1

// Stream is what one reader follows: first from the log, until it has caught up,
// then handed out by the hub. One goroutine at a time may call Next; Close
// may be called by any.
type Stream struct {
	hub    *Hub
	filter charcoal.EventFilter
	after  int64 // the newest event that the reader got, or does not want
	reset  int64 // the number with which to say that events are missing; 0 for not
	joined bool  // the hub hands out what comes after join
	join   int64
	read   []*Message // what Next returned last, to be used again

	mu      sync.Mutex
	waiting []*Message
	ended   error
	bell    chan struct{}
	closed  sync.Once
}

// Subscribe begins a stream of the events that the filter lets through, after a
// number, or [FromNow]. When events in between are gone, or the number was never
// given, it begins with one of the type [charcoal.EventsReset]; when some go before
// the reader came to them, that comes in their place. It is Overloaded
// when too many streams are open. The caller closes the stream.
func (h *Hub) Subscribe(ctx context.Context, filter charcoal.EventFilter, after int64) (*Stream, error) {
	if err := h.enter(); err != nil {
		return nil, err
	}
	s := &Stream{hub: h, filter: filter, after: after, bell: make(chan struct{}, 1)}
	if err := s.begin(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("begin a stream of events: %w", err)
	}
	return s, nil
}

func (h *Hub) enter() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return charcoal.Errorf(charcoal.Unavailable, "the service stops").Because(ErrStopped)
	}
	if h.open >= h.cfg.MaxStreams {
		return charcoal.OverLimitAs(charcoal.Overloaded, "the number of open streams", int64(h.cfg.MaxStreams), int64(h.open)+1, "streams")
	}
	h.open++
	return nil
}

// begin looks whether the log still has all that follows.
func (s *Stream) begin(ctx context.Context) error {
	purged, last, err := s.hub.log.EventSpan(ctx)
	switch {
	case err != nil:
		return err
	case s.after == FromNow:
		s.after = last
	case s.after < purged:
		s.after, s.reset = purged, purged
	case s.after > last: // of a log that is no more: a database put back from a backup
		s.after, s.reset = last, max(last, 1)
	}
	return nil
}

// Close ends the stream. Again is fine.
func (s *Stream) Close() {
	s.closed.Do(func() {
		s.hub.mu.Lock()
		defer s.hub.mu.Unlock()
		s.hub.readers.remove(s)
		s.hub.open--
		s.end(ErrStopped)
	})
}

// Next waits for events and returns all that there are, in their order, at least
// one. What it returns is valid until the next call. It ends with [ErrSlow],
// [ErrStopped], an error of the log, or that of the context.
func (s *Stream) Next(ctx context.Context) ([]*Message, error) {
	if s.reset > 0 {
		return s.sayReset(), nil
	}
	for !s.caughtUp() {
		missed, err := s.replay(ctx)
		if len(missed) > 0 || err != nil {
			return missed, err
		}
	}
	return s.wait(ctx)
}

func (s *Stream) sayReset() []*Message {
	m := s.hub.message(charcoal.Event{Seq: s.reset, At: s.hub.now().UTC(), Type: charcoal.EventsReset})
	s.reset = 0
	return []*Message{m}
}

// caughtUp reports whether nothing is missing before what the hub hands out.
func (s *Stream) caughtUp() bool { return s.joined && s.after >= s.join }

// replay reads on in the log. Once the reader is near its end the stream joins the
// hub, and only what happened before that is still read; so nothing is missed,
// nothing comes twice, and what the hub hands out meanwhile need not wait long.
func (s *Stream) replay(ctx context.Context) ([]*Message, error) {
	events, err := s.hub.log.EventsAfter(ctx, s.after, s.filter, page)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	purged, _, err := s.hub.log.EventSpan(ctx) // after the events: up to here none was missing among them
	if err != nil {
		return nil, fmt.Errorf("read the span of events: %w", err)
	}
	if purged > s.after {
		s.after, s.reset = purged, purged
		return s.sayReset(), nil
	}
	missed := s.read[:0]
	for _, e := range events {
		if s.joined && e.Seq > s.join {
			break // the hub hands it out
		}
		missed = append(missed, s.hub.message(e))
		s.after = e.Seq
	}
	s.read = missed
	if s.joined && len(events) < page || len(missed) < len(events) {
		s.after = max(s.after, s.join)
	}
	if !s.joined && len(events) < page {
		return missed, s.enterHub()
	}
	return missed, nil
}

// enterHub lets the hub hand out what comes after what it has handed out so far.
func (s *Stream) enterHub() error {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return ErrStopped
	}
	h.readers.add(s)
	s.joined, s.join = true, h.last
	return nil
}

// wait takes everything that the hub handed out.
func (s *Stream) wait(ctx context.Context) ([]*Message, error) {
	for {
		if got, err := s.take(); len(got) > 0 || err != nil {
			return got, err
		}
		select {
		case <-s.bell:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// take swaps what waits with what was read, and leaves out what the reader got
// from the log already.
func (s *Stream) take() ([]*Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return nil, s.ended
	}
	clear(s.read)
	s.read, s.waiting = s.waiting, s.read[:0]
	for len(s.read) > 0 && s.read[0].Seq <= s.after {
		s.read = s.read[1:]
	}
	if n := len(s.read); n > 0 {
		s.after = s.read[n-1].Seq
	}
	return s.read, nil
}

// offer lets an event wait for the reader, or ends the stream and returns false when
// too many wait already.
func (s *Stream) offer(m *Message, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended != nil {
		return false
	}
	if len(s.waiting) >= limit {
		s.ended, s.waiting = ErrSlow, nil
	} else {
		s.waiting = append(s.waiting, m)
	}
	s.ring()
	return s.ended == nil
}

func (s *Stream) end(why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended == nil {
		s.ended, s.waiting = why, nil
	}
	s.ring()
}

func (s *Stream) ring() {
	select {
	case s.bell <- struct{}{}:
	default: // it rings already
	}
}

// Wait calls done until it returns true or an error: at once, and after every event
// that the filter lets through. It is for requests that wait for a change.
func (h *Hub) Wait(ctx context.Context, filter charcoal.EventFilter, done func(context.Context) (bool, error)) error {
	s, err := h.Subscribe(ctx, filter, FromNow)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		if ok, err := done(ctx); ok || err != nil {
			return err
		}
		if _, err := s.Next(ctx); err != nil {
			return err
		}
	}
}
