package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Migrate brings the schema of a database file up to date, or makes the file, and
// returns the version before and after. No other process may have it open.
func Migrate(ctx context.Context, path string) (from, to int64, err error) {
	s, err := openWith(ctx, path, func(ctx context.Context, db *sql.DB) (err error) {
		if _, from, to, err = versions(ctx, db); err != nil {
			return err
		}
		return migrate(ctx, db)
	})
	if err != nil {
		return 0, 0, err
	}
	return from, to, s.Close()
}

// Examine opens a database file that is there, begins a transaction that could write,
// and returns the version of its schema and the newest that is known. It changes nothing, and
// may be done beside a server.
func Examine(ctx context.Context, path string) (have, newest int64, err error) {
	db, err := openDB(path, "_query_only=0")
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, have, newest, err = versions(ctx, db)
	if err == nil {
		err = tryToWrite(ctx, db)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("open the database %s: %w", path, classify(err))
	}
	return have, newest, nil
}

// tryToWrite takes the lock of writers, which all transactions here do at their start.
func tryToWrite(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	return tx.Rollback()
}
