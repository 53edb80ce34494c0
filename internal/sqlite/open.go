package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/charcoal-art/charcoal"
)

//go:embed migrations/*.sql
var migrations embed.FS

// The connection settings. A commit returns when it is on the disk
// (synchronous FULL). Another process may hold the lock for a moment, so wait
// for it (busy timeout in ms); a transaction takes it at its start (txlock),
// because one that reads first and then writes is refused without a wait.
const settings = "_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1&_busy_timeout=5000&_txlock=immediate"

// openDB makes a pool whose connections open the file on demand.
func openDB(path, more string) (*sql.DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find the database: %w", err)
	}
	abs = filepath.ToSlash(abs)
	if !strings.HasPrefix(abs, "/") { // a drive letter
		abs = "/" + abs
	}
	// SQLite reads parameters only from a URI, in which "?", "#" and "%" of the
	// path must be escaped.
	uri := url.URL{Scheme: "file", Path: abs, RawQuery: settings + "&" + more}
	return sql.Open("sqlite", uri.String())
}

// migrate brings the schema up to date.
func migrate(ctx context.Context, db *sql.DB) error {
	p, have, newest, err := versions(ctx, db)
	if err != nil {
		return err
	}
	if have > newest {
		return charcoal.Errorf(charcoal.Unavailable,
			"the database is of a newer release (schema %d, this release knows %d)", have, newest)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("update the schema: %w", err)
	}
	return nil
}

// versions returns what changes the schema, the version that it has, and the newest
// that is known.
func versions(ctx context.Context, db *sql.DB) (p *goose.Provider, have, newest int64, err error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, 0, 0, err
	}
	p, err = goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, 0, 0, err
	}
	have, newest, err = p.GetVersions(ctx)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("read the schema version: %w", err)
	}
	return p, have, newest, nil
}

// checkSchema is Unavailable when the schema is not the one of this release.
func checkSchema(ctx context.Context, db *sql.DB) error {
	_, have, newest, err := versions(ctx, db)
	if err == nil && have != newest {
		return charcoal.Errorf(charcoal.Unavailable,
			"the running server is of another release (schema %d, this one has %d); stop it first", have, newest)
	}
	return err
}
