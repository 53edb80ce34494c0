package postgres

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/charcoal-art/charcoal"
)

// deliveryColumns are those of a delivery that is called d, with the URL of the endpoint
// as it is now.
const deliveryColumns = `d.id, d.owner, d.endpoint, coalesce((SELECT n.url FROM endpoints AS n WHERE n.id = d.endpoint), d.url),
	d.seq, d.at, d.type, d.visibility, d.image_id, d.rendering_id, d.event_state,
	d.created, d.state, d.attempt, d.tries, d.due, d.last_at, d.last_took, d.last_status, d.last_error`

const (
	selectDelivery   = `SELECT ` + deliveryColumns + ` FROM deliveries AS d WHERE id = $1`
	selectDeliveries = `SELECT ` + deliveryColumns + ` FROM deliveries AS d WHERE endpoint BETWEEN $1 AND $1 AND id < $2 ORDER BY endpoint DESC, id DESC LIMIT $3`
	selectDue        = `SELECT EXISTS (SELECT 1 FROM targets WHERE due <= $1)`

	selectDueTargets = `SELECT target, owner FROM targets WHERE due <= $1 AND owner NOT IN (
			SELECT owner FROM deliveries WHERE leased AND due > $1 GROUP BY owner HAVING count(*) >= $2)
		ORDER BY due LIMIT $3`

	selectBusy = `SELECT (SELECT count(*) FROM deliveries WHERE target = $1 AND leased),
		(SELECT count(*) FROM deliveries WHERE owner = $2 AND leased AND due > $3)`

	takeBack = `UPDATE deliveries SET leased = false WHERE target = $1 AND leased AND due <= $2`

	claimDeliveries = `UPDATE deliveries AS d SET leased = true, due = $3, attempt = attempt + 1, tries = tries + 1
		WHERE id IN (SELECT id FROM deliveries WHERE target = $1 AND state = 'pending' AND NOT leased AND due <= $2 ORDER BY due, id LIMIT $4)
		RETURNING ` + deliveryColumns

	settleTarget = `INSERT INTO targets (target, owner, due)
		SELECT $1, $4, s.due FROM (SELECT CASE WHEN (SELECT count(*) FROM deliveries WHERE target = $1 AND leased) >= $3
			THEN (SELECT min(due) FROM deliveries WHERE target = $1 AND leased)
			ELSE (SELECT min(due) FROM deliveries WHERE target = $1 AND state = 'pending') END AS due) AS s
		WHERE s.due IS NOT NULL AND NOT EXISTS (SELECT 1 FROM endpoints WHERE id = $2 AND disabled > 0)
		ON CONFLICT (target) DO UPDATE SET owner = excluded.owner, due = excluded.due`

	forgetTarget = `DELETE FROM targets WHERE target = $1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE target = $1 AND state = 'pending')`

	purgeDeliveries = `DELETE FROM deliveries WHERE id IN (
			(SELECT id FROM deliveries WHERE state <> 'pending' AND created < $1 LIMIT $2)
			UNION ALL
			(SELECT d.id FROM endpoints AS n JOIN deliveries AS d ON d.endpoint = n.id
			WHERE n.disabled > 0 AND d.state = 'pending' AND NOT d.leased AND d.created < $1 LIMIT $2)
			LIMIT $2)`
)

func scanDelivery(row scanner) (charcoal.Delivery, error) {
	var d charcoal.Delivery
	var at, created, due, lastAt, took int64
	err := row.Scan(&d.ID, &d.Owner, &d.Endpoint, &d.URL,
		&d.Event.Seq, &at, &d.Event.Type, &d.Event.Visibility, &d.Event.Image, &d.Event.Rendering, &d.Event.State,
		&created, &d.State, &d.Attempt, &d.Tries, &due, &lastAt, &took, &d.Last.Status, &d.Last.Error)
	if err != nil {
		return charcoal.Delivery{}, err
	}
	d.Event.Owner = d.Owner
	d.Event.At, d.Created, d.Last.At, d.Last.Took = instant(at), instant(created), instant(lastAt), time.Duration(took)
	if d.State == charcoal.DeliveryPending {
		d.Due = instant(due)
	}
	return d, nil
}

// lockTarget waits for whoever changes deliveries of the target, or the endpoint. Who
// locks several does so in their order, so that no two wait for each other.
func lockTarget(t *tx, target string) error { return t.lock(lockOfTarget(target)) }

func lockOfTarget(target string) string { return "target/" + target }

