package hooks

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/outbound"
)

// BenchmarkDeliveries measures deliveries to 50 accounts whose receivers answer at
// once, from the upload to the answer; beside them is one account whose receiver
// never answers.
func BenchmarkDeliveries(b *testing.B) {
	w := newWorld(b, func(c *Config, _ *outbound.Config) { c.Slots = 64 })
	_, cutOff := w.run()
	got := make(chan struct{}, 1<<16)
	quick := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got <- struct{}{} }))
	defer quick.Close()
	dead := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then the server sees that the client went away
		<-r.Context().Done()
	}))
	defer dead.Close()
	unlucky := someone()
	w.endpoint(unlucky, dead.URL)
	for range 100 {
		w.upload(unlucky, "")
	}
	lucky := make([]charcoal.Actor, 50)
	for i := range lucky {
		lucky[i] = someone()
		w.endpoint(lucky[i], quick.URL)
	}
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		for _, actor := range lucky {
			w.upload(actor, "")
		}
		for range lucky {
			<-got
		}
		n += len(lucky)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "deliveries/s")
	cutOff()
}
