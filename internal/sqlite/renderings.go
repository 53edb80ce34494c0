package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal"
)

// AddRendering implements [charcoal.Store].
func (s *Store) AddRendering(ctx context.Context, r charcoal.Rendering, backlog int64) (stands charcoal.Rendering, added bool, err error) {
	err = s.writer.write(ctx, func(t *tx) (err error) {
		err = t.row(`SELECT owner FROM images WHERE id = ? AND deleted = 0`, r.ImageID[:]).Scan(&r.Owner)
		if errors.Is(err, sql.ErrNoRows) {
			return noImage(r.ImageID)
		}
		if err != nil {
			return wrap("look for the image", err)
		}
		if stands, err = sameRendering(t, r); !errors.Is(err, sql.ErrNoRows) {
			return wrap("look for the same rendering", err)
		}
		if err := checkBacklog(t, backlog); err != nil {
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
	if !errors.Is(err, sql.ErrNoRows) {
		return stands, false, wrap("look for the same rendering", err)
	}
	options, err := json.Marshal(storedOptions{r.Options, r.Engine})
	if err != nil {
		return r, false, fmt.Errorf("encode options: %w", err)
	}
	err = t.exec(`INSERT INTO renderings (id, image_id, owner, options, state, created, not_before, key, callback)
		VALUES (?, ?, ?, ?, 'queued', ?, ?, ?, ?)`,
		r.ID[:], r.ImageID[:], r.Owner[:], string(options), micros(r.Created), micros(r.NotBefore), storedKey(r.Key), r.Callback)
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

// selectSameRendering and selectVisibleSame are answered by the index renderings_same.
const (
	selectSameRendering = `SELECT ` + renderingColumns + ` FROM renderings` + isSame + ` ORDER BY id LIMIT 1`
	selectVisibleSame   = `SELECT ` + renderingColumns + ` FROM renderings` + isSame + ofVisible + ` ORDER BY id LIMIT 1`

	isSame = ` WHERE image_id = ?1 AND key = ?2 AND key <> x''
		AND (state = 'ready' OR state IN ('queued', 'running') AND ?3 IN ('', callback))`
)

// sameRendering is [sql.ErrNoRows] when there is none.
func sameRendering(t *tx, r charcoal.Rendering) (charcoal.Rendering, error) {
	if r.Key == (charcoal.RenderingKey{}) {
		return r, sql.ErrNoRows
	}
	return scanRendering(t.row(selectSameRendering, r.ImageID[:], r.Key[:], r.Callback))
}

// CancelRendering implements [charcoal.Store]. Without its worker the row holds
// no lease.
func (s *Store) CancelRendering(ctx context.Context, id charcoal.ID, at time.Time) (charcoal.Rendering, error) {
	return s.moveRendering(ctx, id, "cancel", func(t *tx) error {
		return t.exec(`UPDATE renderings SET state = 'canceled', finished = ?2, worker = '', lease_until = 0
			WHERE id = ?1 AND state IN ('queued', 'running')`, id[:], micros(at))
	}, charcoal.CanceledState)
}

// RestartRendering implements [charcoal.Store].
func (s *Store) RestartRendering(ctx context.Context, id charcoal.ID) (charcoal.Rendering, error) {
	return s.moveRendering(ctx, id, "retry", func(t *tx) error {
		n, err := t.change(`UPDATE renderings SET state = 'queued', finished = 0, failures = 0, losses = 0, not_before = 0, reason = ''
			WHERE id = ?1 AND state IN ('failed', 'canceled')`, id[:])
		return must(n, err, "retry", errUnmoved)
	}, charcoal.Queued)
}

var errUnmoved = errors.New("not in a state to be moved from")

// moveRendering changes the state of a rendering that is visible and returns it;
// it is Conflict when it did not get into the state wanted.
func (s *Store) moveRendering(ctx context.Context, id charcoal.ID, doing string, move func(*tx) error, want charcoal.State) (charcoal.Rendering, error) {
	var r charcoal.Rendering
	err := s.writer.write(ctx, func(t *tx) (err error) {
		if r, err = readRendering(t, id); err != nil {
			return err
		}
		err = move(t)
		if errors.Is(err, errUnmoved) {
			return wrongState(r, doing)
		}
		if err != nil {
			return wrap(doing, err)
		}
		if r, err = readRendering(t, id); err == nil && r.State != want {
			return wrongState(r, doing)
		}
		return err
	})
	return r, err
}

func wrongState(r charcoal.Rendering, doing string) error {
	return charcoal.Errorf(charcoal.Conflict, "the rendering is %s: too late or too early to %s it", r.State, doing)
}

func readRendering(t *tx, id charcoal.ID) (charcoal.Rendering, error) {
	r, err := scanRendering(t.row(selectRendering, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return r, noRendering(id)
	}
	return r, wrap("read rendering", err)
}

// DeleteRendering implements [charcoal.Store].
func (s *Store) DeleteRendering(ctx context.Context, id charcoal.ID) error {
	return s.writer.write(ctx, func(t *tx) error {
		r, err := readRendering(t, id)
		if err != nil {
			return err
		}
		var others int
		if err := t.row(`SELECT count(*) FROM (SELECT 1 FROM renderings WHERE image_id = ? LIMIT 2)`, r.ImageID[:]).Scan(&others); err != nil {
			return wrap("count the renderings", err)
		}
		if others < 2 {
			return charcoal.Errorf(charcoal.Conflict, "this is the only rendering of its image; delete the image instead")
		}
		if err := discardArt(t, r); err != nil {
			return err
		}
		return wrap("delete rendering", t.exec(`DELETE FROM renderings WHERE id = ?`, id[:]))
	})
}

// discardArt makes garbage of what the attempts at a rendering may have written.
func discardArt(t *tx, r charcoal.Rendering) error {
	for attempt := 1; attempt <= r.Attempt; attempt++ {
		if err := discardBlob(t, charcoal.ArtKey(r.ID, attempt)); err != nil {
			return err
		}
	}
	return nil
}

func discardBlob(t *tx, key string) error {
	return wrap("make garbage of "+key, t.exec(`INSERT OR IGNORE INTO garbage (key) VALUES (?)`, key))
}

// SameRendering implements [charcoal.Store].
func (s *Store) SameRendering(ctx context.Context, r charcoal.Rendering) (charcoal.Rendering, error) {
	if r.Key == (charcoal.RenderingKey{}) {
		return charcoal.Rendering{}, noRendering(r.ID)
	}
	same, err := scanRendering(s.readers.row(ctx, selectVisibleSame, r.ImageID[:], r.Key[:], r.Callback))
	if errors.Is(err, sql.ErrNoRows) {
		return charcoal.Rendering{}, noRendering(r.ID)
	}
	return same, wrap("look for the same rendering", classify(err))
}

const countWaiting = `SELECT count(*) FROM (SELECT 1 FROM due WHERE owner = ? LIMIT ?)`

// Waiting implements [charcoal.Store].
func (s *Store) Waiting(ctx context.Context, owner charcoal.ID, most int64) (n int64, err error) {
	err = s.readers.row(ctx, countWaiting, owner[:], most).Scan(&n)
	return n, wrap("count what waits", classify(err))
}
