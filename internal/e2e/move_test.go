package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestMove fills a data folder, moves it to PostgreSQL and S3, being killed again and again,
// and wants the same list, art, originals and accounts from there.
func TestMove(t *testing.T) {
	data, flags := t.TempDir(), places(t, "postgres")
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	succeed(t, "user", "add", "ada", "--admin", "--data", data, "--password-file", password)
	before := start(t, data)
	pictures, arts := samples(t, 4)
	accepted := map[string]int{}
	for i := range 24 {
		id, err := before.upload(t.Context(), "?size=60", "sample.png", pictures[i%len(pictures)])
		if err != nil {
			t.Fatal(err)
		}
		accepted[id] = i % len(pictures)
	}
	for id, which := range accepted {
		if before.art(id) != arts[which] {
			t.Fatalf("image %s: the art is not that of picture %d", id, which)
		}
	}
	list := string(before.get("/list").body)
	images := string(before.get("/v2/images?limit=100").body)
	users := succeed(t, "user", "list", "--json", "--data", data)
	refused(t, "another charcoal uses the data directory", append([]string{"move", "--data", data}, flags[:4]...)...)
	before.stop()
	untouched := listing(t, data)

	killed := 0
	for delay := 40 * time.Millisecond; interrupted(t, delay, append([]string{"move", "--data", data}, flags[:4]...)...); delay += delay / 6 {
		killed++
	}
	t.Logf("killed %d times", killed)
	if got := listing(t, data); got != untouched {
		t.Errorf("the folder is now\n%s\nand was\n%s", got, untouched)
	}
	refused(t, "already", append([]string{"move", "--data", data}, flags[:4]...)...)

	after := start(t, t.TempDir(), flags...)
	if got := string(after.get("/list").body); got != list {
		t.Errorf("list: got %s, want %s", got, list)
	}
	if got := string(after.get("/v2/images?limit=100").body); got != images {
		t.Errorf("images: got %s, want %s", got, images)
	}
	for id, which := range accepted {
		if after.art(id) != arts[which] {
			t.Errorf("image %s: the art is not that of picture %d", id, which)
		}
	}
	status := after.get("/status").json(t)
	if status["queue_depth"] != 0.0 || status["errors"] != 0.0 {
		t.Errorf("status: got %v", status)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, after.url+"/v2/users/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ada", "correct horse")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("signing in: got %s", res.Status)
	}
	t.Setenv("CHARCOAL_STORE", flags[1])
	if got := succeed(t, "user", "list", "--json", "--data", t.TempDir()); got != users {
		t.Errorf("users: got %s, want %s", got, users)
	}
	if id, err := after.upload(t.Context(), "?size=60", "sample.png", pictures[0]); err != nil || after.art(id) != arts[0] {
		t.Errorf("an upload after the move: %v", err)
	}
}

// TestMoveStopsAtDamage, names it, and goes on when told to.
func TestMoveStopsAtDamage(t *testing.T) {
	data, flags := t.TempDir(), places(t, "postgres")
	s := start(t, data)
	id, err := s.upload(t.Context(), "?size=8", "x.png", tiny(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	s.art(id)
	s.stop()
	found, err := filepath.Glob(filepath.Join(data, "blobs", "original", "*", "*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("originals: got %v, %v", found, err)
	}
	content, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1
	if err := os.WriteFile(found[0], content, 0o600); err != nil {
		t.Fatal(err)
	}
	move := append([]string{"move", "--data", data}, flags[:4]...)
	refused(t, "SHA-256", move...)
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), bin, append([]string{"serve", "--addr", "127.0.0.1:0", "--data", t.TempDir()}, flags...)...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "not complete") {
		t.Errorf("serving what is half moved: got %v, %s", err, out)
	}
	if said := succeed(t, append(move, "--skip-damaged")...); !strings.Contains(said, "left out original/") {
		t.Errorf("got %s", said)
	}
}

// interrupted runs the program, kills it after a time, and reports whether it had not succeeded by then.
func interrupted(t *testing.T, after time.Duration, args ...string) bool {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, args...)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Wait(); err != nil && cmd.ProcessState.ExitCode() != -1 {
		t.Fatalf("charcoal %s: %v, %s", args[0], err, said.String())
	}
	return cmd.ProcessState.ExitCode() != 0
}

// succeed runs the program and returns what it said.
func succeed(t *testing.T, args ...string) string {
	t.Helper()
	said, code := command(t, args...)
	if code != 0 {
		t.Fatalf("charcoal %s: got %d, %s", args[0], code, said)
	}
	return said
}

// refused runs the program and wants it to fail with some words.
func refused(t *testing.T, words string, args ...string) {
	t.Helper()
	if said, code := command(t, args...); code != 1 || !strings.Contains(said, words) {
		t.Errorf("charcoal %s: got %d, %s, want 1 and %q", args[0], code, said, words)
	}
}

// listing names all files of a folder with their sizes, except what SQLite keeps beside a
// file that is open.
func listing(t *testing.T, folder string) string {
	t.Helper()
	var found strings.Builder
	err := filepath.Walk(folder, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && !strings.HasSuffix(path, "-wal") && !strings.HasSuffix(path, "-shm") {
			fmt.Fprintf(&found, "%s %d\n", path, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found.String()
}
