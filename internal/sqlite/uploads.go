package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/charcoal-art/charcoal"
)

// BeginUpload implements [charcoal.Store].
func (s *Store) BeginUpload(ctx context.Context, img charcoal.Image, backlog int64) error {
	return s.writer.write(ctx, func(t *tx) error {
		if err := checkBacklog(t, backlog); err != nil {
			return err
		}
		n, err := t.change(`INSERT INTO uploads (id, begun)
			SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM images WHERE id = ?1)`, img.ID[:], micros(img.Created))
		return must(n, err, "begin upload", committed(img.ID))
	})
}

func checkBacklog(t *tx, backlog int64) error {
	var queued int64
	if err := t.row(`SELECT n FROM counts WHERE name = 'queued'`).Scan(&queued); err != nil {
		return fmt.Errorf("count the queue: %w", err)
	}
	if queued >= backlog {
		return charcoal.Errorf(charcoal.Overloaded, "%d pictures are waiting to be drawn already; try again later", queued)
	}
	return nil
}

// CommitUpload implements [charcoal.Store].
func (s *Store) CommitUpload(ctx context.Context, img charcoal.Image, first charcoal.Rendering, join bool) (charcoal.Image, charcoal.Rendering, error) {
	if first.ImageID != img.ID || first.Owner != img.Owner {
		return img, first, fmt.Errorf("commit upload: rendering %s is of image %s, not of %s", first.ID, first.ImageID, img.ID)
	}
	var stands charcoal.Image
	var drawn charcoal.Rendering
	err := s.writer.write(ctx, func(t *tx) (err error) {
		stands, drawn, err = commitUpload(t, img, first, join)
		return err
	})
	return stands, drawn, err
}

func commitUpload(t *tx, img charcoal.Image, first charcoal.Rendering, join bool) (charcoal.Image, charcoal.Rendering, error) {
	if join {
		same, err := scanImage(t.row(selectSame, img.Owner[:], img.SHA256[:], orForEver(img.Expires)))
		if err == nil {
			return joinUpload(t, img.ID, same.ID, first)
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return img, first, wrap("look for the same image", err)
		}
	}
	n, err := t.change(`DELETE FROM uploads WHERE id = ? AND abandoned = 0`, img.ID[:])
	if err := must(n, err, "end upload", noUpload(img.ID)); err != nil {
		return img, first, err
	}
	if err := insertImage(t, img); err != nil {
		return img, first, fmt.Errorf("insert image: %w", err)
	}
	first, _, err = addRendering(t, first)
	img.State = first.State
	return img, first, err
}

// selectSame is answered by the index images_same.
const selectSame = `SELECT ` + imageColumns + ` FROM images INDEXED BY images_same
	WHERE owner = ? AND sha256 = ? AND deleted = 0 AND (expires = 0 OR expires >= ?) ORDER BY id LIMIT 1`

// orForEver is the stored form of a time until which something is to stay.
func orForEver(expires time.Time) int64 {
	if expires.IsZero() {
		return math.MaxInt64
	}
	return micros(expires)
}

// joinUpload draws an image that is there already in place of the upload.
func joinUpload(t *tx, upload, same charcoal.ID, r charcoal.Rendering) (charcoal.Image, charcoal.Rendering, error) {
	n, err := t.change(`UPDATE uploads SET abandoned = 1 WHERE id = ? AND abandoned = 0`, upload[:])
	if err := must(n, err, "end upload", noUpload(upload)); err != nil {
		return charcoal.Image{}, r, err
	}
	r.ImageID = same
	if r, _, err = addRendering(t, r); err != nil {
		return charcoal.Image{}, r, err
	}
	stands, err := scanImage(t.row(selectImage, same[:]))
	return stands, r, wrap("read the image", err)
}

func insertImage(t *tx, img charcoal.Image) error {
	return t.exec(`INSERT INTO images (id, owner, filename, created, size, sha256, format, media_type, width, height, frames, hash,
			title, tags, visibility, expires)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		img.ID[:], img.Owner[:], img.Filename, micros(img.Created), img.Size, img.SHA256[:],
		img.Format, img.MediaType, img.Width, img.Height, img.Frames, int64(img.Hash),
		img.Title, joinTags(img.Tags), cmp.Or(img.Visibility, charcoal.Private), micros(img.Expires))
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
