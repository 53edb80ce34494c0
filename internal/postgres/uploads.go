package postgres

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

// BeginUpload implements [charcoal.Store]. Many at once may go a little over the backlog.
func (s *Store) BeginUpload(ctx context.Context, img charcoal.Image, backlog int64) error {
	if err := s.checkBacklog(ctx, backlog); err != nil {
		return err
	}
	return s.alone(ctx, func(t *tx) error {
		n, err := t.change(`INSERT INTO uploads (id, begun)
			SELECT $1, $2 WHERE NOT EXISTS (SELECT 1 FROM images WHERE id = $1)`, img.ID, micros(img.Created))
		return must(n, err, "begin upload", committed(img.ID))
	})
}

func (s *Store) checkBacklog(ctx context.Context, backlog int64) error {
	counts, err := s.Counts(ctx)
	if err == nil && counts.Queued >= backlog {
		return overloaded(counts.Queued)
	}
	return err
}

func overloaded(queued int64) error {
	return charcoal.Errorf(charcoal.Overloaded, "%d pictures are waiting to be drawn already; try again later", queued)
}

// CommitUpload implements [charcoal.Store].
func (s *Store) CommitUpload(ctx context.Context, img charcoal.Image, first charcoal.Rendering, join bool) (charcoal.Image, charcoal.Rendering, error) {
	if first.ImageID != img.ID || first.Owner != img.Owner {
		return img, first, fmt.Errorf("commit upload: rendering %s is of image %s, not of %s", first.ID, first.ImageID, img.ID)
	}
	var stands charcoal.Image
	var drawn charcoal.Rendering
	err := s.write(ctx, func(t *tx) (err error) {
		stands, drawn, err = commitUpload(t, img, first, join)
		return err
	})
	return stands, drawn, err
}

func commitUpload(t *tx, img charcoal.Image, first charcoal.Rendering, join bool) (charcoal.Image, charcoal.Rendering, error) {
	if join {
		same, err := sameImage(t, img)
		if err == nil {
			return joinUpload(t, img.ID, same.ID, first)
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return img, first, wrap("look for the same image", err)
		}
	}
	n, err := t.change(`DELETE FROM uploads WHERE id = $1 AND NOT abandoned`, img.ID)
	if err := must(n, err, "end upload", noUpload(img.ID)); err != nil {
		return img, first, err
	}
	if err := insertImage(t, img); err != nil {
		return img, first, wrap("insert image", err)
	}
	first, _, err = addRendering(t, first)
	img.State = first.State
	return img, first, err
}

// sameImage locks what it finds. Of those who look for the same at once, the first one
// finds nothing, and the others what that one makes.
func sameImage(t *tx, img charcoal.Image) (charcoal.Image, error) {
	if err := t.lock("same image/" + img.Owner.String() + "/" + hex.EncodeToString(img.SHA256[:])); err != nil {
		return charcoal.Image{}, err
	}
	return one(t, scanImage, `SELECT `+imageColumns+` FROM images AS i
		WHERE owner = $1 AND sha256 = $2 AND deleted = 0 AND (expires = 0 OR expires >= $3)
		ORDER BY id LIMIT 1 FOR NO KEY UPDATE`, img.Owner, img.SHA256[:], orForEver(img.Expires))
}

// orForEver is the stored form of a time until which something is to stay.
func orForEver(expires time.Time) int64 {
	if expires.IsZero() {
		return math.MaxInt64
	}
	return micros(expires)
}

// joinUpload draws an image that is there already, and locked, in place of the upload.
func joinUpload(t *tx, upload, same charcoal.ID, r charcoal.Rendering) (charcoal.Image, charcoal.Rendering, error) {
	n, err := t.change(`UPDATE uploads SET abandoned = true WHERE id = $1 AND NOT abandoned`, upload)
	if err := must(n, err, "end upload", noUpload(upload)); err != nil {
		return charcoal.Image{}, r, err
	}
	r.ImageID = same
	if r, _, err = addRendering(t, r); err != nil {
		return charcoal.Image{}, r, err
	}
	stands, err := one(t, scanImage, selectImage, same)
	return stands, r, wrap("read the image", err)
}

func insertImage(t *tx, img charcoal.Image) error {
	return t.exec(`INSERT INTO images (id, owner, filename, created, size, sha256, format, media_type, width, height, frames, hash,
			title, tags, visibility, expires)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		img.ID, img.Owner, img.Filename, micros(img.Created), img.Size, img.SHA256[:],
		img.Format, img.MediaType, img.Width, img.Height, img.Frames, int64(img.Hash),
		img.Title, stored(img.Tags), string(cmp.Or(img.Visibility, charcoal.Private)), micros(img.Expires))
}

// AbandonUpload implements [charcoal.Store]. A commit that is under way is waited for.
func (s *Store) AbandonUpload(ctx context.Context, image charcoal.ID) error {
	return s.read(ctx, func(t *tx) error {
		n, err := t.change(`UPDATE uploads SET abandoned = true WHERE id = $1`, image)
		if err != nil || n > 0 {
			return wrap("abandon upload", err)
		}
		stands, err := one(t, scanValue[bool], `SELECT EXISTS (SELECT 1 FROM images WHERE id = $1)`, image)
		if err == nil && stands {
			return committed(image)
		}
		if err == nil {
			return noUpload(image)
		}
		return wrap("look for the image", err)
	})
}

// ForgetUpload implements [charcoal.Store].
func (s *Store) ForgetUpload(ctx context.Context, image charcoal.ID) error {
	return s.alone(ctx, func(t *tx) error {
		n, err := t.change(`DELETE FROM uploads WHERE id = $1 AND abandoned`, image)
		return must(n, err, "forget upload", noUpload(image))
	})
}

// selectStale walks along an index for each of the two kinds.
const selectStale = `SELECT id FROM (
		(SELECT begun, id FROM uploads WHERE abandoned ORDER BY begun, id LIMIT $2)
		UNION
		(SELECT begun, id FROM uploads WHERE begun < $1 ORDER BY begun, id LIMIT $2)) AS stale
	ORDER BY begun, id LIMIT $2`

// StaleUploads implements [charcoal.Store].
func (s *Store) StaleUploads(ctx context.Context, before time.Time, limit int) (ids []charcoal.ID, err error) {
	err = s.read(ctx, func(t *tx) error {
		ids, err = all(t, scanValue[charcoal.ID], selectStale, micros(before), limit)
		return wrap("list stale uploads", err)
	})
	return ids, err
}

func noUpload(image charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no upload has the id %q", image)
}

func committed(image charcoal.ID) error {
	return charcoal.Errorf(charcoal.Conflict, "the image %q is stored already", image)
}
