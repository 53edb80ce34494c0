package conformance

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Webhooks tests an adapter of [charcoal.Webhooks]. Each call of newPlace makes an
// empty place, and opening it again gives the same data.
func Webhooks(t *testing.T, newPlace func(t *testing.T) func(t *testing.T) EventStore) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, EventStore)
	}{
		{"an endpoint is kept as it is", testEndpoints},
		{"an endpoint is changed in one step", testChangeEndpoint},
		{"an owner has only so many", testEndpointLimit},
		{"an endpoint goes with its deliveries", testDeleteEndpoint},
		{"who wants to know is told, once", testPlan},
		{"callbacks are told when a rendering is final", testPlanCallbacks},
		{"a delivery from claim to end", testDelivery},
		{"who is slow holds up nobody", testTargets},
		{"who has many that are slow holds up nobody", testOwners},
		{"what was lost is claimed again", testLostDelivery},
		{"failures in a row are counted", testFailuresInARow},
		{"a disabled endpoint waits", testDisabledEndpoint},
		{"again", testRedeliver},
		{"old deliveries go", testPurgeDeliveries},
		{"no two claims give the same", testClaimsAtOnce},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, openedEvents(t, newPlace(t)))
		})
	}
	t.Run("what was planned survives a reopening", func(t *testing.T) { testReopenWebhooks(t, newPlace(t)) })
}

func openedEvents(t *testing.T, open func(t *testing.T) EventStore) EventStore {
	t.Helper()
	s := open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func newEndpoint(owner charcoal.ID, events ...charcoal.EventType) charcoal.Endpoint {
	return charcoal.Endpoint{
		ID: charcoal.NewID(), Owner: owner, URL: "https://example.com/hook?a=b",
		Events: events, Created: noon(), Salt: []byte{0, 1, 255},
	}
}

func addEndpoint(t *testing.T, s charcoal.Webhooks, e charcoal.Endpoint) charcoal.Endpoint {
	t.Helper()
	noError(t, "add endpoint", s.AddEndpoint(t.Context(), e, 100))
	return e
}

func testEndpoints(t *testing.T, s EventStore) {
	owner := charcoal.NewID()
	a := addEndpoint(t, s, newEndpoint(owner, charcoal.RenderingReady, charcoal.ImageCreated))
	full := newEndpoint(owner, charcoal.RenderingFailed)
	full.OldSalt, full.OldUntil = []byte{3}, noon().Add(time.Hour)
	full.Disabled, full.Reason, full.Failures, full.FailingSince = noon(), "gone", 7, noon()
	addEndpoint(t, s, full)
	addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))

	got, err := s.Endpoint(t.Context(), full.ID)
	noError(t, "read", err)
	equal(t, "endpoint", got, full)
	all, err := s.Endpoints(t.Context(), owner)
	noError(t, "list", err)
	equal(t, "endpoints", all, []charcoal.Endpoint{a, full})
	_, err = s.Endpoint(t.Context(), charcoal.NewID())
	wantCode(t, "read one that is not there", err, charcoal.NotFound)
}

func testChangeEndpoint(t *testing.T, s EventStore) {
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	got, err := s.ChangeEndpoint(t.Context(), e.ID, func(e *charcoal.Endpoint) error {
		e.URL, e.Owner, e.ID, e.Salt, e.OldSalt = "http://other.example", charcoal.NewID(), charcoal.NewID(), []byte{9}, e.Salt
		return nil
	})
	noError(t, "change", err)
	want := e
	want.URL, want.Salt, want.OldSalt = "http://other.example", []byte{9}, e.Salt
	equal(t, "what it returns", got, want)
	got, err = s.Endpoint(t.Context(), e.ID)
	noError(t, "read", err)
	equal(t, "what is stored", got, want)

	errNo := errors.New("no")
	_, err = s.ChangeEndpoint(t.Context(), e.ID, func(e *charcoal.Endpoint) error { e.URL = ""; return errNo })
	if !errors.Is(err, errNo) {
		t.Errorf("a change that fails: got %v, want %v", err, errNo)
	}
	got, err = s.Endpoint(t.Context(), e.ID)
	noError(t, "read", err)
	equal(t, "what is stored after a change that failed", got, want)
	_, err = s.ChangeEndpoint(t.Context(), charcoal.NewID(), func(*charcoal.Endpoint) error { return nil })
	wantCode(t, "change one that is not there", err, charcoal.NotFound)
}

