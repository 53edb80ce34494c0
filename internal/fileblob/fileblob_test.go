package fileblob

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/iotest"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	conformance.Blobs(t, func(t *testing.T) charcoal.Blobs {
		dir := t.TempDir()
		t.Cleanup(func() { wantNoTemp(t, dir) })
		return openBlobs(t, dir)
	})
}

func TestFullDisk(t *testing.T) {
	dir := conformance.SmallDisk(t, 4<<20)
	conformance.FullBlobs(t, openBlobs(t, dir))
	wantNoTemp(t, dir)
}

// TestFullDiskForTheFolder has room left for no folder.
func TestFullDiskForTheFolder(t *testing.T) {
	dir := conformance.SmallDisk(t, 1<<20)
	b := openBlobs(t, dir)
	fill(t, filepath.Join(dir, "filler"))
	key := charcoal.OriginalKey(charcoal.NewID())
	_, err := b.Put(t.Context(), key, strings.NewReader("x"))
	if got := charcoal.CodeOf(err); got != charcoal.StorageFull {
		t.Fatalf("put: got code %q (%v), want %q", got, err, charcoal.StorageFull)
	}
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
	put(t, b, key, "x")
	wantNoTemp(t, dir)
}

func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(f, zeros{})
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("fill the disk: got %v, want %v", err, syscall.ENOSPC)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestNoRoom(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
		want charcoal.Code
	}{
		{"disk full", &fs.PathError{Op: "write", Err: syscall.ENOSPC}, charcoal.StorageFull},
		{"quota reached", &fs.PathError{Op: "write", Err: syscall.EDQUOT}, charcoal.StorageFull},
		{"another error", &fs.PathError{Op: "write", Err: syscall.EIO}, charcoal.Internal},
		{"a full disk of the reader", &readError{syscall.ENOSPC}, charcoal.Internal},
	} {
		err := storing("k", test.err)
		if got := charcoal.CodeOf(err); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: got code %q (%v), want %q with the cause", test.name, got, err, test.want)
		}
	}
}

func TestOpenRemovesUnfinishedFiles(t *testing.T) {
	dir := t.TempDir()
	key := charcoal.OriginalKey(charcoal.NewID())
	put(t, openBlobs(t, dir), key, "kept")
	for _, name := range []string{"tmp/LEFTOVER", "tmp/folder/below"} {
		name = filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, nil, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	b := openBlobs(t, dir)
	wantNoTemp(t, dir)
	blob, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(blob); err != nil || string(got) != "kept" {
		t.Errorf("got %q and error %v, want the blob kept", got, err)
	}
	if err := blob.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenMakesTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	put(t, openBlobs(t, dir), charcoal.OriginalKey(charcoal.NewID()), "x")
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := info.Mode().Perm(), os.FileMode(0o700); got != want {
		t.Errorf("got mode %v, want %v: originals are nobody else's to read", got, want)
	}
}

func TestOpenRefusesAFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := Open(name); err == nil {
		t.Errorf("got %v, want an error", b)
	}
}

// TestFailedPutLeavesNoTemp covers the ways out of a Put that conformance
// cannot arrange: the place of the blob is taken by something else.
func TestFailedPutLeavesNoTemp(t *testing.T) {
	dir := t.TempDir()
	b := openBlobs(t, dir)
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "folder"), 0o700), os.WriteFile(filepath.Join(dir, "file"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]io.Reader{
		"folder":    strings.NewReader("onto a folder"),
		"file/blob": strings.NewReader("below a file"),
		"a/blob":    iotest.ErrReader(io.ErrUnexpectedEOF),
	} {
		if _, err := b.Put(t.Context(), name, r); err == nil {
			t.Errorf("put %s: got no error", name)
		}
	}
	wantNoTemp(t, dir)
}

func TestSymlinksLeadNowhere(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	b := openBlobs(t, dir)
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if blob, err := b.Open(t.Context(), "link/secret"); err == nil {
		t.Errorf("open %v: got no error", blob)
	}
	if _, err := b.Put(t.Context(), "link/planted", strings.NewReader("x")); err == nil {
		t.Error("put: got no error")
	}
	if err := b.Delete(t.Context(), "link/secret"); err == nil {
		t.Error("delete: got no error")
	}
	if got := files(t, outside); len(got) != 1 {
		t.Errorf("got files %q outside, want the secret alone", got)
	}
}

func TestTmpIsNoPlaceForBlobs(t *testing.T) {
	b := openBlobs(t, t.TempDir())
	for _, key := range []string{"tmp", "tmp/x"} {
		if _, err := b.Put(t.Context(), key, strings.NewReader("x")); err == nil {
			t.Errorf("put %s: got no error", key)
		}
	}
}

func FuzzKey(f *testing.F) {
	for _, seed := range []string{charcoal.OriginalKey(charcoal.ID{}), charcoal.ArtKey(charcoal.ID{}, 1), "../x", "/x", "tmp/x", "a//b", `a\b`, "a\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if checkKey(key) == nil && (!filepath.IsLocal(key) || filepath.Clean(key) != key || strings.HasPrefix(key, "tmp/")) {
			t.Errorf("key %q was accepted", key)
		}
	})
}

func openBlobs(t testing.TB, dir string) *Blobs {
	t.Helper()
	b, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return b
}

func put(t *testing.T, b *Blobs, key, data string) {
	t.Helper()
	if _, err := b.Put(t.Context(), key, strings.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

// wantNoTemp fails the test when unfinished files are left.
func wantNoTemp(t *testing.T, dir string) {
	t.Helper()
	if got := files(t, filepath.Join(dir, tmp)); len(got) != 0 {
		t.Errorf("got unfinished files %q, want none", got)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
