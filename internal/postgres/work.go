package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/charcoal-art/charcoal"
)

const claimSome = `SELECT ` + renderingColumns + `, ` + storedImageColumns + `, c.newest
	FROM claim($1, $2, $3, $4, $5) AS c, LATERAL (SELECT (c.rendering).*) AS r, LATERAL (SELECT (c.image).*) AS i`

// Claim implements [charcoal.Store].
func (s *Store) Claim(ctx context.Context, worker string, now, until time.Time, perOwner int) (charcoal.Job, error) {
	jobs, err := s.claim(ctx, worker, now, until, perOwner, 1)
	if err != nil {
		return charcoal.Job{}, err
	}
	if len(jobs) == 0 {
		return charcoal.Job{}, charcoal.Errorf(charcoal.NotFound, "nothing is due")
	}
	return jobs[0], nil
}

// claim claims up to limit renderings; none when nothing is due.
func (s *Store) claim(ctx context.Context, worker string, now, until time.Time, perOwner, limit int) (jobs []charcoal.Job, err error) {
	var most any // NULL: no limit
	if perOwner > 0 {
		most = perOwner
	}
	err = s.alone(ctx, func(t *tx) error {
		jobs, err = all(t, scanJob, claimSome, worker, micros(now), micros(until), most, limit)
		return wrap("claim", err)
	})
	return jobs, err
}

func scanJob(row scanner) (job charcoal.Job, err error) {
	var r storedRendering
	var i storedImage
	if err := row.Scan(append(r.into(), i.into()...)...); err != nil {
		return charcoal.Job{}, err
	}
	if job.Rendering, err = r.rendering(); err != nil {
		return charcoal.Job{}, err
	}
	job.Image, err = i.image()
	return job, err
}

// isRunning is written so that the index of all that runs does not offer itself: with statistics
// from a quiet hour it looks better than the primary key.
const isRunning = `(r.state = 'running') IS TRUE`

// holds is the fence. Its arguments are those of [fence].
const holds = ` r.id = $1 AND r.attempt = $2 AND r.worker = $3 AND ` + isRunning

func fence(l charcoal.Lease, more ...any) []any {
	return append([]any{l.Rendering, l.Attempt, l.Worker}, more...)
}

// heartbeat extends leases, which are no part of any index.
const heartbeat = `UPDATE renderings AS r SET lease_until = greatest(r.lease_until, $4)
	FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS l (id, attempt, worker)
	WHERE r.id = l.id AND r.attempt = l.attempt AND r.worker = l.worker AND ` + isRunning + `
	RETURNING r.id, r.attempt, r.worker`

// Heartbeat implements [charcoal.Store]. A lease is never shortened, so beats
// may overtake each other.
func (s *Store) Heartbeat(ctx context.Context, leases []charcoal.Lease, until time.Time) (lost []charcoal.Lease, err error) {
	if len(leases) == 0 {
		return nil, nil
	}
	ids, attempts, workers := columnsOf(leases)
	var kept []charcoal.Lease
	err = s.read(ctx, func(t *tx) error {
		kept, err = all(t, scanLease, heartbeat, ids, attempts, workers, micros(until))
		return wrap("extend leases", err)
	})
	if err != nil {
		return nil, err
	}
	for _, l := range leases {
		if !slices.Contains(kept, l) {
			lost = append(lost, l)
		}
	}
	return lost, nil
}

func columnsOf(leases []charcoal.Lease) (ids []charcoal.ID, attempts []int, workers []string) {
	for _, l := range leases {
		ids, attempts, workers = append(ids, l.Rendering), append(attempts, l.Attempt), append(workers, l.Worker)
	}
	return ids, attempts, workers
}

func scanLease(row scanner) (l charcoal.Lease, err error) {
	err = row.Scan(&l.Rendering, &l.Attempt, &l.Worker)
	return l, err
}

// finish locks the image before the rendering, as everybody does. What the result
// does not know of the picture stays as it was.
const finish = `WITH image AS MATERIALIZED (
		SELECT i.id FROM images AS i JOIN renderings AS r ON r.image_id = i.id WHERE` + holds + ` FOR NO KEY UPDATE OF i
	), done AS (
		UPDATE renderings AS r SET state = 'ready', finished = $4, cols = $5, "rows" = $6, engine = $7, convert_time = $8, learnt = $9
		FROM image WHERE r.image_id = image.id AND` + holds + ` RETURNING r.image_id
	), picture AS (
		UPDATE images AS i SET
			format = coalesce(nullif($10, ''), format), media_type = coalesce(nullif($11, ''), media_type),
			width = coalesce(nullif($12::bigint, 0), width), height = coalesce(nullif($13::bigint, 0), height),
			frames = coalesce(nullif($14::bigint, 0), frames), hash = coalesce(nullif($15::bigint, 0), hash)
		FROM done WHERE i.id = done.image_id
	)
	SELECT count(*) FROM done`

