package load

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"image/png"

	"github.com/charcoal-art/charcoal/client"
)

// fakeServer takes uploads as its rules say, and tells that they are drawn.
type fakeServer struct {
	*httptest.Server
	refuse func(n int) int // the status for an upload, 0 to take it
	mute   bool            // tells no events

	mu     sync.Mutex
	n      int
	bodies map[string]bool
	events chan string
}

func newServer(t *testing.T) *fakeServer {
	t.Helper()
	s := &fakeServer{refuse: func(int) int { return 0 }, bodies: make(map[string]bool), events: make(chan string, 1000)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/events", s.stream)
	mux.HandleFunc("POST /v2/images", s.upload)
	mux.HandleFunc("GET /v2/images/{id}", func(w http.ResponseWriter, r *http.Request) {
		_ = json.NewEncoder(w).Encode(client.Image{ID: r.PathValue("id"), State: client.Ready})
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *fakeServer) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.(http.Flusher).Flush()
	for seq := 1; ; seq++ {
		select {
		case id := <-s.events:
			_, _ = fmt.Fprintf(w, "id: %d\ndata: {\"seq\":%d,\"type\":\"rendering.ready\",\"image_id\":%q,\"rendering_id\":\"r\",\"state\":\"ready\"}\n\n", seq, seq, id)
			w.(http.Flusher).Flush()
		case <-r.Context().Done():
			return
		}
	}
}

func (s *fakeServer) upload(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	if status := s.refuse(s.n); status != 0 {
		w.WriteHeader(status)
		return
	}
	s.bodies[string(body)] = true
	id := fmt.Sprintf("id-%d", s.n)
	if !s.mute {
		s.events <- id
	}
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(client.Image{ID: id, State: client.Queued})
}

func (s *fakeServer) load(ctx context.Context, t *testing.T, plan Plan) Report {
	t.Helper()
	c, err := client.New(s.URL, client.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	picture, err := Photo(16, 8, 1)
	if err != nil {
		t.Fatal(err)
	}
	plan.Pictures, plan.Settle = []Picture{picture}, time.Minute
	r, err := Run(ctx, c, plan)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAllIsUploadedAndDrawn(t *testing.T) {
	s := newServer(t)
	r := s.load(t.Context(), t, Plan{Clients: 4, Count: 50})
	if r.Accepted != 50 || r.Ready != 50 || r.Unfinished != 0 || len(r.Refused) != 0 || r.Stopped {
		t.Errorf("got %+v", r)
	}
	if r.ImagesPerSecond <= 0 || r.Answer.P50 <= 0 || r.UntilReady.Max < r.UntilReady.P50 || r.Bytes == 0 {
		t.Errorf("measured: got %+v", r)
	}
	if len(s.bodies) != 50 {
		t.Errorf("%d of 50 uploads were of pictures that were not there before", len(s.bodies))
	}
}

func TestRefusalsAreCountedByStatus(t *testing.T) {
	s := newServer(t)
	s.refuse = func(n int) int { return map[int]int{2: 429, 5: 503, 6: 503}[n] }
	r := s.load(t.Context(), t, Plan{Clients: 1, Count: 10})
	if r.Accepted != 7 || r.Refused["429"] != 1 || r.Refused["503"] != 2 || r.Ready != 7 {
		t.Errorf("got %+v", r)
	}
	if got := r.refusals(); got != "1 × 429, 2 × 503" {
		t.Errorf("refusals: got %q", got)
	}
}

// At a rate, time passes whether or not the server answers, and counts as waiting.
func TestARateIsHeld(t *testing.T) {
	s := newServer(t)
	r := s.load(t.Context(), t, Plan{Clients: 8, Rate: 100, Time: 200 * time.Millisecond})
	if r.Accepted != 20 || r.Seconds < 0.19 {
		t.Errorf("got %d in %.3f s, want 20 in 0.19 at least", r.Accepted, r.Seconds)
	}
}

// An event that never comes is made good by asking.
func TestLostEventsCostNoImages(t *testing.T) {
	s := newServer(t)
	s.mute = true
	if r := s.load(t.Context(), t, Plan{Clients: 2, Count: 5}); r.Ready != 5 || r.Unfinished != 0 {
		t.Errorf("got %+v", r)
	}
}

func TestStoppingTellsWhatWasMeasured(t *testing.T) {
	s := newServer(t)
	ctx, stop := context.WithCancel(t.Context())
	s.refuse = func(n int) int {
		if n == 20 {
			stop()
		}
		return 0
	}
	r := s.load(ctx, t, Plan{Clients: 2, Time: time.Hour})
	if !r.Stopped || r.Accepted < 10 || len(r.Refused) != 0 {
		t.Errorf("got %+v", r)
	}
	var text strings.Builder
	if err := r.WriteText(&text); err != nil || !strings.HasPrefix(text.String(), "stopped ") {
		t.Errorf("shown: %q, %v", text.String(), err)
	}
}

func TestNoServer(t *testing.T) {
	c, err := client.New("http://127.0.0.1:1", client.Options{Attempts: 1})
	if err != nil {
		t.Fatal(err)
	}
	picture, _ := Photo(8, 8, 1)
	if _, err = Run(t.Context(), c, Plan{Pictures: []Picture{picture}, Clients: 1, Count: 1}); err == nil || !strings.Contains(err.Error(), "follow what is drawn") {
		t.Errorf("got %v", err)
	}
	if _, err = Run(t.Context(), c, Plan{}); err == nil {
		t.Error("an empty plan is no error")
	}
}

// Memory stays the same, however many images are waited for.
func TestOutcomesAreBounded(t *testing.T) {
	o := newOutcomes()
	for i := range maxWaiting + 5 {
		o.expect(fmt.Sprint(i), time.Now())
	}
	for i := range 2*maxEarly + 5 {
		o.final(fmt.Sprint("other", i), client.Ready, time.Now())
	}
	if len(o.waiting) != maxWaiting || o.beyond != 5 || len(o.early) > maxEarly {
		t.Errorf("got %d waiting, %d beyond, %d early", len(o.waiting), o.beyond, len(o.early))
	}
}

func TestHistogram(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("of nothing: want 0")
	}
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Millisecond)
	}
	for _, tt := range []struct {
		p    float64
		want time.Duration
	}{{0.001, time.Millisecond}, {0.5, 500 * time.Millisecond}, {0.99, 990 * time.Millisecond}, {1, time.Second}} {
		if got := h.quantile(tt.p); got < tt.want || got > tt.want*102/100 {
			t.Errorf("quantile %v: got %v, want %v within 2 %%", tt.p, got, tt.want)
		}
	}
	h.add(1000 * time.Hour)
	if got := h.quantile(1); got < 5*time.Hour {
		t.Errorf("beyond all classes: got %v", got)
	}
}

// A photograph of the size that benchmarks use has about 90 kB, and is the same again.
func TestPhoto(t *testing.T) {
	p, err := Photo(768, 512, 7)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Photo(768, 512, 7)
	other, _ := Photo(768, 512, 8)
	if !bytes.Equal(p.file, again.file) || bytes.Equal(p.file, other.file) {
		t.Error("the seed does not tell the picture")
	}
	if n := len(p.file); n < 60_000 || n > 130_000 {
		t.Errorf("got %d bytes", n)
	}
	if _, err := Photo(0, 8, 1); err == nil {
		t.Error("no width is no error")
	}
}

func TestFreshPicturesAreStillPictures(t *testing.T) {
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	ofPNG, err := NewPicture(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	photo, _ := Photo(3, 2, 1)
	for name, p := range map[string]Picture{"PNG": ofPNG, "JPEG": photo} {
		one, two := p.fresh(), p.fresh()
		if img, _, err := image.Decode(bytes.NewReader(one)); err != nil || img.Bounds().Dx() != 3 || bytes.Equal(one, two) {
			t.Errorf("%s: got %v, and the same again: %v", name, err, bytes.Equal(one, two))
		}
	}
	if _, err := NewPicture([]byte("GIF89a")); err == nil {
		t.Error("a GIF is no error")
	}
}
