package load

import (
	"sync"
	"time"

	"github.com/charcoal-art/charcoal/client"
)

// The bounds of what is remembered of images: those that are waited for, and those
// that were drawn before the answer to their upload came, or that are of others.
const (
	maxWaiting = 100_000
	maxEarly   = 10_000
)

// outcomes is what became of images. It is safe for concurrent use.
type outcomes struct {
	mu      sync.Mutex
	waiting map[string]time.Time // since when, by id
	early   map[string]outcome
	ready   histogram
	done    map[client.State]int64
	beyond  int64 // images that there was no room to wait for
	last    time.Time
}

type outcome struct {
	state client.State
	at    time.Time
}

func newOutcomes() *outcomes {
	return &outcomes{waiting: make(map[string]time.Time), early: make(map[string]outcome), done: make(map[client.State]int64)}
}

// expect begins to wait for an image whose upload was due then.
func (o *outcomes) expect(id string, due time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if early, ok := o.early[id]; ok {
		delete(o.early, id)
		o.count(early, due)
		return
	}
	if len(o.waiting) == maxWaiting {
		o.beyond++
		return
	}
	o.waiting[id] = due
}

// final tells how an image ended up.
func (o *outcomes) final(id string, state client.State, at time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if due, ok := o.waiting[id]; ok {
		delete(o.waiting, id)
		o.count(outcome{state, at}, due)
		return
	}
	if len(o.early) == maxEarly {
		clear(o.early) // whoever is forgotten is asked for at the end
	}
	o.early[id] = outcome{state, at}
}

func (o *outcomes) count(what outcome, due time.Time) {
	o.done[what.state]++
	if what.state == client.Ready {
		o.ready.add(what.at.Sub(due))
	}
	if what.at.After(o.last) {
		o.last = what.at
	}
}

// left is how many images are waited for.
func (o *outcomes) left() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiting)
}

// some returns the ids of up to n images that are waited for.
func (o *outcomes) some(n int) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	ids := make([]string, 0, n)
	for id := range o.waiting {
		if len(ids) == n {
			break
		}
		ids = append(ids, id)
	}
	return ids
}
