package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/charcoal-art/charcoal"
)

// nextDue is the oldest due rendering of one owner: of those below the limit with
// the fewest running, the one not served for the longest time, which is the first
// entry of an index.
const nextDue = `SELECT id FROM due WHERE owner = (
		SELECT owner FROM queues WHERE due > 0 AND running < ?1 ORDER BY running, served LIMIT 1)
	ORDER BY id LIMIT 1`

const claimOne = `UPDATE renderings
	SET state = 'running', attempt = attempt + 1, worker = ?2, started = ?3, lease_until = ?4
	WHERE id = ?1 RETURNING ` + renderingColumns

// Claim implements [charcoal.Store].
func (s *Store) Claim(ctx context.Context, worker string, now, until time.Time, perOwner int) (charcoal.Job, error) {
	if perOwner == 0 {
		perOwner = math.MaxInt
	}
	for {
		var job charcoal.Job
		var found, more bool
		err := s.writer.write(ctx, func(t *tx) (err error) {
			if more, err = wake(t, now); err != nil {
				return wrap("wake what is due", err)
			}
			job, found, err = claimNext(t, worker, now, until, perOwner)
			return err
		})
		switch {
		case err != nil:
			return charcoal.Job{}, err
		case found:
			return job, nil
		case !more:
			return charcoal.Job{}, charcoal.Errorf(charcoal.NotFound, "nothing is due")
		} // what was woken is of owners at their limit; others may be behind it
	}
}

// claimNext chooses by a statement of its own: an update, even of no row, may write for its
// triggers, and a claim that finds nothing must not cost a flush.
func claimNext(t *tx, worker string, now, until time.Time, perOwner int) (job charcoal.Job, found bool, err error) {
	var id charcoal.ID
	err = t.row(nextDue, perOwner).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return job, false, nil
	}
	if err != nil {
		return job, false, wrap("choose what is next", err)
	}
	job.Rendering, err = scanRendering(t.row(claimOne, id[:], worker, micros(now), micros(until)))
	if err != nil {
		return job, false, wrap("claim", err)
	}
	job.Image, err = scanImage(t.row(selectImage, job.Rendering.ImageID[:]))
	return job, err == nil, wrap("read the image of a claim", err)
}

// awake are the delayed renderings that became due first, up to maxAwake: that bounds
// how long one claim keeps other writes waiting.
const (
	awake    = ` FROM delayed WHERE not_before <= ?1 ORDER BY not_before, id LIMIT ?2`
	maxAwake = 16
)

// wake moves what became due to the queues of its owners, and reports whether there may
// be more.
func wake(t *tx, now time.Time) (more bool, err error) {
	n, err := t.change(`INSERT INTO due (owner, id) SELECT owner, id`+awake, micros(now), maxAwake)
	if err != nil || n == 0 {
		return false, err
	}
	return n == maxAwake, t.exec(`DELETE FROM delayed WHERE (not_before, id) IN (SELECT not_before, id`+awake+`)`, micros(now), maxAwake)
}

// holds is the fence. Its arguments are those of [fence].
const holds = ` WHERE id = ?1 AND attempt = ?2 AND worker = ?3 AND state = 'running'`

func fence(l charcoal.Lease, more ...any) []any {
	return append([]any{l.Rendering[:], l.Attempt, l.Worker}, more...)
}