func testEndpointLimit(t *testing.T, s EventStore) {
	owner := charcoal.NewID()
	var mu sync.Mutex
	codes := make(map[charcoal.Code]int)
	together(workers, func(int) {
		code := codeOf(s.AddEndpoint(t.Context(), newEndpoint(owner, charcoal.RenderingReady), 3))
		mu.Lock()
		defer mu.Unlock()
		codes[code]++
	})
	equal(t, "answers", codes, map[charcoal.Code]int{"": 3, charcoal.QuotaSpent: workers - 3})
}

func testDeleteEndpoint(t *testing.T, s EventStore) {
	owner := charcoal.NewID()
	e := addEndpoint(t, s, newEndpoint(owner, charcoal.ImageCreated))
	uploadBy(t, s, owner, noon())
	planAll(t, s)
	noError(t, "delete", s.DeleteEndpoint(t.Context(), e.ID))
	wantCode(t, "delete again", s.DeleteEndpoint(t.Context(), e.ID), charcoal.NotFound)
	equal(t, "claims", len(claimDeliveries(t, s, noon(), 10)), 0)
	wantCode(t, "add a delivery", s.AddDelivery(t.Context(), ping(e)), charcoal.NotFound)
}

// ping is a delivery that is of no event of the log.
func ping(e charcoal.Endpoint) charcoal.Delivery {
	return charcoal.Delivery{
		ID: charcoal.NewID(), Owner: e.Owner, Endpoint: e.ID, URL: e.URL, Created: noon(), Due: noon(), State: charcoal.DeliveryPending,
		Event: charcoal.Event{Type: charcoal.WebhookPing, At: noon(), Owner: e.Owner},
	}
}

func claimDeliveries(t *testing.T, s charcoal.Webhooks, now time.Time, limit int) []charcoal.Delivery {
	t.Helper()
	claimed, err := s.ClaimDeliveries(t.Context(), now, now.Add(lease), limit)
	noError(t, "claim deliveries", err)
	return claimed
}

func testPlan(t *testing.T, s EventStore) {
	owner := charcoal.NewID()
	uploadBy(t, s, owner, noon()) // before there was anybody to tell
	created := addEndpoint(t, s, newEndpoint(owner, charcoal.ImageCreated))
	queued := addEndpoint(t, s, newEndpoint(owner, charcoal.RenderingReady, charcoal.RenderingQueued))
	addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.ImageCreated))
	off := newEndpoint(owner, charcoal.ImageCreated)
	off.Disabled = noon()
	addEndpoint(t, s, off)
	img, r := uploadBy(t, s, owner, noon())

	equal(t, "deliveries made", planAll(t, s), 2)
	equal(t, "deliveries made again", planAll(t, s), 0)
	for _, want := range []struct {
		endpoint charcoal.ID
		event    charcoal.Event
	}{
		{created.ID, happened(t, s, 0, charcoal.EventFilter{Image: &img.ID})[0]},
		{queued.ID, happened(t, s, 0, charcoal.EventFilter{Image: &img.ID})[1]},
	} {
		got, err := s.Deliveries(t.Context(), want.endpoint, charcoal.ID{}, 10)
		noError(t, "list deliveries", err)
		equal(t, "deliveries", len(got), 1)
		equal(t, "delivery", got[0], charcoal.Delivery{
			ID: got[0].ID, Owner: owner, Endpoint: want.endpoint, URL: created.URL, Event: want.event,
			Created: noon(), State: charcoal.DeliveryPending, Due: noon(),
		})
	}
	_ = r
}

func testPlanCallbacks(t *testing.T, s EventStore) {
	img, r := newUpload(noon())
	r.Callback = "https://example.com/called"
	commit(t, s, img, r)
	equal(t, "deliveries while it is queued", planAll(t, s), 0)
	noError(t, "fail", s.Fail(t.Context(), leaseOf(claim(t, s, "a", noon())), noon(), "a bad picture"))
	upload(t, s, noon())
	equal(t, "deliveries when it failed", planAll(t, s), 1)
	got := claimDeliveries(t, s, noon(), 10)
	equal(t, "claims", len(got), 1)
	equal(t, "URL", got[0].URL, r.Callback)
	equal(t, "endpoint", got[0].Endpoint, charcoal.ID{})
	equal(t, "type", got[0].Event.Type, charcoal.RenderingFailed)
	e, err := s.FinishDelivery(t.Context(), got[0].ID, got[0].Attempt, done(noon()))
	noError(t, "finish", err)
	equal(t, "endpoint of a callback", e, charcoal.Endpoint{})
}

