package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/move"
)

// Export is a database file whose rows are read in bulk, and not changed.
type Export struct{ db *sql.DB }

var _ move.Source = (*Export)(nil)

// OpenExport opens a database file, whose schema must be that of this release.
func OpenExport(ctx context.Context, path string) (*Export, error) {
	have, newest, err := Examine(ctx, path)
	if err != nil {
		return nil, err
	}
	if have != newest {
		return nil, charcoal.Errorf(charcoal.Conflict, `the schema of %s has version %d, and this release needs %d; run "charcoal migrate" first`, path, have, newest)
	}
	db, err := openDB(path, "_query_only=1")
	if err != nil {
		return nil, err
	}
	return &Export{db}, nil
}

// Close releases the file.
func (e *Export) Close() error { return e.db.Close() }

// Event implements [move.Source].
func (e *Export) Event(ctx context.Context) (seq int64, err error) {
	err = e.db.QueryRowContext(ctx, `SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)`).Scan(&seq)
	return seq, err
}

// Page implements [move.Source].
func (e *Export) Page(ctx context.Context, t move.Table, after []any, limit int) (found []move.Row, err error) {
	rows, err := e.db.QueryContext(ctx, pageQuery(t, after != nil, limit), boundKey(after)...)
	if err != nil {
		return nil, fmt.Errorf("read the table %s: %w", t.Name, classify(err))
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		row, err := exported(t, rows)
		if err != nil {
			return nil, err
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

func pageQuery(t move.Table, after bool, limit int) string {
	names := t.Names()
	key := strings.Join(names[:t.Keys], ", ")
	where := ""
	if after {
		where = fmt.Sprintf(" WHERE (%s) > (%s)", key, strings.TrimSuffix(strings.Repeat("?, ", t.Keys), ", "))
	}
	return fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT %d", strings.Join(names, ", "), t.Name, where, key, limit)
}

// boundKey turns the values of a key into what is stored here.
func boundKey(key []any) []any {
	stored := make([]any, len(key))
	for i, v := range key {
		switch v := v.(type) {
		case [16]byte:
			stored[i] = v[:]
		case []byte: // of a key that is a text here
			stored[i] = string(v)
		case bool:
			stored[i] = int64(0)
			if v {
				stored[i] = int64(1)
			}
		default:
			stored[i] = v
		}
	}
	return stored
}

// exported reads a row as [move.Kind] says.
func exported(t move.Table, row scanner) (move.Row, error) {
	into := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		switch c.Kind {
		case move.Int, move.Bool:
			into[i] = new(int64)
		case move.ID, move.Bytes, move.TextBytes:
			into[i] = new([]byte)
		default:
			into[i] = new(string)
		}
	}
	if err := row.Scan(into...); err != nil {
		return nil, fmt.Errorf("read a row of the table %s: %w", t.Name, err)
	}
	values := make(move.Row, len(into))
	for i, c := range t.Columns {
		values[i] = value(c.Kind, into[i])
	}
	return values, nil
}

func value(kind move.Kind, stored any) any {
	switch v := stored.(type) {
	case *int64:
		if kind == move.Bool {
			return *v != 0
		}
		return *v
	case *[]byte:
		if kind == move.ID {
			var id [16]byte
			copy(id[:], *v)
			return id
		}
		return append([]byte{}, *v...)
	case *string:
		return textValue(kind, *v)
	}
	return nil
}

func textValue(kind move.Kind, text string) any {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	switch {
	case kind == move.Lines:
		return append([]string{}, splitTags(text)...)
	case kind == move.Words:
		return append([]string{}, strings.Fields(text)...)
	case kind == move.JSON && text == "":
		return "{}"
	}
	return text
}
