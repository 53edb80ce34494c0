package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// maxAttempts bounds how often a call is begun: a transaction that collides with others
// so often does so for a reason.
const maxAttempts = 5

// tx is what a call may do: statements of one transaction, or outside of one. It is of
// one attempt of one call, so it carries the call's context.
type tx struct {
	ctx context.Context
	q   querier
}

// querier is a pool or a transaction of one of its connections.
type querier interface {
	Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// scanner is a row.
type scanner interface{ Scan(into ...any) error }

// read executes statements of which doing them twice is no harm: those that read, and some that
// bring about what is so already. So it goes on with another connection when one broke.
func (s *Store) read(ctx context.Context, do func(*tx) error) error {
	return s.attempt(ctx, disconnected, func(ctx context.Context) error { return do(&tx{ctx, s.pool}) })
}

// alone executes one statement that is a transaction by itself.
func (s *Store) alone(ctx context.Context, do func(*tx) error) error {
	return s.attempt(ctx, pgconn.SafeToRetry, func(ctx context.Context) error { return do(&tx{ctx, s.pool}) })
}

// write executes a transaction. It may begin it several times. When the connection
// breaks while it commits, nobody can know whether it did: that is Unavailable, and
// may have been done.
func (s *Store) write(ctx context.Context, do func(*tx) error) error {
	var committing bool
	undone := func(err error) bool { return !committing && disconnected(err) }
	return s.attempt(ctx, undone, func(ctx context.Context) error {
		committing = false
		return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.ReadCommitted}, func(t pgx.Tx) error {
			err := do(&tx{ctx, t})
			committing = err == nil
			return err
		})
	})
}

// attempt does something again while it collides with others, or fails as again says.
func (s *Store) attempt(ctx context.Context, again func(error) bool, do func(context.Context) error) error {
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	for n := 1; ; n++ {
		err := do(call)
		if err == nil || n == maxAttempts || call.Err() != nil || !collided(err) && !again(err) {
			return classify(ctx, err)
		}
	}
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.change(query, args...)
	return err
}

// change executes a statement and returns how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	tag, err := t.q.Exec(t.ctx, query, clean(args)...)
	return tag.RowsAffected(), err
}

// row starts a query for one row; Scan ends it, with [pgx.ErrNoRows] when there is none.
func (t *tx) row(query string, args ...any) scanner {
	return t.q.QueryRow(t.ctx, query, clean(args)...)
}

// each calls scan for every row of a statement.
func (t *tx) each(scan func(scanner) error, query string, args ...any) error {
	rows, err := t.q.Query(t.ctx, query, clean(args)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// one reads a row.
func one[T any](t *tx, scan func(scanner) (T, error), query string, args ...any) (T, error) {
	return scan(t.row(query, args...))
}

// all reads the rows of a statement; nil for none.
func all[T any](t *tx, scan func(scanner) (T, error), query string, args ...any) ([]T, error) {
	var found []T
	err := t.each(func(row scanner) error {
		v, err := scan(row)
		found = append(found, v)
		return err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// scanValue reads a row of one column.
func scanValue[T any](row scanner) (v T, err error) {
	err = row.Scan(&v)
	return v, err
}

// lock waits for a lock of a name and holds it until the end of the transaction. Names that
// share a number by chance wait for each other needlessly, and rarely.
func (t *tx) lock(name string) error {
	return wrap("wait for a lock", t.exec(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, name))
}

// clean makes texts storable: PostgreSQL takes neither NUL nor what is not UTF-8
// (section 8.3 of its manual), and both may come from outside, even in what is only
// looked for. What must keep its bytes is stored as bytes.
func clean(args []any) []any {
	for i, arg := range args {
		switch v := arg.(type) {
		case string:
			args[i] = cleanText(v)
		case []string:
			texts := make([]string, len(v))
			for n := range v {
				texts[n] = cleanText(v[n])
			}
			args[i] = texts
		}
	}
	return args
}

func cleanText(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}
