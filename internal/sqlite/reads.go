package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/charcoal-art/charcoal"
)

// The queries outside of writes, each answered from an index.
const (
	selectImage = `SELECT ` + imageColumns + ` FROM images WHERE id = ? AND deleted = 0`

	selectFirst = `SELECT ` + renderingColumns + ` FROM renderings WHERE image_id = ?` + ofVisible + ` ORDER BY id LIMIT 1`

	selectRendering = `SELECT ` + renderingColumns + ` FROM renderings WHERE id = ?` + ofVisible

	selectRenderings = `SELECT ` + renderingColumns + ` FROM renderings WHERE image_id = ? AND id < ?` + ofVisible + ` ORDER BY id DESC LIMIT ?`

	ofVisible = ` AND EXISTS (SELECT 1 FROM images WHERE images.id = image_id AND deleted = 0)`

	selectPage = `SELECT id FROM images WHERE id < ? AND deleted = 0 ORDER BY id DESC LIMIT ?`

	selectOwnPage = `SELECT id FROM images WHERE owner = ? AND id < ? AND deleted = 0 ORDER BY id DESC LIMIT ?`

	selectCounts = `SELECT name, n FROM counts`

	selectStale = `SELECT id FROM uploads WHERE abandoned = 1 OR begun < ? ORDER BY begun, id LIMIT ?`
)

// readers is the pool of connections that cannot write.
type readers struct {
	db *sql.DB

	mu    sync.RWMutex
	stmts map[string]*sql.Stmt // by their SQL, prepared at their first use
}

func openReaders(ctx context.Context, path string) (*readers, error) {
	db, err := openDB(path, "_query_only=1")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(maxReaders)
	db.SetMaxIdleConns(maxReaders)
	r := &readers{db: db, stmts: make(map[string]*sql.Stmt)}
	if err := db.PingContext(ctx); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// stmt prepares a query once. Queries are constants of this package, so there
// are only so many.
func (r *readers) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	r.mu.RLock()
	s := r.stmts[query]
	r.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.stmts[query]; s != nil {
		return s, nil
	}
	s, err := r.db.PrepareContext(ctx, query)
	if err == nil {
		r.stmts[query] = s
	}
	return s, err
}

func (r *readers) close() error {
	var errs []error
	for _, s := range r.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, r.db.Close())...)
}

// row starts a query for one row.
func (r *readers) row(ctx context.Context, query string, args ...any) scanner {
	s, err := r.stmt(ctx, query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(ctx, args...)
}

// each calls scan for every row of a query.
func (r *readers) each(ctx context.Context, scan func(scanner) error, query string, args ...any) (err error) {
	s, err := r.stmt(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
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
func (s *Store) ListImages(ctx context.Context, owner charcoal.ID, all bool, before charcoal.ID, limit int) ([]charcoal.ID, error) {
	before = orLast(before)
	query, args := selectOwnPage, []any{owner[:], before[:], limit}
	if all {
		query, args = selectPage, args[1:]
	}
	ids, err := s.readers.ids(ctx, query, args...)
	return ids, wrap("list images", classify(err))
}

func orLast(before charcoal.ID) charcoal.ID {
	if before == (charcoal.ID{}) {
		return lastID()
	}
	return before
}

// Rendering implements [charcoal.Store].
func (s *Store) Rendering(ctx context.Context, id charcoal.ID) (charcoal.Rendering, error) {
	r, err := scanRendering(s.readers.row(ctx, selectRendering, id[:]))
	if errors.Is(err, sql.ErrNoRows) {
		return charcoal.Rendering{}, noRendering(id)
	}
	return r, wrap("read rendering", classify(err))
}

// Renderings implements [charcoal.Store].
func (s *Store) Renderings(ctx context.Context, image, before charcoal.ID, limit int) ([]charcoal.Rendering, error) {
	before = orLast(before)
	var all []charcoal.Rendering
	err := s.readers.each(ctx, func(row scanner) error {
		r, err := scanRendering(row)
		all = append(all, r)
		return err
	}, selectRenderings, image[:], before[:], limit)
	if err != nil {
		return nil, wrap("read renderings", classify(err))
	}
	return all, nil
}

func noRendering(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no rendering has the id %q", id)
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
		Uploads:  byName["uploads"],
		Queued:   byName[string(charcoal.Queued)],
		Running:  byName[string(charcoal.Running)],
		Ready:    byName[string(charcoal.Ready)],
		Failed:   byName[string(charcoal.Failed)],
		Canceled: byName[string(charcoal.CanceledState)],
	}, nil
}

func noImage(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no image has the id %q", id)
}
