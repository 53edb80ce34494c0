package charcoal

import (
	"context"
	"strings"
	"time"
)

// Event is one change of an image or of a rendering, as the log keeps it.
type Event struct {
	Seq        int64 // its place in the log: greater than that of every event before it
	At         time.Time
	Type       EventType
	Owner      ID         // of the image
	Visibility Visibility // of the image, when it happened
	Image      ID
	Rendering  ID    // zero for an event of an image
	State      State // of the rendering; "" for an event of an image
}

// EventType says what happened: the kind of thing, a dot, and what became of it.
type EventType string

// The types. A rendering's are its states, and that it was deleted.
const (
	ImageCreated  EventType = "image.created"
	ImageEdited   EventType = "image.edited"
	ImageDeleted  EventType = "image.deleted" // put into the bin
	ImageRestored EventType = "image.restored"

	RenderingQueued   EventType = "rendering.queued"
	RenderingRunning  EventType = "rendering.running"
	RenderingReady    EventType = "rendering.ready"
	RenderingFailed   EventType = "rendering.failed"
	RenderingCanceled EventType = "rendering.canceled"
	RenderingDeleted  EventType = "rendering.deleted"

	// EventsReset is never in the log. A stream begins with it when it cannot go
	// on where the reader left off: read again what you show.
	EventsReset EventType = "reset"

	// WebhookPing is never in the log. It tries a webhook out.
	WebhookPing EventType = "ping"
)

// EventTypes returns every type that the log may hold.
func EventTypes() []EventType {
	return []EventType{
		ImageCreated, ImageEdited, ImageDeleted, ImageRestored,
		RenderingQueued, RenderingRunning, RenderingReady, RenderingFailed, RenderingCanceled, RenderingDeleted,
	}
}

// Kind is what the event is of: "image", "rendering", or the whole type where it
// has no dot.
func (t EventType) Kind() string {
	kind, _, _ := strings.Cut(string(t), ".")
	return kind
}

// EventFilter chooses events. Its nil fields do not restrict.
type EventFilter struct {
	Owner *ID
	Image *ID
}

// Match reports whether the filter lets the event through.
func (f EventFilter) Match(e Event) bool {
	return (f.Owner == nil || *f.Owner == e.Owner) && (f.Image == nil || *f.Image == e.Image)
}

// Events is the log of what happened. Nothing adds to it but the store itself: a
// change and its event become visible in the same step, so neither is ever
// without the other.
//
// The contract of every method is that of [Store]. Numbers grow in the order in
// which changes became visible: once a reader saw an event, no event with a smaller
// number will ever appear. Numbers may have gaps, and are never used twice.
type Events interface {
	// EventsAfter returns up to limit events with numbers above after that the
	// filter lets through, in their order.
	EventsAfter(ctx context.Context, after int64, filter EventFilter, limit int) ([]Event, error)

	// EventSpan tells which part of the log there is: events up to the number
	// purged are gone, and last is the newest number. Both are 0 for none.
	EventSpan(ctx context.Context) (purged, last int64, err error)

	// PurgeEvents removes up to limit of the oldest events: those before a time,
	// and those that are not among the keep newest ones. Events from which webhooks are
	// still to be made stay. It returns how many it removed.
	PurgeEvents(ctx context.Context, before time.Time, keep int64, limit int) (int, error)
}
