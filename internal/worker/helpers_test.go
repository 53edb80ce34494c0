package worker_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/memqueue"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/internal/sqlite"
	"github.com/charcoal-art/charcoal/internal/worker"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	lease = 30 * time.Second
	poll  = 2 * time.Second
	slots = 2
)

// shop is a worker over the real adapters, with places to get between. The
// clock is that of a bubble: it moves only when everybody waits.
type shop struct {
	t       *testing.T
	service *convert.Service
	worker  *worker.Worker
	store   *store
	queue   *queue
	engine  *engine

	taking, working context.Context
	stop, cutOff    context.CancelFunc
	done            chan struct{} // closed when Run has returned
}

// inShop runs a test in a bubble of its own. The worker is not started yet.
func inShop(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	data := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, newShop(t, data)) })
}

func newShop(t *testing.T, data string) *shop {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(data, "test.db"))
	noError(t, "opening the store", err)
	blobs, err := fileblob.Open(filepath.Join(data, "blobs"))
	noError(t, "opening the blobs", err)
	s := &shop{
		t: t, store: &store{Store: db}, queue: &queue{Queue: memqueue.New(2 * slots)},
		engine: &engine{Converter: nativeengine.New(nativeengine.Config{})}, done: make(chan struct{}),
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	s.service = convert.New(convert.Config{
		UploadBytes: 1 << 20, Backlog: 100, Lease: lease,
		MaxFailures: 3, MaxLosses: 3, BackoffMin: time.Second, BackoffMax: time.Minute,
	}, convert.Ports{
		Store: s.store, Catalogue: db, Presets: db, Onces: db, Blobs: blobs, Queue: s.queue, Converter: s.engine, Log: log, Now: time.Now,
	})
	s.worker = worker.New(worker.Config{
		Name: "w", Slots: slots, Heartbeat: lease / 3, Poll: poll, Sweep: 5 * time.Second, UploadTTL: time.Hour,
	}, s.service, s.queue, log, time.Now)
	s.taking, s.stop = context.WithCancel(context.Background())
	s.working, s.cutOff = context.WithCancel(context.Background())
	t.Cleanup(func() {
		s.stop()
		s.cutOff()
		noError(t, "closing", errors.Join(s.queue.Close(), blobs.Close(), db.Close()))
	})
	return s
}

// start runs the worker; the end of the test stops it and waits for it.
func (s *shop) start() {
	go func() {
		defer close(s.done)
		s.worker.Run(s.taking, s.working)
	}()
	s.t.Cleanup(func() {
		s.stop()
		s.cutOff()
		<-s.done
	})
}

// ended tells whether Run has returned, once everybody waits.
func (s *shop) ended() bool {
	synctest.Wait()
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}

// submit stores a small picture and rings.
func (s *shop) submit() charcoal.ID {
	s.t.Helper()
	var body bytes.Buffer
	noError(s.t, "encoding", png.Encode(&body, image.NewGray(image.Rect(0, 0, 8, 8))))
	opts := ascii.Defaults()
	opts.Cols = 4
	done, err := s.service.Submit(s.t.Context(), convert.Upload{Actor: charcoal.OpenActor(), Body: &body, Options: opts})
	noError(s.t, "submit", err)
	return done.Image.ID
}

func (s *shop) rendering(image charcoal.ID) charcoal.Rendering {
	s.t.Helper()
	_, r, err := s.service.Find(s.t.Context(), charcoal.OpenActor(), image)
	noError(s.t, "find", err)
	return r
}

// await waits until the rendering is final, and returns it with the time that took.
func (s *shop) await(image charcoal.ID) (charcoal.Rendering, time.Duration) {
	s.t.Helper()
	start := time.Now()
	_, r, err := s.service.Await(s.t.Context(), charcoal.OpenActor(), image, 24*time.Hour)
	noError(s.t, "await", err)
	return r, time.Since(start)
}

// engine is the real one with something to do before each conversion.
type engine struct {
	charcoal.Converter
	before func(ctx context.Context) error // nil for nothing
}

func (e *engine) Convert(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (*charcoal.Drawing, error) {
	if e.before != nil {
		if err := e.before(ctx); err != nil {
			return nil, err
		}
	}
	return e.Converter.Convert(ctx, r, opts)
}

// easel holds each conversion until the test lets one go.
type easel struct {
	mu         sync.Mutex
	busy, most int
	next       chan struct{}
}

func newEasel() *easel { return &easel{next: make(chan struct{})} }

func (e *easel) hold(ctx context.Context) error {
	e.count(1)
	defer e.count(-1)
	select {
	case <-e.next:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (e *easel) count(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.busy += n
	e.most = max(e.most, e.busy)
}

// now returns how many conversions are held, once everybody waits.
func (e *easel) now() int {
	synctest.Wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.busy
}

// store is the real one, which counts claims and may fail at them.
type store struct {
	charcoal.Store
	claimErr func() error // nil for never

	mu     sync.Mutex
	claims int
}

func (s *store) Claim(ctx context.Context, worker string, now, until time.Time, perOwner int) (charcoal.Job, error) {
	s.mu.Lock()
	s.claims++
	s.mu.Unlock()
	if s.claimErr != nil {
		if err := s.claimErr(); err != nil {
			return charcoal.Job{}, err
		}
	}
	return s.Store.Claim(ctx, worker, now, until, perOwner)
}

func (s *store) claimed() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.claims
}

// queue is the real one, which may lose rings or fail, and watches what happens
// to those that it hands out.
type queue struct {
	charcoal.Queue
	deaf       bool
	receiveErr error
	onAck      func()

	mu    sync.Mutex
	rings []*int // how often each was acknowledged
}

func (q *queue) Enqueue(ctx context.Context, rendering charcoal.ID) error {
	if q.deaf {
		return nil
	}
	return q.Queue.Enqueue(ctx, rendering)
}

func (q *queue) Receive(ctx context.Context) (charcoal.Ring, error) {
	if q.receiveErr != nil {
		return charcoal.Ring{}, q.receiveErr
	}
	ring, err := q.Queue.Receive(ctx)
	if err != nil {
		return ring, err
	}
	acks := new(int)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.rings = append(q.rings, acks)
	ring.Ack = func(context.Context) error { return q.acknowledge(acks) }
	return ring, nil
}

func (q *queue) acknowledge(acks *int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	*acks++
	if q.onAck != nil {
		q.onAck()
	}
	return errors.New("nobody minds")
}

// acks returns how often each ring was acknowledged, once everybody waits.
func (q *queue) acks() []int {
	synctest.Wait()
	q.mu.Lock()
	defer q.mu.Unlock()
	var acks []int
	for _, n := range q.rings {
		acks = append(acks, *n)
	}
	return slices.Clone(acks)
}

func noError(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