// Heartbeat implements [charcoal.Store]. A lease is never shortened, so beats
// may overtake each other.
func (s *Store) Heartbeat(ctx context.Context, leases []charcoal.Lease, until time.Time) (lost []charcoal.Lease, err error) {
	if len(leases) == 0 {
		return nil, nil
	}
	err = s.writer.write(ctx, func(t *tx) error {
		for _, l := range leases {
			n, err := t.change(`UPDATE renderings SET lease_until = max(lease_until, ?4)`+holds, fence(l, micros(until))...)
			if err != nil {
				return wrap("extend a lease", err)
			}
			if n == 0 {
				lost = append(lost, l)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// Finish implements [charcoal.Store]. What the result does not know of the
// picture stays as it was.
func (s *Store) Finish(ctx context.Context, lease charcoal.Lease, at time.Time, res charcoal.Result) error {
	said, err := json.Marshal(learnt{res.Stages, res.Warnings})
	if err != nil {
		return fmt.Errorf("encode what was learnt: %w", err)
	}
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE renderings SET state = 'ready', finished = ?4,
			cols = ?5, "rows" = ?6, engine = ?7, convert_time = ?8, learnt = ?9`+holds,
			fence(lease, micros(at), res.Cols, res.Rows, res.Engine, int64(res.ConvertTime), string(said))...)
		if err != nil {
			return wrap("finish", err)
		}
		if n == 0 {
			return repeated(t, lease, charcoal.Ready)
		}
		return wrap("record the picture", learn(t, lease.Rendering, res.Picture))
	})
}

func learn(t *tx, rendering charcoal.ID, p charcoal.Picture) error {
	return t.exec(`UPDATE images SET
		format = coalesce(nullif(?2, ''), format), media_type = coalesce(nullif(?3, ''), media_type),
		width = coalesce(nullif(?4, 0), width), height = coalesce(nullif(?5, 0), height),
		frames = coalesce(nullif(?6, 0), frames), hash = coalesce(nullif(?7, 0), hash)
		WHERE id = (SELECT image_id FROM renderings WHERE id = ?1)`,
		rendering[:], p.Format, p.MediaType, p.Width, p.Height, p.Frames, int64(p.Hash))
}

// Fail implements [charcoal.Store]. The attempt counts as a failure.
func (s *Store) Fail(ctx context.Context, lease charcoal.Lease, at time.Time, reason string) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE renderings SET state = 'failed', failures = failures + 1,
			finished = ?4, reason = ?5`+holds, fence(lease, micros(at), reason)...)
		if err == nil && n == 0 {
			return repeated(t, lease, charcoal.Failed)
		}
		return wrap("fail", err)
	})
}

// repeated is nil when the lease itself brought the rendering to the state: the
// answer to that was lost, and the caller asks again.
func repeated(t *tx, l charcoal.Lease, state charcoal.State) error {
	err := t.row(`SELECT 1 FROM renderings WHERE id = ?1 AND attempt = ?2 AND worker = ?3 AND state = ?4`,
		fence(l, string(state))...).Scan(new(int))
	if errors.Is(err, sql.ErrNoRows) {
		return leaseLost(l)
	}
	return wrap("read the state", err)
}

// Retry implements [charcoal.Store].
func (s *Store) Retry(ctx context.Context, lease charcoal.Lease, reason string, notBefore time.Time) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE renderings SET state = 'queued', failures = failures + 1,
			reason = ?4, not_before = ?5`+holds, fence(lease, reason, micros(notBefore))...)
		return must(n, err, "retry", leaseLost(lease))
	})
}

// Release implements [charcoal.Store].
func (s *Store) Release(ctx context.Context, lease charcoal.Lease, notBefore time.Time) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE renderings SET state = 'queued', not_before = ?4`+holds, fence(lease, micros(notBefore))...)
		return must(n, err, "release", leaseLost(lease))
	})
}

func leaseLost(l charcoal.Lease) error {
	return charcoal.Errorf(charcoal.Conflict, "the lease is lost").
		Because(fmt.Errorf("worker %q does not hold attempt %d at rendering %s", l.Worker, l.Attempt, l.Rendering))
}

const expired = ` WHERE state = 'running' AND lease_until < ?1`

// ExpireLeases implements [charcoal.Store]. It takes the worker off the row:
// one that comes back and says Fail did not bring this about.
func (s *Store) ExpireLeases(ctx context.Context, now time.Time, maxLosses int, reason string) (requeued, failed int, err error) {
	err = s.writer.write(ctx, func(t *tx) error {
		f, err := t.change(`UPDATE renderings SET state = 'failed', losses = losses + 1, worker = '',
			finished = lease_until, reason = ?2`+expired+` AND losses + 1 >= ?3`, micros(now), reason, maxLosses)
		if err != nil {
			return wrap("fail expired renderings", err)
		}
		r, err := t.change(`UPDATE renderings SET state = 'queued', losses = losses + 1, worker = ''`+expired, micros(now))
		requeued, failed = int(r), int(f)
		return wrap("queue expired renderings again", err)
	})
	if err != nil {
		return 0, 0, err
	}
	return requeued, failed, nil
}
