package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Webhooks = (*Store)(nil)

const endpointColumns = `id, owner, url, events, created, salt, old_salt, old_until, disabled, reason, failures, failing_since`

const (
	selectEndpoint  = `SELECT ` + endpointColumns + ` FROM endpoints WHERE id = ?`
	selectEndpoints = `SELECT ` + endpointColumns + ` FROM endpoints WHERE owner = ? ORDER BY id`
)

func scanEndpoint(row scanner) (charcoal.Endpoint, error) {
	var e charcoal.Endpoint
	var events string
	var created, oldUntil, disabled, failingSince int64
	err := row.Scan(&e.ID, &e.Owner, &e.URL, &events, &created, &e.Salt, &e.OldSalt, &oldUntil,
		&disabled, &e.Reason, &e.Failures, &failingSince)
	if err != nil {
		return charcoal.Endpoint{}, err
	}
	for name := range strings.FieldsSeq(events) {
		e.Events = append(e.Events, charcoal.EventType(name))
	}
	if len(e.OldSalt) == 0 {
		e.OldSalt = nil
	}
	e.Created, e.OldUntil = instant(created), instant(oldUntil)
	e.Disabled, e.FailingSince = instant(disabled), instant(failingSince)
	return e, nil
}

func storedTypes(types []charcoal.EventType) string {
	words := make([]string, len(types))
	for i, t := range types {
		words[i] = string(t)
	}
	return strings.Join(words, " ")
}

// storedSalt is empty for none, which a column without NULL can hold.
func storedSalt(salt []byte) []byte { return append([]byte{}, salt...) }

// AddEndpoint implements [charcoal.Webhooks].
func (s *Store) AddEndpoint(ctx context.Context, e charcoal.Endpoint, limit int) error {
	return s.writer.write(ctx, func(t *tx) error {
		var have int
		if err := t.row(`SELECT count(*) FROM endpoints WHERE owner = ?`, e.Owner[:]).Scan(&have); err != nil {
			return wrap("count endpoints", err)
		}
		if have >= limit {
			return charcoal.OverLimitAs(charcoal.QuotaSpent, "the number of webhooks", int64(limit), int64(have)+1, "webhooks")
		}
		return wrap("add endpoint", t.exec(`INSERT INTO endpoints (`+endpointColumns+`, since)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, `+lastEvent+`)`,
			e.ID[:], e.Owner[:], e.URL, storedTypes(e.Events), micros(e.Created), e.Salt, storedSalt(e.OldSalt), micros(e.OldUntil),
			micros(e.Disabled), e.Reason, e.Failures, micros(e.FailingSince)))
	})
}

// Endpoint implements [charcoal.Webhooks].
func (s *Store) Endpoint(ctx context.Context, id charcoal.ID) (charcoal.Endpoint, error) {
	return foundEndpoint(id, s.readers.row(ctx, selectEndpoint, id[:]))
}

func foundEndpoint(id charcoal.ID, row scanner) (charcoal.Endpoint, error) {
	e, err := scanEndpoint(row)
	if errors.Is(err, sql.ErrNoRows) {
		return e, noEndpoint(id)
	}
	return e, wrap("read endpoint", classify(err))
}

func noEndpoint(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no webhook has the id %q", id)
}

// Endpoints implements [charcoal.Webhooks].
func (s *Store) Endpoints(ctx context.Context, owner charcoal.ID) ([]charcoal.Endpoint, error) {
	var found []charcoal.Endpoint
	err := s.readers.each(ctx, func(row scanner) error {
		e, err := scanEndpoint(row)
		found = append(found, e)
		return err
	}, selectEndpoints, owner[:])
	if err != nil {
		return nil, wrap("list endpoints", classify(err))
	}
	return found, nil
}

