package sqlite

import (
	"context"
	"errors"
	"strings"
	"testing"
)

// TestEveryQueryUsesAnIndex asks SQLite how it would answer. A scan would make
// a call slower with every picture there is.
func TestEveryQueryUsesAnIndex(t *testing.T) {
	s := openClosing(t, newPath(t))
	for _, test := range []struct{ name, query, want string }{
		{"image", selectImage, "USING INDEX sqlite_autoindex_images_1 (id=?)"},
		{"first rendering", selectFirst, "USING INDEX renderings_of_image (image_id=?)"},
		{"list", selectPage, "USING COVERING INDEX images_visible (id<?)"},
		{"list of an owner", selectOwnPage, "USING COVERING INDEX images_owner (owner=? AND id<?)"},
		{"rendering", selectRendering, "USING PRIMARY KEY (id=?)"},
		{"renderings", selectRenderings, "USING INDEX renderings_of_image (image_id=? AND id<?)"},
		{"the same image", selectSame, "USING INDEX images_same (owner=? AND sha256=?)"},
		{"the same rendering", selectSameRendering, "USING INDEX renderings_same (image_id=? AND key=?)"},
		{"claim: whose turn it is", nextDue, "SEARCH queues USING INDEX queues_next (running<?)"},
		{"claim: their oldest", nextDue, "SEARCH due USING PRIMARY KEY (owner=?)"},
		{"claim: became due", "SELECT id" + awake, "SEARCH delayed USING PRIMARY KEY (not_before<?)"},
		{"claim: the row", claimOne, "SEARCH renderings USING PRIMARY KEY (id=?)"},
		{"lease", `UPDATE renderings SET state = 'queued'` + holds, "USING PRIMARY KEY (id=?)"},
		{"expiry", `UPDATE renderings SET state = 'queued'` + expired, "USING INDEX renderings_running (lease_until<?)"},
	} {
		plan := explain(t, s, test.query)
		if !strings.Contains(plan, test.want) {
			t.Errorf("%s: want %q in the plan, got:\n%s", test.name, test.want, plan)
		}
		if strings.Contains(plan, "SCAN renderings") || strings.Contains(plan, "SCAN images") {
			t.Errorf("%s: the plan scans a table:\n%s", test.name, plan)
		}
	}
}

func explain(t *testing.T, s *Store, query string) string {
	t.Helper()
	rows, err := s.readers.db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, 1, 2, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}

// TestSettings reads back what durability and safety rest on: a misspelt
// setting would be ignored in silence.
func TestSettings(t *testing.T) {
	s := openClosing(t, newPath(t))
	for _, test := range []struct{ pragma, writer, reader string }{
		{"journal_mode", "wal", "wal"},
		{"synchronous", "2", "2"}, // FULL
		{"foreign_keys", "1", "1"},
		{"query_only", "0", "1"},
		{"busy_timeout", "5000", "5000"},
	} {
		var writer, reader string
		if err := s.readers.db.QueryRowContext(t.Context(), "PRAGMA "+test.pragma).Scan(&reader); err != nil {
			t.Fatal(err)
		}
		err := s.writer.write(t.Context(), func(tx *tx) error {
			return tx.row("PRAGMA " + test.pragma).Scan(&writer)
		})
		if err != nil {
			t.Fatal(err)
		}
		if writer != test.writer || reader != test.reader {
			t.Errorf("%s: got %s for the writer and %s for readers, want %s and %s",
				test.pragma, writer, reader, test.writer, test.reader)
		}
	}
	if _, err := s.readers.db.ExecContext(context.Background(), "DELETE FROM images"); err == nil {
		t.Error("a reader can write")
	}
}
