package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func wholeTests() []storeTest {
	return []storeTest{
		{"any sequence of calls is answered as by the model", testModel},
		{"counts are right after many calls at once", testCountsAtOnce},
	}
}

func contextTests() []storeTest {
	return []storeTest{{"an ended context ends every call", testEndedContext}}
}

// testModel makes random calls, many of them wrong, on the store and on the
// model, and compares every answer and in between everything there is to read.
func testModel(t *testing.T, s charcoal.Store) {
	seed := rand.Uint64()
	t.Logf("seed %#x", seed)
	run := &modelRun{rand: rand.New(rand.NewPCG(seed, 0)), now: noon(), store: s, model: newModel()}
	for i := range 500 {
		run.step(t)
		if i%100 == 0 {
			run.compare(t)
		}
	}
	run.compare(t)
}

// modelRun is one random history.
type modelRun struct {
	rand  *rand.Rand
	now   time.Time
	store charcoal.Store
	model *model

	begun  []charcoal.Image // every image ever begun
	leases []charcoal.Lease // every lease ever given
	asked  []charcoal.ID    // every rendering ever asked for
}

// call makes the same call on both and wants the same answer.
func (m *modelRun) call(t *testing.T, name string, do func(charcoal.Store) (any, error)) {
	t.Helper()
	got, gotErr := do(m.store)
	want, wantErr := do(m.model)
	wantCode(t, name, gotErr, codeOf(wantErr))
	equal(t, name, got, want)
}

func (m *modelRun) step(t *testing.T) {
	t.Helper()
	m.now = m.now.Add(time.Duration(m.rand.IntN(20_000)) * time.Millisecond)
	soon := m.now.Add(time.Duration(m.rand.IntN(60)) * time.Second)
	switch m.rand.IntN(15) {
	case 0, 1, 2:
		m.begin(t)
	case 3, 4:
		m.commit(t)
	case 5:
		m.endUpload(t)
	case 6, 7, 8:
		m.claim(t, soon)
	case 9, 10:
		m.use(t, soon)
	case 11:
		m.sweep(t, soon)
	case 12:
		m.add(t)
	case 13, 14:
		m.change(t)
	}
}

func (m *modelRun) begin(t *testing.T) {
	img, _ := newUpload(m.now)
	if m.rand.IntN(10) == 0 && len(m.begun) > 0 {
		img = pick(m.rand, m.begun)
	}
	m.begun = append(m.begun, img)
	m.call(t, "begin", func(s charcoal.Store) (any, error) {
		return nil, s.BeginUpload(t.Context(), img, 20)
	})
}

func (m *modelRun) commit(t *testing.T) {
	if len(m.begun) == 0 {
		return
	}
	img := pick(m.rand, m.begun)
	_, r := newUpload(m.now)
	r.ImageID = img.ID
	r.Key[0] = byte(m.rand.IntN(4)) // none, or one of three
	join := m.rand.IntN(10) == 0
	m.call(t, "commit", func(s charcoal.Store) (any, error) {
		stands, drawn, err := s.CommitUpload(t.Context(), img, r, join)
		if err != nil {
			return nil, err
		}
		return []any{stands, drawn}, nil
	})
	m.asked = append(m.asked, r.ID)
}

// add asks for another rendering.
func (m *modelRun) add(t *testing.T) {
	if len(m.begun) == 0 {
		return
	}
	_, r := newUpload(m.now)
	r.ImageID = pick(m.rand, m.begun).ID
	r.Key[0] = byte(m.rand.IntN(4))
	m.call(t, "add", func(s charcoal.Store) (any, error) {
		stands, added, err := s.AddRendering(t.Context(), r, 20)
		if err != nil {
			return nil, err
		}
		return []any{stands, added}, nil
	})
	m.asked = append(m.asked, r.ID)
}

