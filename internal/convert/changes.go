package convert

import (
	"sync"

	"github.com/charcoal-art/charcoal"
)

// changes tells waiters in this process that something happened to an image.
// It holds an entry only while somebody waits.
type changes struct {
	mu      sync.Mutex
	waiters map[charcoal.ID]map[chan struct{}]struct{}
}

func newChanges() *changes {
	return &changes{waiters: make(map[charcoal.ID]map[chan struct{}]struct{})}
}

// watch returns a channel that gets a value after each announcement (several
// may fall together), and a function that ends the watch.
func (c *changes) watch(image charcoal.ID) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiters[image] == nil {
		c.waiters[image] = make(map[chan struct{}]struct{})
	}
	c.waiters[image][ch] = struct{}{}
	return ch, func() { c.leave(image, ch) }
}

func (c *changes) leave(image charcoal.ID, ch chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.waiters[image], ch)
	if len(c.waiters[image]) == 0 {
		delete(c.waiters, image)
	}
}

func (c *changes) announce(image charcoal.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for ch := range c.waiters[image] {
		select {
		case ch <- struct{}{}:
		default: // it has one already
		}
	}
}
