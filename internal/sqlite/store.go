// Package sqlite is the [charcoal.Store] of one machine: one SQLite file in
// WAL mode, flushed to the disk at every commit.
//
// All writes go through one goroutine on one connection, which commits together
// whatever waits at the time: many uploads then share one flush, which is what
// a commit costs. Reads have their own connections and never wait for a write.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/charcoal-art/charcoal"
)

// maxReaders bounds the reading connections. A read is a few lookups, so a few
// connections keep every core busy.
const maxReaders = 8

// Store keeps images and renderings in one SQLite file.
type Store struct {
	writer   *writer
	writes   *sql.DB // its one connection belongs to the writer
	readers  *readers
	follower *follower
}

var _ charcoal.Store = (*Store)(nil)

// Open opens the database file at path, or makes it, and brings its schema up
// to date. A file of a newer release is refused.
func Open(ctx context.Context, path string) (*Store, error) { return openWith(ctx, path, migrate) }

// OpenBeside opens a database file that another process works on. It changes no
// schema, since the other may be of another release, and refuses one that is not
// its own.
func OpenBeside(ctx context.Context, path string) (*Store, error) {
	return openWith(ctx, path, checkSchema)
}

// openWith opens a file whose schema is then prepared.
func openWith(ctx context.Context, path string, prepare func(context.Context, *sql.DB) error) (*Store, error) {
	db, err := openDB(path, "_query_only=0")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	s, err := open(ctx, db, path, prepare)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the database %s: %w", path, classify(err)), db.Close())
	}
	return s, nil
}

func open(ctx context.Context, db *sql.DB, path string, prepare func(context.Context, *sql.DB) error) (*Store, error) {
	if err := prepare(ctx, db); err != nil {
		return nil, err
	}
	r, err := openReaders(ctx, path)
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	f := startFollower(r)
	return &Store{writer: startWriter(conn, f.tell), writes: db, readers: r, follower: f}, nil
}

// Ping implements [charcoal.Store].
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Counts(ctx)
	return err
}

// Close commits what was asked before it and releases the file.
func (s *Store) Close() error {
	err := s.writer.close()
	s.follower.close()
	return errors.Join(err, s.readers.close(), s.writes.Close())
}
