package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

// The queries outside of writes, each answered from an index.
const (
	selectImage = `SELECT ` + imageColumns + ` FROM images AS i WHERE id = $1 AND deleted = 0`

	ofImages = ` FROM renderings AS r JOIN images AS i ON i.id = r.image_id`

	selectFirst = `SELECT ` + renderingColumns + ofImages + ` WHERE r.image_id = $1 AND i.deleted = 0 ORDER BY r.id LIMIT 1`

	selectRendering = `SELECT ` + renderingColumns + ofImages + ` WHERE r.id = $1 AND i.deleted = 0`

	selectRenderings = `SELECT ` + renderingColumns + ofImages + ` WHERE r.image_id = $1 AND r.id < $2 AND i.deleted = 0 ORDER BY r.id DESC LIMIT $3`

	selectPage = `SELECT id FROM images WHERE id < $1 AND deleted = 0 ORDER BY id DESC LIMIT $2`

	// selectOwnPage has two bounds for one owner, and so have others like it: sorted by id alone, the
	// planner may walk along the primary key and pass over what everybody else has.
	selectOwnPage = `SELECT id FROM images WHERE owner BETWEEN $1 AND $1 AND id < $2 AND deleted = 0 ORDER BY owner DESC, id DESC LIMIT $3`

	selectCounts = `SELECT uploads, queued, running, ready, failed, canceled, entries FROM counts()`
)

// Image implements [charcoal.Store].
func (s *Store) Image(ctx context.Context, id charcoal.ID) (charcoal.Image, error) {
	return s.findImage(ctx, selectImage, id)
}

func (s *Store) findImage(ctx context.Context, query string, id charcoal.ID) (img charcoal.Image, err error) {
	err = s.read(ctx, func(t *tx) error {
		img, err = one(t, scanImage, query, id)
		return found("read image", err, noImage(id))
	})
	return img, err
}

// found is the error of reading one row, and instead when there is none.
func found(doing string, err, instead error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return instead
	}
	return wrap(doing, err)
}

// FirstRendering implements [charcoal.Store].
func (s *Store) FirstRendering(ctx context.Context, image charcoal.ID) (r charcoal.Rendering, err error) {
	err = s.read(ctx, func(t *tx) error {
		r, err = one(t, scanRendering, selectFirst, image)
		return found("read rendering", err, noImage(image))
	})
	return r, err
}

// ListImages implements [charcoal.Store].
func (s *Store) ListImages(ctx context.Context, owner charcoal.ID, everybodys bool, before charcoal.ID, limit int) (ids []charcoal.ID, err error) {
	query, args := selectOwnPage, []any{owner, orLast(before), limit}
	if everybodys {
		query, args = selectPage, args[1:]
	}
	err = s.read(ctx, func(t *tx) error {
		ids, err = all(t, scanValue[charcoal.ID], query, args...)
		return wrap("list images", err)
	})
	return ids, err
}

// Rendering implements [charcoal.Store].
func (s *Store) Rendering(ctx context.Context, id charcoal.ID) (r charcoal.Rendering, err error) {
	err = s.read(ctx, func(t *tx) error {
		r, err = readRendering(t, selectRendering, id)
		return err
	})
	return r, err
}

// Renderings implements [charcoal.Store].
func (s *Store) Renderings(ctx context.Context, image, before charcoal.ID, limit int) (found []charcoal.Rendering, err error) {
	err = s.read(ctx, func(t *tx) error {
		found, err = all(t, scanRendering, selectRenderings, image, orLast(before), limit)
		return wrap("read renderings", err)
	})
	return found, err
}

func noRendering(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no rendering has the id %q", id)
}

func noImage(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no image has the id %q", id)
}

func orLast(before charcoal.ID) charcoal.ID {
	if before == (charcoal.ID{}) {
		return lastID()
	}
	return before
}

// lastID sorts after every UUID: the first byte of one of version 7 is the top
// of a clock that reaches it in the year 10889.
func lastID() charcoal.ID {
	var id charcoal.ID
	for i := range id {
		id[i] = 0xff
	}
	return id
}

// fewEntries of the journal are quickly added up.
const fewEntries = 1000

// Counts implements [charcoal.Store]. What it costs grows with the journal, which it
// writes into the log when nobody else did for long.
func (s *Store) Counts(ctx context.Context) (counts charcoal.Counts, err error) {
	var entries int64
	err = s.read(ctx, func(t *tx) error {
		counts, entries, err = scanCounts(t.row(selectCounts))
		return wrap("count", err)
	})
	if err == nil && entries > fewEntries {
		err = s.writeLog(ctx)
	}
	return counts, err
}

func readCounts(t *tx) (charcoal.Counts, error) {
	counts, _, err := scanCounts(t.row(selectCounts))
	return counts, wrap("count", err)
}

func scanCounts(row scanner) (c charcoal.Counts, entries int64, err error) {
	err = row.Scan(&c.Uploads, &c.Queued, &c.Running, &c.Ready, &c.Failed, &c.Canceled, &entries)
	return c, entries, err
}