// ChangeEndpoint implements [charcoal.Webhooks].
func (s *Store) ChangeEndpoint(ctx context.Context, id charcoal.ID, change func(*charcoal.Endpoint) error) (charcoal.Endpoint, error) {
	var e charcoal.Endpoint
	err := s.writer.write(ctx, func(t *tx) (err error) {
		if e, err = foundEndpoint(id, t.row(selectEndpoint, id[:])); err != nil {
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
	err := t.exec(`UPDATE endpoints SET url = ?2, events = ?3, salt = ?4, old_salt = ?5, old_until = ?6,
		disabled = ?7, reason = ?8, failures = ?9, failing_since = ?10 WHERE id = ?1`,
		e.ID[:], e.URL, storedTypes(e.Events), e.Salt, storedSalt(e.OldSalt), micros(e.OldUntil),
		micros(e.Disabled), e.Reason, e.Failures, micros(e.FailingSince))
	if err != nil {
		return wrap("change endpoint", err)
	}
	return settle(t, charcoal.EndpointTarget(e.ID), e.Owner, e.ID)
}

// DeleteEndpoint implements [charcoal.Webhooks].
func (s *Store) DeleteEndpoint(ctx context.Context, id charcoal.ID) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`DELETE FROM endpoints WHERE id = ?`, id[:])
		if err := must(n, err, "delete endpoint", noEndpoint(id)); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM deliveries WHERE endpoint = ?`, id[:]); err != nil {
			return wrap("delete the deliveries of an endpoint", err)
		}
		return settle(t, charcoal.EndpointTarget(id), charcoal.ID{}, id) // nothing is left
	})
}

const (
	selectUnplanned  = `SELECT 1 FROM events WHERE seq > (SELECT seq FROM planned) LIMIT 1`
	selectNextEvents = `SELECT count(*), (SELECT seq FROM planned), coalesce(max(seq), 0) FROM (
		SELECT seq FROM events WHERE seq > (SELECT seq FROM planned) ORDER BY seq LIMIT ?)`
)

// PlanDeliveries implements [charcoal.Webhooks]. It writes only when there is an event.
func (s *Store) PlanDeliveries(ctx context.Context, now time.Time, limit int) (seen, made int, err error) {
	if found, err := s.exists(ctx, selectUnplanned); err != nil || !found {
		return 0, 0, wrap("look for events", err)
	}
	err = s.writer.write(ctx, func(t *tx) (err error) {
		seen, made, err = planDeliveries(t, now, limit)
		return wrap("plan deliveries", err)
	})
	if err != nil {
		return 0, 0, err
	}
	return seen, made, nil
}

func (s *Store) exists(ctx context.Context, query string, args ...any) (bool, error) {
	err := s.readers.row(ctx, query, args...).Scan(new(int))
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, classify(err)
}

func planDeliveries(t *tx, now time.Time, limit int) (seen, made int, err error) {
	var from, to int64
	err = t.row(selectNextEvents, limit).Scan(&seen, &from, &to)
	if err != nil || seen == 0 {
		return 0, 0, err
	}
	all, err := wanted(t, from, to)
	if err != nil {
		return 0, 0, err
	}
	if err := addDeliveries(t, all, now); err != nil {
		return 0, 0, err
	}
	return seen, len(all), t.exec(`UPDATE planned SET seq = ?`, to)
}

const (
	wantedByEndpoints = `SELECT ` + eventColumns + `, endpoints.id, endpoints.url FROM events
		CROSS JOIN endpoints ON endpoints.owner = events.owner
		WHERE events.seq > ?1 AND events.seq <= ?2
			AND disabled = 0 AND since < events.seq AND instr(' ' || endpoints.events || ' ', ' ' || type || ' ') > 0
		ORDER BY events.seq, endpoints.id`

	wantedByCallbacks = `SELECT ` + eventColumns + `, zeroblob(16), callback FROM events
		CROSS JOIN renderings ON renderings.id = rendering_id
		WHERE events.seq > ?1 AND events.seq <= ?2
			AND type IN ('rendering.ready', 'rendering.failed', 'rendering.canceled') AND callback <> ''
		ORDER BY events.seq`
)

// wanted returns who is to be told of which events.
func wanted(t *tx, from, to int64) ([]charcoal.Delivery, error) {
	var all []charcoal.Delivery
	for _, query := range []string{wantedByEndpoints, wantedByCallbacks} {
		err := t.each(func(row scanner) (err error) {
			var d charcoal.Delivery
			d.Event, err = scanEvent(row, &d.Endpoint, &d.URL)
			d.ID, d.Owner = charcoal.NewID(), d.Event.Owner
			all = append(all, d)
			return err
		}, query, from, to)
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}
