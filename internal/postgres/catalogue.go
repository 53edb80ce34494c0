package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Catalogue = (*Store)(nil)

const editImage = `UPDATE images AS i SET title = coalesce($2, title), tags = coalesce($3, tags),
		visibility = coalesce($4, visibility), expires = coalesce($5, expires)
	WHERE id = $1 AND deleted = 0 RETURNING ` + imageColumns

// EditImage implements [charcoal.Catalogue].
func (s *Store) EditImage(ctx context.Context, id charcoal.ID, edit charcoal.ImageEdit) (charcoal.Image, error) {
	var title, tags, visibility, expires any // nil leaves a column
	if edit.Title != nil {
		title = *edit.Title
	}
	if edit.Tags != nil {
		tags = stored(*edit.Tags)
	}
	if edit.Visibility != nil {
		visibility = string(*edit.Visibility)
	}
	if edit.Expires != nil {
		expires = micros(*edit.Expires)
	}
	return s.changeImage(ctx, "edit image", editImage, id, title, tags, visibility, expires)
}

// restoreImage takes away the time that brought the image into the bin.
const restoreImage = `UPDATE images AS i SET deleted = 0, expires = CASE WHEN expires <= deleted THEN 0 ELSE expires END
	WHERE id = $1 AND deleted > 0 RETURNING ` + imageColumns

// RestoreImage implements [charcoal.Catalogue].
func (s *Store) RestoreImage(ctx context.Context, id charcoal.ID) (charcoal.Image, error) {
	return s.changeImage(ctx, "restore image", restoreImage, id)
}

// changeImage executes an update that returns the image, if it finds it.
func (s *Store) changeImage(ctx context.Context, doing, update string, id charcoal.ID, args ...any) (img charcoal.Image, err error) {
	err = s.alone(ctx, func(t *tx) error {
		img, err = one(t, scanImage, update, append([]any{id}, args...)...)
		return found(doing, err, noImage(id))
	})
	return img, err
}

// BinImage implements [charcoal.Catalogue].
func (s *Store) BinImage(ctx context.Context, id charcoal.ID, at time.Time) error {
	return s.write(ctx, func(t *tx) error {
		deleted, err := one(t, scanValue[int64], `SELECT deleted FROM images WHERE id = $1 FOR NO KEY UPDATE`, id)
		if err != nil || deleted > 0 {
			return found("look for the image", err, noImage(id))
		}
		return bin(t, id, at)
	})
}

const selectBinnedImage = `SELECT ` + imageColumns + ` FROM images AS i WHERE id = $1 AND deleted > 0`

// BinnedImage implements [charcoal.Catalogue].
func (s *Store) BinnedImage(ctx context.Context, id charcoal.ID) (charcoal.Image, error) {
	return s.findImage(ctx, selectBinnedImage, id)
}

// bin puts an image that is locked into the bin. It cancels before it hides: hidden
// renderings cannot be reached any more.
func bin(t *tx, image charcoal.ID, at time.Time) error {
	err := t.exec(`UPDATE renderings SET state = 'canceled', finished = $2, worker = '', lease_until = 0
		WHERE image_id = $1 AND state IN ('queued', 'running')`, image, micros(at))
	if err != nil {
		return wrap("cancel the renderings", err)
	}
	return wrap("put image into the bin", t.exec(`UPDATE images SET deleted = $2 WHERE id = $1`, image, micros(at)))
}

const (
	selectExpired = `SELECT id FROM images WHERE expires > 0 AND deleted = 0 AND expires <= $1
		ORDER BY expires LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`

	selectBinned = `SELECT id FROM images WHERE deleted > 0 AND deleted < $1
		ORDER BY deleted LIMIT 1 FOR UPDATE SKIP LOCKED`
)

// BinExpired implements [charcoal.Catalogue].
func (s *Store) BinExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return s.eachImage(ctx, limit, func(t *tx, image charcoal.ID) error { return bin(t, image, now) }, selectExpired, micros(now))
}

// PurgeImages implements [charcoal.Catalogue].
func (s *Store) PurgeImages(ctx context.Context, binnedBefore time.Time, limit int) (int, error) {
	return s.eachImage(ctx, limit, purge, selectBinned, micros(binnedBefore))
}

// eachImage treats up to limit images, until the query for the next one finds none: it
// must lock the image, and treating one must take it out of the query.
func (s *Store) eachImage(ctx context.Context, limit int, treat func(*tx, charcoal.ID) error, next string, args ...any) (treated int, err error) {
	err = s.write(ctx, func(t *tx) error {
		treated = 0
		for range limit {
			id, err := one(t, scanValue[charcoal.ID], next, args...)
			if errors.Is(err, pgx.ErrNoRows) {
				return nil
			}
			if err != nil {
				return wrap("look for the next image", err)
			}
			if err := treat(t, id); err != nil {
				return err
			}
			treated++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return treated, nil
}

// purge removes an image that is locked.
func purge(t *tx, image charcoal.ID) error {
	garbage := []string{charcoal.OriginalKey(image)}
	err := t.each(func(row scanner) error {
		var id charcoal.ID
		var attempts int
		err := row.Scan(&id, &attempts)
		garbage = append(garbage, artOf(id, attempts)...)
		return err
	}, `DELETE FROM renderings WHERE image_id = $1 RETURNING id, attempt`, image)
	if err != nil {
		return wrap("delete renderings", err)
	}
	if err := discard(t, garbage); err != nil {
		return err
	}
	return wrap("delete image", t.exec(`DELETE FROM images WHERE id = $1`, image))
}

// Garbage implements [charcoal.Catalogue].
func (s *Store) Garbage(ctx context.Context, limit int) (keys []string, err error) {
	err = s.read(ctx, func(t *tx) error {
		keys, err = all(t, scanValue[string], `SELECT key FROM garbage LIMIT $1`, limit)
		return wrap("list garbage", err)
	})
	return keys, err
}

// ForgetGarbage implements [charcoal.Catalogue].
func (s *Store) ForgetGarbage(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := s.remove(ctx, "forget garbage", `DELETE FROM garbage WHERE key = ANY($1)`, keys)
	return err
}
