package hooks

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/outbound"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a service with a real store, and a clock that tests move.
type world struct {
	*Service
	t      testing.TB
	store  *sqlite.Store
	ahead  atomic.Int64 // nanoseconds of the clock before the real one
	client *outbound.Client
	moved  chan struct{} // rings when something became of a delivery or an endpoint
}

// watched is a store that tells tests when to look.
type watched struct {
	charcoal.Webhooks
	moved chan struct{}
}

func (s watched) FinishDelivery(ctx context.Context, id charcoal.ID, attempt int, o charcoal.Outcome) (charcoal.Endpoint, error) {
	defer ring(s.moved)
	return s.Webhooks.FinishDelivery(ctx, id, attempt, o)
}

func (s watched) ChangeEndpoint(ctx context.Context, id charcoal.ID, change func(*charcoal.Endpoint) error) (charcoal.Endpoint, error) {
	defer ring(s.moved)
	return s.Webhooks.ChangeEndpoint(ctx, id, change)
}

func newWorld(t testing.TB, change ...func(*Config, *outbound.Config)) *world {
	t.Helper()
	cfg := Config{
		Attempts: 5, RetryMin: time.Millisecond, RetryMax: 5 * time.Millisecond, Time: time.Minute,
		Slots: 8, Poll: 5 * time.Millisecond, Retain: time.Hour, MaxEndpoints: 10,
	}
	out := outbound.Config{AllowPrivate: true, Timeout: time.Minute, MaxBytes: 1 << 20}
	for _, c := range change {
		c(&cfg, &out)
	}
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "charcoal.db"))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, store: store, client: outbound.New(out), moved: make(chan struct{}, 1)}
	w.Service = New(cfg, Ports{
		Store: watched{store, w.moved}, Client: w.client, Key: Key{1, 2, 3}, Log: slog.New(slog.DiscardHandler), Now: w.now,
	})
	t.Cleanup(func() { _ = w.client.Close(); _ = store.Close() })
	return w
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// run delivers until the test ends, or until it is stopped or cut off.
func (w *world) run() (stop, cutOff func()) {
	taking, endTaking := context.WithCancel(context.Background())
	working, endWorking := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { w.Run(taking, working) })
	stop = func() { endTaking(); running.Wait(); endWorking() }
	cutOff = func() { endTaking(); endWorking(); running.Wait() }
	w.t.Cleanup(stop)
	return stop, cutOff
}

func someone() charcoal.Actor {
	return charcoal.Actor{User: charcoal.NewID(), Role: charcoal.RoleUser, Scopes: charcoal.Scopes()[:3]}
}

// endpoint makes one of an actor that is told when an image was created.
func (w *world) endpoint(actor charcoal.Actor, url string) (charcoal.Endpoint, Secret) {
	w.t.Helper()
	e, secret, err := w.Create(w.t.Context(), actor, Spec{URL: &url, Events: &[]charcoal.EventType{charcoal.ImageCreated}})
	if err != nil {
		w.t.Fatal(err)
	}
	return e, secret
}

// upload makes an image of an actor, whose first rendering has a callback.
func (w *world) upload(actor charcoal.Actor, callback string) charcoal.Image {
	w.t.Helper()
	img := charcoal.Image{ID: charcoal.NewID(), Owner: actor.User, Created: w.now(), Visibility: charcoal.Private}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: actor.User, Created: w.now(), Callback: callback}
	if err := w.store.BeginUpload(w.t.Context(), img, 1<<40); err != nil {
		w.t.Fatal(err)
	}
	if _, _, err := w.store.CommitUpload(w.t.Context(), img, r, false); err != nil {
		w.t.Fatal(err)
	}
	w.Poke()
	return img
}

// ended waits until the newest delivery to an endpoint has got as far as it should.
func (w *world) ended(e charcoal.Endpoint, far func(charcoal.Delivery) bool) charcoal.Delivery {
	w.t.Helper()
	for {
		all, err := w.store.Deliveries(w.t.Context(), e.ID, charcoal.ID{}, 1)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(all) == 1 && far(all[0]) {
			return all[0]
		}
		<-w.moved
	}
}

func final(d charcoal.Delivery) bool { return d.State != charcoal.DeliveryPending }

func tried(d charcoal.Delivery) bool { return !d.Last.At.IsZero() }

// received is one request that a receiver got.
type received struct {
	header http.Header
	body   []byte
}

// verify checks the signature as a receiver does.
func (r received) verify(t *testing.T, text string) {
	t.Helper()
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "whsec_"))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(r.header.Get("webhook-id") + "." + r.header.Get("webhook-timestamp") + "." + string(r.body)))
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	if got := strings.Fields(r.header.Get("webhook-signature")); !slices.Contains(got, want) {
		t.Errorf("signature: got %q, want %q among them", got, want)
	}
}

// receiver answers the nth request with the nth status, and with the last from there on.
type receiver struct {
	*httptest.Server
	got chan received
}

func newReceiver(t testing.TB, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{got: make(chan received, 1000)}
	var n atomic.Int64
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.got <- received{req.Header, body}
		status := statuses[min(int(n.Add(1)), len(statuses))-1]
		if status >= 300 && status < 400 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			_, _ = io.WriteString(w, "said\x1b[31m <b>so</b>\r\n")
		}
	}))
	t.Cleanup(r.Close)
	return r
}
