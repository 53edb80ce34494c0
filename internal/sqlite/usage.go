package sqlite

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Meter = (*Store)(nil)

// selectUsage reads one row always. Reserved storage counts on its day and the
// one after, so an upload over midnight is not forgotten.
const selectUsage = `SELECT
	coalesce((SELECT images FROM usage WHERE owner = ?1 AND day = ?2), 0),
	coalesce((SELECT bytes FROM usage WHERE owner = ?1 AND day = ?2), 0),
	coalesce((SELECT pixels FROM usage WHERE owner = ?1 AND day = ?2), 0),
	coalesce((SELECT bytes FROM storage WHERE owner = ?1), 0) +
	coalesce((SELECT sum(reserved) FROM usage WHERE owner = ?1 AND day BETWEEN ?2 - 1 AND ?2), 0)`

func scanUsage(row scanner) (u charcoal.Usage, err error) {
	err = row.Scan(&u.Images, &u.Bytes, &u.Pixels, &u.Storage)
	return u, err
}

// day is the stored form of the day of a time: days since 1970, in UTC.
func day(at time.Time) int64 {
	return charcoal.NextDay(at).Unix()/(24*60*60) - 1
}

// ReserveUsage implements [charcoal.Meter].
func (s *Store) ReserveUsage(ctx context.Context, owner charcoal.ID, at time.Time, want charcoal.Usage, quota charcoal.Quota) error {
	return s.writer.write(ctx, func(t *tx) error {
		used, err := scanUsage(t.row(selectUsage, owner[:], day(at)))
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
	return s.writer.write(ctx, func(t *tx) error {
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
	return t.exec(`INSERT INTO usage (owner, day, images, bytes, pixels, reserved)
		VALUES (?1, ?2, max(0, ?3), max(0, ?4), max(0, ?5), max(0, ?6))
		ON CONFLICT (owner, day) DO UPDATE SET
			images = max(0, images + ?3), bytes = max(0, bytes + ?4),
			pixels = max(0, pixels + ?5), reserved = max(0, reserved + ?6)`,
		owner[:], day(at), u.Images, u.Bytes, u.Pixels, u.Storage)
}

// Usage implements [charcoal.Meter].
func (s *Store) Usage(ctx context.Context, owner charcoal.ID, at time.Time) (charcoal.Usage, error) {
	u, err := scanUsage(s.readers.row(ctx, selectUsage, owner[:], day(at)))
	return u, wrap("read what was used", classify(err))
}

// ForgetUsage implements [charcoal.Meter].
func (s *Store) ForgetUsage(ctx context.Context, before time.Time, limit int) (int, error) {
	var n int64
	err := s.writer.write(ctx, func(t *tx) (err error) {
		n, err = t.change(`DELETE FROM usage WHERE (owner, day) IN (
			SELECT owner, day FROM usage WHERE day < ?1 LIMIT ?2)`, day(before), limit)
		return wrap("forget what was used", err)
	})
	if err != nil {
		return 0, err
	}
	return int(n), nil
}
