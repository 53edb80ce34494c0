package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"github.com/charcoal-art/charcoal"
)

// The queries outside of writes, each answered from an index.
const (
	selectImage = `SELECT ` + imageColumns + ` FROM images WHERE id = ?`

	selectFirst = `SELECT ` + renderingColumns + ` FROM renderings WHERE image_id = ? ORDER BY id LIMIT 1`

	selectPage = `SELECT id FROM images WHERE id < ? ORDER BY id DESC LIMIT ?`

	selectCounts = `SELECT name, n FROM counts`

	selectStale = `SELECT id FROM uploads WHERE abandoned = 1 OR begun < ? ORDER BY begun, id LIMIT ?`
)

// readers is the pool of connections that cannot write.
type readers struct {
	db    *sql.DB
	stmts map[string]*sql.Stmt // by their SQL; complete when made
}

func openReaders(ctx context.Context, path string) (*readers, error) {
	db, err := openDB(path, "_query_only=1")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(maxReaders)
	db.SetMaxIdleConns(maxReaders)
	r := &readers{db: db, stmts: make(map[string]*sql.Stmt)}
	for _, query := range []string{selectImage, selectFirst, selectPage, selectCounts, selectStale} {
		s, err := db.PrepareContext(ctx, query)
		if err != nil {
			return nil, errors.Join(err, r.close())
		}
		r.stmts[query] = s
	}
	return r, nil
}

func (r *readers) close() error {
	var errs []error
	for _, s := range r.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, r.db.Close())...)
}

// row starts a query for one row.
func (r *readers) row(ctx context.Context, query string, args ...any) *sql.Row {
	return r.stmts[query].QueryRowContext(ctx, args...)
}

// each calls scan for every row of a query.
func (r *readers) each(ctx context.Context, scan func(scanner) error, query string, args ...any) (err error) {
	rows, err := r.stmts[query].QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ids reads a column of ids.
func (r *readers) ids(ctx context.Context, query string, args ...any) ([]charcoal.ID, error) {
	var ids []charcoal.ID
	err := r.each(ctx, func(row scanner) error {
		var id charcoal.ID
		err := row.Scan(&id)
		ids = append(ids, id)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return ids, nil
}

// Image implements [charcoal.Store].
func (s *Store) Image(ctx context.Context, id charcoal.ID) (charcoal.Image, error) {
	img, err := scanImage(s.readers.row(ctx, selectImage, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return charcoal.Image{}, noImage(id)
	}
	return img, wrap("read image", classify(err))
}

// FirstRendering implements [charcoal.Store].
func (s *Store) FirstRendering(ctx context.Context, image charcoal.ID) (charcoal.Rendering, error) {
	r, err := scanRendering(s.readers.row(ctx, selectFirst, image[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return charcoal.Rendering{}, noImage(image)
	}
	return r, wrap("read rendering", classify(err))
}

// ListImages implements [charcoal.Store].
func (s *Store) ListImages(ctx context.Context, before charcoal.ID, limit int) ([]charcoal.ID, error) {
	if before == (charcoal.ID{}) {
		before = lastID()
	}
	ids, err := s.readers.ids(ctx, selectPage, before[:], limit)
	return ids, wrap("list images", classify(err))
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

// Counts implements [charcoal.Store].
func (s *Store) Counts(ctx context.Context) (charcoal.Counts, error) {
	byName := make(map[string]int64)
	err := s.readers.each(ctx, func(row scanner) error {
		var name string
		var n int64
		err := row.Scan(&name, &n)
		byName[name] = n
		return err
	}, selectCounts)
	if err != nil {
		return charcoal.Counts{}, wrap("count", classify(err))
	}
	return charcoal.Counts{
		Uploads: byName["uploads"],
		Queued:  byName[string(charcoal.Queued)],
		Running: byName[string(charcoal.Running)],
		Ready:   byName[string(charcoal.Ready)],
		Failed:  byName[string(charcoal.Failed)],
	}, nil
}

func noImage(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no image has the id %q", id)
}
