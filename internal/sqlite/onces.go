package sqlite

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Onces = (*Store)(nil)

// BeginOnce implements [charcoal.Onces].
func (s *Store) BeginOnce(ctx context.Context, owner charcoal.ID, key string, now, until time.Time) (o charcoal.Once, begun bool, err error) {
	err = s.writer.write(ctx, func(t *tx) error {
		if err := t.exec(`DELETE FROM onces WHERE owner = ? AND key = ? AND until <= ?`, owner[:], key, micros(now)); err != nil {
			return wrap("free an idempotency key", err)
		}
		n, err := t.change(`INSERT OR IGNORE INTO onces (owner, key, until) VALUES (?, ?, ?)`, owner[:], key, micros(until))
		if begun = n > 0; err != nil || begun {
			return wrap("take an idempotency key", err)
		}
		o, err = scanOnce(t.row(`SELECT owner, key, done, fingerprint, status, header, body FROM onces WHERE owner = ? AND key = ?`, owner[:], key))
		if err == nil && !o.Done {
			return charcoal.Errorf(charcoal.Conflict, "a request with this idempotency key is under way; wait for its answer")
		}
		return wrap("read an idempotency key", err)
	})
	if err != nil {
		return charcoal.Once{}, false, err
	}
	return o, begun, nil
}

func scanOnce(row scanner) (charcoal.Once, error) {
	var o charcoal.Once
	var fingerprint, header []byte
	if err := row.Scan(&o.Owner, &o.Key, &o.Done, &fingerprint, &o.Status, &header, &o.Body); err != nil {
		return o, err
	}
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
		return fmt.Errorf("encode the header: %w", err)
	}
	return s.writer.write(ctx, func(t *tx) error {
		return wrap("keep an answer", t.exec(`INSERT INTO onces (owner, key, until, done, fingerprint, status, header, body)
			VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6, ?7)
			ON CONFLICT DO UPDATE SET until = ?3, done = 1, fingerprint = ?4, status = ?5, header = ?6, body = ?7`,
			o.Owner[:], o.Key, micros(until), o.Fingerprint[:], o.Status, string(header), o.Body))
	})
}

// AbandonOnce implements [charcoal.Onces].
func (s *Store) AbandonOnce(ctx context.Context, owner charcoal.ID, key string) error {
	return s.writer.write(ctx, func(t *tx) error {
		return wrap("give an idempotency key back", t.exec(`DELETE FROM onces WHERE owner = ? AND key = ? AND done = 0`, owner[:], key))
	})
}

// PurgeOnces implements [charcoal.Onces].
func (s *Store) PurgeOnces(ctx context.Context, now time.Time, limit int) (int, error) {
	var n int64
	err := s.writer.write(ctx, func(t *tx) (err error) {
		n, err = t.change(`DELETE FROM onces WHERE (owner, key) IN (SELECT owner, key FROM onces WHERE until <= ? ORDER BY until LIMIT ?)`, micros(now), limit)
		return wrap("forget idempotency keys", err)
	})
	return int(n), err
}
