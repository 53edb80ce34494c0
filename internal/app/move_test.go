package app

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/move"
	"github.com/charcoal-art/charcoal/internal/postgres"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// TestNothingIsLeftBehind: every column of every table is moved, except those that
// follow from others.
func TestNothingIsLeftBehind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "charcoal.db")
	_, _, err := sqlite.Migrate(t.Context(), path)
	noError(t, "making a database", err)
	db, err := sql.Open("sqlite", path)
	noError(t, "opening it", err)
	defer func() { noError(t, "closing it", db.Close()) }()
	rows, err := db.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version'`)
	noError(t, "reading its schema", err)
	defer func() { noError(t, "reading its schema", rows.Close()) }()
	left := map[string]bool{}
	for rows.Next() {
		var table, column string
		noError(t, "reading its schema", rows.Scan(&table, &column))
		left[table+"."+column] = true
	}
	noError(t, "reading its schema", rows.Err())
	for _, table := range move.Tables() {
		for _, c := range table.Columns {
			if !left[table.Name+"."+c.Name] {
				t.Errorf("%s.%s is moved and is not there", table.Name, c.Name)
			}
			delete(left, table.Name+"."+c.Name)
		}
	}
	want := []string{
		"counts.n", "counts.name", "delayed.id", "delayed.not_before", "delayed.owner", "due.id", "due.owner", "image_changes.rev", "image_changes.seq", "images.seq", "images.state",
		"queues.due", "queues.owner", "queues.running", "queues.served", "storage.bytes", "storage.owner", "turns.n",
	}
	if got := slices.Sorted(maps.Keys(left)); !slices.Equal(got, want) {
		t.Errorf("left behind: got %v, want %v", got, want)
	}
}

// TestMoveRowsOfEveryKind, with bytes that PostgreSQL takes only in some columns, cut off
// after every table in turn.
func TestMoveRowsOfEveryKind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "charcoal.db")
	fill(t, path)
	from, err := sqlite.OpenExport(t.Context(), path)
	noError(t, "opening the source", err)
	defer func() { noError(t, "closing the source", from.Close()) }()
	url := database.NewDatabase(t, "")
	to, err := postgres.OpenImport(t.Context(), url)
	noError(t, "opening the target", err)
	defer func() { noError(t, "closing the target", to.Close()) }()
	ports := move.Ports{From: from, FromBlobs: emptyBlobs(t), ToBlobs: emptyBlobs(t)}
	options := move.Options{Meter: func(int, int64) move.Meter { return noMeter{} }, Skip: func(string, error) {}}
	var cut bool
	for n := range len(move.Tables()) {
		ports.To = &cutOff{Import: to, after: n}
		_, err := move.Run(t.Context(), ports, options)
		cut = cut || errors.Is(err, errCut)
	}
	if !cut {
		t.Error("no move was cut off")
	}
	if _, err := postgres.Open(t.Context(), url); charcoal.CodeOf(err) != charcoal.Unavailable {
		t.Errorf("opening what is half moved: got %v, want %s", err, charcoal.Unavailable)
	}
	ports.To = to
	report, err := move.Run(t.Context(), ports, options)
	noError(t, "moving", err)
	if want := int64(rowsEach*(len(move.Tables())-1) + 1); report.Rows < want {
		t.Errorf("got %d rows, want at least %d", report.Rows, want)
	}
	store, err := postgres.Open(t.Context(), url)
	noError(t, "opening what was moved", err)
	defer func() { noError(t, "closing it", store.Close()) }()
	counts, err := store.Counts(t.Context())
	if err != nil || counts.Uploads != rowsEach || counts.Queued != rowsEach {
		t.Errorf("counts: got %+v, %v", counts, err)
	}
	_, err = move.Run(t.Context(), ports, options)
	if charcoal.CodeOf(err) != charcoal.Conflict {
		t.Errorf("moving into what is there: got %v, want %s", err, charcoal.Conflict)
	}
}

const rowsEach = 3

// fill writes rows into every table of a new database, made up by the kinds of the columns.
func fill(t *testing.T, path string) {
	t.Helper()
	_, _, err := sqlite.Migrate(t.Context(), path)
	noError(t, "making a database", err)
	db, err := sql.Open("sqlite", path)
	noError(t, "opening it", err)
	for _, table := range move.Tables() {
		if table.Name == "planned" {
			continue
		}
		places := strings.TrimSuffix(strings.Repeat("?, ", len(table.Columns)), ", ")
		for n := range rowsEach {
			var values []any
			for i, c := range table.Columns {
				values = append(values, sample(c, i < table.Keys, byte(n+1)))
			}
			_, err := db.ExecContext(t.Context(), fmt.Sprintf("INSERT OR REPLACE INTO %s (%s) VALUES (%s)", table.Name, strings.Join(table.Names(), ", "), places), values...)
			noError(t, "filling "+table.Name, err)
		}
	}
	noError(t, "closing it", db.Close())
}

func sample(c move.Column, key bool, n byte) any {
	switch c.Kind {
	case move.ID:
		return bytes.Repeat([]byte{n}, 16)
	case move.Int:
		return int64(n)
	case move.Bool:
		return int64(n % 2)
	case move.JSON:
		return []string{"", `{"a":"b"}`}[n%2]
	case move.Bytes:
		return bytes.Repeat([]byte{n, 0, 0xFF, 0}, 8)
	case move.TextBytes:
		return fmt.Sprintf("k%d\x00\xff", n)
	case move.Lines:
		return []string{"", "some tag\nother"}[n%2]
	case move.Words:
		return []string{"", "read write"}[n%2]
	}
	if key || c.Name == "folded" {
		return []string{"", "B", "a", "ä"}[n]
	}
	if c.Name == "state" {
		return "queued"
	}
	return fmt.Sprintf("t%d\x00\xff", n)
}

func emptyBlobs(t *testing.T) *fileblob.Blobs {
	t.Helper()
	b, err := fileblob.Open(t.TempDir())
	noError(t, "making a folder of blobs", err)
	t.Cleanup(func() { noError(t, "closing it", b.Close()) })
	return b
}

var errCut = errors.New("cut off")

// cutOff is a target that breaks after so many pages.
type cutOff struct {
	*postgres.Import
	after int
}

func (c *cutOff) Append(ctx context.Context, table move.Table, rows []move.Row) error {
	if c.after == 0 {
		return errCut
	}
	c.after--
	return c.Import.Append(ctx, table, rows[:1]) // so that a table is cut off, too
}

func (c *cutOff) Finish(context.Context, int64) error { return errCut }

type noMeter struct{}

func (noMeter) Sent(int64) {}
func (noMeter) Finish()    {}
func (noMeter) Stop()      {}