// Finish implements [charcoal.Store].
func (s *Store) Finish(ctx context.Context, lease charcoal.Lease, at time.Time, res charcoal.Result) error {
	said, err := json.Marshal(learnt{res.Stages, res.Warnings})
	if err != nil {
		return wrap("encode what was learnt", err)
	}
	p := res.Picture
	return s.read(ctx, func(t *tx) error { // again is fine
		n, err := one(t, scanValue[int64], finish, fence(lease, micros(at), res.Cols, res.Rows, res.Engine, int64(res.ConvertTime), string(said),
			p.Format, p.MediaType, p.Width, p.Height, p.Frames, int64(p.Hash))...)
		if err == nil && n == 0 {
			return repeated(t, lease, charcoal.Ready)
		}
		return wrap("finish", err)
	})
}

// Fail implements [charcoal.Store]. The attempt counts as a failure.
func (s *Store) Fail(ctx context.Context, lease charcoal.Lease, at time.Time, reason string) error {
	return s.read(ctx, func(t *tx) error { // again is fine
		n, err := t.change(`UPDATE renderings AS r SET state = 'failed', failures = failures + 1,
			finished = $4, reason = $5 WHERE`+holds, fence(lease, micros(at), reason)...)
		if err == nil && n == 0 {
			return repeated(t, lease, charcoal.Failed)
		}
		return wrap("fail", err)
	})
}

// repeated is nil when the lease itself brought the rendering to the state: the
// answer to that was lost, and the caller asks again.
func repeated(t *tx, l charcoal.Lease, state charcoal.State) error {
	done, err := one(t, scanValue[bool], `SELECT EXISTS (SELECT 1 FROM renderings WHERE id = $1 AND attempt = $2 AND worker = $3 AND state = $4)`,
		fence(l, string(state))...)
	if err == nil && !done {
		return leaseLost(l)
	}
	return wrap("read the state", err)
}

// Retry implements [charcoal.Store].
func (s *Store) Retry(ctx context.Context, lease charcoal.Lease, reason string, notBefore time.Time) error {
	return s.alone(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE renderings AS r SET state = 'queued', failures = failures + 1,
			reason = $4, not_before = $5 WHERE`+holds, fence(lease, reason, micros(notBefore))...)
		return must(n, err, "retry", leaseLost(lease))
	})
}

// Release implements [charcoal.Store].
func (s *Store) Release(ctx context.Context, lease charcoal.Lease, notBefore time.Time) error {
	return s.alone(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE renderings AS r SET state = 'queued', not_before = $4 WHERE`+holds, fence(lease, micros(notBefore))...)
		return must(n, err, "release", leaseLost(lease))
	})
}

func leaseLost(l charcoal.Lease) error {
	return charcoal.Errorf(charcoal.Conflict, "the lease is lost").
		Because(fmt.Errorf("worker %q does not hold attempt %d at rendering %s", l.Worker, l.Attempt, l.Rendering))
}

// expire takes the worker off the row: one that comes back and says Fail did not bring
// this about. What somebody else is just changing, it leaves to them.
const expire = `UPDATE renderings AS r SET losses = losses + 1, worker = '',
		state = CASE WHEN losses + 1 >= $2 THEN 'failed' ELSE 'queued' END,
		finished = CASE WHEN losses + 1 >= $2 THEN lease_until ELSE finished END,
		reason = CASE WHEN losses + 1 >= $2 THEN $3 ELSE reason END
	WHERE id IN (SELECT id FROM renderings WHERE state = 'running' AND lease_until < $1 FOR UPDATE SKIP LOCKED)
	RETURNING state`

// ExpireLeases implements [charcoal.Store].
func (s *Store) ExpireLeases(ctx context.Context, now time.Time, maxLosses int, reason string) (requeued, failed int, err error) {
	err = s.alone(ctx, func(t *tx) error {
		states, err := all(t, scanValue[charcoal.State], expire, micros(now), maxLosses, reason)
		requeued, failed = 0, 0
		for _, state := range states {
			if state == charcoal.Failed {
				failed++
			} else {
				requeued++
			}
		}
		return wrap("expire leases", err)
	})
	return requeued, failed, err
}
