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

// BeginUpload implements [charcoal.Store].
func (s *Store) BeginUpload(ctx context.Context, img charcoal.Image, backlog int64) error {
	return s.writer.write(ctx, func(t *tx) error {
		var queued int64
		if err := t.row(`SELECT n FROM counts WHERE name = 'queued'`).Scan(&queued); err != nil {
			return fmt.Errorf("count the queue: %w", err)
		}
		if queued >= backlog {
			return charcoal.Errorf(charcoal.Overloaded, "%d pictures are waiting to be drawn already; try again later", queued)
		}
		n, err := t.change(`INSERT INTO uploads (id, begun)
			SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM images WHERE id = ?1)`, img.ID[:], micros(img.Created))
		return must(n, err, "begin upload", committed(img.ID))
	})
}

// CommitUpload implements [charcoal.Store].
func (s *Store) CommitUpload(ctx context.Context, img charcoal.Image, first charcoal.Rendering) error {
	options, err := json.Marshal(storedOptions{first.Options, first.Engine})
	if err != nil {
		return fmt.Errorf("encode options: %w", err)
	}
	if first.ImageID != img.ID {
		return fmt.Errorf("commit upload: rendering %s is of image %s, not of %s", first.ID, first.ImageID, img.ID)
	}
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`DELETE FROM uploads WHERE id = ? AND abandoned = 0`, img.ID[:])
		if err := must(n, err, "end upload", noUpload(img.ID)); err != nil {
			return err
		}
		if err := insertImage(t, img); err != nil {
			return fmt.Errorf("insert image: %w", err)
		}
		if err := insertRendering(t, first, options); err != nil {
			return fmt.Errorf("insert rendering: %w", err)
		}
		return nil
	})
}

func insertImage(t *tx, img charcoal.Image) error {
	return t.exec(`INSERT INTO images (id, filename, created, size, sha256, format, media_type, width, height)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		img.ID[:], img.Filename, micros(img.Created), img.Size, img.SHA256[:],
		img.Format, img.MediaType, img.Width, img.Height)
}

func insertRendering(t *tx, r charcoal.Rendering, options []byte) error {
	return t.exec(`INSERT INTO renderings (id, image_id, options, state, created, not_before)
		VALUES (?, ?, ?, 'queued', ?, ?)`,
		r.ID[:], r.ImageID[:], string(options), micros(r.Created), micros(r.NotBefore))
}

// AbandonUpload implements [charcoal.Store].
func (s *Store) AbandonUpload(ctx context.Context, image charcoal.ID) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE uploads SET abandoned = 1 WHERE id = ?`, image[:])
		if err != nil || n > 0 {
			return wrap("abandon upload", err)
		}
		err = t.row(`SELECT 1 FROM images WHERE id = ?`, image[:]).Scan(new(int))
		if errors.Is(err, sql.ErrNoRows) {
			return noUpload(image)
		}
		if err != nil {
			return wrap("look for the image", err)
		}
		return committed(image)
	})
}

// ForgetUpload implements [charcoal.Store].
func (s *Store) ForgetUpload(ctx context.Context, image charcoal.ID) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`DELETE FROM uploads WHERE id = ? AND abandoned = 1`, image[:])
		return must(n, err, "forget upload", noUpload(image))
	})
}

// StaleUploads implements [charcoal.Store].
func (s *Store) StaleUploads(ctx context.Context, before time.Time, limit int) ([]charcoal.ID, error) {
	ids, err := s.readers.ids(ctx, selectStale, micros(before), limit)
	return ids, wrap("list stale uploads", classify(err))
}

func noUpload(image charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no upload has the id %q", image)
}

func committed(image charcoal.ID) error {
	return charcoal.Errorf(charcoal.Conflict, "the image %q is stored already", image)
}

// must turns a change that found no row into the error otherwise.
func must(changed int64, err error, doing string, otherwise error) error {
	if err == nil && changed == 0 {
		return otherwise
	}
	return wrap(doing, err)
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}
