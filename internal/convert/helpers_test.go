package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/memqueue"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rules are small enough to be reached.
func rules() Config {
	return Config{
		UploadBytes: 2 * probeBytes, Backlog: 300, Lease: 30 * time.Second,
		MaxFailures: 4, MaxLosses: 6, BackoffMin: time.Second, BackoffMax: 3 * time.Second,
		OneShots: 2, BinTime: time.Hour, OnceTime: time.Hour, OnceLease: time.Minute,
	}
}

// world is a service over the real adapters, with a place for faults between.
// The clock is that of a bubble: it moves only when everybody waits.
type world struct {
	*Service
	*faults
	t       *testing.T
	adapter Ports // without faults, to look behind the service
	data    string
}

// inWorld runs a test in a bubble of its own.
func inWorld(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	data := t.TempDir()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t, data)) })
}

func newWorld(t *testing.T, data string) *world {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "test.db"))
	noError(t, "opening the store", err)
	blobs, err := fileblob.Open(filepath.Join(data, "blobs"))
	noError(t, "opening the blobs", err)
	queue := memqueue.New(4)
	adapter := Ports{
		Store: store, Catalogue: store, Presets: store, Onces: store, Blobs: blobs, Queue: queue, Converter: nativeengine.New(nativeengine.Config{}), Now: time.Now,
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	faults := &faults{t: t, by: make(map[string]fault)}
	between := adapter
	between.Store = faultyStore{store, faults}
	between.Blobs = faultyBlobs{blobs, faults}
	between.Queue = faultyQueue{queue, faults}
	between.Converter = faultyConverter{adapter.Converter, faults}
	t.Cleanup(func() {
		noError(t, "closing", errors.Join(queue.Close(), blobs.Close(), store.Close()))
	})
	return &world{Service: New(rules(), between), faults: faults, t: t, adapter: adapter, data: data}
}

// submit stores a picture that must be accepted.
func (w *world) submit(body []byte) charcoal.Image {
	w.t.Helper()
	done, err := w.Submit(w.t.Context(), uploadOf(body))
	noError(w.t, "submit", err)
	return done.Image
}

func uploadOf(body []byte) Upload {
	return Upload{Actor: charcoal.OpenActor(), Filename: "cat.png", Body: bytes.NewReader(body), Options: small()}
}

func small() ascii.Options {
	opts := ascii.Defaults()
	opts.Cols = 8
	return opts
}

// claim takes the job that must be due.
func (w *world) claim(worker string) charcoal.Job {
	w.t.Helper()
	job, err := w.Claim(w.t.Context(), worker)
	noError(w.t, "claim", err)
	return job
}

// attempt claims the due job and runs it to its end.
func (w *world) attempt() {
	w.t.Helper()
	noError(w.t, "run", w.Run(w.t.Context(), w.claim("w")))
}

func (w *world) rendering(image charcoal.ID) charcoal.Rendering {
	w.t.Helper()
	_, r, err := w.Find(w.t.Context(), charcoal.OpenActor(), image)
	noError(w.t, "find", err)
	return r
}

// sweep looks only for what is known to be dead: leases that ran out, and what
// this process could not remove.
func (w *world) sweep() {
	w.t.Helper()
	noError(w.t, "sweep", w.Sweep(w.t.Context(), time.Now(), time.Time{}))
}

// sweepAll takes every begun upload for dead.
func (w *world) sweepAll() {
	w.t.Helper()
	noError(w.t, "sweep", w.Sweep(w.t.Context(), time.Now(), time.Now().Add(time.Hour)))
}

// checkFiles compares the blobs on the disk, unfinished ones too.
func (w *world) checkFiles(want ...string) {
	w.t.Helper()
	got := make(map[string]bool)
	err := filepath.WalkDir(filepath.Join(w.data, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path, err = filepath.Rel(filepath.Join(w.data, "blobs"), path)
			got[path] = true
		}
		return err
	})
	noError(w.t, "listing the blobs", err)
	for _, key := range want {
		if !got[key] {
			w.t.Errorf("blobs: %s is missing", key)
		}
		delete(got, key)
	}
	for key := range got {
		w.t.Errorf("blobs: %s is left behind", key)
	}
}

