package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/charcoal-art/charcoal"
)

// deliveryColumns has the URL of the endpoint as it is now.
const deliveryColumns = `id, owner, endpoint, coalesce((SELECT endpoints.url FROM endpoints WHERE endpoints.id = endpoint), url),
	seq, at, type, visibility, image_id, rendering_id, event_state,
	created, state, attempt, tries, due, last_at, last_took, last_status, last_error`

const (
	selectDelivery   = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE id = ?`
	selectDeliveries = `SELECT ` + deliveryColumns + ` FROM deliveries WHERE endpoint = ? AND id < ? ORDER BY id DESC LIMIT ?`
	selectDue        = `SELECT 1 FROM targets WHERE due <= ? LIMIT 1`

	selectDueTargets = `SELECT target FROM targets WHERE due <= ?1 AND owner NOT IN (
			SELECT owner FROM deliveries WHERE leased = 1 AND due > ?1 GROUP BY owner HAVING count(*) >= ?2)
		ORDER BY due LIMIT ?3`

	selectBusy = `SELECT (SELECT count(*) FROM deliveries WHERE target = ?1 AND leased = 1),
		(SELECT count(*) FROM deliveries WHERE owner = (SELECT owner FROM targets WHERE target = ?1) AND leased = 1 AND due > ?2)`

	takeBack = `UPDATE deliveries SET leased = 0 WHERE target = ? AND leased = 1 AND due <= ?`

	claimDeliveries = `UPDATE deliveries SET leased = 1, due = ?3, attempt = attempt + 1, tries = tries + 1
		WHERE id IN (SELECT id FROM deliveries WHERE target = ?1 AND state = 'pending' AND leased = 0 AND due <= ?2 ORDER BY due, id LIMIT ?4)
		RETURNING ` + deliveryColumns

	settleTarget = `INSERT INTO targets (target, owner, due)
		SELECT ?1, ?4, due FROM (SELECT iif((SELECT count(*) FROM deliveries WHERE target = ?1 AND leased = 1) >= ?3,
			(SELECT min(due) FROM deliveries WHERE target = ?1 AND leased = 1),
			(SELECT min(due) FROM deliveries WHERE target = ?1 AND state = 'pending')) AS due)
		WHERE due IS NOT NULL AND NOT EXISTS (SELECT 1 FROM endpoints WHERE id = ?2 AND disabled > 0)`

	// CROSS JOIN keeps the order: the few endpoints that are disabled first.
	purgeDeliveries = `DELETE FROM deliveries WHERE id IN (
			SELECT id FROM deliveries WHERE state <> 'pending' AND created < ?1
			UNION ALL
			SELECT d.id FROM endpoints CROSS JOIN deliveries AS d ON d.endpoint = endpoints.id
			WHERE endpoints.disabled > 0 AND d.state = 'pending' AND d.leased = 0 AND d.created < ?1
			LIMIT ?2)`
)

func scanDelivery(row scanner) (charcoal.Delivery, error) {
	var d charcoal.Delivery
	var at, created, due, lastAt int64
	err := row.Scan(&d.ID, &d.Owner, &d.Endpoint, &d.URL,
		&d.Event.Seq, &at, &d.Event.Type, &d.Event.Visibility, &d.Event.Image, &d.Event.Rendering, &d.Event.State,
		&created, &d.State, &d.Attempt, &d.Tries, &due, &lastAt, &d.Last.Took, &d.Last.Status, &d.Last.Error)
	if err != nil {
		return charcoal.Delivery{}, err
	}
	d.Event.Owner = d.Owner
	d.Event.At, d.Created, d.Last.At = instant(at), instant(created), instant(lastAt)
	if d.State == charcoal.DeliveryPending {
		d.Due = instant(due)
	}
	return d, nil
}

// each calls scan for every row of a statement.
func (t *tx) each(scan func(scanner) error, query string, args ...any) (err error) {
	s, err := t.stmt(query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args...)
	if err != nil {
		return classify(err)
	}
	defer func() { err = errors.Join(err, classify(rows.Close())) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return classify(rows.Err())
}

// settle brings the row of a target up to date after any change of its deliveries
// or of its endpoint. When all its places are taken, something is to be done once
// the first of them is up.
func settle(t *tx, target string, owner, endpoint charcoal.ID) error {
	if err := t.exec(`DELETE FROM targets WHERE target = ?`, target); err != nil {
		return wrap("settle a target", err)
	}
	return wrap("settle a target", t.exec(settleTarget, target, endpoint[:], charcoal.DeliveriesAtOnce, owner[:]))
}

// addDeliveries adds what is due at once.
func addDeliveries(t *tx, all []charcoal.Delivery, now time.Time) error {
	targets := make(map[string]charcoal.Delivery)
	for _, d := range all {
		d.Created, d.Due = now, now
		if err := insertDelivery(t, d); err != nil {
			return err
		}
		targets[d.Target()] = d
	}
	for target, d := range targets {
		if err := settle(t, target, d.Owner, d.Endpoint); err != nil {
			return err
		}
	}
	return nil
}

func insertDelivery(t *tx, d charcoal.Delivery) error {
	e := d.Event
	return wrap("insert delivery", t.exec(`INSERT INTO deliveries (id, owner, endpoint, target, url,
		seq, at, type, visibility, image_id, rendering_id, event_state, created, due)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ID[:], d.Owner[:], d.Endpoint[:], d.Target(), d.URL,
		e.Seq, micros(e.At), string(e.Type), string(e.Visibility), e.Image[:], e.Rendering[:], string(e.State),
		micros(d.Created), micros(d.Due)))
}

