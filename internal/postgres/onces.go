package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Onces = (*Store)(nil)

const (
	// beginOnce takes a key that is free, or whose time is over.
	beginOnce = `INSERT INTO onces AS o (owner, key, until) VALUES ($1, $2, $4)
		ON CONFLICT (owner, key) DO UPDATE SET until = excluded.until, done = false, fingerprint = '', status = 0, header = '{}', body = ''
		WHERE o.until <= $3`

	selectOnce = `SELECT owner, key, done, fingerprint, status, header, body FROM onces WHERE owner = $1 AND key = $2`
)

// BeginOnce implements [charcoal.Onces].
func (s *Store) BeginOnce(ctx context.Context, owner charcoal.ID, key string, now, until time.Time) (o charcoal.Once, begun bool, err error) {
	err = s.write(ctx, func(t *tx) error {
		n, err := t.change(beginOnce, owner, []byte(key), micros(now), micros(until))
		if begun = n > 0; err != nil || begun {
			return wrap("take an idempotency key", err)
		}
		o, err = one(t, scanOnce, selectOnce, owner, []byte(key))
		if err == nil && !o.Done || errors.Is(err, pgx.ErrNoRows) { // given back in between: the client asks again
			return charcoal.Errorf(charcoal.Conflict, "a request with this idempotency key is under way; wait for its answer")
		}
		return wrap("read an idempotency key", err)
	})
	if err != nil || begun {
		return charcoal.Once{}, begun && err == nil, err
	}
	return o, false, nil
}

func scanOnce(row scanner) (charcoal.Once, error) {
	var o charcoal.Once
	var key, fingerprint, header []byte
	if err := row.Scan(&o.Owner, &key, &o.Done, &fingerprint, &o.Status, &header, &o.Body); err != nil {
		return o, err
	}
	o.Key = string(key)
	copy(o.Fingerprint[:], fingerprint)
	if !o.Done {
		return o, nil
	}
	return o, json.Unmarshal(header, &o.Header)
}

// FinishOnce implements [charcoal.Onces].
func (s *Store) FinishOnce(ctx context.Context, o charcoal.Once, until time.Time) error {
	header, err := json.Marshal(o.Header)
	if err != nil {
		return wrap("encode the header", err)
	}
	return s.read(ctx, func(t *tx) error { // again is fine
		return wrap("keep an answer", t.exec(`INSERT INTO onces (owner, key, until, done, fingerprint, status, header, body)
			VALUES ($1, $2, $3, true, $4, $5, $6, $7)
			ON CONFLICT (owner, key) DO UPDATE SET until = excluded.until, done = true,
				fingerprint = excluded.fingerprint, status = excluded.status, header = excluded.header, body = excluded.body`,
			o.Owner, []byte(o.Key), micros(until), o.Fingerprint[:], o.Status, string(header), append([]byte{}, o.Body...)))
	})
}

// AbandonOnce implements [charcoal.Onces].
func (s *Store) AbandonOnce(ctx context.Context, owner charcoal.ID, key string) error {
	_, err := s.remove(ctx, "give an idempotency key back", `DELETE FROM onces WHERE owner = $1 AND key = $2 AND NOT done`, owner, []byte(key))
	return err
}

// PurgeOnces implements [charcoal.Onces].
func (s *Store) PurgeOnces(ctx context.Context, now time.Time, limit int) (int, error) {
	return s.remove(ctx, "forget idempotency keys", `DELETE FROM onces WHERE (owner, key) IN (
		SELECT owner, key FROM onces WHERE until <= $1 ORDER BY until LIMIT $2 FOR UPDATE SKIP LOCKED)`, micros(now), limit)
}
