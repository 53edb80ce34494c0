package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Catalogue = (*Store)(nil)

const editImage = `UPDATE images SET title = coalesce(?2, title), tags = coalesce(?3, tags),
		visibility = coalesce(?4, visibility), expires = coalesce(?5, expires)
	WHERE id = ?1 AND deleted = 0 RETURNING ` + imageColumns

// EditImage implements [charcoal.Catalogue].
func (s *Store) EditImage(ctx context.Context, id charcoal.ID, edit charcoal.ImageEdit) (charcoal.Image, error) {
	var title, tags, visibility, expires any // nil leaves a column
	if edit.Title != nil {
		title = *edit.Title
	}
	if edit.Tags != nil {
		tags = joinTags(*edit.Tags)
	}
	if edit.Visibility != nil {
		visibility = string(*edit.Visibility)
	}
	if edit.Expires != nil {
		expires = micros(*edit.Expires)
	}
	return s.changeImage(ctx, "edit image", id, editImage, id[:], title, tags, visibility, expires)
}

// restoreImage takes away the time that brought the image into the bin.
const restoreImage = `UPDATE images SET deleted = 0, expires = iif(expires <= deleted, 0, expires)
	WHERE id = ?1 AND deleted > 0 RETURNING ` + imageColumns

// RestoreImage implements [charcoal.Catalogue].
func (s *Store) RestoreImage(ctx context.Context, id charcoal.ID) (charcoal.Image, error) {
	return s.changeImage(ctx, "restore image", id, restoreImage, id[:])
}

// changeImage executes an update that returns the image, if it finds it.
func (s *Store) changeImage(ctx context.Context, doing string, id charcoal.ID, update string, args ...any) (charcoal.Image, error) {
	var img charcoal.Image
	err := s.writer.write(ctx, func(t *tx) (err error) {
		img, err = scanImage(t.row(update, args...))
		if errors.Is(err, sql.ErrNoRows) {
			return noImage(id)
		}
		return wrap(doing, err)
	})
	if err != nil {
		return charcoal.Image{}, err
	}
	return img, nil
}

// BinImage implements [charcoal.Catalogue].
func (s *Store) BinImage(ctx context.Context, id charcoal.ID, at time.Time) error {
	return s.writer.write(ctx, func(t *tx) error {
		var deleted int64
		err := t.row(`SELECT deleted FROM images WHERE id = ?`, id[:]).Scan(&deleted)
		if errors.Is(err, sql.ErrNoRows) {
			return noImage(id)
		}
		if err != nil || deleted > 0 {
			return wrap("look for the image", err)
		}
		return bin(t, id, at)
	})
}

const selectBinnedImage = `SELECT ` + imageColumns + ` FROM images WHERE id = ? AND deleted > 0`

// BinnedImage implements [charcoal.Catalogue].
func (s *Store) BinnedImage(ctx context.Context, id charcoal.ID) (charcoal.Image, error) {
	img, err := scanImage(s.readers.row(ctx, selectBinnedImage, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return charcoal.Image{}, noImage(id)
	}
	return img, wrap("read image in the bin", classify(err))
}

// bin cancels before it hides: hidden renderings cannot be reached any more.
func bin(t *tx, image charcoal.ID, at time.Time) error {
	err := t.exec(`UPDATE renderings SET state = 'canceled', finished = ?2, worker = '', lease_until = 0
		WHERE image_id = ?1 AND state IN ('queued', 'running')`, image[:], micros(at))
	if err != nil {
		return wrap("cancel the renderings", err)
	}
	return wrap("put image into the bin", t.exec(`UPDATE images SET deleted = ?2 WHERE id = ?1`, image[:], micros(at)))
}

const (
	selectExpired = `SELECT id FROM images WHERE expires > 0 AND deleted = 0 AND expires <= ? ORDER BY expires LIMIT 1`

	selectBinned = `SELECT id FROM images WHERE deleted > 0 AND deleted < ? ORDER BY deleted LIMIT 1`

	selectAttempts = `SELECT id, attempt FROM renderings WHERE image_id = ? LIMIT 1`
)

// BinExpired implements [charcoal.Catalogue].
func (s *Store) BinExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return s.eachImage(ctx, limit, func(t *tx, image charcoal.ID) error { return bin(t, image, now) }, selectExpired, micros(now))
}

// PurgeImages implements [charcoal.Catalogue].
func (s *Store) PurgeImages(ctx context.Context, binnedBefore time.Time, limit int) (int, error) {
	return s.eachImage(ctx, limit, purge, selectBinned, micros(binnedBefore))
}

// eachImage treats up to limit images, until the query for the next one finds none:
// treating one must take it out of the query.
func (s *Store) eachImage(ctx context.Context, limit int, treat func(*tx, charcoal.ID) error, next string, args ...any) (int, error) {
	var treated int
	err := s.writer.write(ctx, func(t *tx) error {
		for treated < limit {
			var id charcoal.ID
			err := t.row(next, args...).Scan(&id)
			if errors.Is(err, sql.ErrNoRows) {
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

func purge(t *tx, image charcoal.ID) error {
	if err := purgeRenderings(t, image); err != nil {
		return err
	}
	if err := discardBlob(t, charcoal.OriginalKey(image)); err != nil {
		return err
	}
	return wrap("delete image", t.exec(`DELETE FROM images WHERE id = ?`, image[:]))
}

func purgeRenderings(t *tx, image charcoal.ID) error {
	for {
		var r charcoal.Rendering
		err := t.row(selectAttempts, image[:]).Scan(&r.ID, &r.Attempt)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return wrap("look for renderings", err)
		}
		if err := discardArt(t, r); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM renderings WHERE id = ?`, r.ID[:]); err != nil {
			return wrap("delete rendering", err)
		}
	}
}

// Garbage implements [charcoal.Catalogue].
func (s *Store) Garbage(ctx context.Context, limit int) ([]string, error) {
	var keys []string
	err := s.readers.each(ctx, func(row scanner) error {
		var key string
		err := row.Scan(&key)
		keys = append(keys, key)
		return err
	}, `SELECT key FROM garbage LIMIT ?`, limit)
	if err != nil {
		return nil, wrap("list garbage", classify(err))
	}
	return keys, nil
}

// ForgetGarbage implements [charcoal.Catalogue].
func (s *Store) ForgetGarbage(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	return s.writer.write(ctx, func(t *tx) error {
		for _, key := range keys {
			if err := t.exec(`DELETE FROM garbage WHERE key = ?`, key); err != nil {
				return wrap("forget garbage", err)
			}
		}
		return nil
	})
}
