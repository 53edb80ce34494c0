package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/move"
)

// Import is a database that is filled in bulk.
type Import struct{ s *Store }

var _ move.Target = (*Import)(nil)

// OpenImport opens a database and brings its schema up to date. It is Conflict behind
// PgBouncer.
func OpenImport(ctx context.Context, url string) (*Import, error) {
	pool, pooler, err := connect(ctx, url)
	if err != nil {
		return nil, err
	}
	i := &Import{&Store{pool: pool}}
	if pooler {
		err = charcoal.Errorf(charcoal.Conflict, "a move needs a URL that leads to PostgreSQL itself and not to PgBouncer")
	} else {
		err = i.s.checkSchema(ctx, false)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	return i, nil
}

// Close closes all connections.
func (i *Import) Close() error {
	i.s.pool.Close()
	return nil
}

// isMoving asks for a table that is there while a database is being filled.
const isMoving = `SELECT to_regclass('moving') IS NOT NULL`

// checkMoved keeps servers out of a database that is being filled.
func checkMoved(ctx context.Context, pool *pgxpool.Pool) error {
	var moving bool
	if err := pool.QueryRow(ctx, isMoving).Scan(&moving); err != nil {
		return wrap("look whether a move is under way", classify(ctx, err))
	}
	if moving {
		return charcoal.Errorf(charcoal.Unavailable, `a move into this database is not complete; run "charcoal move" again until it is`)
	}
	return nil
}

// Begin implements [move.Target].
func (i *Import) Begin(ctx context.Context, restart bool) error {
	return i.s.write(ctx, func(t *tx) error {
		if err := t.lock("move"); err != nil {
			return err
		}
		moving, err := one(t, scanValue[bool], isMoving)
		switch {
		case err != nil:
			return err
		case moving && restart:
			return i.clear(t)
		case moving:
			return nil
		}
		if err := i.checkEmpty(t); err != nil {
			return err
		}
		return errors.Join(t.exec(`CREATE TABLE moving ()`), t.exec(`DELETE FROM planned`))
	})
}

func (i *Import) checkEmpty(t *tx) error {
	for _, table := range move.Tables() {
		if table.Name == "planned" {
			continue
		}
		found, err := one(t, scanValue[bool], `SELECT EXISTS (SELECT 1 FROM `+table.Name+`)`)
		if err != nil {
			return err
		}
		if found {
			return charcoal.Errorf(charcoal.Conflict, "the database holds %s already: of a move that was completed, or of another server; to move into it, it has to be empty", table.Name)
		}
	}
	return nil
}

func (i *Import) clear(t *tx) error {
	names := []string{"storage", "queues", "journal"}
	for _, table := range move.Tables() {
		names = append(names, table.Name)
	}
	return t.exec(`TRUNCATE ` + strings.Join(names, ", "))
}

// Append implements [move.Target]. Triggers that would write events are off in its
// transaction; the lock for that keeps others out until it ends.
func (i *Import) Append(ctx context.Context, table move.Table, rows []move.Row) error {
	err := pgx.BeginFunc(ctx, i.s.pool, func(t pgx.Tx) error {
		if err := quietly(ctx, t, table.Name, "DISABLE"); err != nil {
			return err
		}
		names := make([]string, len(table.Columns))
		for n, c := range table.Columns {
			names[n] = c.Name
		}
		_, err := t.CopyFrom(ctx, pgx.Identifier{table.Name}, names, pgx.CopyFromSlice(len(rows), func(n int) ([]any, error) { return rows[n], nil }))
		if err != nil {
			return err
		}
		return quietly(ctx, t, table.Name, "ENABLE")
	})
	return wrap("add rows", classify(ctx, err))
}

// quietly turns the trigger of a table off or on that writes events.
func quietly(ctx context.Context, t pgx.Tx, table, what string) error {
	trigger := map[string]string{"images": "image_added_or_removed", "renderings": "rendering_added_or_removed"}[table]
	if trigger == "" {
		return nil
	}
	_, err := t.Exec(ctx, `ALTER TABLE `+table+` `+what+` TRIGGER `+trigger)
	return err
}

// Last implements [move.Target].
func (i *Import) Last(ctx context.Context, table move.Table) (move.Row, error) {
	rows, err := i.rows(ctx, table, "", " DESC", 1)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return rows[0], nil
}

// Page implements [move.Target].
func (i *Import) Page(ctx context.Context, table move.Table, after []any, limit int) ([]move.Row, error) {
	where := ""
	if after != nil {
		var places []string
		for n := range after {
			places = append(places, fmt.Sprintf("$%d", n+1))
		}
		where = fmt.Sprintf("WHERE (%s) > (%s)", strings.Join(keyColumns(table), ", "), strings.Join(places, ", "))
	}
	return i.rows(ctx, table, where, "", limit, after...)
}

// keyColumns are in the order of their bytes, as in the source.
func keyColumns(table move.Table) []string {
	names := table.Names()[:table.Keys]
	for n := range names {
		if table.Columns[n].Kind == move.Text {
			names[n] += ` COLLATE "C"`
		}
	}
	return names
}

func (i *Import) rows(ctx context.Context, table move.Table, where, direction string, limit int, args ...any) ([]move.Row, error) {
	order := strings.Join(keyColumns(table), direction+", ") + direction
	query := fmt.Sprintf("SELECT %s FROM %s %s ORDER BY %s LIMIT %d", strings.Join(table.Names(), ", "), table.Name, where, order, limit)
	rows, err := i.s.pool.Query(ctx, query, args...)
	if err == nil {
		var found []move.Row
		found, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (move.Row, error) { return imported(table, row) })
		if err == nil {
			return found, nil
		}
	}
	return nil, wrap("read the table "+table.Name, classify(ctx, err))
}

// imported reads a row as [move.Kind] says.
func imported(table move.Table, row scanner) (move.Row, error) {
	into := make([]any, len(table.Columns))
	for n, c := range table.Columns {
		switch c.Kind {
		case move.ID:
			into[n] = new([16]byte)
		case move.Int:
			into[n] = new(int64)
		case move.Bool:
			into[n] = new(bool)
		case move.Bytes, move.TextBytes:
			into[n] = new([]byte)
		case move.Lines, move.Words:
			into[n] = new([]string)
		default:
			into[n] = new(string)
		}
	}
	if err := row.Scan(into...); err != nil {
		return nil, err
	}
	values := make(move.Row, len(into))
	for n, v := range into {
		values[n] = pointedAt(v)
	}
	return values, nil
}

func pointedAt(p any) any {
	switch v := p.(type) {
	case *[16]byte:
		return *v
	case *int64:
		return *v
	case *bool:
		return *v
	case *[]byte:
		return *v
	case *[]string:
		return *v
	case *string:
		return *v
	}
	return nil
}

// Finish implements [move.Target].
func (i *Import) Finish(ctx context.Context, event int64) error {
	err := i.s.write(ctx, func(t *tx) error {
		return errors.Join(
			t.exec(`INSERT INTO storage (owner, bytes) SELECT owner, sum(size) FROM images GROUP BY owner`),
			t.exec(`UPDATE log SET seq = $1, uploads = (SELECT count(*) FROM images),
				queued = n.queued, running = n.running, ready = n.ready, failed = n.failed, canceled = n.canceled
				FROM (SELECT count(*) FILTER (WHERE state = 'queued') AS queued, count(*) FILTER (WHERE state = 'running') AS running,
					count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'failed') AS failed,
					count(*) FILTER (WHERE state = 'canceled') AS canceled FROM renderings) AS n`, event),
			t.exec(`DROP TABLE moving`))
	})
	return wrap("complete the move", err)
}