// change does what people may do to a rendering.
func (m *modelRun) change(t *testing.T) {
	if len(m.asked) == 0 {
		return
	}
	id := pick(m.rand, m.asked)
	changes := []func(s charcoal.Store) (charcoal.Rendering, error){
		func(s charcoal.Store) (charcoal.Rendering, error) { return s.CancelRendering(t.Context(), id, m.now) },
		func(s charcoal.Store) (charcoal.Rendering, error) { return s.RestartRendering(t.Context(), id) },
		func(s charcoal.Store) (charcoal.Rendering, error) {
			return charcoal.Rendering{}, s.DeleteRendering(t.Context(), id)
		},
	}
	change := m.rand.IntN(len(changes))
	m.call(t, fmt.Sprintf("change %d of a rendering", change), func(s charcoal.Store) (any, error) {
		r, err := changes[change](s)
		if err != nil {
			return nil, err
		}
		return r, nil
	})
}

func (m *modelRun) endUpload(t *testing.T) {
	if len(m.begun) == 0 {
		return
	}
	id := pick(m.rand, m.begun).ID
	if m.rand.IntN(2) == 0 {
		m.call(t, "abandon", func(s charcoal.Store) (any, error) { return nil, s.AbandonUpload(t.Context(), id) })
		return
	}
	m.call(t, "forget", func(s charcoal.Store) (any, error) { return nil, s.ForgetUpload(t.Context(), id) })
}

func (m *modelRun) claim(t *testing.T, until time.Time) {
	worker := fmt.Sprintf("worker-%d", m.rand.IntN(3))
	var job charcoal.Job
	m.call(t, "claim", func(s charcoal.Store) (_ any, err error) {
		job, err = s.Claim(t.Context(), worker, m.now, until, 0)
		return job, err
	})
	if job.Rendering.Attempt > 0 {
		m.leases = append(m.leases, leaseOf(job))
	}
}

// use tries a lease, often a stale one.
func (m *modelRun) use(t *testing.T, later time.Time) {
	if len(m.leases) == 0 {
		return
	}
	l := pick(m.rand, m.leases)
	reason := fmt.Sprintf("reason %d", m.rand.IntN(1000))
	uses := []func(s charcoal.Store) (any, error){
		func(s charcoal.Store) (any, error) { return nil, s.Finish(t.Context(), l, m.now, result()) },
		func(s charcoal.Store) (any, error) { return nil, s.Fail(t.Context(), l, m.now, reason) },
		func(s charcoal.Store) (any, error) { return nil, s.Retry(t.Context(), l, reason, later) },
		func(s charcoal.Store) (any, error) { return nil, s.Release(t.Context(), l, later) },
		func(s charcoal.Store) (any, error) { return s.Heartbeat(t.Context(), m.leases, later) },
	}
	use := m.rand.IntN(len(uses))
	m.call(t, fmt.Sprintf("use %d of a lease", use), uses[use])
}

func (m *modelRun) sweep(t *testing.T, now time.Time) {
	m.call(t, "expire", func(s charcoal.Store) (any, error) {
		requeued, failed, err := s.ExpireLeases(t.Context(), now, 3, "the worker vanished")
		return [2]int{requeued, failed}, err
	})
}