func done(at time.Time) charcoal.Outcome {
	return charcoal.Outcome{State: charcoal.DeliveryDone, Attempt: charcoal.Attempt{At: at, Took: 1234 * time.Microsecond, Status: 204}}
}

func again(at, due time.Time) charcoal.Outcome {
	return charcoal.Outcome{
		State: charcoal.DeliveryPending, Due: due,
		Attempt: charcoal.Attempt{At: at, Took: time.Second, Status: 500, Error: `the answer was "500": ü`},
	}
}

func testDelivery(t *testing.T, s EventStore) {
	ctx := t.Context()
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	d := ping(e)
	d.Due = noon().Add(time.Second)
	noError(t, "add", s.AddDelivery(ctx, d))
	equal(t, "claims before it is due", len(claimDeliveries(t, s, noon(), 10)), 0)

	now := d.Due
	first := claimDeliveries(t, s, now, 10)
	want := d
	want.Attempt, want.Tries, want.Due = 1, 1, now.Add(lease)
	equal(t, "claimed", first, []charcoal.Delivery{want})
	equal(t, "claims while it is tried", len(claimDeliveries(t, s, now, 10)), 0)

	later := now.Add(time.Hour)
	_, err := s.FinishDelivery(ctx, d.ID, 1, again(now, later))
	noError(t, "finish with a failure", err)
	want.Due, want.Last = later, again(now, later).Attempt
	got, err := s.Delivery(ctx, d.ID)
	noError(t, "read", err)
	equal(t, "after a failure", got, want)
	_, err = s.FinishDelivery(ctx, d.ID, 1, done(now))
	wantCode(t, "finish what is finished", err, charcoal.Conflict)
	equal(t, "claims before it is due again", len(claimDeliveries(t, s, now, 10)), 0)

	second := claimDeliveries(t, s, later, 10)
	equal(t, "second claims", len(second), 1)
	_, err = s.FinishDelivery(ctx, d.ID, 1, done(later))
	wantCode(t, "finish an old attempt", err, charcoal.Conflict)
	_, err = s.FinishDelivery(ctx, d.ID, 2, done(later))
	noError(t, "finish", err)
	want.Attempt, want.Tries, want.Due, want.State, want.Last = 2, 2, time.Time{}, charcoal.DeliveryDone, done(later).Attempt
	got, err = s.Delivery(ctx, d.ID)
	noError(t, "read", err)
	equal(t, "delivered", got, want)
	equal(t, "claims after the end", len(claimDeliveries(t, s, later.Add(24*time.Hour), 10)), 0)
	_, err = s.Delivery(ctx, charcoal.NewID())
	wantCode(t, "read one that is not there", err, charcoal.NotFound)
}

// testTargets gives one endpoint much to do, and another one little.
func testTargets(t *testing.T, s EventStore) {
	ctx := t.Context()
	slow := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	quick := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	for range 50 {
		noError(t, "add", s.AddDelivery(ctx, ping(slow)))
	}
	late := ping(quick)
	late.Due = noon().Add(time.Second)
	noError(t, "add", s.AddDelivery(ctx, late))

	now := noon().Add(time.Second)
	claimed := claimDeliveries(t, s, now, 10)
	count := make(map[charcoal.ID]int)
	for _, d := range claimed {
		count[d.Endpoint]++
	}
	equal(t, "claims by endpoint", count, map[charcoal.ID]int{slow.ID: charcoal.DeliveriesAtOnce, quick.ID: 1})
	equal(t, "claims while the slow one is busy", len(claimDeliveries(t, s, now, 10)), 0)
	i := slices.IndexFunc(claimed, func(d charcoal.Delivery) bool { return d.Endpoint == slow.ID })
	_, err := s.FinishDelivery(ctx, claimed[i].ID, 1, again(now, now.Add(time.Hour)))
	noError(t, "finish", err)
	equal(t, "claims after one ended", len(claimDeliveries(t, s, now, 10)), 1)
	equal(t, "claims within a limit of none", len(claimDeliveries(t, s, now, 0)), 0)
}

