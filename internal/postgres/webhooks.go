package postgres

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Webhooks = (*Store)(nil)

const endpointColumns = `id, owner, url, events, created, salt, old_salt, old_until, disabled, reason, failures, failing_since`

const (
	selectEndpoint  = `SELECT ` + endpointColumns + ` FROM endpoints WHERE id = $1`
	selectEndpoints = `SELECT ` + endpointColumns + ` FROM endpoints WHERE owner = $1 ORDER BY id`
)

func scanEndpoint(row scanner) (charcoal.Endpoint, error) {
	var e charcoal.Endpoint
	var created, oldUntil, disabled, failingSince int64
	err := row.Scan(&e.ID, &e.Owner, &e.URL, &e.Events, &created, &e.Salt, &e.OldSalt, &oldUntil,
		&disabled, &e.Reason, &e.Failures, &failingSince)
	if err != nil {
		return charcoal.Endpoint{}, err
	}
	if len(e.OldSalt) == 0 {
		e.OldSalt = nil
	}
	e.Created, e.OldUntil = instant(created), instant(oldUntil)
	e.Disabled, e.FailingSince = instant(disabled), instant(failingSince)
	return e, nil
}

// storedSalt is empty for none, which a column without NULL can hold.
func storedSalt(salt []byte) []byte { return append([]byte{}, salt...) }

// AddEndpoint implements [charcoal.Webhooks]. What happened before must have a number
// that is not above that of the endpoint's beginning.
func (s *Store) AddEndpoint(ctx context.Context, e charcoal.Endpoint, limit int) error {
	if err := s.writeLog(ctx); err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.lock("endpoints/" + e.Owner.String()); err != nil {
			return err
		}
		have, err := one(t, scanValue[int], `SELECT count(*) FROM endpoints WHERE owner = $1`, e.Owner)
		if err != nil {
			return wrap("count endpoints", err)
		}
		if have >= limit {
			return charcoal.OverLimitAs(charcoal.QuotaSpent, "the number of webhooks", int64(limit), int64(have)+1, "webhooks")
		}
		return wrap("add endpoint", t.exec(`INSERT INTO endpoints (`+endpointColumns+`, since)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (SELECT seq FROM log))`,
			e.ID, e.Owner, e.URL, stored(e.Events), micros(e.Created), storedSalt(e.Salt), storedSalt(e.OldSalt), micros(e.OldUntil),
			micros(e.Disabled), e.Reason, e.Failures, micros(e.FailingSince)))
	})
}

// Endpoint implements [charcoal.Webhooks].
func (s *Store) Endpoint(ctx context.Context, id charcoal.ID) (e charcoal.Endpoint, err error) {
	err = s.read(ctx, func(t *tx) error {
		e, err = readEndpoint(t, selectEndpoint, id)
		return err
	})
	return e, err
}

func readEndpoint(t *tx, query string, id charcoal.ID) (charcoal.Endpoint, error) {
	e, err := one(t, scanEndpoint, query, id)
	return e, found("read endpoint", err, noEndpoint(id))
}

func noEndpoint(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no webhook has the id %q", id)
}

// Endpoints implements [charcoal.Webhooks].
func (s *Store) Endpoints(ctx context.Context, owner charcoal.ID) (endpoints []charcoal.Endpoint, err error) {
	err = s.read(ctx, func(t *tx) error {
		endpoints, err = all(t, scanEndpoint, selectEndpoints, owner)
		return wrap("list endpoints", err)
	})
	return endpoints, err
}

// ChangeEndpoint implements [charcoal.Webhooks].
func (s *Store) ChangeEndpoint(ctx context.Context, id charcoal.ID, change func(*charcoal.Endpoint) error) (e charcoal.Endpoint, err error) {
	err = s.write(ctx, func(t *tx) error {
		if err := lockTarget(t, charcoal.EndpointTarget(id)); err != nil {
			return err
		}
		if e, err = readEndpoint(t, selectEndpoint+` FOR NO KEY UPDATE`, id); err != nil {
			return err
		}
		before := e
		if err := change(&e); err != nil {
			return err
		}
		e.ID, e.Owner, e.Created = before.ID, before.Owner, before.Created
		return storeEndpoint(t, e)
	})
	return e, err
}

