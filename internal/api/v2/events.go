package v2

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/events"
)

// Events hands out what happens.
type Events interface {
	Subscribe(ctx context.Context, filter charcoal.EventFilter, after int64) (*events.Stream, error)
}

const eventStream = "text/event-stream"

func (a *API) eventOperations() []operation {
	headers := []parameter{{"Last-Event-ID", "go on after this event"}}
	answers := []answer{{status: http.StatusOK, doc: "events, as they happen", contents: []string{eventStream}}}
	return []operation{
		withQuery(operation{
			id: "streamEvents", method: "GET", path: "/v2/events", group: "events", scope: charcoal.ScopeRead,
			summary: "Follow what happens to your images", details: "As server-sent events. An event reset says that some are missing: read again what you show. The stream ends now and then; come back with Last-Event-ID, as browsers do.",
			headers: headers, answers: answers,
		}, a.ownEvents),
		withQuery(operation{
			id: "streamImageEvents", method: "GET", path: "/v2/images/{id}/events", group: "events",
			summary: "Follow what happens to one image", headers: headers, answers: answers,
		}, a.imageEvents),
	}
}

// EventQuery is where a stream begins.
type EventQuery struct {
	After *int64 `json:"last_event_id,omitempty" min:"0" doc:"go on after this event; the header Last-Event-ID counts more. Absent: from now"`
}

// OwnEventQuery is which events, too.
type OwnEventQuery struct {
	EventQuery
	All bool `json:"all,omitempty" doc:"of everybody's images; for admins"`
}

// Event is one thing that happened.
type Event struct {
	Seq       int64        `json:"seq"`
	At        Time         `json:"at"`
	Type      string       `json:"type" example:"rendering.ready"`
	Image     *charcoal.ID `json:"image_id,omitempty"`
	Rendering *charcoal.ID `json:"rendering_id,omitempty"`
	State     string       `json:"state,omitempty"`
	Owner     *charcoal.ID `json:"owner,omitempty"`
}

// EncodeEvent writes an event as it stands in a stream. The hub of events calls it
// once for all readers.
func EncodeEvent(e charcoal.Event) []byte {
	raw, err := json.Marshal(Event{
		e.Seq, Time{e.At}, string(e.Type), idOf(e.Image), idOf(e.Rendering), string(e.State), idOf(e.Owner),
	})
	if err != nil { // of strings and numbers only
		panic(err)
	}
	return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Type.Kind(), raw)
}

func (a *API) ownEvents(c *call, q OwnEventQuery) error {
	filter := charcoal.EventFilter{Owner: &c.actor.User}
	if q.All {
		if err := c.actor.Need(charcoal.ScopeAdmin); err != nil {
			return err
		}
		filter.Owner = nil
	}
	return a.stream(c, filter, q.EventQuery)
}

func (a *API) imageEvents(c *call, q EventQuery) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if _, _, err := a.Images.Image(c.r.Context(), c.actor, id); err != nil {
		return err
	}
	return a.stream(c, charcoal.EventFilter{Image: &id}, q)
}

// How streams are kept alive, and how long: a client that comes back shows anew
// that it still may.
const (
	heartbeat  = 15 * time.Second
	streamTime = time.Hour
)

func (a *API) stream(c *call, filter charcoal.EventFilter, q EventQuery) error {
	after, err := c.lastEvent(q)
	if err != nil {
		return err
	}
	leave, err := a.Room.Stream(caller.Of(c.r.Context()).Key())
	if err != nil {
		return err
	}
	defer leave()
	ctx, cancel := a.Room.UntilStopping(c.r.Context())
	defer cancel()
	ctx, cancelTime := context.WithTimeout(ctx, streamTime)
	defer cancelTime()
	s, err := a.Events.Subscribe(ctx, filter, after)
	if err != nil {
		return err
	}
	defer s.Close()
	h := c.w.Header()
	h.Set("Content-Type", eventStream)
	h.Set("X-Accel-Buffering", "no") // what nginx knows
	if c.r.Method == http.MethodHead {
		return nil // there is nothing to follow
	}
	out := sender{w: c.w, control: http.NewResponseController(c.w), idle: a.cfg.ReadIdle}
	if err := out.send([]byte("retry: 2000\n\n")); err != nil {
		return nil // the reader is gone
	}
	a.follow(ctx, c, s, out)
	return nil
}

// lastEvent is where to go on.
func (c *call) lastEvent(q EventQuery) (int64, error) {
	if header := c.r.Header.Get("Last-Event-ID"); header != "" {
		n, err := strconv.ParseInt(header, 10, 64)
		if err != nil || n < 0 {
			return 0, invalid("header:Last-Event-ID", "Last-Event-ID is the id of an event, a number, not %q", clip(header))
		}
		return n, nil
	}
	if q.After != nil {
		return *q.After, nil
	}
	return events.FromNow, nil
}

// follow sends events until the stream or the reader ends, or may read no longer.
func (a *API) follow(ctx context.Context, c *call, s *events.Stream, out sender) {
	checked := time.Now()
	for {
		messages, err := nextWithin(ctx, s)
		if time.Since(checked) >= a.cfg.StreamCheck {
			if checked = time.Now(); !c.still(ctx) {
				return
			}
		}
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			if out.send([]byte(": still here\n\n")) != nil {
				return
			}
			continue
		}
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				a.Log.DebugContext(ctx, "a stream of events ends", "err", err)
			}
			return
		}
		if !sendAll(messages, c.actor, out) {
			return
		}
	}
}

// still looks anew at who asks, since sessions end, tokens are revoked, and admins
// become users. It reports whether they still may do this.
func (c *call) still(ctx context.Context) bool {
	again := caller.Of(ctx).Again
	if again == nil {
		return true
	}
	actor, err := again(ctx)
	if err != nil || actor.User != c.actor.User {
		return false
	}
	c.actor = actor
	return c.op.scope == "" || actor.Need(c.op.scope) == nil
}

func nextWithin(ctx context.Context, s *events.Stream) ([]*events.Message, error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	return s.Next(ctx)
}

// sendAll sends what the reader may still see: an image that was shown to others
// may be private by now.
func sendAll(messages []*events.Message, actor charcoal.Actor, out sender) bool {
	for _, m := range messages {
		img := charcoal.Image{ID: m.Image, Owner: m.Owner, Visibility: m.Visibility}
		if m.Type != charcoal.EventsReset && actor.MayRead(img) != nil {
			continue
		}
		encoded := m.Encoded
		if encoded == nil {
			encoded = EncodeEvent(m.Event)
		}
		if _, err := out.write(encoded); err != nil {
			return false
		}
	}
	return out.flush() == nil
}

// sender writes under a deadline that moves with what is read: a reader may take
// for ever, but must not stand still.
type sender struct {
	w       io.Writer
	control *http.ResponseController
	idle    time.Duration
}

func (s sender) write(p []byte) (int, error) {
	_ = s.control.SetWriteDeadline(time.Now().Add(s.idle)) // not every connection has one
	return s.w.Write(p)
}

func (s sender) flush() error { return s.control.Flush() }

func (s sender) send(p []byte) error {
	if _, err := s.write(p); err != nil {
		return err
	}
	return s.flush()
}