// AddDelivery implements [charcoal.Webhooks].
func (s *Store) AddDelivery(ctx context.Context, d charcoal.Delivery) error {
	return s.writer.write(ctx, func(t *tx) error {
		if d.Endpoint != (charcoal.ID{}) {
			if _, err := foundEndpoint(d.Endpoint, t.row(selectEndpoint, d.Endpoint[:])); err != nil {
				return err
			}
		}
		if err := insertDelivery(t, d); err != nil {
			return err
		}
		return settle(t, d.Target(), d.Owner, d.Endpoint)
	})
}

// ClaimDeliveries implements [charcoal.Webhooks]. It writes only when something is due.
func (s *Store) ClaimDeliveries(ctx context.Context, now, until time.Time, limit int) ([]charcoal.Delivery, error) {
	if found, err := s.exists(ctx, selectDue, micros(now)); err != nil || !found {
		return nil, wrap("look for deliveries", err)
	}
	var claimed []charcoal.Delivery
	err := s.writer.write(ctx, func(t *tx) error {
		targets, err := dueTargets(t, now, limit)
		for _, target := range targets {
			if err != nil {
				break
			}
			var some []charcoal.Delivery
			some, err = claimFor(t, target, now, until, limit-len(claimed))
			claimed = append(claimed, some...)
		}
		return wrap("claim deliveries", err)
	})
	if err != nil {
		return nil, err
	}
	return claimed, nil
}

// dueTargets passes over owners who have enough under way.
func dueTargets(t *tx, now time.Time, limit int) (targets []string, err error) {
	err = t.each(func(row scanner) error {
		var target string
		err := row.Scan(&target)
		targets = append(targets, target)
		return err
	}, selectDueTargets, micros(now), charcoal.DeliveriesOfOwner, limit)
	return targets, err
}

// claimFor takes back what is overdue and fills the free places of one target.
func claimFor(t *tx, target string, now, until time.Time, limit int) ([]charcoal.Delivery, error) {
	err := t.exec(takeBack, target, micros(now))
	if err != nil {
		return nil, err
	}
	var ofTarget, ofOwner int
	err = t.row(selectBusy, target, micros(now)).Scan(&ofTarget, &ofOwner)
	if err != nil {
		return nil, err
	}
	free := min(limit, charcoal.DeliveriesAtOnce-ofTarget, charcoal.DeliveriesOfOwner-ofOwner)
	if free <= 0 {
		return nil, nil
	}
	return claimSome(t, target, now, until, free)
}

func claimSome(t *tx, target string, now, until time.Time, limit int) ([]charcoal.Delivery, error) {
	var claimed []charcoal.Delivery
	err := t.each(func(row scanner) error {
		d, err := scanDelivery(row)
		claimed = append(claimed, d)
		return err
	}, claimDeliveries, target, micros(now), micros(until), limit)
	if err != nil || len(claimed) == 0 {
		return nil, err
	}
	return claimed, settle(t, target, claimed[0].Owner, claimed[0].Endpoint)
}

