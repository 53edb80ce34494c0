package conformance

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
)

// model is the contract of [charcoal.Store] in the fewest words: everything in
// memory, every answer by looking at everything. The property test compares
// adapters with it, and it passes the suite itself.
type model struct {
	mu         sync.Mutex
	uploads    map[charcoal.ID]modelUpload
	images     map[charcoal.ID]charcoal.Image
	renderings map[charcoal.ID]*modelRendering
	served     map[charcoal.ID]int // the turn of each owner's newest claim
	turn       int
}

type modelUpload struct {
	begun     time.Time
	abandoned bool
}

// modelRendering keeps what a state hides beside what it shows.
type modelRendering struct {
	charcoal.Rendering
	lease  charcoal.Lease // of the newest attempt; zero when it expired
	reason string         // of the newest failure
}

var _ charcoal.Store = (*model)(nil)

func newModel() *model {
	return &model{
		uploads:    make(map[charcoal.ID]modelUpload),
		images:     make(map[charcoal.ID]charcoal.Image),
		renderings: make(map[charcoal.ID]*modelRendering),
		served:     make(map[charcoal.ID]int),
	}
}

func fail(code charcoal.Code) error { return charcoal.Errorf(code, "the model says %s", code) }

func micro(t time.Time) time.Time { return t.Truncate(time.Microsecond).UTC() }

func (m *model) BeginUpload(_ context.Context, img charcoal.Image, backlog int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts().Queued >= backlog {
		return fail(charcoal.Overloaded)
	}
	_, begun := m.uploads[img.ID]
	_, stored := m.images[img.ID]
	if begun || stored {
		return fail(charcoal.Conflict)
	}
	m.uploads[img.ID] = modelUpload{begun: micro(img.Created)}
	return nil
}

func (m *model) CommitUpload(_ context.Context, img charcoal.Image, first charcoal.Rendering, join bool) (charcoal.Image, charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if u, ok := m.uploads[img.ID]; !ok || u.abandoned {
		return img, first, fail(charcoal.NotFound)
	}
	if m.renderings[first.ID] != nil {
		return img, first, fail(charcoal.Conflict)
	}
	if same, ok := m.same(img); ok && join {
		m.uploads[img.ID] = modelUpload{m.uploads[img.ID].begun, true}
		first.ImageID = same.ID
		first, _ = m.add(first)
		return m.image(same.ID), first, nil
	}
	delete(m.uploads, img.ID)
	img.Created, img.Expires = micro(img.Created), micro(img.Expires)
	m.images[img.ID] = img
	first, _ = m.add(first)
	return m.image(img.ID), first, nil
}

// same is the oldest image of the same owner with the same bytes that stays as long.
func (m *model) same(img charcoal.Image) (found charcoal.Image, ok bool) {
	for id, other := range m.images {
		stays := other.Expires.IsZero() || !img.Expires.IsZero() && !other.Expires.Before(micro(img.Expires))
		if other.Owner == img.Owner && other.SHA256 == img.SHA256 && stays && (!ok || compareIDs(id, found.ID) < 0) {
			found, ok = other, true
		}
	}
	return found, ok
}

// image is an image with what its renderings say of it.
func (m *model) image(id charcoal.ID) charcoal.Image {
	img := m.images[id]
	for _, r := range m.oldestFirst() {
		if r.ImageID == id {
			img.State = r.State
		}
	}
	return img
}

func (m *model) AbandonUpload(_ context.Context, image charcoal.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.images[image]; ok {
		return fail(charcoal.Conflict)
	}
	u, ok := m.uploads[image]
	if !ok {
		return fail(charcoal.NotFound)
	}
	u.abandoned = true
	m.uploads[image] = u
	return nil
}

func (m *model) ForgetUpload(_ context.Context, image charcoal.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.uploads[image].abandoned {
		return fail(charcoal.NotFound)
	}
	delete(m.uploads, image)
	return nil
}

func (m *model) StaleUploads(_ context.Context, before time.Time, limit int) ([]charcoal.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []charcoal.ID
	for id, u := range m.uploads {
		if u.abandoned || u.begun.Before(before) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b charcoal.ID) int {
		if c := m.uploads[a].begun.Compare(m.uploads[b].begun); c != 0 {
			return c
		}
		return compareIDs(a, b)
	})
	return ids[:min(limit, len(ids))], nil
}

func compareIDs(a, b charcoal.ID) int { return bytes.Compare(a[:], b[:]) }

func (m *model) Image(_ context.Context, id charcoal.ID) (charcoal.Image, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.images[id]; !ok {
		return charcoal.Image{}, fail(charcoal.NotFound)
	}
	return m.image(id), nil
}

func (m *model) FirstRendering(_ context.Context, image charcoal.ID) (charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var first *modelRendering
	for _, r := range m.renderings {
		if r.ImageID == image && (first == nil || compareIDs(r.ID, first.ID) < 0) {
			first = r
		}
	}
	if first == nil {
		return charcoal.Rendering{}, fail(charcoal.NotFound)
	}
	return first.Rendering, nil
}

func (m *model) oldestFirst() []*modelRendering {
	return slices.SortedFunc(maps.Values(m.renderings), func(a, b *modelRendering) int { return compareIDs(a.ID, b.ID) })
}

func (m *model) ListImages(_ context.Context, owner charcoal.ID, all bool, before charcoal.ID, limit int) ([]charcoal.ID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []charcoal.ID
	for id, img := range m.images {
		if !all && img.Owner != owner {
			continue
		}
		if before == (charcoal.ID{}) || compareIDs(id, before) < 0 {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b charcoal.ID) int { return compareIDs(b, a) })
	return ids[:min(limit, len(ids))], nil
}

func (m *model) Counts(context.Context) (charcoal.Counts, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts(), nil
}

func (m *model) counts() charcoal.Counts {
	byState := make(map[charcoal.State]int64)
	for _, r := range m.renderings {
		byState[r.State]++
	}
	return charcoal.Counts{
		Uploads:  int64(len(m.images)),
		Queued:   byState[charcoal.Queued],
		Running:  byState[charcoal.Running],
		Ready:    byState[charcoal.Ready],
		Failed:   byState[charcoal.Failed],
		Canceled: byState[charcoal.CanceledState],
	}
}

func (m *model) Ping(context.Context) error { return nil }

func (m *model) Close() error { return nil }
