package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// EventReset is the type of an event that the log of the server does not hold: what
// is shown should be read again, since what happened before is not told. A stream
// begins with one, unless it goes on from a place in the log; so whoever reads the
// state of things when it comes and follows the events after it misses nothing.
const EventReset = "reset"

// Event is one change of an image or of a rendering.
type Event struct {
	Seq         int64     `json:"seq"` // its place in the log: greater than that of every event before it
	At          time.Time `json:"at"`
	Type        string    `json:"type"` // "image.created", "rendering.ready", …, or [EventReset]
	ImageID     string    `json:"image_id,omitempty"`
	RenderingID string    `json:"rendering_id,omitempty"` // "" for an event of an image
	State       State     `json:"state,omitempty"`        // of the rendering
}

// EventsOptions choose events.
type EventsOptions struct {
	ImageID string // of this image only; "": all of the account's
	All     bool   // in place of the account's, everybody's; for admins
	After   int64  // go on after the event with this Seq; 0: from now on
}

const (
	// maxSilence is how long a stream may be silent before it counts as lost. The
	// server says something every 15 seconds.
	maxSilence = 45 * time.Second

	// maxLosses bounds how often a stream may be lost in a row before it said anything.
	maxLosses = 10
)

// Events tells what changes, until ctx ends or the server refuses. A connection
// that is lost or silent is made again, with growing pauses, from where it stopped,
// so no event is missed or told twice. It ends with an error, that of ctx included,
// or when the caller stops.
func (c *Client) Events(ctx context.Context, o EventsOptions) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		s := stream{client: c, after: o.After, yield: yield}
		if o.All {
			s.query = url.Values{"all": {"true"}}
		}
		var err error
		if s.path = "events"; o.ImageID != "" {
			s.path, err = of("images", o.ImageID, "events")
		}
		if err == nil {
			err = s.follow(ctx)
		}
		if !errors.Is(err, errStopped) {
			yield(Event{}, err)
		}
	}
}

// errStopped says that whoever ranges over the events has had enough.
var errStopped = errors.New("stopped")

// stream is one range over events.
type stream struct {
	client *Client
	path   string
	query  url.Values
	after  int64
	yield  func(Event, error) bool
	retry  time.Duration // what the server asks for between connections
	spoke  bool          // whether the connection brought anything
	ever   bool          // whether any did
}

// follow connects again and again. It never returns nil.
func (s *stream) follow(ctx context.Context) error {
	for losses := 1; ; losses++ {
		s.spoke = false
		err := s.connect(ctx)
		switch {
		case errors.Is(err, errStopped):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		if s.spoke {
			losses, s.ever = 0, true
		}
		most := maxLosses
		if !s.ever {
			most = s.client.options.Attempts
		}
		pause, again := s.client.reconnect(err, losses, most)
		if !again {
			return err
		}
		if !sleep(ctx, max(pause, jitter(s.retry))) {
			return context.Cause(ctx)
		}
	}
}

// reconnect decides whether a stream that was lost is made again.
func (c *Client) reconnect(err error, losses, most int) (pause time.Duration, again bool) {
	if errors.Is(err, errForeign) {
		return 0, false
	}
	pause = backoff(max(losses, 1), c.options.MaxPause)
	if e, ok := errors.AsType[*Error](err); ok {
		if !e.Temporary() || e.RetryAfter > c.options.MaxPause {
			return 0, false
		}
		pause = max(pause, e.RetryAfter)
	}
	return pause, losses < most
}

// connect reads one connection to its end.
func (s *stream) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(maxSilence, func() { cancel(errSilent) })
	defer watch.Stop()

	h := http.Header{"Accept": {"text/event-stream"}}
	if s.after > 0 {
		h.Set("Last-Event-ID", strconv.FormatInt(s.after, 10))
	}
	resp, err := s.client.attempt(ctx, call{method: http.MethodGet, path: s.path, query: s.query, header: h})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if s.after == 0 && !s.yield(Event{Type: EventReset}, nil) {
		return errStopped
	}
	return s.read(&attended{resp.Body, watch})
}

var errForeign = errors.New("what came is no event of Charcoal")

var errSilent = errors.New("the server fell silent")

// attended is a reader that puts off its watch whenever something comes.
type attended struct {
	r     io.Reader
	watch *time.Timer
}

func (a *attended) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if n > 0 {
		a.watch.Reset(maxSilence)
	}
	return n, err
}

func (s *stream) read(body io.Reader) error {
	messages := newSSE(body)
	for {
		m, err := messages.next()
		s.spoke = s.spoke || messages.lines > 0
		if err != nil {
			return fmt.Errorf("follow the events: %w", err)
		}
		if m.retry > 0 {
			s.retry = min(m.retry, s.client.options.MaxPause)
		}
		if m.data == "" {
			continue
		}
		if err := s.tell(m); err != nil {
			return err
		}
	}
}

// tell passes on an event, unless it was told before.
func (s *stream) tell(m message) error {
	var e Event
	if err := json.Unmarshal([]byte(m.data), &e); err != nil {
		return fmt.Errorf("%w: %w", errForeign, err)
	}
	if seq, err := strconv.ParseInt(m.id, 10, 64); err == nil && e.Seq == 0 {
		e.Seq = seq
	}
	if e.Type != EventReset && e.Seq <= s.after {
		return nil
	}
	s.after = e.Seq // after a reset even a smaller one: the log may have begun anew
	if !s.yield(e, nil) {
		return errStopped
	}
	return nil
}
