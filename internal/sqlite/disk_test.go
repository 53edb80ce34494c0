package sqlite

import (
	"database/sql"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

// TestFullDisk fills the disk, finds that nothing half-done is left, makes room
// and goes on with the same store.
func TestFullDisk(t *testing.T) {
	dir := conformance.SmallDisk(t, 8<<20)
	s := openClosing(t, filepath.Join(dir, "charcoal.db"))
	filler := filepath.Join(dir, "filler")
	fill(t, filler)

	kept, refused := uploadUntilFull(t, s)
	if got := charcoal.CodeOf(refused); got != charcoal.StorageFull {
		t.Fatalf("upload: got code %q (%v), want %q", got, refused, charcoal.StorageFull)
	}
	wantUploads(t, s, kept)
	if _, err := s.ListImages(t.Context(), charcoal.ID{}, true, charcoal.ID{}, 10); err != nil {
		t.Errorf("a read on a full disk: %v", err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if err := upload(t, s); err != nil {
			t.Fatalf("upload when there is room again: %v", err)
		}
	}
	wantUploads(t, s, kept+100)
	wantSound(t, s)
}

func uploadUntilFull(t *testing.T, s *Store) (stored int64, err error) {
	t.Helper()
	for stored < 10_000 {
		if err := upload(t, s); err != nil {
			return stored, err
		}
		stored++
	}
	return stored, nil
}

func upload(t testing.TB, s *Store) error {
	img := charcoal.Image{ID: charcoal.NewID(), Filename: strings.Repeat("x", 200), Created: at()}
	if err := s.BeginUpload(t.Context(), img, 1<<40); err != nil {
		return err
	}
	_, _, err := s.CommitUpload(t.Context(), img, charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Created: at()}, false)
	return err
}

func wantUploads(t *testing.T, s *Store, want int64) {
	t.Helper()
	got, err := s.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got.Uploads != want || got.Queued != want {
		t.Errorf("got %d uploads and %d queued, want %d of each", got.Uploads, got.Queued, want)
	}
}

func wantSound(t *testing.T, s *Store) {
	t.Helper()
	var verdict string
	if err := s.readers.db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
		t.Errorf("integrity check: got %q and error %v, want ok", verdict, err)
	}
}

func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = io.Copy(f, zeros{}); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the disk: got %v, want %v", err, syscall.ENOSPC)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAnotherWriterMakesItUnavailable(t *testing.T) {
	path := newPath(t)
	openClosing(t, path)
	// Two more processes, one of which does not wait as long as ours would.
	holder, hasty := openRaw(t, path, ""), openRaw(t, path, "&_timeout=1")
	if _, err := holder.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	_, err := hasty.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	if got := charcoal.CodeOf(classify(err)); got != charcoal.Unavailable {
		t.Errorf("got code %q (%v), want %q", got, err, charcoal.Unavailable)
	}
}

// openRaw opens one connection beside the store.
func openRaw(t *testing.T, path, more string) *sql.DB {
	t.Helper()
	db, err := openDB(path, more)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func TestOpenRefuses(t *testing.T) {
	newer := newPath(t)
	closeStore(t, openStore(t, newer))
	if _, err := openRaw(t, newer, "").Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`); err != nil {
		t.Fatal(err)
	}
	text := newPath(t)
	if err := os.WriteFile(text, []byte(strings.Repeat("this is no database. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, path, want string }{
		{"a file of a newer release", newer, "newer release"},
		{"a file that is no database", text, "not a database"},
		{"a folder that is not there", filepath.Join(t.TempDir(), "no", "file.db"), "unable to open"},
		{"a folder", t.TempDir(), "unable to open"},
	} {
		s, err := Open(t.Context(), test.path)
		if err == nil {
			t.Errorf("%s: got no error", test.name)
			closeStore(t, s)
		} else if !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %q, want %q in it", test.name, err, test.want)
		}
	}
}

func openClosing(t *testing.T, path string) *Store {
	t.Helper()
	s := openStore(t, path)
	t.Cleanup(func() { closeStore(t, s) })
	return s
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
}
