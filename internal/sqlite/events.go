package sqlite

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Events = (*Store)(nil)

const eventColumns = `events.seq, events.at, events.type, events.owner, events.visibility, events.image_id, events.rendering_id, events.state`

// The queries for events, each a walk along an index.
const (
	selectEvents      = `SELECT ` + eventColumns + ` FROM events WHERE seq > ? ORDER BY seq LIMIT ?`
	selectOwnEvents   = `SELECT ` + eventColumns + ` FROM events WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?`
	selectImageEvents = `SELECT ` + eventColumns + ` FROM events WHERE image_id = ? AND seq > ? ORDER BY seq LIMIT ?`

	// An image has few events, so that its owner needs no index of its own.
	selectOwnImageEvents = `SELECT ` + eventColumns + ` FROM events INDEXED BY events_image
		WHERE image_id = ? AND +owner = ? AND seq > ? ORDER BY seq LIMIT ?`

	lastEvent = `coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)`

	// Numbers have no gaps here: what a transaction that failed had taken is given back.
	selectSpan = `SELECT coalesce((SELECT min(seq) FROM events) - 1, ` + lastEvent + `), ` + lastEvent
)

// EventsAfter implements [charcoal.Events]. One writer at a time numbers events
// and commits them, so that numbers appear in their order.
func (s *Store) EventsAfter(ctx context.Context, after int64, filter charcoal.EventFilter, limit int) ([]charcoal.Event, error) {
	query, args := eventQuery(filter)
	var found []charcoal.Event
	err := s.readers.each(ctx, func(row scanner) error {
		e, err := scanEvent(row)
		found = append(found, e)
		return err
	}, query, append(args, after, limit)...)
	if err != nil {
		return nil, wrap("read events", classify(err))
	}
	return found, nil
}

func eventQuery(f charcoal.EventFilter) (string, []any) {
	switch {
	case f.Owner != nil && f.Image != nil:
		return selectOwnImageEvents, []any{f.Image[:], f.Owner[:]}
	case f.Image != nil:
		return selectImageEvents, []any{f.Image[:]}
	case f.Owner != nil:
		return selectOwnEvents, []any{f.Owner[:]}
	}
	return selectEvents, nil
}

func scanEvent(row scanner, more ...any) (charcoal.Event, error) {
	var e charcoal.Event
	var at int64
	err := row.Scan(append([]any{&e.Seq, &at, &e.Type, &e.Owner, &e.Visibility, &e.Image, &e.Rendering, &e.State}, more...)...)
	e.At = instant(at)
	return e, err
}

// EventSpan implements [charcoal.Events].
func (s *Store) EventSpan(ctx context.Context) (purged, last int64, err error) {
	err = s.readers.each(ctx, func(row scanner) error { return row.Scan(&purged, &last) }, selectSpan)
	return purged, last, wrap("read the span of events", classify(err))
}

// purgeEvents looks at the oldest ?3 only and stops at the first of them that is
// young and among the newest ?2, so that what is gone is always a beginning.
const purgeEvents = `WITH oldest AS MATERIALIZED (SELECT seq, at FROM events ORDER BY seq LIMIT ?3)
	DELETE FROM events WHERE seq IN (SELECT seq FROM oldest WHERE
		seq < coalesce((SELECT min(seq) FROM oldest WHERE at >= ?1 AND seq > ` + lastEvent + ` - ?2), ` + lastEvent + ` + 1)
		AND seq <= (SELECT seq FROM planned))`

// PurgeEvents implements [charcoal.Events].
func (s *Store) PurgeEvents(ctx context.Context, before time.Time, keep int64, limit int) (int, error) {
	var removed int64
	err := s.writer.write(ctx, func(t *tx) (err error) {
		removed, err = t.change(purgeEvents, micros(before), keep, limit)
		return wrap("remove events", err)
	})
	return int(removed), err
}
