package hooks

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/outbound"
)

func TestDelivery(t *testing.T) {
	w := newWorld(t)
	w.run()
	actor := someone()
	to := newReceiver(t, http.StatusNoContent)
	e, secret := w.endpoint(actor, to.URL+"/hook")
	img := w.upload(actor, "")

	got := <-to.got
	got.verify(t, secret.String())
	d := w.ended(e, final)
	if d.State != charcoal.DeliveryDone || d.Last.Status != http.StatusNoContent || d.Last.Error != "" || d.Attempt != 1 {
		t.Errorf("delivery: %+v", d)
	}
	var body map[string]any
	if err := json.Unmarshal(got.body, &body); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": d.ID.String(), "type": "image.created", "created": img.Created.UTC().Format("2006-01-02T15:04:05.000000Z"),
		"data": map[string]any{
			"image_id": img.ID.String(),
			"links":    map[string]any{"image": "/v2/images/" + img.ID.String()},
		},
	}
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if got := got.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("content type: got %q", got)
	}
	if got := got.header.Get("webhook-id"); got != d.ID.String() {
		t.Errorf("webhook-id: got %q, want %q", got, d.ID)
	}
}

func TestCallback(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *outbound.Config) { c.Base = "https://art.example.com" })
	w.run()
	actor := someone()
	to := newReceiver(t, http.StatusOK)
	img := w.upload(actor, to.URL+"/called?x=y")
	job, err := w.store.Claim(t.Context(), "worker", w.now(), w.now().Add(time.Minute), 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Finish(t.Context(), job.Rendering.Lease(), w.now(), charcoal.Result{}); err != nil {
		t.Fatal(err)
	}
	w.Poke()
	got := <-to.got
	secret, err := w.CallbackSecret(actor)
	if err != nil {
		t.Fatal(err)
	}
	got.verify(t, secret.String())
	var body body
	if err := json.Unmarshal(got.body, &body); err != nil {
		t.Fatal(err)
	}
	rendering := "https://art.example.com/v2/renderings/" + job.Rendering.ID.String()
	want := data{
		ImageID: img.ID.String(), RenderingID: job.Rendering.ID.String(), State: charcoal.Ready,
		Links: &links{Image: "https://art.example.com/v2/images/" + img.ID.String(), Rendering: rendering, Art: rendering + "/art"},
	}
	if diff := cmp.Diff(want, body.Data); diff != "" {
		t.Errorf("data (-want +got):\n%s", diff)
	}
}

// Every try has the same id and body, and its own time.
func TestRetries(t *testing.T) {
	w := newWorld(t)
	w.run()
	actor := someone()
	to := newReceiver(t, http.StatusInternalServerError, http.StatusBadGateway, http.StatusOK)
	e, secret := w.endpoint(actor, to.URL)
	w.upload(actor, "")
	first := <-to.got
	for range 2 {
		next := <-to.got
		next.verify(t, secret.String())
		if string(next.body) != string(first.body) || next.header.Get("webhook-id") != first.header.Get("webhook-id") {
			t.Errorf("another body or id: %s, %s", next.body, first.body)
		}
	}
	if d := w.ended(e, final); d.State != charcoal.DeliveryDone || d.Attempt != 3 {
		t.Errorf("delivery: %+v", d)
	}
}