// storeEndpoint also lets what is pending for it go on, or wait.
func storeEndpoint(t *tx, e charcoal.Endpoint) error {
	err := t.exec(`UPDATE endpoints SET url = $2, events = $3, salt = $4, old_salt = $5, old_until = $6,
		disabled = $7, reason = $8, failures = $9, failing_since = $10 WHERE id = $1`,
		e.ID, e.URL, stored(e.Events), storedSalt(e.Salt), storedSalt(e.OldSalt), micros(e.OldUntil),
		micros(e.Disabled), e.Reason, e.Failures, micros(e.FailingSince))
	if err != nil {
		return wrap("change endpoint", err)
	}
	return settle(t, charcoal.EndpointTarget(e.ID), e.Owner, e.ID)
}

// DeleteEndpoint implements [charcoal.Webhooks].
func (s *Store) DeleteEndpoint(ctx context.Context, id charcoal.ID) error {
	return s.write(ctx, func(t *tx) error {
		if err := lockTarget(t, charcoal.EndpointTarget(id)); err != nil {
			return err
		}
		n, err := t.change(`DELETE FROM endpoints WHERE id = $1`, id)
		if err := must(n, err, "delete endpoint", noEndpoint(id)); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM deliveries WHERE endpoint = $1`, id); err != nil {
			return wrap("delete the deliveries of an endpoint", err)
		}
		return settle(t, charcoal.EndpointTarget(id), charcoal.ID{}, id) // nothing is left
	})
}

const (
	selectUnplanned  = `SELECT EXISTS (SELECT 1 FROM events WHERE seq > (SELECT seq FROM planned))`
	selectNextEvents = `SELECT count(*), coalesce(max(seq), 0) FROM (SELECT seq FROM events WHERE seq > $1 ORDER BY seq LIMIT $2) AS e`
)

// PlanDeliveries implements [charcoal.Webhooks]. It writes only when there is an event.
func (s *Store) PlanDeliveries(ctx context.Context, now time.Time, limit int) (seen, made int, err error) {
	if err := s.writeLog(ctx); err != nil {
		return 0, 0, err
	}
	if some, err := s.exists(ctx, selectUnplanned); err != nil || !some {
		return 0, 0, wrap("look for events", err)
	}
	err = s.write(ctx, func(t *tx) (err error) {
		seen, made, err = planDeliveries(t, now, limit)
		return wrap("plan deliveries", err)
	})
	if err != nil {
		return 0, 0, err
	}
	return seen, made, nil
}

func (s *Store) exists(ctx context.Context, query string, args ...any) (some bool, err error) {
	err = s.read(ctx, func(t *tx) error {
		some, err = one(t, scanValue[bool], query, args...)
		return err
	})
	return some, err
}

// planDeliveries locks how far planning went, so one plans at a time.
func planDeliveries(t *tx, now time.Time, limit int) (seen, made int, err error) {
	from, err := one(t, scanValue[int64], `SELECT seq FROM planned FOR UPDATE`)
	if err != nil {
		return 0, 0, err
	}
	var to int64
	err = t.row(selectNextEvents, from, limit).Scan(&seen, &to)
	if err != nil || seen == 0 {
		return 0, 0, err
	}
	deliveries, err := wanted(t, from, to)
	if err != nil {
		return 0, 0, err
	}
	if err := addDeliveries(t, deliveries, now); err != nil {
		return 0, 0, err
	}
	return seen, len(deliveries), t.exec(`UPDATE planned SET seq = $1`, to)
}

const (
	wantedByEndpoints = `SELECT ` + eventColumns + `, n.id, n.url FROM events AS e JOIN endpoints AS n ON n.owner = e.owner
		WHERE e.seq > $1 AND e.seq <= $2 AND n.disabled = 0 AND n.since < e.seq AND e.type = ANY (n.events)
		ORDER BY e.seq, n.id`

	wantedByCallbacks = `SELECT ` + eventColumns + `, '00000000-0000-0000-0000-000000000000'::uuid, r.callback
		FROM events AS e JOIN renderings AS r ON r.id = e.rendering_id
		WHERE e.seq > $1 AND e.seq <= $2
			AND e.type IN ('rendering.ready', 'rendering.failed', 'rendering.canceled') AND r.callback <> ''
		ORDER BY e.seq`
)

// wanted returns who is to be told of which events.
func wanted(t *tx, from, to int64) ([]charcoal.Delivery, error) {
	var deliveries []charcoal.Delivery
	for _, query := range []string{wantedByEndpoints, wantedByCallbacks} {
		some, err := all(t, scanWanted, query, from, to)
		if err != nil {
			return nil, err
		}
		deliveries = append(deliveries, some...)
	}
	return deliveries, nil
}

func scanWanted(row scanner) (d charcoal.Delivery, err error) {
	d.Event, err = scanEvent(row, &d.Endpoint, &d.URL)
	d.ID, d.Owner = charcoal.NewID(), d.Event.Owner
	return d, err
}
