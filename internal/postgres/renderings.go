package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

// AddRendering implements [charcoal.Store]. With the image locked, of many who ask for
// the same the first one adds it. Many at once may go a little over the backlog.
func (s *Store) AddRendering(ctx context.Context, r charcoal.Rendering, backlog int64) (stands charcoal.Rendering, added bool, err error) {
	err = s.write(ctx, func(t *tx) (err error) {
		r.Owner, err = one(t, scanValue[charcoal.ID], `SELECT owner FROM images WHERE id = $1 AND deleted = 0 FOR NO KEY UPDATE`, r.ImageID)
		if errors.Is(err, pgx.ErrNoRows) {
			return noImage(r.ImageID)
		}
		if err != nil {
			return wrap("look for the image", err)
		}
		if stands, err = sameRendering(t, r); !errors.Is(err, pgx.ErrNoRows) {
			return wrap("look for the same rendering", err)
		}
		counts, err := readCounts(t)
		if err == nil && counts.Queued >= backlog {
			return overloaded(counts.Queued)
		}
		if err != nil {
			return err
		}
		stands, added, err = addRendering(t, r)
		return err
	})
	return stands, added, err
}

// addRendering queues r, unless one that asks for the same stands already.
func addRendering(t *tx, r charcoal.Rendering) (stands charcoal.Rendering, added bool, err error) {
	stands, err = sameRendering(t, r)
	if !errors.Is(err, pgx.ErrNoRows) {
		return stands, false, wrap("look for the same rendering", err)
	}
	options, err := json.Marshal(storedOptions{r.Options, r.Engine})
	if err != nil {
		return r, false, wrap("encode options", err)
	}
	err = t.exec(`INSERT INTO renderings (id, image_id, owner, options, state, created, not_before, key, callback)
		VALUES ($1, $2, $3, $4, 'queued', $5, $6, $7, $8)`,
		r.ID, r.ImageID, r.Owner, string(options), micros(r.Created), micros(r.NotBefore), storedKey(r.Key), r.Callback)
	r.State = charcoal.Queued
	return r, err == nil, wrap("insert rendering", err)
}

// storedKey is empty for no key: those equal no other.
func storedKey(key charcoal.RenderingKey) []byte {
	if key == (charcoal.RenderingKey{}) {
		return []byte{}
	}
	return key[:]
}

// selectSameRendering is answered by the index renderings_same.
const selectSameRendering = `SELECT ` + renderingColumns + ofImages + `
	WHERE r.image_id = $1 AND r.key = $2 AND r.key <> ''::bytea
		AND (r.state = 'ready' OR r.state IN ('queued', 'running') AND $3 IN ('', r.callback))
	ORDER BY r.id LIMIT 1`

// sameRendering is [pgx.ErrNoRows] when there is none.
func sameRendering(t *tx, r charcoal.Rendering) (charcoal.Rendering, error) {
	if r.Key == (charcoal.RenderingKey{}) {
		return r, pgx.ErrNoRows
	}
	return one(t, scanRendering, selectSameRendering, r.ImageID, r.Key[:], r.Callback)
}

// CancelRendering implements [charcoal.Store]. Without its worker the row holds
// no lease.
func (s *Store) CancelRendering(ctx context.Context, id charcoal.ID, at time.Time) (charcoal.Rendering, error) {
	return s.moveRendering(ctx, id, "cancel", charcoal.CanceledState, `UPDATE renderings
		SET state = 'canceled', finished = $2, worker = '', lease_until = 0
		WHERE id = $1 AND state IN ('queued', 'running')`, id, micros(at))
}

// RestartRendering implements [charcoal.Store].
func (s *Store) RestartRendering(ctx context.Context, id charcoal.ID) (charcoal.Rendering, error) {
	return s.moveRendering(ctx, id, "retry", "", `UPDATE renderings
		SET state = 'queued', finished = 0, failures = 0, losses = 0, not_before = 0, reason = ''
		WHERE id = $1 AND state IN ('failed', 'canceled')`, id)
}

