package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// live are open event streams that count what they are told of each image.
type live struct {
	mu     sync.Mutex
	names  []string         // by stream: who listens, "" for nobody
	counts []map[string]int // by stream: events by "image state"
	more   chan struct{}    // rings when some arrived
}

// listen opens a stream for each name, one after the other, since checking many
// passwords at once is refused, and returns when all are open.
func listen(t testing.TB, s *server, names []string) *live {
	t.Helper()
	l := &live{names: names, counts: make([]map[string]int, len(names)), more: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(t.Context())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	var ended sync.WaitGroup
	for i := range names {
		l.counts[i] = make(map[string]int)
		open := make(chan struct{})
		ended.Go(func() { l.follow(ctx, t, client, s.url+"/v2/events", i, func() { close(open) }) })
		<-open
	}
	t.Cleanup(func() {
		stop()
		ended.Wait()
		client.CloseIdleConnections()
	})
	return l
}

func (l *live) follow(ctx context.Context, t testing.TB, client *http.Client, url string, i int, opened func()) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		opened()
		return
	}
	authenticate(req, l.names[i])
	res, err := client.Do(req)
	opened()
	if err != nil {
		t.Errorf("stream %d: %v", i, err)
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("stream %d: status %d", i, res.StatusCode)
		return
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		var e struct {
			Type  string `json:"type"`
			Image string `json:"image_id"`
		}
		if err := json.Unmarshal([]byte(data), &e); err != nil {
			t.Errorf("stream %d: %v in %q", i, err, data)
			return
		}
		l.mu.Lock()
		l.counts[i][e.Image+" "+e.Type]++
		l.mu.Unlock()
		select {
		case l.more <- struct{}{}:
		default:
		}
	}
	if ctx.Err() == nil {
		t.Errorf("stream %d ended: %v", i, lines.Err())
	}
}

// await waits until every stream has been told all of its owner's images, and
// complains of what came twice or not at all.
func (l *live) await(t testing.TB, images map[string][]string, limit time.Duration) {
	t.Helper()
	timeout := time.After(limit)
	for l.missing(images) > 0 {
		select {
		case <-l.more:
		case <-timeout:
			t.Fatalf("%d events are missing after %s", l.missing(images), limit)
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, count := range l.counts {
		for event, n := range count {
			if n != 1 {
				t.Errorf("stream %d: %s came %d times", i, event, n)
			}
		}
	}
}

// liveTypes is what happens to a picture that is uploaded and drawn.
var liveTypes = []string{"image.created", "rendering.queued", "rendering.running", "rendering.ready"}

func (l *live) missing(images map[string][]string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, count := range l.counts {
		for _, id := range images[l.names[i]] {
			for _, typ := range liveTypes {
				if count[id+" "+typ] == 0 {
					n++
				}
			}
		}
	}
	return n
}

// tiny is a small picture like no other.
func tiny(t testing.TB, n int) []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	img.SetNRGBA(0, 0, color.NRGBA{R: uint8(n), G: uint8(n >> 8), B: uint8(n >> 16), A: 255})
	return pngOf(t, img)
}

// authenticate signs a request in, unless the name is "".
func authenticate(req *http.Request, name string) {
	if name != "" {
		req.SetBasicAuth(name, "the password of "+name)
	}
}

// addUser makes an account, with a password that authenticate knows.
func addUser(t testing.TB, data, name string, flags ...string) {
	t.Helper()
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("the password of "+name), 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{"user", "add", name, "--data", data, "--password-file", password}, flags...)
	if out, code := run(t, time.Minute, args...); code != 0 {
		t.Fatalf("user add: exit %d: %s", code, out)
	}
}

// post uploads a picture by version 2 and returns its id.
func (s *server) post(ctx context.Context, name, query string, picture []byte) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/v2/images"+query, bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "image/png")
	authenticate(req, name)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	var answer struct{ ID string }
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil || answer.ID == "" {
		return "", fmt.Errorf("upload: %d %w", res.StatusCode, err)
	}
	return answer.ID, nil
}

// TestNoEventIsLost has many streams open while pictures are drawn.
func TestNoEventIsLost(t *testing.T) {
	s := start(t, t.TempDir())
	nobody := make([]string, 200)
	l := listen(t, s, nobody)
	l.await(t, convertAt(t, s, nobody[:1], 60, 100), time.Minute)
}

// convertAt uploads n pictures at a rate a second at most, for one after the other
// of the names, and returns their ids.
func convertAt(t testing.TB, s *server, names []string, n, rate int) map[string][]string {
	t.Helper()
	ids := make([]string, n)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	var uploads sync.WaitGroup
	for i := range n {
		<-tick.C
		uploads.Go(func() {
			var err error
			if ids[i], err = s.post(t.Context(), names[i%len(names)], "?cols=4&effort=1", tiny(t, i)); err != nil {
				t.Error(err)
			}
		})
	}
	uploads.Wait()
	byName := make(map[string][]string)
	for i, id := range ids {
		byName[names[i%len(names)]] = append(byName[names[i%len(names)]], id)
	}
	return byName
}

// BenchmarkLiveEvents has 2000 streams open, 20 of each of 100 accounts, while 200
// pictures a second are uploaded and drawn. Each iteration is a picture; none of its
// events may be lost by any of the 20.
func BenchmarkLiveEvents(b *testing.B) {
	const accounts, streams = 100, 2000
	data := b.TempDir()
	users := make([]string, accounts)
	for i := range users {
		users[i] = fmt.Sprintf("user-%d", i)
		addUser(b, data, users[i])
	}
	names := make([]string, streams)
	for i := range names {
		names[i] = users[i%accounts]
	}
	s := start(b, data, "--auth-mode", "required", "--fair-requests", "0")
	l := listen(b, s, names)
	b.ResetTimer()
	images := convertAt(b, s, users, b.N, 200)
	uploaded := b.Elapsed()
	l.await(b, images, time.Minute)
	b.ReportMetric(float64(b.N)/uploaded.Seconds(), "conversions/s")
	b.ReportMetric(float64(b.N*len(liveTypes)*streams/accounts)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(milliseconds(b.Elapsed()-uploaded), "last-event-late-ms")
}

// TestAWaitedForUploadTellsAll: the answer knows what drawing taught of the picture.
func TestAWaitedForUploadTellsAll(t *testing.T) {
	s := start(t, t.TempDir())
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v2/images?cols=40", bytes.NewReader(pngOf(t, photo(160, 120, 1))))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "image/png")
	req.Header.Set("Prefer", "wait=30")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var answer struct {
		State  string
		Frames int
		Hash   string
	}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		t.Fatal(err)
	}
	if answer.State != "ready" || answer.Frames != 1 || len(answer.Hash) != 16 {
		t.Errorf("answer: got %d %+v, want a ready image with frames and hash", res.StatusCode, answer)
	}
}
