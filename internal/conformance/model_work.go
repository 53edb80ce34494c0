package conformance

import (
	"cmp"
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

func (m *model) Claim(_ context.Context, worker string, now, until time.Time, perOwner int) (charcoal.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	owner := m.nextOwner(now, perOwner)
	for _, r := range m.oldestFirst() {
		if r.Owner == owner && r.State == charcoal.Queued && !r.NotBefore.After(now) && (perOwner == 0 || m.running(owner) < perOwner) {
			m.turn++
			m.served[owner] = m.turn
			r.State, r.Attempt, r.Started = charcoal.Running, r.Attempt+1, micro(now)
			r.Worker, r.LeaseUntil, r.Reason = worker, micro(until), ""
			r.lease = r.Lease()
			return charcoal.Job{Rendering: r.Rendering, Image: m.image(r.ImageID)}, nil
		}
	}
	return charcoal.Job{}, fail(charcoal.NotFound)
}

// nextOwner is, of those with something due, who has the fewest running, and among
// them who was not served for the longest time.
func (m *model) nextOwner(now time.Time, perOwner int) (next charcoal.ID) {
	found := false
	for _, r := range m.oldestFirst() {
		if r.State != charcoal.Queued || r.NotBefore.After(now) || perOwner > 0 && m.running(r.Owner) >= perOwner {
			continue
		}
		if !found || m.before(r.Owner, next) {
			next, found = r.Owner, true
		}
	}
	return next
}

func (m *model) before(a, b charcoal.ID) bool {
	return cmp.Or(
		cmp.Compare(m.running(a), m.running(b)),
		cmp.Compare(m.served[a], m.served[b]),
		compareIDs(a, b),
	) < 0
}

func (m *model) running(owner charcoal.ID) (n int) {
	for _, r := range m.renderings {
		if r.State == charcoal.Running && r.Owner == owner {
			n++
		}
	}
	return n
}

// held returns the rendering that a lease is current for, or nil.
func (m *model) held(l charcoal.Lease) *modelRendering {
	r := m.renderings[l.Rendering]
	if r == nil || r.State != charcoal.Running || r.lease != l {
		return nil
	}
	return r
}

// leave ends an attempt.
func (r *modelRendering) leave(state charcoal.State) {
	r.State, r.Worker, r.LeaseUntil = state, "", time.Time{}
	if state != charcoal.Ready {
		r.Reason = r.reason
	}
}

func (m *model) Heartbeat(_ context.Context, leases []charcoal.Lease, until time.Time) (lost []charcoal.Lease, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range leases {
		r := m.held(l)
		if r == nil {
			lost = append(lost, l)
		} else if until.After(r.LeaseUntil) {
			r.LeaseUntil = micro(until)
		}
	}
	return lost, nil
}

func (m *model) Finish(_ context.Context, l charcoal.Lease, at time.Time, result charcoal.Result) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.held(l)
	if r == nil {
		return m.repeated(l, charcoal.Ready)
	}
	img := m.images[r.ImageID]
	img.Picture = learnt(img.Picture, result.Picture)
	m.images[r.ImageID] = img
	result.Picture = img.Picture
	r.leave(charcoal.Ready)
	r.Finished, r.Result = micro(at), result
	for _, other := range m.renderings { // what is known of the picture is known of all
		if other.ImageID == r.ImageID && other.State == charcoal.Ready {
			other.Result.Picture = img.Picture
		}
	}
	return nil
}

func learnt(p, news charcoal.Picture) charcoal.Picture {
	if news.Format != "" {
		p.Format = news.Format
	}
	if news.MediaType != "" {
		p.MediaType = news.MediaType
	}
	if news.Width != 0 {
		p.Width = news.Width
	}
	if news.Height != 0 {
		p.Height = news.Height
	}
	if news.Frames != 0 {
		p.Frames = news.Frames
	}
	if news.Hash != 0 {
		p.Hash = news.Hash
	}
	return p
}

func (m *model) Fail(_ context.Context, l charcoal.Lease, at time.Time, reason string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.held(l)
	if r == nil {
		return m.repeated(l, charcoal.Failed)
	}
	r.Failures, r.reason = r.Failures+1, reason
	r.leave(charcoal.Failed)
	r.Finished = micro(at)
	return nil
}

func (m *model) repeated(l charcoal.Lease, state charcoal.State) error {
	if r := m.renderings[l.Rendering]; r != nil && r.State == state && r.lease == l {
		return nil
	}
	return fail(charcoal.Conflict)
}

func (m *model) Retry(_ context.Context, l charcoal.Lease, reason string, notBefore time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.held(l)
	if r == nil {
		return fail(charcoal.Conflict)
	}
	r.Failures, r.reason, r.NotBefore = r.Failures+1, reason, micro(notBefore)
	r.leave(charcoal.Queued)
	return nil
}

func (m *model) Release(_ context.Context, l charcoal.Lease, notBefore time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.held(l)
	if r == nil {
		return fail(charcoal.Conflict)
	}
	r.NotBefore = micro(notBefore)
	r.leave(charcoal.Queued)
	return nil
}

func (m *model) ExpireLeases(_ context.Context, now time.Time, maxLosses int, reason string) (requeued, failed int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, r := range m.renderings {
		if r.State != charcoal.Running || !r.LeaseUntil.Before(now) {
			continue
		}
		r.Losses++
		r.lease = charcoal.Lease{}
		if r.Losses < maxLosses {
			requeued++
			r.leave(charcoal.Queued)
			continue
		}
		failed++
		r.reason = reason
		r.Finished = r.LeaseUntil
		r.leave(charcoal.Failed)
	}
	return requeued, failed, nil
}
