// Package worker runs jobs: it waits for the doorbell, claims what the store
// says is next, keeps the leases of what runs alive, and sweeps up after others.
package worker

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// Config says how a [Worker] works.
type Config struct {
	Name      string        // unique among all workers that ever share the store
	Slots     int           // conversions at once
	Heartbeat time.Duration // a third of the lease or less
	Poll      time.Duration // how long a lost doorbell may go unnoticed
	Sweep     time.Duration // between sweeps
	UploadTTL time.Duration // after which an upload that was not committed is dead
}

// Worker claims and runs jobs until it is stopped.
type Worker struct {
	cfg     Config
	service *convert.Service
	queue   charcoal.Queue
	log     *slog.Logger
	now     func() time.Time

	mu      sync.Mutex
	running map[charcoal.Lease]context.CancelCauseFunc
}

// New returns a worker; nothing starts before Run.
func New(cfg Config, service *convert.Service, queue charcoal.Queue, log *slog.Logger, now func() time.Time) *Worker {
	return &Worker{
		cfg: cfg, service: service, queue: queue, log: log, now: now,
		running: make(map[charcoal.Lease]context.CancelCauseFunc),
	}
}

// Run works until taking ends; then it claims nothing more and returns when the
// jobs under way are done. When working ends, they are stopped and handed back.
// All its goroutines have ended when it returns.
func (w *Worker) Run(taking, working context.Context) {
	beating, stopBeating := context.WithCancel(context.WithoutCancel(working))
	var background, slots sync.WaitGroup
	background.Go(func() { every(beating, w.cfg.Heartbeat, w.heartbeat) })
	background.Go(func() { every(taking, w.cfg.Sweep, w.sweep) })
	for range w.cfg.Slots {
		slots.Go(func() { w.slot(taking, working) })
	}
	slots.Wait()
	stopBeating() // the leases of jobs that finish late are kept until here
	background.Wait()
}

// every calls do at each tick until the context ends.
func every(ctx context.Context, interval time.Duration, do func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			do(ctx)
		}
	}
}

// slot runs one job after the other. It looks at the store before it waits, so
// a ring that was lost while it worked costs nothing.
func (w *Worker) slot(taking, working context.Context) {
	var ring charcoal.Ring
	for taking.Err() == nil {
		job, err := w.service.Claim(taking, w.cfg.Name)
		w.acknowledge(taking, ring)
		switch {
		case err == nil:
			ring = charcoal.Ring{}
			w.work(working, job)
			continue
		case charcoal.CodeOf(err) != charcoal.NotFound:
			w.log.ErrorContext(taking, "claiming a job failed", "err", err)
		}
		ring = w.listen(taking)
	}
}

// listen waits for the doorbell, at most one poll interval.
func (w *Worker) listen(ctx context.Context) charcoal.Ring {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Poll)
	defer cancel()
	ring, err := w.queue.Receive(ctx)
	if err != nil && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "waiting for the doorbell failed", "err", err)
		<-ctx.Done() // the poll goes on at its own pace
	}
	return ring
}

func (w *Worker) acknowledge(ctx context.Context, ring charcoal.Ring) {
	if ring.Ack == nil {
		return
	}
	if err := ring.Ack(ctx); err != nil {
		w.log.WarnContext(ctx, "acknowledging the doorbell failed", "err", err)
	}
}

// work runs one job under its lease. A panic in it is the fault of one picture
// and must not take the others down: the lease runs out and counts a failure.
func (w *Worker) work(ctx context.Context, job charcoal.Job) {
	lease := job.Rendering.Lease()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	w.hold(lease, cancel)
	defer w.drop(lease)
	defer func() {
		if p := recover(); p != nil {
			w.log.ErrorContext(ctx, "a conversion panicked", "rendering", lease.Rendering,
				"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
		}
	}()
	if err := w.service.Run(ctx, job); err != nil {
		w.log.ErrorContext(ctx, "a job is left to the sweep", "rendering", lease.Rendering, "err", err)
	}
}

func (w *Worker) hold(lease charcoal.Lease, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.running[lease] = cancel
}

func (w *Worker) drop(lease charcoal.Lease) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.running, lease)
}

func (w *Worker) held() []charcoal.Lease {
	w.mu.Lock()
	defer w.mu.Unlock()
	leases := make([]charcoal.Lease, 0, len(w.running))
	for lease := range w.running {
		leases = append(leases, lease)
	}
	return leases
}

// heartbeat extends all leases in one call and stops the work whose lease is
// gone: somebody else does it by now.
func (w *Worker) heartbeat(ctx context.Context) {
	held := w.held()
	if len(held) == 0 {
		return
	}
	lost, err := w.service.Heartbeat(ctx, held)
	if err != nil {
		w.log.WarnContext(ctx, "heartbeat failed", "leases", len(held), "err", err)
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, lease := range lost {
		if cancel, ok := w.running[lease]; ok {
			cancel(convert.ErrLeaseLost)
		}
	}
}

// sweep beats first: after a machine was asleep, the leases of this process have
// run out, though what they are for goes on.
func (w *Worker) sweep(ctx context.Context) {
	w.heartbeat(ctx)
	now := w.now()
	if err := w.service.Sweep(ctx, now, now.Add(-w.cfg.UploadTTL)); err != nil && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "sweep failed", "err", err)
	}
	if err := w.service.Tidy(ctx); err != nil && ctx.Err() == nil {
		w.log.ErrorContext(ctx, "tidying up failed", "err", err)
	}
}
