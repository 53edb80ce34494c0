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
	"strings"
	"sync"
	"testing"
	"time"
)

// live are open event streams that count what they are told of each image.
type live struct {
	mu     sync.Mutex
	counts []map[string]int // by stream: events by "image state"
	more   chan struct{}    // rings when some arrived
}

// listen opens n streams and returns when all are open.
func listen(t testing.TB, s *server, n int) *live {
	t.Helper()
	l := &live{counts: make([]map[string]int, n), more: make(chan struct{}, 1)}
	ctx, stop := context.WithCancel(t.Context())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	var open, ended sync.WaitGroup
	for i := range n {
		l.counts[i] = make(map[string]int)
		open.Add(1)
		ended.Go(func() { l.follow(ctx, t, client, s.url+"/v2/events", i, open.Done) })
	}
	t.Cleanup(func() {
		stop()
		ended.Wait()
		client.CloseIdleConnections()
	})
	open.Wait()
	return l
}

func (l *live) follow(ctx context.Context, t testing.TB, client *http.Client, url string, i int, opened func()) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		opened()
		return
	}
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

// await waits until every stream has been told that every image is ready, and
// complains of what came twice or not at all.
func (l *live) await(t testing.TB, images []string, limit time.Duration) {
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

func (l *live) missing(images []string) (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, count := range l.counts {
		for _, id := range images {
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

// post uploads a picture by version 2 and returns its id.
func (s *server) post(ctx context.Context, query string, picture []byte) (string, error) {
	res, err := s.do(ctx, http.MethodPost, "/v2/images"+query, "image/png", bytes.NewReader(picture))
	if err != nil {
		return "", err
	}
	var answer struct{ ID string }
	if err := json.Unmarshal(res.body, &answer); err != nil || answer.ID == "" {
		return "", fmt.Errorf("upload: %d %s", res.status, res.body)
	}
	return answer.ID, nil
}

// TestNoEventIsLost has many streams open while pictures are drawn.
func TestNoEventIsLost(t *testing.T) {
	s := start(t, t.TempDir())
	l := listen(t, s, 200)
	l.await(t, convertAt(t, s, 60, 100), time.Minute)
}

// convertAt uploads n pictures at a rate a second at most, and returns their ids.
func convertAt(t testing.TB, s *server, n, rate int) []string {
	t.Helper()
	ids := make([]string, n)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	var uploads sync.WaitGroup
	for i := range n {
		<-tick.C
		uploads.Go(func() {
			var err error
			if ids[i], err = s.post(t.Context(), "?cols=4&effort=1", tiny(t, i)); err != nil {
				t.Error(err)
			}
		})
	}
	uploads.Wait()
	return ids
}

// BenchmarkLiveEvents has 2000 streams open while 200 pictures a second are
// uploaded and drawn. Each iteration is a picture, and each event of it goes to
// every stream; none may be lost.
func BenchmarkLiveEvents(b *testing.B) {
	s := start(b, b.TempDir())
	l := listen(b, s, 2000)
	b.ResetTimer()
	ids := convertAt(b, s, b.N, 200)
	uploaded := b.Elapsed()
	l.await(b, ids, time.Minute)
	b.ReportMetric(float64(b.N)/uploaded.Seconds(), "conversions/s")
	b.ReportMetric(float64(b.N*len(liveTypes)*2000)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(milliseconds(b.Elapsed()-uploaded), "last-event-late-ms")
}
