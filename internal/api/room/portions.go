package room

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// portions bounds how much of something each caller has at a time, like [shares], but
// lets them wait for it. It remembers only who has or wants any.
type portions struct {
	each int64

	mu sync.Mutex
	by map[any]*portion
}

type portion struct {
	*semaphore.Weighted
	users int // who have some of it, or wait
}

func newPortions(each int64) *portions { return &portions{each: each, by: make(map[any]*portion)} }

// take waits until the caller has less than their portion, and returns how to give
// back what they got. More than a portion takes all of it.
func (p *portions) take(ctx context.Context, who any, n int64) (giveBack func(), err error) {
	n = min(n, p.each)
	mine := p.enter(who)
	if err := mine.Acquire(ctx, n); err != nil {
		p.leave(who)
		return nil, err
	}
	return func() { mine.Release(n); p.leave(who) }, nil
}

func (p *portions) enter(who any) *portion {
	p.mu.Lock()
	defer p.mu.Unlock()
	mine := p.by[who]
	if mine == nil {
		mine = &portion{Weighted: semaphore.NewWeighted(p.each)}
		p.by[who] = mine
	}
	mine.users++
	return mine
}

func (p *portions) leave(who any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.by[who].users--; p.by[who].users == 0 {
		delete(p.by, who)
	}
}