// compare reads everything of both.
func (m *modelRun) compare(t *testing.T) {
	t.Helper()
	var ids []charcoal.ID
	for _, img := range m.begun {
		ids = append(ids, img.ID)
	}
	want := readAll(t, m.model, m.now, ids...)
	got := readAll(t, m.store, m.now, ids...)
	equal(t, "everything there is to read", got, want)
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

// testCountsAtOnce has uploads and workers race, and then counts by hand.
func testCountsAtOnce(t *testing.T, s charcoal.Store) {
	images := make([][]charcoal.ID, workers)
	together(workers, func(i int) {
		for n := range 12 {
			img, _ := upload(t, s, noon())
			images[i] = append(images[i], img.ID)
			workOnce(t, s, n)
		}
	})
	var want charcoal.Counts
	for _, mine := range images {
		for _, id := range mine {
			want.Uploads++
			*map[charcoal.State]*int64{
				charcoal.Queued: &want.Queued, charcoal.Running: &want.Running,
				charcoal.Ready: &want.Ready, charcoal.Failed: &want.Failed, charcoal.CanceledState: &want.Canceled,
			}[rendering(t, s, id).State]++
		}
	}
	wantCounts(t, s, want)
}

// workOnce claims something and does one of the things a worker may do.
func workOnce(t *testing.T, s charcoal.Store, choice int) {
	job, err := s.Claim(t.Context(), "a", noon(), noon().Add(lease), 0)
	if err != nil {
		t.Errorf("claim: %v", err)
		return
	}
	switch l := leaseOf(job); choice % 5 {
	case 0:
		err = s.Finish(t.Context(), l, noon(), result())
	case 1:
		err = s.Fail(t.Context(), l, noon(), "it is no picture")
	case 2:
		err = s.Retry(t.Context(), l, "a bad day", noon())
	case 3:
		err = s.Release(t.Context(), l, time.Time{})
	}
	if err != nil {
		t.Errorf("choice %d: %v", choice, err)
	}
}

func testEndedContext(t *testing.T, s charcoal.Store) {
	ctx := endedContext(t)
	img, r := newUpload(noon())
	l := charcoal.Lease{Rendering: r.ID, Worker: "a", Attempt: 1}
	for name, call := range map[string]func(context.Context) error{
		"begin":   func(ctx context.Context) error { return s.BeginUpload(ctx, img, unlimited) },
		"commit":  func(ctx context.Context) error { return justCommit(ctx, s, img, r) },
		"abandon": func(ctx context.Context) error { return s.AbandonUpload(ctx, img.ID) },
		"forget":  func(ctx context.Context) error { return s.ForgetUpload(ctx, img.ID) },
		"stale":   func(ctx context.Context) error { _, err := s.StaleUploads(ctx, noon(), 1); return err },
		"image":   func(ctx context.Context) error { _, err := s.Image(ctx, img.ID); return err },
		"first":   func(ctx context.Context) error { _, err := s.FirstRendering(ctx, img.ID); return err },
		"list": func(ctx context.Context) error {
			_, err := s.ListImages(ctx, charcoal.ID{}, true, img.ID, 1)
			return err
		},
		"counts":  func(ctx context.Context) error { _, err := s.Counts(ctx); return err },
		"add":     func(ctx context.Context) error { _, _, err := s.AddRendering(ctx, r, unlimited); return err },
		"one":     func(ctx context.Context) error { _, err := s.Rendering(ctx, r.ID); return err },
		"all":     func(ctx context.Context) error { _, err := s.Renderings(ctx, img.ID, r.ID, 1); return err },
		"cancel":  func(ctx context.Context) error { _, err := s.CancelRendering(ctx, r.ID, noon()); return err },
		"restart": func(ctx context.Context) error { _, err := s.RestartRendering(ctx, r.ID); return err },
		"delete":  func(ctx context.Context) error { return s.DeleteRendering(ctx, r.ID) },
		"claim":   func(ctx context.Context) error { _, err := s.Claim(ctx, "a", noon(), noon(), 0); return err },
		"beat": func(ctx context.Context) error {
			_, err := s.Heartbeat(ctx, []charcoal.Lease{l}, noon())
			return err
		},
		"finish":  func(ctx context.Context) error { return s.Finish(ctx, l, noon(), result()) },
		"fail":    func(ctx context.Context) error { return s.Fail(ctx, l, noon(), "no") },
		"retry":   func(ctx context.Context) error { return s.Retry(ctx, l, "no", noon()) },
		"release": func(ctx context.Context) error { return s.Release(ctx, l, noon()) },
		"expire":  func(ctx context.Context) error { _, _, err := s.ExpireLeases(ctx, noon(), 1, "no"); return err },
		"ping":    s.Ping,
	} {
		wantCanceled(t, name, call(ctx))
	}
}