// testOwners gives one owner many endpoints, and another owner one.
func testOwners(t *testing.T, s EventStore) {
	greedy := charcoal.NewID()
	for range 2 * charcoal.DeliveriesOfOwner {
		e := addEndpoint(t, s, newEndpoint(greedy, charcoal.RenderingReady))
		noError(t, "add", s.AddDelivery(t.Context(), ping(e)))
	}
	modest := ping(addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady)))
	modest.Due = noon().Add(time.Second)
	noError(t, "add", s.AddDelivery(t.Context(), modest))

	now := noon().Add(time.Second)
	claimed := claimDeliveries(t, s, now, 100)
	count := make(map[charcoal.ID]int)
	for _, d := range claimed {
		count[d.Owner]++
	}
	equal(t, "claims by owner", count, map[charcoal.ID]int{greedy: charcoal.DeliveriesOfOwner, modest.Owner: 1})
	equal(t, "claims while they are under way", len(claimDeliveries(t, s, now, 100)), 0)
	_, err := s.FinishDelivery(t.Context(), claimed[0].ID, 1, done(now))
	noError(t, "finish", err)
	equal(t, "claims after one ended", len(claimDeliveries(t, s, now, 100)), 1)
	equal(t, "claims after all were lost", len(claimDeliveries(t, s, now.Add(lease), 100)), charcoal.DeliveriesOfOwner+1)
}

func testLostDelivery(t *testing.T, s EventStore) {
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	for range 4 {
		noError(t, "add", s.AddDelivery(t.Context(), ping(e)))
	}
	lost := claimDeliveries(t, s, noon(), 10)
	equal(t, "claims", len(lost), charcoal.DeliveriesAtOnce)
	now := noon().Add(lease)
	next := claimDeliveries(t, s, now, 10)
	equal(t, "claims after the lease", len(next), charcoal.DeliveriesAtOnce)
	tried := make(map[charcoal.ID]bool)
	for _, d := range slices.Concat(lost, next) {
		tried[d.ID] = true
	}
	equal(t, "all are pending still", len(tried), 4)
	_, err := s.FinishDelivery(t.Context(), lost[0].ID, lost[0].Attempt, done(now))
	wantCode(t, "finish what was taken back", err, charcoal.Conflict)
}

func testFailuresInARow(t *testing.T, s EventStore) {
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	noError(t, "add", s.AddDelivery(t.Context(), ping(e)))
	now := noon()
	attempt := func(o charcoal.Outcome) charcoal.Endpoint {
		t.Helper()
		now = now.Add(time.Hour)
		d := claimDeliveries(t, s, now, 1)[0]
		got, err := s.FinishDelivery(t.Context(), d.ID, d.Attempt, o)
		noError(t, "finish", err)
		return got
	}
	want := e
	want.Failures, want.FailingSince = 1, noon()
	equal(t, "after one failure", attempt(again(noon(), noon())), want)
	want.Failures = 2
	equal(t, "after another", attempt(again(noon().Add(time.Hour), noon())), want)
	equal(t, "after a success", attempt(done(noon())), e)
}

func testDisabledEndpoint(t *testing.T, s EventStore) {
	ctx := t.Context()
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.ImageCreated))
	noError(t, "add", s.AddDelivery(ctx, ping(e)))
	set := func(at time.Time) {
		t.Helper()
		_, err := s.ChangeEndpoint(ctx, e.ID, func(e *charcoal.Endpoint) error { e.Disabled = at; return nil })
		noError(t, "change", err)
	}
	set(noon())
	equal(t, "claims while it is disabled", len(claimDeliveries(t, s, noon(), 10)), 0)
	uploadBy(t, s, e.Owner, noon())
	equal(t, "deliveries made while it is disabled", planAll(t, s), 0)
	set(time.Time{})
	equal(t, "claims when it is enabled", len(claimDeliveries(t, s, noon(), 10)), 1)
}

