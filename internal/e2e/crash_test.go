package e2e

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	crashes      = 12
	crashClients = 8
)

// TestNothingIsLostByCrashes uploads from many clients while the process is
// killed again and again at random moments. Every upload that was answered 200
// must become ready with the right art, and nothing else may be left behind.
func TestNothingIsLostByCrashes(t *testing.T) {
	data := t.TempDir()
	pictures, arts := samples(t, 6)
	live := &liveServer{server: start(t, data)}
	uploading, stop := context.WithCancel(t.Context())
	defer stop()

	var mu sync.Mutex
	accepted := map[string]int{} // id to picture
	var clients sync.WaitGroup
	for range crashClients {
		clients.Go(func() {
			for uploading.Err() == nil {
				which := rand.IntN(len(pictures))
				id, err := live.get().upload(uploading, "?size=60", "sample.png", pictures[which])
				if err != nil {
					live.awaitRestart(uploading)
					continue
				}
				mu.Lock()
				accepted[id] = which
				mu.Unlock()
			}
		})
	}
	for range crashes {
		<-time.After(rand.N(500 * time.Millisecond)) // the moment is the test: any will do
		live.crash(t, data)
	}
	stop()
	clients.Wait()

	s := live.get()
	t.Logf("%d uploads were accepted over %d crashes", len(accepted), crashes)
	if len(accepted) < crashes {
		t.Fatalf("only %d uploads were accepted: the test shows nothing", len(accepted))
	}
	for id, which := range accepted {
		if got := s.art(id); got != arts[which] {
			t.Errorf("image %s: the art is not that of picture %d", id, which)
		}
	}
	images := checkSettled(t, s, len(accepted))
	if code := s.stop(); code != 0 {
		t.Errorf("exit status after SIGTERM: got %d, want 0", code)
	}
	checkFiles(t, data, images)
}

func samples(t *testing.T, n int) (pictures [][]byte, arts []string) {
	for i := range n {
		picture := pngOf(t, photo(160, 120, uint64(i)))
		pictures = append(pictures, picture)
		arts = append(arts, drawn(t, picture, 60))
	}
	return pictures, arts
}

// liveServer is the newest of a row of processes over one data directory.
type liveServer struct {
	mu       sync.Mutex
	server   *server
	restarts chan struct{} // closed at the next restart
}

func (l *liveServer) get() *server {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.server
}

func (l *liveServer) next() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.restarts == nil {
		l.restarts = make(chan struct{})
	}
	return l.restarts
}

// awaitRestart waits for the next restart, or a little when the server is up
// again already.
func (l *liveServer) awaitRestart(ctx context.Context) {
	select {
	case <-l.next():
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
	}
}

func (l *liveServer) crash(t *testing.T, data string) {
	l.get().kill()
	s := start(t, data)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.server = s
	if l.restarts != nil {
		close(l.restarts)
		l.restarts = nil
	}
}

// checkSettled waits until nothing is queued and checks that nothing failed.
// An upload whose answer the crash cut off may be there too: that is allowed. It
// returns how many images there are.
func checkSettled(t *testing.T, s *server, accepted int) (images int) {
	t.Helper()
	var status map[string]any
	eventually(t, func() bool {
		status = s.get("/status").json(t)
		return status["queue_depth"] == 0.0 && status["in_progress"] == 0.0
	})
	images = int(status["uploaded_count"].(float64))
	if status["errors"] != 0.0 || status["ready"] != status["uploaded_count"] || images < accepted {
		t.Errorf("status: got %v, want no errors, all ready, at least %d", status, accepted)
	}
	return images
}

// checkFiles holds that every file in the data directory belongs to an image: no
// temporary files, one original and one art each.
func checkFiles(t *testing.T, data string, images int) {
	t.Helper()
	if got, want := countFiles(t, data), map[string]int{"original": images, "art": images}; !maps.Equal(got, want) {
		t.Errorf("files left: got %v, want %v", got, want)
	}
}

// countFiles counts the stored files of each kind.
func countFiles(t *testing.T, data string) map[string]int {
	t.Helper()
	count := map[string]int{}
	err := fs.WalkDir(os.DirFS(filepath.Join(data, "blobs")), ".", func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // removed while we walk
		}
		if err == nil && !d.IsDir() {
			count[topOf(path)]++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return count
}

// eventually waits until the condition holds.
func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); <-time.After(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the condition does not hold after a minute")
		}
	}
}

func topOf(path string) string {
	for filepath.Dir(path) != "." {
		path = filepath.Dir(path)
	}
	return path
}
