package room

import (
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
)

// shares bounds how many of something each caller has at a time, so that one alone
// cannot take all of them by being slow. It remembers only who has any.
type shares struct {
	what, unit string
	each       int // 0: no limit

	mu   sync.Mutex
	held map[any]int
}

func newShares(what, unit string, each int) *shares {
	return &shares{what: what, unit: unit, each: each, held: make(map[any]int)}
}

// take returns how to give one back, once, or RateLimited.
func (s *shares) take(who any) (giveBack func(), err error) {
	if s.each == 0 {
		return func() {}, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.held[who]; n >= s.each {
		e := charcoal.OverLimitAs(charcoal.RateLimited, s.what, int64(s.each), int64(n)+1, s.unit)
		e.RetryAfter = time.Second
		return nil, e
	}
	s.held[who]++
	return func() { s.giveBack(who) }, nil
}

func (s *shares) giveBack(who any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[who]--; s.held[who] == 0 {
		delete(s.held, who)
	}
}
