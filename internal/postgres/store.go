// Package postgres is the [charcoal.Store] of many machines: every process has a pool of
// connections to one PostgreSQL database (version 14 or newer), and they share the work
// through its rows.
//
// Every transaction is READ COMMITTED and locks what it decides by. Triggers keep what
// follows from other rows, so that nothing can forget to; the migrations say how, and in
// which order locks are taken.
package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/charcoal-art/charcoal"
)

// Store keeps everything in one database.
type Store struct {
	pool     *pgxpool.Pool
	follower *follower
}

var _ charcoal.Store = (*Store)(nil)

// Open connects to the database of a URL and brings its schema up to date; see [Migrate].
// A database of a newer release is refused.
//
// The URL is "postgres://user:password@host:port/database", with what libpq and pgxpool
// know as parameters: sslmode, pool_max_conns (16), connect_timeout (5 s),
// statement_timeout (30 s) and so on. Behind PgBouncer in transaction mode it needs
// pgbouncer=true: then nothing is prepared that another connection would not know, and timeouts of
// statements have to be set for the role (ALTER ROLE … SET statement_timeout).
func Open(ctx context.Context, url string) (*Store, error) {
	pool, pooler, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	s := &Store{pool: pool, follower: newFollower()}
	err = s.checkSchema(ctx, pooler)
	if err == nil {
		err = checkMoved(ctx, pool)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Store) checkSchema(ctx context.Context, pooler bool) error {
	have, newest, err := s.versions(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("read the version of the schema: %w", err)
	case have > newest:
		return charcoal.Errorf(charcoal.Unavailable,
			"the database is of a newer release (schema %d, this release knows %d)", have, newest)
	case have < newest && pooler:
		return charcoal.Errorf(charcoal.Unavailable,
			"the schema has to be brought from version %d to %d first, with a URL that leads to PostgreSQL itself and not to PgBouncer", have, newest)
	case have < newest:
		return migrate(ctx, s.pool)
	}
	return nil
}

// Ping implements [charcoal.Store].
func (s *Store) Ping(ctx context.Context) error {
	return s.read(ctx, func(t *tx) error { return t.exec(`SELECT 1`) })
}

// Close waits for what runs and closes all connections.
func (s *Store) Close() error {
	s.follower.close()
	s.pool.Close()
	return nil
}
