package postgres

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// TestEveryQueryUsesAnIndex asks PostgreSQL how it would answer, with enough rows that it
// matters: nothing may cost more because more is kept.
func TestEveryQueryUsesAnIndex(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	queueFor(t, s, 1, 4000, time.Time{})
	queueFor(t, s, 50, 1000, time.Time{})
	writeLogOf(t, s)
	server.ExecIn(t, s.pool.Config().ConnString(), `UPDATE renderings SET state = 'ready'; UPDATE renderings SET key = decode(md5(id::text), 'hex'); ANALYZE`)
	writeLogOf(t, s)
	rare, _ := s.ListImages(t.Context(), charcoal.ID{}, true, charcoal.ID{}, 1)
	img, err := s.Image(t.Context(), rare[0])
	if err != nil {
		t.Fatal(err)
	}
	id, owner, last := img.ID, img.Owner, lastID()
	for _, test := range []struct {
		name, query string
		args        []any
		want        string
	}{
		{"image", selectImage, []any{id}, "images_pkey"},
		{"state of an image", selectImage, []any{id}, "renderings_of_image"},
		{"images", selectPage, []any{last, 20}, "images_pkey"},
		{"images of an owner", selectOwnPage, []any{owner, last, 20}, "images_owner"},
		{"first rendering", selectFirst, []any{id}, "renderings_of_image"},
		{"rendering", selectRendering, []any{id}, "renderings_pkey"},
		{"renderings", selectRenderings, []any{id, last, 20}, "renderings_of_image"},
		{"the same rendering", selectSameRendering, []any{id, []byte{1}, ""}, "renderings_"},
		{"stale uploads", selectStale, []any{1, 10}, "uploads_"},
		{"counts", selectCounts, nil, "Function Scan"},
		{"events", selectEvents, []any{0, 10}, "events_pkey"},
		{"events of an owner", selectOwnEvents, []any{0, 10, owner}, "events_owner"},
		{"events of an image", selectImageEvents, []any{0, 10, id}, "events_image"},
		{"events of an image of an owner", selectOwnImageEvents, []any{0, 10, id, owner}, "events_image"},
		{"expired images", selectExpired, []any{1}, "images_expire"},
		{"binned images", selectBinned, []any{1}, "images_binned"},
		{"expired leases", expire, []any{1, 1, ""}, "renderings_running"},
		{"finish", finish, []any{id, 1, "", 1, 1, 1, "", 1, "", "", "", 1, 1, 1, 1}, "renderings_pkey"},
		{"what to plan", selectNextEvents, []any{0, 10}, "events_pkey"},
		{"changed images", selectChanged, []any{0, 10}, "events_pkey"},
	} {
		plan := explain(t, s, test.query, test.args...)
		if !strings.Contains(plan, test.want) || strings.Contains(plan, "Seq Scan on renderings") || strings.Contains(plan, "Seq Scan on images") {
			t.Errorf("%s: want %s in the plan, got:\n%s", test.name, test.want, plan)
		}
	}
}

func explain(t *testing.T, s *Store, query string, args ...any) string {
	t.Helper()
	var lines []string
	err := s.read(t.Context(), func(tx *tx) (err error) {
		lines, err = all(tx, scanValue[string], "EXPLAIN "+query, args...)
		return err
	})
	if err != nil {
		t.Fatalf("explain %s: %v", query, err)
	}
	return strings.Join(lines, "\n")
}

// TestClaimLooksAtFewRows: neither what was drawn nor what waits of others makes a claim
// read more.
func TestClaimLooksAtFewRows(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	queueFor(t, s, 1, 5000, time.Time{})
	server.ExecIn(t, s.pool.Config().ConnString(), `UPDATE renderings SET state = 'ready'`)
	queueFor(t, s, 300, 3000, time.Time{})
	if _, err := s.claim(t.Context(), "a", at(), at(), 0, 8); err != nil {
		t.Fatal(err)
	}
	lines := explain(t, s, `(ANALYZE, BUFFERS, TIMING OFF) SELECT count(*) FROM claim('a', 0, 0, NULL, 1)`)
	var hit int
	for field := range strings.FieldsSeq(lines) {
		if n, ok := strings.CutPrefix(field, "hit="); ok {
			hit = max(hit, atoi(t, n))
		}
	}
	const few = 400
	if hit == 0 || hit > few {
		t.Errorf("a claim read %d pages, want at most %d:\n%s", hit, few, lines)
	}
}

func atoi(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
