package conformance

import (
	"context"
	"slices"
	"time"

	"github.com/charcoal-art/charcoal"
)

// add queues a rendering, unless one with the same key stands.
func (m *model) add(r charcoal.Rendering) (stands charcoal.Rendering, added bool) {
	for _, other := range m.oldestFirst() {
		told := r.Callback == "" || r.Callback == other.Callback
		standing := other.State == charcoal.Ready || told && !other.State.Final()
		if standing && other.ImageID == r.ImageID && other.Key == r.Key && r.Key != (charcoal.RenderingKey{}) {
			return other.Rendering, false
		}
	}
	r.State, r.Created, r.NotBefore = charcoal.Queued, micro(r.Created), micro(r.NotBefore)
	m.renderings[r.ID] = &modelRendering{Rendering: r}
	return r, true
}

func (m *model) AddRendering(_ context.Context, r charcoal.Rendering, backlog int64) (charcoal.Rendering, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.images[r.ImageID]; !ok {
		return charcoal.Rendering{}, false, fail(charcoal.NotFound)
	}
	r.Owner = m.images[r.ImageID].Owner
	full := m.counts().Queued >= backlog
	stands, added := m.add(r)
	if added && full {
		delete(m.renderings, r.ID)
		return charcoal.Rendering{}, false, fail(charcoal.Overloaded)
	}
	return stands, added, nil
}

func (m *model) Rendering(_ context.Context, id charcoal.ID) (charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r := m.renderings[id]; r != nil {
		return r.Rendering, nil
	}
	return charcoal.Rendering{}, fail(charcoal.NotFound)
}

func (m *model) Renderings(_ context.Context, image, before charcoal.ID, limit int) ([]charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []charcoal.Rendering
	for _, r := range slices.Backward(m.oldestFirst()) {
		if r.ImageID == image && (before == charcoal.ID{} || compareIDs(r.ID, before) < 0) {
			all = append(all, r.Rendering)
		}
	}
	return all[:min(limit, len(all))], nil
}

func (m *model) CancelRendering(_ context.Context, id charcoal.ID, at time.Time) (charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.renderings[id]
	switch {
	case r == nil:
		return charcoal.Rendering{}, fail(charcoal.NotFound)
	case r.State == charcoal.Queued || r.State == charcoal.Running:
		r.lease = charcoal.Lease{}
		r.leave(charcoal.CanceledState)
		r.Finished = micro(at)
	case r.State != charcoal.CanceledState:
		return charcoal.Rendering{}, fail(charcoal.Conflict)
	}
	return r.Rendering, nil
}

func (m *model) RestartRendering(_ context.Context, id charcoal.ID) (charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.renderings[id]
	switch {
	case r == nil:
		return charcoal.Rendering{}, fail(charcoal.NotFound)
	case r.State != charcoal.Failed && r.State != charcoal.CanceledState:
		return charcoal.Rendering{}, fail(charcoal.Conflict)
	}
	r.Failures, r.Losses, r.reason = 0, 0, ""
	r.Finished, r.NotBefore = time.Time{}, time.Time{}
	r.leave(charcoal.Queued)
	return r.Rendering, nil
}

func (m *model) DeleteRendering(_ context.Context, id charcoal.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.renderings[id]
	if r == nil {
		return fail(charcoal.NotFound)
	}
	for _, other := range m.renderings {
		if other.ImageID == r.ImageID && other.ID != id {
			delete(m.renderings, id)
			return nil
		}
	}
	return fail(charcoal.Conflict)
}

func (m *model) SameRendering(_ context.Context, r charcoal.Rendering) (charcoal.Rendering, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	stands, added := m.add(r)
	if added {
		delete(m.renderings, r.ID)
		return charcoal.Rendering{}, fail(charcoal.NotFound)
	}
	return stands, nil
}

func (m *model) Waiting(_ context.Context, owner charcoal.ID, most int64) (n int64, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.renderings {
		if r.State == charcoal.Queued && r.Owner == owner && n < most {
			n++
		}
	}
	return n, nil
}
