// Package load puts a server under load as many clients do, and measures what they see
// of it. It knows a server only through package client.
package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charcoal-art/charcoal/client"
)

// Plan is what to do to a server.
type Plan struct {
	Pictures []Picture // uploaded in turn, each time as a picture that was never there; at least one
	Draw     client.DrawOptions

	Clients int // uploads under way at most; at least one

	// Rate is how many uploads become due a second, whether or not the server keeps up:
	// what is late because all clients wait counts as waiting for an answer, as it is for
	// those who upload. 0: each client uploads again once it has its answer.
	Rate float64

	Count  int64         // of uploads; 0: as many as Time allows
	Time   time.Duration // for uploading; 0: as long as Count takes
	Settle time.Duration // how long to wait afterwards until all is drawn
}

// A client that was refused tries again after as long as it was told, within bounds:
// it is here to put load on the server.
const (
	minPause = 50 * time.Millisecond
	maxPause = time.Second
)

// Run does what the plan says and returns what was measured, which is also what was
// measured until ctx ended. It is an error when nothing can be: the events of the
// server cannot be followed. The client should make each request once.
func Run(ctx context.Context, c *client.Client, plan Plan) (Report, error) {
	if len(plan.Pictures) == 0 || plan.Clients < 1 || plan.Count <= 0 && plan.Time <= 0 {
		return Report{}, errors.New("a load needs pictures, clients, and a count or a time")
	}
	r := &run{client: c, plan: plan, outcomes: newOutcomes(), refused: make(map[string]int64)}
	if err := r.follow(ctx, r.load); err != nil {
		return Report{}, err
	}
	return r.report(ctx.Err() != nil), nil
}

// run is one load under way.
type run struct {
	client   *client.Client
	plan     Plan
	outcomes *outcomes

	start time.Time
	next  atomic.Int64

	mu       sync.Mutex
	answers  histogram // of accepted uploads
	accepted int64
	bytes    int64
	refused  map[string]int64 // by status
}

// follow calls do while the events of the server are followed from before it begins.
func (r *run) follow(ctx context.Context, do func(context.Context)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	begun := make(chan struct{})
	ended := make(chan struct{})
	var lost error // is made good by asking, once it had begun
	go func() {
		defer close(ended)
		lost = r.listen(ctx, sync.OnceFunc(func() { close(begun) }))
	}()
	select {
	case <-begun:
	case <-ended:
		return fmt.Errorf("follow what is drawn: %w", lost)
	}
	do(ctx)
	cancel()
	<-ended
	return nil
}

func (r *run) listen(ctx context.Context, begun func()) error {
	for e, err := range r.client.Events(ctx, client.EventsOptions{}) {
		if err != nil {
			return err
		}
		begun() // the first is a reset
		if e.RenderingID != "" && e.State.Final() {
			r.outcomes.final(e.ImageID, e.State, time.Now())
		}
	}
	return nil
}

// load uploads, then waits until all is drawn.
func (r *run) load(ctx context.Context) {
	r.start = time.Now()
	var clients sync.WaitGroup
	for range r.plan.Clients {
		clients.Go(func() { r.upload(ctx) })
	}
	clients.Wait()
	r.settle(ctx)
}

// upload is one client.
func (r *run) upload(ctx context.Context) {
	for {
		n := r.next.Add(1) - 1
		due, ok := r.due(n)
		if !ok || !sleep(ctx, time.Until(due)) {
			return
		}
		pause := r.one(ctx, n, due)
		if r.plan.Rate == 0 && !sleep(ctx, pause) {
			return
		}
	}
}

// due is when an upload is to begin, and whether it is part of the plan.
func (r *run) due(n int64) (at time.Time, ok bool) {
	at = time.Now()
	if r.plan.Rate > 0 {
		at = r.start.Add(time.Duration(float64(n) / r.plan.Rate * float64(time.Second)))
	}
	inCount := r.plan.Count <= 0 || n < r.plan.Count
	inTime := r.plan.Time <= 0 || at.Sub(r.start) < r.plan.Time
	return at, inCount && inTime
}

// one uploads a picture that was due, and returns how long to leave the server alone.
func (r *run) one(ctx context.Context, n int64, due time.Time) (pause time.Duration) {
	picture := r.plan.Pictures[n%int64(len(r.plan.Pictures))].fresh()
	img, err := r.client.Upload(ctx, bytes.NewReader(picture), client.UploadOptions{Filename: "load", Draw: r.plan.Draw})
	waited := time.Since(due)
	if err == nil {
		r.accept(waited, len(picture))
		r.outcomes.expect(img.ID, due)
		return 0
	}
	if ctx.Err() != nil {
		return 0 // we hung up
	}
	status, pause := "no answer", minPause
	if e, ok := errors.AsType[*client.Error](err); ok {
		status, pause = strconv.Itoa(e.Status), min(max(e.RetryAfter, minPause), maxPause)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refused[status]++
	return pause
}

func (r *run) accept(waited time.Duration, size int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answers.add(waited)
	r.accepted++
	r.bytes += int64(size)
}

// How often to look whether all is drawn, how often to ask for what no event told of,
// and of how many at a time.
const (
	lookEvery = 10 * time.Millisecond
	askEvery  = 2 * time.Second
	askMost   = 50
)

// settle waits until what was uploaded is drawn, at most as long as the plan says.
func (r *run) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.plan.Settle)
	defer cancel()
	asked := time.Now()
	for r.outcomes.left() > 0 && sleep(ctx, lookEvery) {
		if time.Since(asked) > askEvery {
			r.ask(ctx)
			asked = time.Now()
		}
	}
}

// ask finds out about images of which events may have been lost.
func (r *run) ask(ctx context.Context) {
	for _, id := range r.outcomes.some(askMost) {
		if img, err := r.client.Image(ctx, id); err == nil && img.State.Final() {
			r.outcomes.final(id, img.State, time.Now())
		}
	}
}

// sleep reports whether ctx lasted as long.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
