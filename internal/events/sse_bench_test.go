package events

import (
	"bufio"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkSSE measures a second of events (200 conversions) to 2000 streams over
// HTTP, spread over 100 owners, until every reader has read the last of its own.
// A number that is missing or out of order fails it.
func BenchmarkSSE(b *testing.B) {
	cfg := config()
	cfg.Encode = func(e charcoal.Event) []byte {
		return fmt.Appendf(nil, "id: %d\nevent: %s\ndata: {\"seq\":%d,\"image_id\":%q}\n\n", e.Seq, e.Type.Kind(), e.Seq, e.Image)
	}
	log, ids := &memoryLog{}, ownerIDs()
	h, _ := start(b, cfg, log)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i, _ := strconv.Atoi(r.FormValue("owner"))
		s, err := h.Subscribe(r.Context(), charcoal.EventFilter{Owner: &ids[i]}, 0)
		if err != nil {
			b.Error(err)
			return
		}
		defer s.Close()
		stream(w, r, s)
	}))
	defer server.Close()
	got := make(chan struct{}, streams)
	for i := range streams {
		go follow(b, server.URL, i%owners, got)
	}
	batch := owned(ids, second)
	b.ReportAllocs()
	for b.Loop() {
		log.add(batch...)
		h.Poke()
		for range streams {
			<-got
		}
	}
	b.ReportMetric(float64(second)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	server.CloseClientConnections()
}

// stream sends what there is, and flushes once for all of it.
func stream(w http.ResponseWriter, r *http.Request, s *Stream) {
	control := http.NewResponseController(w)
	for {
		batch, err := s.Next(r.Context())
		if err != nil {
			return
		}
		for _, m := range batch {
			if _, err := w.Write(m.Encoded); err != nil {
				return
			}
		}
		if err := control.Flush(); err != nil {
			return
		}
	}
}

// follow reads the events of an owner and says so after each second of them.
func follow(b *testing.B, url string, owner int, got chan<- struct{}) {
	resp, err := http.Get(url + "?owner=" + strconv.Itoa(owner)) //nolint:forbidigo // a client of a server of the test
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	for n := 0; lines.Scan(); {
		number, ok := strings.CutPrefix(lines.Text(), "id: ")
		if !ok {
			continue
		}
		if want := strconv.Itoa(2 * (n*owners + owner + 1)); number != want {
			b.Errorf("owner %d: got number %s, want %s", owner, number, want)
			return
		}
		if n++; n%(second/owners) == 0 {
			got <- struct{}{}
		}
	}
}