// settle brings the row of a target up to date after any change of its deliveries
// or of its endpoint. When all its places are taken, something is to be done once
// the first of them is up.
func settle(t *tx, target string, owner, endpoint charcoal.ID) error {
	if err := t.exec(`DELETE FROM targets WHERE target = $1`, target); err != nil {
		return wrap("settle a target", err)
	}
	return wrap("settle a target", t.exec(settleTarget, target, endpoint, charcoal.DeliveriesAtOnce, owner))
}

// addDeliveries adds what is due at once.
func addDeliveries(t *tx, deliveries []charcoal.Delivery, now time.Time) error {
	byTarget := make(map[string][]charcoal.Delivery)
	for _, d := range deliveries {
		d.Created, d.Due = now, now
		byTarget[d.Target()] = append(byTarget[d.Target()], d)
	}
	for _, target := range slices.Sorted(maps.Keys(byTarget)) {
		if err := addToTarget(t, target, byTarget[target]); err != nil {
			return err
		}
	}
	return nil
}

// addToTarget adds deliveries of one target.
func addToTarget(t *tx, target string, deliveries []charcoal.Delivery) error {
	if err := lockTarget(t, target); err != nil {
		return err
	}
	for _, d := range deliveries {
		if err := insertDelivery(t, d); err != nil {
			return err
		}
	}
	return settle(t, target, deliveries[0].Owner, deliveries[0].Endpoint)
}

