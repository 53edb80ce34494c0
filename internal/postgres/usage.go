package postgres

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Meter = (*Store)(nil)

// selectUsage reads one row always. Reserved storage counts on its day and the
// one after, so an upload over midnight is not forgotten.
const selectUsage = `SELECT coalesce(today.images, 0), coalesce(today.bytes, 0), coalesce(today.pixels, 0),
	coalesce((SELECT bytes FROM storage WHERE owner = $1), 0)
	+ coalesce((SELECT sum(bytes) FROM journal WHERE owner = $1), 0)::bigint
	+ coalesce((SELECT sum(reserved) FROM usage WHERE owner = $1 AND day BETWEEN $2::bigint - 1 AND $2), 0)::bigint
	FROM (VALUES (1)) AS always LEFT JOIN usage AS today ON owner = $1 AND day = $2`

func scanUsage(row scanner) (u charcoal.Usage, err error) {
	err = row.Scan(&u.Images, &u.Bytes, &u.Pixels, &u.Storage)
	return u, err
}

// day is the stored form of the day of a time: days since 1970, in UTC.
func day(at time.Time) int64 {
	return charcoal.NextDay(at).Unix()/(24*60*60) - 1
}

// ReserveUsage implements [charcoal.Meter]. Where there is something to keep to, those of one
// owner wait for each other.
func (s *Store) ReserveUsage(ctx context.Context, owner charcoal.ID, at time.Time, want charcoal.Usage, quota charcoal.Quota) error {
	if quota == (charcoal.Quota{}) {
		return s.alone(ctx, func(t *tx) error { return wrap("reserve", addUsage(t, owner, at, want)) })
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.lock("usage/" + owner.String()); err != nil {
			return err
		}
		used, err := one(t, scanUsage, selectUsage, owner, day(at))
		if err != nil {
			return wrap("read what was used", err)
		}
		if err := quota.Allow(used, want, at); err != nil {
			return err
		}
		return wrap("reserve", addUsage(t, owner, at, want))
	})
}

// SettleUsage implements [charcoal.Meter].
func (s *Store) SettleUsage(ctx context.Context, owner charcoal.ID, at time.Time, reserved, used charcoal.Usage) error {
	return s.alone(ctx, func(t *tx) error {
		return wrap("settle what was used", addUsage(t, owner, at, charcoal.Usage{
			Images:  used.Images - reserved.Images,
			Bytes:   used.Bytes - reserved.Bytes,
			Pixels:  used.Pixels - reserved.Pixels,
			Storage: -reserved.Storage,
		}))
	})
}

// addUsage adds to the row of a day, or takes from it, though never below 0: the row may
// be forgotten by then.
func addUsage(t *tx, owner charcoal.ID, at time.Time, u charcoal.Usage) error {
	return t.exec(`INSERT INTO usage AS u (owner, day, images, bytes, pixels, reserved)
		VALUES ($1, $2, greatest(0, $3::bigint), greatest(0, $4::bigint), greatest(0, $5::bigint), greatest(0, $6::bigint))
		ON CONFLICT (owner, day) DO UPDATE SET
			images = greatest(0, u.images + $3), bytes = greatest(0, u.bytes + $4),
			pixels = greatest(0, u.pixels + $5), reserved = greatest(0, u.reserved + $6)`,
		owner, day(at), u.Images, u.Bytes, u.Pixels, u.Storage)
}

// Usage implements [charcoal.Meter].
func (s *Store) Usage(ctx context.Context, owner charcoal.ID, at time.Time) (u charcoal.Usage, err error) {
	err = s.read(ctx, func(t *tx) error {
		u, err = one(t, scanUsage, selectUsage, owner, day(at))
		return wrap("read what was used", err)
	})
	return u, err
}

// ForgetUsage implements [charcoal.Meter].
func (s *Store) ForgetUsage(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.remove(ctx, "forget what was used", `DELETE FROM usage WHERE (owner, day) IN (
		SELECT owner, day FROM usage WHERE day < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`, day(before), limit)
}