// checkNothing proves that an upload left no trace.
func (w *world) checkNothing() {
	w.t.Helper()
	w.checkFiles()
	counts, err := w.adapter.Store.Counts(w.t.Context())
	noError(w.t, "counts", err)
	equal(w.t, "counts", counts, charcoal.Counts{})
	w.checkNoUploads()
}

func (w *world) checkNoUploads() {
	w.t.Helper()
	stale, err := w.adapter.Store.StaleUploads(w.t.Context(), time.Now().Add(time.Hour), 10)
	noError(w.t, "stale uploads", err)
	equal(w.t, "begun uploads", len(stale), 0)
}

// fault stands in for a call of a port, and may make the call.
type fault func(ctx context.Context, call func() error) error

// broken does not make the call.
func broken(err error) fault {
	return func(context.Context, func() error) error { return err }
}

// lost makes the call and loses the answer.
func lost(err error) fault {
	return func(_ context.Context, call func() error) error { return errors.Join(call(), err) }
}

// stuck waits until the caller gives up.
func stuck(ctx context.Context, _ func() error) error {
	<-ctx.Done()
	return ctx.Err()
}

// times is a fault that goes away.
func times(n int, f fault) fault {
	return func(ctx context.Context, call func() error) error {
		if n--; n < 0 {
			return call()
		}
		return f(ctx, call)
	}
}

// faults are what goes wrong, by the name of the method. One that no call meets
// fails the test.
type faults struct {
	t  *testing.T
	mu sync.Mutex
	by map[string]fault
}

func (f *faults) on(method string, do fault) {
	met := false
	f.t.Cleanup(func() {
		if !met {
			f.t.Errorf("no call met the fault of %s", method)
		}
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.by[method] = func(ctx context.Context, call func() error) error {
		f.mu.Lock()
		met = true
		f.mu.Unlock()
		return do(ctx, call)
	}
}

// heal ends all faults.
func (f *faults) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.by)
}

func (f *faults) call(ctx context.Context, method string, call func() error) error {
	f.mu.Lock()
	do := f.by[method]
	f.mu.Unlock()
	if do == nil {
		return call()
	}
	return do(ctx, call)
}

// The ports with faults. What is not wrapped has none.

type faultyStore struct {
	charcoal.Store
	*faults
}

func (s faultyStore) BeginUpload(ctx context.Context, img charcoal.Image, backlog int64) error {
	return s.call(ctx, "BeginUpload", func() error { return s.Store.BeginUpload(ctx, img, backlog) })
}

func (s faultyStore) CommitUpload(ctx context.Context, img charcoal.Image, first charcoal.Rendering, join bool) (i charcoal.Image, r charcoal.Rendering, err error) {
	err = s.call(ctx, "CommitUpload", func() error { i, r, err = s.Store.CommitUpload(ctx, img, first, join); return err })
	return i, r, err
}

func (s faultyStore) AbandonUpload(ctx context.Context, image charcoal.ID) error {
	return s.call(ctx, "AbandonUpload", func() error { return s.Store.AbandonUpload(ctx, image) })
}

func (s faultyStore) ForgetUpload(ctx context.Context, image charcoal.ID) error {
	return s.call(ctx, "ForgetUpload", func() error { return s.Store.ForgetUpload(ctx, image) })
}

func (s faultyStore) Image(ctx context.Context, id charcoal.ID) (img charcoal.Image, err error) {
	err = s.call(ctx, "Image", func() error { img, err = s.Store.Image(ctx, id); return err })
	return img, err
}

func (s faultyStore) FirstRendering(ctx context.Context, image charcoal.ID) (r charcoal.Rendering, err error) {
	err = s.call(ctx, "FirstRendering", func() error { r, err = s.Store.FirstRendering(ctx, image); return err })
	return r, err
}