func TestAnswersThatAreFailures(t *testing.T) {
	tests := []struct {
		name     string
		status   int
		want     string
		attempts int
		disabled bool
	}{
		{"a fault", 500, "it answered with status 500: said [31m <b>so</b>", 5, false},
		{"refused", 401, "it answered with status 401: said [31m <b>so</b>", 5, false},
		{"a redirect", 302, "it answered with status 302; redirects are not followed", 5, false},
		{"gone", 410, "it answered with status 410: said [31m <b>so</b>", 1, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			stop, _ := w.run()
			actor := someone()
			to := newReceiver(t, tt.status)
			e, _ := w.endpoint(actor, to.URL)
			w.upload(actor, "")
			d := w.ended(e, final)
			stop()
			if d.State != charcoal.DeliveryFailed || d.Last.Status != tt.status || d.Last.Error != tt.want || d.Attempt != tt.attempts {
				t.Errorf("delivery: got %+v, want attempt %d, error %q", d, tt.attempts, tt.want)
			}
			if n := len(to.got); n != tt.attempts {
				t.Errorf("requests: got %d, want %d", n, tt.attempts)
			}
			e, err := w.Get(t.Context(), actor, e.ID)
			if err != nil || e.Enabled() == tt.disabled {
				t.Errorf("endpoint: got %+v, %v, want disabled %t", e, err, tt.disabled)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	w := newWorld(t)
	w.run()
	actor := someone()
	to := newReceiver(t, http.StatusOK)
	to.Close()
	e, _ := w.endpoint(actor, to.URL)
	w.upload(actor, "")
	d := w.ended(e, final)
	if want := "the host of the URL did not answer as it should"; d.Last.Error != want || d.Last.Status != 0 {
		t.Errorf("last: got %+v, want %q", d.Last, want)
	}
}

// A name that leads to this machine is found out when it is called, and nothing of
// what is there can be read in the log of deliveries.
func TestGuard(t *testing.T) {
	to := newReceiver(t, http.StatusInternalServerError)
	w := newWorld(t, func(_ *Config, out *outbound.Config) {
		out.AllowPrivate, out.Ports = false, nil
	})
	w.run()
	actor := someone()
	for _, url := range []string{to.URL, "http://169.254.169.254/", "http://[::1]/", "file:///etc/passwd", "http://a:b@example.com", "http://example.com:22"} {
		_, _, err := w.Create(t.Context(), actor, Spec{URL: &url})
		if charcoal.CodeOf(err) != charcoal.Invalid {
			t.Errorf("create %q: got %v, want %s", url, err, charcoal.Invalid)
		}
	}
	e, _ := w.endpoint(actor, "http://localhost:8080/")
	w.upload(actor, "")
	d := w.ended(e, tried)
	if !strings.Contains(d.Last.Error, "must not be called") || d.Last.Status != 0 {
		t.Errorf("last: %+v", d.Last)
	}
}

func TestDisabledAfterADayOfFailures(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *outbound.Config) { c.Attempts = 1000 })
	to := newReceiver(t, http.StatusInternalServerError)
	actor := someone()
	e, _ := w.endpoint(actor, to.URL)
	w.run()
	w.upload(actor, "")
	w.ended(e, func(d charcoal.Delivery) bool { return d.Attempt > maxFailures })
	if e, err := w.Get(t.Context(), actor, e.ID); err != nil || !e.Enabled() {
		t.Errorf("after many failures in a short time: got %+v, %v, want it enabled", e, err)
	}
	w.ahead.Add(int64(maxFailing))
	for e.Enabled() {
		<-w.moved
		var err error
		if e, err = w.Get(t.Context(), actor, e.ID); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.Contains(e.Reason, "times in a row: it answered with status 500") {
		t.Errorf("reason: %q", e.Reason)
	}
	yes := true
	e, err := w.Edit(t.Context(), actor, e.ID, Spec{Enabled: &yes})
	if err != nil || !e.Enabled() || e.Failures != 0 || e.Reason != "" {
		t.Errorf("enabled again: got %+v, %v", e, err)
	}
}

func TestRotation(t *testing.T) {
	w := newWorld(t)
	w.run()
	actor := someone()
	to := newReceiver(t, http.StatusOK)
	e, first := w.endpoint(actor, to.URL)
	e, second, err := w.Rotate(t.Context(), actor, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.upload(actor, "")
	got := <-to.got
	got.verify(t, first.String())
	got.verify(t, second.String())

	_, third, err := w.Rotate(t.Context(), actor, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.ahead.Add(int64(rotation))
	w.upload(actor, "")
	got = <-to.got
	got.verify(t, third.String())
	if n := len(strings.Fields(got.header.Get("webhook-signature"))); n != 1 {
		t.Errorf("signatures a day after the rotation: got %d, want 1", n)
	}
	if first.String() == second.String() || second.String() == third.String() {
		t.Error("secrets are the same")
	}
}

// Receivers that never answer take their own places only.
func TestSlowReceiverHoldsUpNobody(t *testing.T) {
	w := newWorld(t)
	stop, cutOff := w.run()
	release := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer slow.Close()
	defer close(release)
	actor, other := someone(), someone()
	w.endpoint(actor, slow.URL)
	to := newReceiver(t, http.StatusOK)
	own, _ := w.endpoint(actor, to.URL)
	w.endpoint(other, to.URL)
	for range 5 {
		w.upload(actor, "")
		w.upload(other, "")
	}
	for range 10 {
		<-to.got
	}
	w.ended(own, final)
	cutOff()
	stop()
}

// A delivery that was cut off is made again by who comes next, after its claim.
func TestCrash(t *testing.T) {
	w := newWorld(t)
	_, cutOff := w.run()
	arrived, release := make(chan struct{}, 10), make(chan struct{})
	to := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}))
	defer to.Close()
	actor := someone()
	e, _ := w.endpoint(actor, to.URL)
	w.upload(actor, "")
	<-arrived
	cutOff()
	if d := w.ended(e, func(charcoal.Delivery) bool { return true }); d.State != charcoal.DeliveryPending || tried(d) {
		t.Errorf("cut off: %+v", d)
	}
	close(release)
	w.ahead.Add(int64(w.cfg.Time + leaseMore))
	w.run()
	<-arrived
	if d := w.ended(e, final); d.State != charcoal.DeliveryDone || d.Attempt != 2 {
		t.Errorf("after the restart: %+v", d)
	}
}

func TestPingAndRedeliver(t *testing.T) {
	w := newWorld(t)
	w.run()
	actor := someone()
	to := newReceiver(t, http.StatusOK)
	e, secret := w.endpoint(actor, to.URL)
	d, err := w.Ping(t.Context(), actor, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := <-to.got
	got.verify(t, secret.String())
	if !strings.Contains(string(got.body), `"type":"ping"`) || !strings.Contains(string(got.body), `"data":{}`) {
		t.Errorf("body: %s", got.body)
	}
	w.ended(e, final)
	if _, err := w.Redeliver(t.Context(), actor, d.ID); err != nil {
		t.Fatal(err)
	}
	if again := <-to.got; string(again.body) != string(got.body) {
		t.Errorf("body: got %s, want %s", again.body, got.body)
	}
	no := false
	if _, err := w.Edit(t.Context(), actor, e.ID, Spec{Enabled: &no}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Ping(t.Context(), actor, e.ID); charcoal.CodeOf(err) != charcoal.Conflict {
		t.Errorf("ping a disabled one: got %v, want %s", err, charcoal.Conflict)
	}
}

func TestAccess(t *testing.T) {
	w := newWorld(t)
	owner, stranger := someone(), charcoal.Actor{}
	limited := owner
	limited.Scopes = []charcoal.Scope{charcoal.ScopeRead, charcoal.ScopeWrite}
	admin := someone()
	admin.Role, admin.Scopes = charcoal.RoleAdmin, charcoal.Scopes()
	e, _ := w.endpoint(owner, "http://example.com/")
	d, err := w.Ping(t.Context(), owner, e.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	uses := []struct {
		name string
		use  func(charcoal.Actor) error
	}{
		{"get", func(a charcoal.Actor) error { _, err := w.Get(ctx, a, e.ID); return err }},
		{"edit", func(a charcoal.Actor) error { _, err := w.Edit(ctx, a, e.ID, Spec{}); return err }},
		{"rotate", func(a charcoal.Actor) error { _, _, err := w.Rotate(ctx, a, e.ID); return err }},
		{"ping", func(a charcoal.Actor) error { _, err := w.Ping(ctx, a, e.ID); return err }},
		{"deliveries", func(a charcoal.Actor) error { _, err := w.Deliveries(ctx, a, e.ID, charcoal.ID{}, 1); return err }},
		{"redeliver", func(a charcoal.Actor) error { _, err := w.Redeliver(ctx, a, d.ID); return err }},
	}
	for _, who := range []struct {
		name  string
		actor charcoal.Actor
		want  charcoal.Code
	}{
		{"the owner", owner, ""},
		{"an admin", admin, ""},
		{"somebody else", someone(), charcoal.NotFound},
		{"a token without the scope", limited, charcoal.Forbidden},
		{"a stranger", stranger, charcoal.Unauthenticated},
		{"who need not sign in", charcoal.OpenActor(), charcoal.NotFound},
	} {
		for _, use := range uses {
			t.Run(who.name+", "+use.name, func(t *testing.T) {
				err := use.use(who.actor)
				if who.want == "" && err != nil || who.want != "" && charcoal.CodeOf(err) != who.want {
					t.Errorf("got %v, want code %q", err, who.want)
				}
			})
		}
	}
	if err := w.Delete(ctx, someone(), e.ID); charcoal.CodeOf(err) != charcoal.NotFound {
		t.Errorf("delete by somebody else: %v", err)
	}
	if err := w.Delete(ctx, owner, e.ID); err != nil {
		t.Errorf("delete: %v", err)
	}
	if all, err := w.List(ctx, owner); err != nil || len(all) != 0 {
		t.Errorf("list: got %v, %v", all, err)
	}
	if _, err := w.CallbackSecret(stranger); charcoal.CodeOf(err) != charcoal.Unauthenticated {
		t.Errorf("callback secret of a stranger: %v", err)
	}
}

func TestCreate(t *testing.T) {
	w := newWorld(t)
	actor, url := someone(), "http://example.com/"
	tests := []struct {
		name string
		spec Spec
		want []charcoal.EventType
		bad  string // pointer of what is wrong
	}{
		{"usual", Spec{URL: &url}, []charcoal.EventType{charcoal.RenderingReady, charcoal.RenderingFailed}, ""},
		{"none named", Spec{URL: &url, Events: &[]charcoal.EventType{}}, []charcoal.EventType{charcoal.RenderingReady, charcoal.RenderingFailed}, ""},
		{"one twice", Spec{URL: &url, Events: &[]charcoal.EventType{charcoal.ImageCreated, charcoal.ImageCreated}}, []charcoal.EventType{charcoal.ImageCreated}, ""},
		{"unknown", Spec{URL: &url, Events: &[]charcoal.EventType{"rendering.done"}}, nil, "/events"},
		{"not of the log", Spec{URL: &url, Events: &[]charcoal.EventType{charcoal.WebhookPing}}, nil, "/events"},
		{"no URL", Spec{}, nil, "/url"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, _, err := w.Create(t.Context(), actor, tt.spec)
			if tt.bad != "" {
				wantField(t, err, tt.bad)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, e.Events); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
	for range w.cfg.MaxEndpoints {
		_, _, err := w.Create(t.Context(), actor, Spec{URL: &url})
		if err != nil {
			if charcoal.CodeOf(err) != charcoal.QuotaSpent {
				t.Errorf("too many: got %v, want %s", err, charcoal.QuotaSpent)
			}
			return
		}
	}
	t.Error("there is no limit")
}

// TestScopes: a token that may not read images must not have them told by a webhook.
func TestScopes(t *testing.T) {
	w := newWorld(t)
	actor := someone()
	e, _ := w.endpoint(actor, "https://example.com/hook")
	for _, lacking := range []charcoal.Scope{charcoal.ScopeRead, charcoal.ScopeAccount} {
		weak := actor
		weak.Scopes = slices.DeleteFunc(charcoal.Scopes(), func(s charcoal.Scope) bool { return s == lacking })
		url := "https://example.com/other"
		for name, do := range map[string]func() error{
			"create": func() error { _, _, err := w.Create(t.Context(), weak, Spec{URL: &url}); return err },
			"edit":   func() error { _, err := w.Edit(t.Context(), weak, e.ID, Spec{URL: &url}); return err },
			"list":   func() error { _, err := w.Deliveries(t.Context(), weak, e.ID, charcoal.ID{}, 1); return err },
		} {
			if got := charcoal.CodeOf(do()); got != charcoal.Forbidden {
				t.Errorf("%s without %s: got %q, want %q", name, lacking, got, charcoal.Forbidden)
			}
		}
	}
}
