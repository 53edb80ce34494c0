package e2e

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMemoryStaysBounded sends 200 pictures of 12 megapixels at once.
func TestMemoryStaysBounded(t *testing.T) {
	const uploads, limit = 200, 1 << 30
	s := start(t, t.TempDir())
	pictures := [][]byte{jpegOf(t, photo(4000, 3000, 1), 85), pngOf(t, flat(4000, 3000))}
	ids := make([]string, uploads)
	var clients sync.WaitGroup
	for i := range ids {
		clients.Go(func() {
			var err error
			if ids[i], err = s.upload(t.Context(), "", "large", pictures[i%len(pictures)]); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
	if t.Failed() {
		return
	}
	for _, id := range ids {
		s.art(id)
	}
	peak := peakMemory(t, s.cmd.Process.Pid)
	t.Logf("peak resident memory: %d MiB", peak>>20)
	if peak > limit {
		t.Errorf("peak resident memory: got %d MiB, want at most %d", peak>>20, limit>>20)
	}
}

// peakMemory is the high-water mark of the resident memory of a process.
func peakMemory(t *testing.T, pid int) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if match == nil {
		t.Fatalf("no VmHWM in %s", status)
	}
	kib, err := strconv.ParseInt(string(match[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// TestDiskFull fills the disk under a running server. Uploads are refused with a
// clear answer, nothing is left half-written, what was accepted is drawn once
// there is room, and the server takes uploads again.
func TestDiskFull(t *testing.T) {
	disk := smallDisk(t, 12<<20)
	data := filepath.Join(disk, "data")
	s := start(t, data, "--jobs-retry-min", "50ms", "--jobs-retry-max", "200ms", "--jobs-sweep-every", "100ms")
	filler := filepath.Join(disk, "filler")
	fill(t, filler, 600<<10)

	var accepted []string
	refused := 0
	for i := range 60 {
		contentType, body := form("noise.png", noisyPNG(t, uint64(i)))
		res, err := s.do(t.Context(), http.MethodPost, "/ascii?size=40", contentType, bytes.NewReader(body))
		if err != nil {
			t.Fatalf("the server did not answer: %v", err)
		}
		switch res.status {
		case http.StatusOK:
			accepted = append(accepted, res.json(t)["image_id"].(string))
		case http.StatusInsufficientStorage:
			refused++
			if detail, _ := res.json(t)["detail"].(string); !strings.Contains(detail, "full") && !strings.Contains(detail, "room") {
				t.Errorf("refusal: got %q, want it to say that the disk is full", detail)
			}
		default:
			t.Fatalf("upload to a full disk: %d %s", res.status, res.body)
		}
	}
	if refused == 0 || s.get("/healthz").status != http.StatusOK {
		t.Fatalf("%d uploads accepted, %d refused: the disk was not full", len(accepted), refused)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	for _, id := range accepted {
		s.art(id)
	}
	after, err := s.upload(t.Context(), "?size=40", "after.png", noisyPNG(t, 1000))
	if err != nil {
		t.Fatalf("upload once there is room again: %v", err)
	}
	s.art(after)
	images := checkSettled(t, s, len(accepted)+1)
	eventually(t, func() bool { return countFiles(t, data)["original"] == images }) // the sweep removes what could not be removed at once
	if images != len(accepted)+1 {
		t.Errorf("images: got %d, want the %d accepted", images, len(accepted)+1)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit status: got %d, want 0", code)
	}
	checkFiles(t, data, images)
}

// smallDisk mounts a file system of its own. Only root may; in CI it must work.
func smallDisk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("mounting a small disk: %v", err)
		}
		t.Skipf("a full disk cannot be tested: mounting one needs root: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// fill writes a file that leaves only so many bytes free.
func fill(t *testing.T, path string, free int64) {
	t.Helper()
	var stat syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &stat); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, int64(stat.Bavail)*stat.Bsize-free), 0o600); err != nil {
		t.Fatal(err)
	}
}

// noisyPNG does not compress: about 50 kB.
func noisyPNG(t *testing.T, seed uint64) []byte {
	t.Helper()
	return pngOf(t, noise(130, 130, seed))
}

// TestStopFinishesWhatRuns sends SIGTERM during an upload: it still gets its
// answer, and what it promised is kept.
func TestStopFinishesWhatRuns(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	contentType, body := form("slow.png", pngOf(t, noise(400, 300, 1))) // more than the server looks at before it stores
	slow := newGate(body)
	type result struct {
		res response
		err error
	}
	done := make(chan result, 1)
	go func() {
		res, err := s.do(t.Context(), http.MethodPost, "/ascii?size=50", contentType, slow)
		done <- result{res, err}
	}()
	eventually(t, func() bool { return countFiles(t, data)["tmp"] == 1 }) // the upload is being stored
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.logs.await(t, "stopping", "msg")
	close(slow.open)
	got := <-done
	if got.err != nil || got.res.status != http.StatusOK {
		t.Fatalf("upload during the stop: got %d %s, %v", got.res.status, got.res.body, got.err)
	}
	if code := s.wait(); code != 0 {
		t.Errorf("exit status: got %d, want 0", code)
	}
	s = start(t, data)
	s.art(got.res.json(t)["image_id"].(string))
}

// gate is a body whose second half waits.
type gate struct {
	first, second *bytes.Reader
	open          chan struct{}
}

func newGate(body []byte) *gate {
	return &gate{
		bytes.NewReader(body[:len(body)/2]), bytes.NewReader(body[len(body)/2:]),
		make(chan struct{}),
	}
}

func (g *gate) Read(p []byte) (int, error) {
	if g.first.Len() > 0 {
		return g.first.Read(p)
	}
	<-g.open
	return g.second.Read(p)
}

// TestDrainingServerSaysSo holds that a server which still draws after SIGTERM
// answers: not ready, no uploads, but what there is can be read.
func TestDrainingServerSaysSo(t *testing.T) {
	s := start(t, t.TempDir(), "--workers", "1", "--drain-timeout", "5m")
	slow := jpegOf(t, photo(4000, 3000, 5), 90)
	var id string
	for range 2 {
		var err error
		if id, err = s.upload(t.Context(), "?size=2000", "slow.jpg", slow); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() bool { return s.get("/status").json(t)["in_progress"] == 2.0 })
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	s.logs.await(t, "stopping", "msg")
	if res := s.get("/readyz"); res.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz while draining: got %d, want 503", res.status)
	}
	if res := s.get("/image/" + id); res.status != http.StatusOK {
		t.Errorf("metadata while draining: got %d, want 200", res.status)
	}
	if _, err := s.upload(t.Context(), "", "late.png", pngOf(t, flat(2, 2))); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("upload while draining: got %v, want 503", err)
	}
	if code := s.wait(); code != 0 {
		t.Errorf("exit status: got %d, want 0", code)
	}
}

// TestStopHandsBackWhatDoesNotFinish gives no time to drain: the process ends
// cleanly at once, and the next one, which forgives nothing, draws everything: no
// failure and no loss was counted.
func TestStopHandsBackWhatDoesNotFinish(t *testing.T) {
	data := t.TempDir()
	s := start(t, data, "--drain-timeout", "0s", "--workers", "1")
	picture := jpegOf(t, photo(1500, 1000, 3), 90)
	var ids []string
	for range 6 {
		id, err := s.upload(t.Context(), "?size=2000", "slow.jpg", picture) // a million cells take a while
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	eventually(t, func() bool { return s.get("/status").json(t)["in_progress"] != 0.0 })
	if code := s.stop(); code != 0 {
		t.Errorf("exit status without time to drain: got %d, want 0", code)
	}
	s = start(t, data, "--jobs-max-failures", "1", "--jobs-max-losses", "1")
	for _, id := range ids {
		s.art(id)
	}
	checkSettled(t, s, len(ids))
}

// TestKillsAreNotHeldAgainstAPicture kills the server while it draws the same
// picture, more often than a failure would be forgiven.
func TestKillsAreNotHeldAgainstAPicture(t *testing.T) {
	data := t.TempDir()
	s := start(t, data)
	id, err := s.upload(t.Context(), "?size=2000", "slow.jpg", jpegOf(t, photo(4000, 3000, 5), 90))
	if err != nil {
		t.Fatal(err)
	}
	for range 7 {
		eventually(t, func() bool { return s.get("/status").json(t)["queue_depth"] == 0.0 }) // it is being drawn
		s.kill()
		s = start(t, data)
	}
	s.art(id)
}

func TestOneProcessADataDirectory(t *testing.T) {
	data := t.TempDir()
	start(t, data)
	out, code := run(t, 30*time.Second, "serve", "--addr", "127.0.0.1:0", "--data", data)
	if code != 1 || !strings.Contains(out, "another charcoal uses the data directory") {
		t.Errorf("second server on the data: got exit %d, %q", code, out)
	}
}