func testRedeliver(t *testing.T, s EventStore) {
	ctx := t.Context()
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	d := ping(e)
	noError(t, "add", s.AddDelivery(ctx, d))
	claimDeliveries(t, s, noon(), 1)
	_, err := s.Redeliver(ctx, d.ID, noon())
	wantCode(t, "redeliver what is being tried", err, charcoal.Conflict)
	_, err = s.FinishDelivery(ctx, d.ID, 1, done(noon()))
	noError(t, "finish", err)

	got, err := s.Redeliver(ctx, d.ID, noon().Add(time.Hour))
	noError(t, "redeliver", err)
	want := d
	want.Attempt, want.Due, want.Last = 1, noon().Add(time.Hour), done(noon()).Attempt
	equal(t, "delivery", got, want)
	equal(t, "claims", len(claimDeliveries(t, s, noon().Add(time.Hour), 10)), 1)
	_, err = s.Redeliver(ctx, charcoal.NewID(), noon())
	wantCode(t, "redeliver what is not there", err, charcoal.NotFound)
}

func testPurgeDeliveries(t *testing.T, s EventStore) {
	ctx := t.Context()
	e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
	off := newEndpoint(charcoal.NewID(), charcoal.RenderingReady)
	off.Disabled = noon()
	addEndpoint(t, s, off)
	old, young, pending, waiting := ping(e), ping(e), ping(e), ping(off)
	young.Created = noon().Add(time.Hour)
	for _, d := range []charcoal.Delivery{old, young} {
		noError(t, "add", s.AddDelivery(ctx, d))
	}
	for _, d := range claimDeliveries(t, s, noon(), 10) {
		_, err := s.FinishDelivery(ctx, d.ID, 1, done(noon()))
		noError(t, "finish", err)
	}
	for _, d := range []charcoal.Delivery{pending, waiting} {
		noError(t, "add", s.AddDelivery(ctx, d))
	}
	n, err := s.PurgeDeliveries(ctx, noon().Add(time.Minute), 1)
	noError(t, "purge one", err)
	equal(t, "purged", n, 1)
	n, err = s.PurgeDeliveries(ctx, noon().Add(time.Minute), 100)
	noError(t, "purge the rest", err)
	equal(t, "purged", n, 1)
	for _, tt := range []struct {
		d    charcoal.Delivery
		want charcoal.Code
	}{{old, charcoal.NotFound}, {young, ""}, {pending, ""}, {waiting, charcoal.NotFound}} {
		_, err := s.Delivery(ctx, tt.d.ID)
		wantCode(t, "read", err, tt.want)
	}
}

func testClaimsAtOnce(t *testing.T, s EventStore) {
	for range 20 {
		e := addEndpoint(t, s, newEndpoint(charcoal.NewID(), charcoal.RenderingReady))
		for range charcoal.DeliveriesAtOnce {
			noError(t, "add", s.AddDelivery(t.Context(), ping(e)))
		}
	}
	var mu sync.Mutex
	count := make(map[charcoal.ID]int)
	together(workers, func(int) {
		for {
			claimed, err := s.ClaimDeliveries(t.Context(), noon(), noon().Add(lease), 3)
			if err != nil {
				t.Errorf("claim: %v", err)
			}
			if len(claimed) == 0 {
				return
			}
			mu.Lock()
			for _, d := range claimed {
				count[d.ID]++
			}
			mu.Unlock()
		}
	})
	equal(t, "deliveries claimed", len(count), 20*charcoal.DeliveriesAtOnce)
	for id, n := range count {
		if n != 1 {
			t.Errorf("delivery %s was claimed %d times", id, n)
		}
	}
}

func testReopenWebhooks(t *testing.T, open func(t *testing.T) EventStore) {
	s := open(t)
	owner := charcoal.NewID()
	e := addEndpoint(t, s, newEndpoint(owner, charcoal.ImageCreated))
	for range 3 {
		uploadBy(t, s, owner, noon())
	}
	equal(t, "deliveries made", planAll(t, s), 3)
	uploadBy(t, s, owner, noon())
	claimed := claimDeliveries(t, s, noon(), 1)
	noError(t, "close", s.Close())

	s = openedEvents(t, open)
	equal(t, "deliveries made after the reopening", planAll(t, s), 1)
	_, err := s.FinishDelivery(t.Context(), claimed[0].ID, claimed[0].Attempt, done(noon()))
	noError(t, "finish what was claimed before", err)
	all, err := s.Deliveries(t.Context(), e.ID, charcoal.ID{}, 10)
	noError(t, "list", err)
	equal(t, "deliveries", len(all), 4)
	older, err := s.Deliveries(t.Context(), e.ID, all[1].ID, 10)
	noError(t, "list the older ones", err)
	equal(t, "older deliveries", older, all[2:])
}