func insertDelivery(t *tx, d charcoal.Delivery) error {
	e := d.Event
	return wrap("insert delivery", t.exec(`INSERT INTO deliveries (id, owner, endpoint, target, url,
		seq, at, type, visibility, image_id, rendering_id, event_state, created, due)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		d.ID, d.Owner, d.Endpoint, d.Target(), d.URL,
		e.Seq, micros(e.At), string(e.Type), string(e.Visibility), e.Image, e.Rendering, string(e.State),
		micros(d.Created), micros(d.Due)))
}

// AddDelivery implements [charcoal.Webhooks].
func (s *Store) AddDelivery(ctx context.Context, d charcoal.Delivery) error {
	return s.write(ctx, func(t *tx) error {
		if err := lockTarget(t, d.Target()); err != nil {
			return err
		}
		if d.Endpoint != (charcoal.ID{}) {
			if _, err := readEndpoint(t, selectEndpoint, d.Endpoint); err != nil {
				return err
			}
		}
		return addToTarget(t, d.Target(), []charcoal.Delivery{d})
	})
}

// dueTarget is a target for which there is something to do.
type dueTarget struct {
	name  string
	owner charcoal.ID
}

func scanTarget(row scanner) (d dueTarget, err error) {
	err = row.Scan(&d.name, &d.owner)
	return d, err
}

// ClaimDeliveries implements [charcoal.Webhooks]. It writes only when something is due,
// and passes over targets and owners with whom somebody else is busy at the moment.
func (s *Store) ClaimDeliveries(ctx context.Context, now, until time.Time, limit int) (claimed []charcoal.Delivery, err error) {
	if some, err := s.exists(ctx, selectDue, micros(now)); err != nil || !some {
		return nil, wrap("look for deliveries", err)
	}
	err = s.write(ctx, func(t *tx) error {
		claimed = nil
		targets, err := all(t, scanTarget, selectDueTargets, micros(now), charcoal.DeliveriesOfOwner, limit)
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

// claimFor takes back what is overdue and fills the free places of one target.
func claimFor(t *tx, target dueTarget, now, until time.Time, limit int) ([]charcoal.Delivery, error) {
	for _, name := range []string{"deliveries of/" + target.owner.String(), lockOfTarget(target.name)} {
		locked, err := one(t, scanValue[bool], `SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0))`, name)
		if err != nil || !locked {
			return nil, err
		}
	}
	err := t.exec(takeBack, target.name, micros(now))
	if err != nil {
		return nil, err
	}
	var ofTarget, ofOwner int
	err = t.row(selectBusy, target.name, target.owner, micros(now)).Scan(&ofTarget, &ofOwner)
	if err != nil {
		return nil, err
	}
	free := min(limit, charcoal.DeliveriesAtOnce-ofTarget, charcoal.DeliveriesOfOwner-ofOwner)
	if free <= 0 {
		return nil, nil
	}
	claimed, err := all(t, scanDelivery, claimDeliveries, target.name, micros(now), micros(until), free)
	if err != nil {
		return nil, err
	}
	if len(claimed) == 0 { // what was pending was purged
		return nil, t.exec(forgetTarget, target.name)
	}
	return claimed, settle(t, target.name, target.owner, claimed[0].Endpoint)
}

const finishDelivery = `UPDATE deliveries SET leased = false, state = $3, due = $4, last_at = $5, last_took = $6, last_status = $7, last_error = $8
	WHERE id = $1 AND attempt = $2 AND leased`

// FinishDelivery implements [charcoal.Webhooks].
func (s *Store) FinishDelivery(ctx context.Context, id charcoal.ID, attempt int, o charcoal.Outcome) (e charcoal.Endpoint, err error) {
	err = s.write(ctx, func(t *tx) error {
		notOurs := charcoal.Errorf(charcoal.Conflict, "the delivery %s is not ours to finish any more", id)
		d, err := lockDelivery(t, id)
		if charcoal.CodeOf(err) == charcoal.NotFound {
			return notOurs
		}
		if err != nil {
			return err
		}
		n, err := t.change(finishDelivery, id, attempt, string(o.State), micros(o.Due), micros(o.At), int64(o.Took), o.Status, o.Error)
		if err := must(n, err, "finish delivery", notOurs); err != nil {
			return err
		}
		if e, err = countFailure(t, d.Endpoint, o.Attempt); err != nil {
			return wrap("count a failure", err)
		}
		return settle(t, d.target, d.Owner, d.Endpoint)
	})
	return e, err
}

// lockedDelivery is one whose target is locked.
type lockedDelivery struct {
	charcoal.Delivery
	target string
}

// lockDelivery locks the target of a delivery, which never changes, and reads the delivery.
func lockDelivery(t *tx, id charcoal.ID) (d lockedDelivery, err error) {
	if d.target, err = one(t, scanValue[string], `SELECT target FROM deliveries WHERE id = $1`, id); err != nil {
		return d, found("read delivery", err, noDelivery(id))
	}
	if err := lockTarget(t, d.target); err != nil {
		return d, err
	}
	d.Delivery, err = readDelivery(t, id)
	return d, err
}

// countFailure counts failures in a row; a success ends the row.
func countFailure(t *tx, endpoint charcoal.ID, a charcoal.Attempt) (charcoal.Endpoint, error) {
	if endpoint == (charcoal.ID{}) {
		return charcoal.Endpoint{}, nil
	}
	return one(t, scanEndpoint, `UPDATE endpoints SET
		failures = CASE WHEN $2 THEN failures + 1 ELSE 0 END,
		failing_since = CASE WHEN $2 THEN coalesce(nullif(failing_since, 0), $3) ELSE 0 END
		WHERE id = $1 RETURNING `+endpointColumns, endpoint, a.Error != "", micros(a.At))
}

// Delivery implements [charcoal.Webhooks].
func (s *Store) Delivery(ctx context.Context, id charcoal.ID) (d charcoal.Delivery, err error) {
	err = s.read(ctx, func(t *tx) error {
		d, err = readDelivery(t, id)
		return err
	})
	return d, err
}

func readDelivery(t *tx, id charcoal.ID) (charcoal.Delivery, error) {
	d, err := one(t, scanDelivery, selectDelivery, id)
	return d, found("read delivery", err, noDelivery(id))
}

func noDelivery(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no delivery has the id %q", id)
}

// Deliveries implements [charcoal.Webhooks].
func (s *Store) Deliveries(ctx context.Context, endpoint, before charcoal.ID, limit int) (deliveries []charcoal.Delivery, err error) {
	err = s.read(ctx, func(t *tx) error {
		deliveries, err = all(t, scanDelivery, selectDeliveries, endpoint, orLast(before), limit)
		return wrap("list deliveries", err)
	})
	return deliveries, err
}

// Redeliver implements [charcoal.Webhooks].
func (s *Store) Redeliver(ctx context.Context, id charcoal.ID, at time.Time) (d charcoal.Delivery, err error) {
	err = s.write(ctx, func(t *tx) error {
		locked, err := lockDelivery(t, id)
		if err != nil {
			return err
		}
		n, err := t.change(`UPDATE deliveries SET state = 'pending', tries = 0, due = $2 WHERE id = $1 AND NOT leased`, id, micros(at))
		if err := must(n, err, "redeliver", charcoal.Errorf(charcoal.Conflict, "the delivery %s is being tried right now", id)); err != nil {
			return err
		}
		if err := settle(t, locked.target, locked.Owner, locked.Endpoint); err != nil {
			return err
		}
		d, err = readDelivery(t, id)
		return err
	})
	return d, err
}

// PurgeDeliveries implements [charcoal.Webhooks].
func (s *Store) PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.remove(ctx, "remove deliveries", purgeDeliveries, micros(before), limit)
}