// moveRendering updates a rendering that is visible and returns it; it is Conflict when the
// update does not apply, unless it is in the state already.
func (s *Store) moveRendering(ctx context.Context, id charcoal.ID, doing string, already charcoal.State, update string, args ...any) (charcoal.Rendering, error) {
	var r charcoal.Rendering
	err := s.write(ctx, func(t *tx) (err error) {
		if r, err = readRendering(t, selectRendering+` FOR NO KEY UPDATE OF r`, id); err != nil {
			return err
		}
		n, err := t.change(update, args...)
		if err != nil {
			return wrap(doing, err)
		}
		if n == 0 && r.State != already {
			return wrongState(r, doing)
		}
		r, err = readRendering(t, selectRendering, id)
		return err
	})
	return r, err
}

func wrongState(r charcoal.Rendering, doing string) error {
	return charcoal.Errorf(charcoal.Conflict, "the rendering is %s: too late or too early to %s it", r.State, doing)
}

func readRendering(t *tx, query string, id charcoal.ID) (charcoal.Rendering, error) {
	r, err := one(t, scanRendering, query, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return r, noRendering(id)
	}
	return r, wrap("read rendering", err)
}

// DeleteRendering implements [charcoal.Store]. With the image locked, the last two are
// not both deleted.
func (s *Store) DeleteRendering(ctx context.Context, id charcoal.ID) error {
	return s.write(ctx, func(t *tx) error {
		_, err := readRendering(t, selectRendering+` FOR NO KEY UPDATE OF i`, id)
		if err != nil {
			return err
		}
		r, err := readRendering(t, selectRendering+` FOR UPDATE OF r`, id) // which may be gone, or claimed again, meanwhile
		if err != nil {
			return err
		}
		others, err := one(t, scanValue[int], `SELECT count(*) FROM (SELECT 1 FROM renderings WHERE image_id = $1 LIMIT 2) AS two`, r.ImageID)
		if err != nil {
			return wrap("count the renderings", err)
		}
		if others < 2 {
			return charcoal.Errorf(charcoal.Conflict, "this is the only rendering of its image; delete the image instead")
		}
		if err := discard(t, artOf(r.ID, r.Attempt)); err != nil {
			return err
		}
		return wrap("delete rendering", t.exec(`DELETE FROM renderings WHERE id = $1`, id))
	})
}

// artOf are the keys that the attempts at a rendering may have written.
func artOf(rendering charcoal.ID, attempts int) []string {
	keys := make([]string, attempts)
	for i := range keys {
		keys[i] = charcoal.ArtKey(rendering, i+1)
	}
	return keys
}

// discard makes garbage of keys.
func discard(t *tx, keys []string) error {
	return wrap("make garbage", t.exec(`INSERT INTO garbage (key) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, keys))
}

// SameRendering implements [charcoal.Store].
func (s *Store) SameRendering(ctx context.Context, r charcoal.Rendering) (same charcoal.Rendering, err error) {
	err = s.read(ctx, func(t *tx) error {
		if same, err = sameRendering(t, r); errors.Is(err, pgx.ErrNoRows) {
			return noRendering(r.ID)
		}
		if err == nil {
			_, err = one(t, scanImage, selectImage, same.ImageID) // an image in the bin shows nothing
		}
		return found("look for the same rendering", err, noRendering(r.ID))
	})
	return same, err
}

// Waiting implements [charcoal.Store]. The index renderings_due answers.
func (s *Store) Waiting(ctx context.Context, owner charcoal.ID, most int64) (n int64, err error) {
	err = s.read(ctx, func(t *tx) error {
		n, err = one(t, scanValue[int64], `SELECT count(*) FROM (SELECT 1 FROM renderings WHERE owner = $1 AND due LIMIT $2) AS waiting`, owner, most)
		return wrap("count what waits", err)
	})
	return n, err
}
