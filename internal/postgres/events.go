package postgres

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Events = (*Store)(nil)

const eventColumns = `e.seq, e.at, e.type, e.owner, e.visibility, e.image_id, e.rendering_id, e.state`

// shown leaves out what is in the log for the stores only.
const shown = ` FROM events AS e WHERE e.type <> 'image.purged'`

// The queries for events, each a walk along an index. An image has few events, so that its
// owner needs none, and must not use that of all their events.
const (
	selectEvents         = `SELECT ` + eventColumns + shown + ` AND seq > $1 ORDER BY seq LIMIT $2`
	selectOwnEvents      = `SELECT ` + eventColumns + shown + ` AND seq > $1 AND owner BETWEEN $3 AND $3 ORDER BY owner, seq LIMIT $2`
	selectImageEvents    = `SELECT ` + eventColumns + shown + ` AND seq > $1 AND image_id BETWEEN $3 AND $3 ORDER BY image_id, seq LIMIT $2`
	selectOwnImageEvents = `SELECT ` + eventColumns + shown + ` AND seq > $1 AND image_id BETWEEN $3 AND $3 AND (owner = $4) IS TRUE ORDER BY image_id, seq LIMIT $2`

	selectSpan = `SELECT coalesce((SELECT min(seq) FROM events) - 1, log.seq), log.seq FROM log`
)

// writeLog numbers what happened before the call. The contract is that of the log:
// what is committed is in it.
func (s *Store) writeLog(ctx context.Context) error {
	for {
		var taken int64
		err := s.alone(ctx, func(t *tx) (err error) {
			taken, err = writeLogOnce(t)
			return err
		})
		if err != nil || taken < writeLogMost {
			return err
		}
	}
}

// writeLogMost is how much one call of the function write_log takes.
const writeLogMost = 10_000

func writeLogOnce(t *tx) (taken int64, err error) {
	taken, err = one(t, scanValue[int64], `SELECT write_log()`)
	return taken, wrap("write the log of events", err)
}

// EventsAfter implements [charcoal.Events].
func (s *Store) EventsAfter(ctx context.Context, after int64, filter charcoal.EventFilter, limit int) (found []charcoal.Event, err error) {
	if err := s.writeLog(ctx); err != nil {
		return nil, err
	}
	query, args := eventQuery(filter)
	err = s.read(ctx, func(t *tx) error {
		found, err = all(t, func(row scanner) (charcoal.Event, error) { return scanEvent(row) }, query, append([]any{after, limit}, args...)...)
		return wrap("read events", err)
	})
	return found, err
}

func eventQuery(f charcoal.EventFilter) (string, []any) {
	switch {
	case f.Owner != nil && f.Image != nil:
		return selectOwnImageEvents, []any{*f.Image, *f.Owner}
	case f.Image != nil:
		return selectImageEvents, []any{*f.Image}
	case f.Owner != nil:
		return selectOwnEvents, []any{*f.Owner}
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
	if err := s.writeLog(ctx); err != nil {
		return 0, 0, err
	}
	err = s.read(ctx, func(t *tx) error {
		return wrap("read the span of events", t.row(selectSpan).Scan(&purged, &last))
	})
	return purged, last, err
}

// purgeEvents looks at the oldest $3 only and stops at the first of them that is
// young and among the newest $2, so that what is gone is always a beginning.
const purgeEvents = `WITH oldest AS MATERIALIZED (SELECT seq, at FROM events ORDER BY seq LIMIT $3)
	DELETE FROM events WHERE seq IN (SELECT seq FROM oldest WHERE
		seq < coalesce((SELECT min(seq) FROM oldest WHERE at >= $1 AND seq > (SELECT log.seq FROM log) - $2), (SELECT log.seq FROM log) + 1)
		AND seq <= (SELECT planned.seq FROM planned))`

// PurgeEvents implements [charcoal.Events].
func (s *Store) PurgeEvents(ctx context.Context, before time.Time, keep int64, limit int) (int, error) {
	if err := s.writeLog(ctx); err != nil {
		return 0, err
	}
	return s.remove(ctx, "remove events", purgeEvents, micros(before), keep, limit)
}

// remove executes a statement that removes what nobody needs, and returns how many.
func (s *Store) remove(ctx context.Context, doing, query string, args ...any) (removed int, err error) {
	err = s.alone(ctx, func(t *tx) error {
		n, err := t.change(query, args...)
		removed = int(n)
		return wrap(doing, err)
	})
	return removed, err
}
