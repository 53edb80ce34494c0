package sqlite

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// TestMigrations brings databases of every earlier schema up to date, each with the rows
// that the releases until then left in it, and finds these rows as they were.
func TestMigrations(t *testing.T) {
	newest := newestSchema(t)
	for version := int64(1); version <= newest; version++ {
		t.Run(fmt.Sprintf("from schema %d", version), func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			before := makeSchema(t, path, version)
			s := openClosing(t, path)
			after := dump(t, s.readers.db, before)
			for table, rows := range before {
				if !slices.Equal(after[table].rows, rows.rows) {
					t.Errorf("table %s: got\n%s\nwant\n%s", table, strings.Join(after[table].rows, "\n"), strings.Join(rows.rows, "\n"))
				}
			}
			wantSound(t, s)
			wantReferences(t, s)
			wantUsable(t, s, len(before["images"].rows))
		})
	}
}

func newestSchema(t *testing.T) int64 {
	t.Helper()
	_, _, newest, err := versions(t.Context(), openRaw(t, newPath(t), ""))
	if err != nil {
		t.Fatal(err)
	}
	return newest
}

// makeSchema makes a database of a version: after each migration come the rows of its
// release, of which there must be some. It returns what there is then.
func makeSchema(t *testing.T, path string, version int64) map[string]table {
	t.Helper()
	db := openRaw(t, path, "")
	p, _, _, err := versions(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	for v := int64(1); v <= version; v++ {
		if _, err := p.UpTo(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		rows, err := os.ReadFile(filepath.Join("testdata", "schema", fmt.Sprintf("%05d.sql", v)))
		if err != nil {
			t.Fatalf("a migration needs rows that a release left behind: %v", err)
		}
		if _, err := db.ExecContext(t.Context(), string(rows)); err != nil {
			t.Fatalf("rows of schema %d: %v", v, err)
		}
	}
	return dump(t, db, nil)
}

// table is what a table holds, a line for each row, and the columns looked at.
type table struct {
	columns string
	rows    []string
}

// dump reads all tables that hold what people and programs stored, or the columns
// that were there before.
func dump(t *testing.T, db *sql.DB, before map[string]table) map[string]table {
	t.Helper()
	tables := make(map[string]table)
	for _, name := range column(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table'
		AND name NOT LIKE 'sqlite_%' AND name NOT IN ('goose_db_version', 'counts', 'planned')`) {
		of := table{columns: before[name].columns}
		if of.columns == "" {
			columns := column(t, db, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+name+`')`)
			of.columns = strings.Join(columns, ` || ' ' || `)
		}
		of.rows = column(t, db, `SELECT `+of.columns+` FROM "`+name+`" ORDER BY 1`)
		tables[name] = of
	}
	return tables
}

func column(t *testing.T, db *sql.DB, query string) (values []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		values = append(values, v)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return values
}

func wantReferences(t *testing.T, s *Store) {
	t.Helper()
	if broken := column(t, s.readers.db, `SELECT "table" FROM pragma_foreign_key_check`); len(broken) > 0 {
		t.Errorf("rows of %v refer to nothing", broken)
	}
}

// wantUsable reads the old images through the store, and draws what was waiting.
func wantUsable(t *testing.T, s *Store, images int) {
	t.Helper()
	admin := charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}
	page, err := s.Search(t.Context(), charcoal.Query{Viewer: admin, Limit: charcoal.MaxPage})
	if err != nil {
		t.Fatal(err)
	}
	binned, err := s.Search(t.Context(), charcoal.Query{Viewer: admin, Limit: charcoal.MaxPage, Binned: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := len(page.Images) + len(binned.Images); got != images {
		t.Errorf("found %d images, want %d", got, images)
	}
	for _, img := range page.Images {
		got, err := s.Image(t.Context(), img.ID)
		if err != nil || got.Filename != img.Filename {
			t.Errorf("image %s: got %+v, %v", img.ID, got, err)
		}
		first, err := s.FirstRendering(t.Context(), img.ID)
		if err != nil || first.ImageID != img.ID || first.Owner != img.Owner {
			t.Errorf("its rendering: got %+v, %v", first, err)
		}
	}
	wantCounted(t, s)
	wantDrawn(t, s)
}

func wantCounted(t *testing.T, s *Store) {
	t.Helper()
	for _, row := range column(t, s.readers.db, `SELECT name || ': ' || n || ' counted, ' || found FROM (
		SELECT name, n, iif(name = 'uploads', (SELECT count(*) FROM images), (SELECT count(*) FROM renderings WHERE state = name)) AS found FROM counts)
		WHERE n <> found`) {
		t.Errorf("counts: %s there", row)
	}
}

// wantDrawn claims until nothing is left: whatever was queued, delayed or lost.
func wantDrawn(t *testing.T, s *Store) {
	t.Helper()
	later := at().Add(1000 * time.Hour)
	if _, _, err := s.ExpireLeases(t.Context(), later, 10, "lost"); err != nil {
		t.Fatal(err)
	}
	counts, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range counts.Queued {
		job, err := s.Claim(t.Context(), "b", later, later.Add(time.Minute), 0)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		if err := s.Finish(t.Context(), job.Rendering.Lease(), later, charcoal.Result{Cols: 1, Rows: 1}); err != nil {
			t.Fatalf("finish: %v", err)
		}
	}
	if counts, err = s.Counts(t.Context()); err != nil || counts.Queued+counts.Running > 0 {
		t.Errorf("after all was drawn: got %+v, %v", counts, err)
	}
}