func (s faultyStore) Finish(ctx context.Context, lease charcoal.Lease, at time.Time, result charcoal.Result) error {
	return s.call(ctx, "Finish", func() error { return s.Store.Finish(ctx, lease, at, result) })
}

func (s faultyStore) Fail(ctx context.Context, lease charcoal.Lease, at time.Time, reason string) error {
	return s.call(ctx, "Fail", func() error { return s.Store.Fail(ctx, lease, at, reason) })
}

func (s faultyStore) Retry(ctx context.Context, lease charcoal.Lease, reason string, notBefore time.Time) error {
	return s.call(ctx, "Retry", func() error { return s.Store.Retry(ctx, lease, reason, notBefore) })
}

func (s faultyStore) Release(ctx context.Context, lease charcoal.Lease, notBefore time.Time) error {
	return s.call(ctx, "Release", func() error { return s.Store.Release(ctx, lease, notBefore) })
}

type faultyBlobs struct {
	charcoal.Blobs
	*faults
}

func (b faultyBlobs) Put(ctx context.Context, key string, r io.Reader) (n int64, err error) {
	err = b.call(ctx, "Put", func() error { n, err = b.Blobs.Put(ctx, key, r); return err })
	return n, err
}

// Open has the faults of Open, and the blob those of Read.
func (b faultyBlobs) Open(ctx context.Context, key string) (blob charcoal.Blob, err error) {
	err = b.call(ctx, "Open", func() error { blob, err = b.Blobs.Open(ctx, key); return err })
	if err != nil {
		return nil, err
	}
	return faultyBlob{blob, b.faults}, nil
}

func (b faultyBlobs) Delete(ctx context.Context, key string) error {
	return b.call(ctx, "Delete", func() error { return b.Blobs.Delete(ctx, key) })
}

type faultyBlob struct {
	charcoal.Blob
	*faults
}

func (b faultyBlob) Read(p []byte) (n int, err error) {
	err = b.call(context.Background(), "Read", func() error { n, err = b.Blob.Read(p); return err })
	return n, err
}

type faultyQueue struct {
	charcoal.Queue
	*faults
}

func (q faultyQueue) Enqueue(ctx context.Context, rendering charcoal.ID) error {
	return q.call(ctx, "Enqueue", func() error { return q.Queue.Enqueue(ctx, rendering) })
}

type faultyConverter struct {
	charcoal.Converter
	*faults
}

func (c faultyConverter) Convert(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (d *charcoal.Drawing, err error) {
	err = c.call(ctx, "Convert", func() error { d, err = c.Converter.Convert(ctx, r, opts); return err })
	return d, err
}

func (c faultyConverter) Estimate(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (charcoal.Picture, int64, error) {
	return c.Converter.(Estimator).Estimate(ctx, r, opts)
}

func (c faultyConverter) Score(ctx context.Context, r io.ReadSeeker, art *ascii.Art, opts ascii.Options) (float64, error) {
	return c.Converter.(Scorer).Score(ctx, r, art, opts)
}

// pngOf is a slope from black to white.
func pngOf(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{Y: uint8(255 * x / width)})
		}
	}
	var buf bytes.Buffer
	noError(t, "encoding", png.Encode(&buf, img))
	return buf.Bytes()
}

// padded is a picture followed by bytes that no decoder looks at.
func padded(t *testing.T, size int64) []byte {
	t.Helper()
	body := pngOf(t, 16, 16)
	return append(body, make([]byte, size-int64(len(body)))...)
}

// full and away are what a store says that is in a bad state.
func full() error { return charcoal.Errorf(charcoal.StorageFull, "the disk is full") }
func away() error { return charcoal.Errorf(charcoal.Unavailable, "the store is away") }

func noError(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

func wantCode(t *testing.T, doing string, err error, want charcoal.Code) {
	t.Helper()
	if err == nil || charcoal.CodeOf(err) != want {
		t.Errorf("%s: got %v, want code %q", doing, err, want)
	}
}

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, fmt.Sprint(got), fmt.Sprint(want))
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	noError(t, "reading", err)
	return content
}
