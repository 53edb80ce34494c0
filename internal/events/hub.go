// Package events brings the log of events to those who follow it: it reads the log
// once, however many follow, and hands each of them what is theirs.
package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Config says how a [Hub] works.
type Config struct {
	Poll       time.Duration // how long an event of another process may go unnoticed
	Buffer     int           // events that wait for a reader, before it is too slow
	MaxStreams int           // open streams, so that nobody opens them without end

	Retain time.Duration // how long events stay in the log
	Keep   int64         // how many at most
	Purge  time.Duration // between looks for old events

	// Encode makes what readers send on. It is called once an event, and its
	// result shared. Nil makes nothing.
	Encode func(charcoal.Event) []byte
}

// Message is an event on its way to readers. It is shared and must not be changed.
type Message struct {
	charcoal.Event
	Encoded []byte // what [Config.Encode] made of it
}

// How a stream ends. The reader may come back and go on after the last event seen.
var (
	ErrSlow    = errors.New("the reader of events is too slow")
	ErrStopped = errors.New("events are not handed out any more: the service stops")
)

// page is how many events are read from the log at once.
const page = 500

// Hub hands out the events of a log. It is safe for concurrent use.
type Hub struct {
	cfg    Config
	log    charcoal.Events
	logger *slog.Logger
	now    func() time.Time
	bell   chan struct{}

	mu      sync.Mutex
	last    int64 // the newest event that was handed out
	stopped bool
	open    int // streams, joined or not
	readers index
}

// New returns a hub that hands out what happens from now on, once it runs.
func New(ctx context.Context, cfg Config, log charcoal.Events, logger *slog.Logger, now func() time.Time) (*Hub, error) {
	_, last, err := log.EventSpan(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for the newest event: %w", err)
	}
	if cfg.Encode == nil {
		cfg.Encode = func(charcoal.Event) []byte { return nil }
	}
	return &Hub{cfg: cfg, log: log, logger: logger, now: now, bell: make(chan struct{}, 1), last: last, readers: newIndex()}, nil
}

// Poke says that there may be new events. It never waits.
func (h *Hub) Poke() {
	select {
	case h.bell <- struct{}{}:
	default: // it rings already
	}
}

// Run hands out events until the context ends, and then ends all streams.
func (h *Hub) Run(ctx context.Context) {
	defer h.stop()
	poll, purge := time.NewTicker(h.cfg.Poll), time.NewTicker(h.cfg.Purge)
	defer poll.Stop()
	defer purge.Stop()
	for {
		h.follow(ctx)
		select {
		case <-ctx.Done():
			return
		case <-h.bell:
		case <-poll.C:
		case <-purge.C:
			h.purge(ctx)
		}
	}
}

func (h *Hub) follow(ctx context.Context) {
	if err := h.tail(ctx); err != nil && ctx.Err() == nil {
		h.logger.WarnContext(ctx, "reading events failed", "err", err)
	}
}

// tail hands out everything that is new in the log.
func (h *Hub) tail(ctx context.Context) error {
	for {
		events, err := h.log.EventsAfter(ctx, h.last, charcoal.EventFilter{}, page) // only Run writes last
		if err != nil {
			return err
		}
		if len(events) > 0 {
			h.handOut(events)
		}
		if len(events) < page {
			return nil
		}
	}
}

// handOut costs an event only its readers.
func (h *Hub) handOut(events []charcoal.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		var m *Message
		for s := range h.readers.of(e) {
			if m == nil {
				m = h.message(e)
			}
			if !s.offer(m, h.cfg.Buffer) {
				h.readers.remove(s)
			}
		}
	}
	h.last = events[len(events)-1].Seq
}

func (h *Hub) message(e charcoal.Event) *Message {
	return &Message{Event: e, Encoded: h.cfg.Encode(e)}
}

func (h *Hub) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	for s := range h.readers.all() {
		s.end(ErrStopped)
		h.readers.remove(s)
	}
}

// purge removes old events in steps, so that nothing else waits for long, nor what
// happens meanwhile.
func (h *Hub) purge(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := h.log.PurgeEvents(ctx, h.now().Add(-h.cfg.Retain), h.cfg.Keep, page)
		if err != nil && ctx.Err() == nil {
			h.logger.WarnContext(ctx, "removing old events failed", "err", err)
		}
		if err != nil || n < page {
			return
		}
		h.follow(ctx)
	}
}
