package sqlite

import (
	"context"
	"database/sql"
	"io/fs"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/charcoal-art/charcoal"
)

// TestOldRowsAreQueuedFairly brings a database up whose rows are older than the queues.
func TestOldRowsAreQueuedFairly(t *testing.T) {
	path := newPath(t)
	migrateTo(t, path, 6, `
		INSERT INTO images (id, filename, created, size, sha256, format, media_type, width, height, owner) VALUES
			(x'01', '', 0, 100, zeroblob(32), '', '', 1, 1, zeroblob(16)),
			(x'02', '', 0, 20, zeroblob(32), '', '', 1, 1, x'0B000000000000000000000000000000'),
			(x'03', '', 0, 3, zeroblob(32), '', '', 1, 1, zeroblob(16));
		INSERT INTO renderings (id, image_id, options, state, created, not_before, owner) VALUES
			(x'11', x'01', '{}', 'queued', 0, 0, zeroblob(16)),
			(x'12', x'01', '{}', 'running', 0, 0, zeroblob(16)),
			(x'13', x'01', '{}', 'queued', 0, 5, zeroblob(16)),
			(x'14', x'01', '{}', 'ready', 0, 0, zeroblob(16)),
			(x'21', x'02', '{}', 'queued', 0, 0, x'0B000000000000000000000000000000'),
			(x'31', x'03', '{}', 'failed', 0, 0, zeroblob(16))`)
	s := openClosing(t, path)
	wantQueues(t, s, map[charcoal.ID]queueRow{
		{}:        {due: 1, delayed: 1, running: 1},
		{0: 0x0b}: {due: 1},
	})
	for owner, want := range map[charcoal.ID]int64{{}: 103, {0: 0x0b}: 20} {
		got, err := s.Usage(t.Context(), owner, at())
		if err != nil || got != (charcoal.Usage{Storage: want}) {
			t.Errorf("usage of %s: got %+v and %v, want a storage of %d", owner, got, err, want)
		}
	}
}

// TestQueuesFollowEveryMove makes random moves and counts by hand what the
// triggers keep.
func TestQueuesFollowEveryMove(t *testing.T) {
	s := openClosing(t, newPath(t))
	queueFor(t, s, 3, 20, time.Time{})
	queueFor(t, s, 2, 10, at().Add(time.Second))
	seed := rand.Uint64()
	t.Logf("seed %#x", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		if err := moveOne(t.Context(), s, rng); err != nil {
			t.Fatal(err)
		}
	}
	wantQueues(t, s, countQueues(t, s))
}

// moveOne brings one rendering into any state, or removes it. The store makes
// only some of these moves; the queues must follow all.
func moveOne(ctx context.Context, s *Store, rng *rand.Rand) error {
	const one = ` WHERE id = (SELECT id FROM renderings ORDER BY id LIMIT 1 OFFSET ?1 % (SELECT max(1, count(*)) FROM renderings))`
	states := []charcoal.State{charcoal.Queued, charcoal.Running, charcoal.Ready, charcoal.Failed, charcoal.CanceledState}
	return s.writer.write(ctx, func(t *tx) error {
		switch state := states[rng.IntN(len(states))]; {
		case rng.IntN(20) == 0:
			return t.exec(`DELETE FROM renderings`+one, rng.IntN(1000))
		case rng.IntN(10) == 0:
			_, err := wake(t, at().Add(time.Hour))
			return err
		case state == charcoal.Queued: // as Retry and Release do: together with the time
			return t.exec(`UPDATE renderings SET state = 'queued', not_before = ?2`+one+` AND state <> 'queued'`, rng.IntN(1000), rng.IntN(2))
		default:
			return t.exec(`UPDATE renderings SET state = ?2`+one, rng.IntN(1000), string(state))
		}
	})
}

// queueRow is what the tables of queues say about one owner.
type queueRow struct{ due, delayed, running int }

func wantQueues(t *testing.T, s *Store, want map[charcoal.ID]queueRow) {
	t.Helper()
	got := readQueues(t, s, `SELECT owner, due, (SELECT count(*) FROM delayed WHERE delayed.owner = queues.owner), running
		FROM queues WHERE due + running > 0 OR owner IN (SELECT owner FROM delayed)`)
	if !maps.Equal(got, want) {
		t.Errorf("queues: got %v, want %v", got, want)
	}
	entries := readQueues(t, s, `SELECT owner, count(*), 0, 0 FROM due GROUP BY owner`)
	for owner, q := range want {
		if entries[owner].due != q.due {
			t.Errorf("entries of %s: got %d, want %d", owner, entries[owner].due, q.due)
		}
	}
}

// countQueues counts the renderings themselves. Which of those with a time are
// still delayed only the queue knows.
func countQueues(t *testing.T, s *Store) map[charcoal.ID]queueRow {
	t.Helper()
	return readQueues(t, s, `SELECT owner,
		sum(state = 'queued' AND id NOT IN (SELECT id FROM delayed)),
		sum(state = 'queued' AND id IN (SELECT id FROM delayed)),
		sum(state = 'running')
		FROM renderings WHERE state IN ('queued', 'running') GROUP BY owner`)
}

func readQueues(t *testing.T, s *Store, query string) map[charcoal.ID]queueRow {
	t.Helper()
	queues := make(map[charcoal.ID]queueRow)
	err := s.readers.each(t.Context(), func(row scanner) error {
		var owner charcoal.ID
		var q queueRow
		err := row.Scan(&owner, &q.due, &q.delayed, &q.running)
		queues[owner] = q
		return err
	}, query)
	if err != nil {
		t.Fatal(err)
	}
	return queues
}

// migrateTo makes a database of an older schema with rows in it.
func migrateTo(t *testing.T, path string, version int64, rows string) {
	t.Helper()
	db, err := openDB(path, "_query_only=0")
	if err != nil {
		t.Fatal(err)
	}
	defer closeDB(t, db)
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files, goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}

func closeDB(t *testing.T, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}