// FinishDelivery implements [charcoal.Webhooks].
func (s *Store) FinishDelivery(ctx context.Context, id charcoal.ID, attempt int, o charcoal.Outcome) (charcoal.Endpoint, error) {
	var e charcoal.Endpoint
	err := s.writer.write(ctx, func(t *tx) error {
		var target string
		var owner, endpoint charcoal.ID
		err := t.row(`UPDATE deliveries SET leased = 0, state = ?3, due = ?4, last_at = ?5, last_took = ?6, last_status = ?7, last_error = ?8
			WHERE id = ?1 AND attempt = ?2 AND leased = 1 RETURNING target, owner, endpoint`,
			id[:], attempt, string(o.State), micros(o.Due), micros(o.At), int64(o.Took), o.Status, o.Error).Scan(&target, &owner, &endpoint)
		if errors.Is(err, sql.ErrNoRows) {
			return charcoal.Errorf(charcoal.Conflict, "the delivery %s is not ours to finish any more", id)
		}
		if err != nil {
			return wrap("finish delivery", err)
		}
		if e, err = countFailure(t, endpoint, o.Attempt); err != nil {
			return wrap("count a failure", err)
		}
		return settle(t, target, owner, endpoint)
	})
	return e, err
}

// countFailure counts failures in a row; a success ends the row.
func countFailure(t *tx, endpoint charcoal.ID, a charcoal.Attempt) (charcoal.Endpoint, error) {
	if endpoint == (charcoal.ID{}) {
		return charcoal.Endpoint{}, nil
	}
	return scanEndpoint(t.row(`UPDATE endpoints SET
		failures = iif(?2, failures + 1, 0),
		failing_since = iif(?2, coalesce(nullif(failing_since, 0), ?3), 0)
		WHERE id = ?1 RETURNING `+endpointColumns, endpoint[:], a.Error != "", micros(a.At)))
}

// Delivery implements [charcoal.Webhooks].
func (s *Store) Delivery(ctx context.Context, id charcoal.ID) (charcoal.Delivery, error) {
	return foundDelivery(id, s.readers.row(ctx, selectDelivery, id[:]))
}

func foundDelivery(id charcoal.ID, row scanner) (charcoal.Delivery, error) {
	d, err := scanDelivery(row)
	if errors.Is(err, sql.ErrNoRows) {
		return d, charcoal.Errorf(charcoal.NotFound, "no delivery has the id %q", id)
	}
	return d, wrap("read delivery", classify(err))
}

// Deliveries implements [charcoal.Webhooks].
func (s *Store) Deliveries(ctx context.Context, endpoint, before charcoal.ID, limit int) ([]charcoal.Delivery, error) {
	if before == (charcoal.ID{}) {
		before = lastID()
	}
	var found []charcoal.Delivery
	err := s.readers.each(ctx, func(row scanner) error {
		d, err := scanDelivery(row)
		found = append(found, d)
		return err
	}, selectDeliveries, endpoint[:], before[:], limit)
	if err != nil {
		return nil, wrap("list deliveries", classify(err))
	}
	return found, nil
}

// Redeliver implements [charcoal.Webhooks].
func (s *Store) Redeliver(ctx context.Context, id charcoal.ID, at time.Time) (charcoal.Delivery, error) {
	var d charcoal.Delivery
	err := s.writer.write(ctx, func(t *tx) (err error) {
		if d, err = foundDelivery(id, t.row(selectDelivery, id[:])); err != nil {
			return err
		}
		n, err := t.change(`UPDATE deliveries SET state = 'pending', tries = 0, due = ?2 WHERE id = ?1 AND leased = 0`, id[:], micros(at))
		if err := must(n, err, "redeliver", charcoal.Errorf(charcoal.Conflict, "the delivery %s is being tried right now", id)); err != nil {
			return err
		}
		if err := settle(t, d.Target(), d.Owner, d.Endpoint); err != nil {
			return err
		}
		d, err = foundDelivery(id, t.row(selectDelivery, id[:]))
		return err
	})
	return d, err
}

// PurgeDeliveries implements [charcoal.Webhooks].
func (s *Store) PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error) {
	var removed int64
	err := s.writer.write(ctx, func(t *tx) (err error) {
		removed, err = t.change(purgeDeliveries, micros(before), limit)
		return wrap("remove deliveries", err)
	})
	return int(removed), err
}
