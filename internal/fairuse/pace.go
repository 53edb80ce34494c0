package fairuse

import (
	"sync"
	"time"
)

// The window over which a pace is measured, and the bounds of what it tells:
// sooner than a second nobody need come back, and beyond an hour it is a guess.
const (
	paceWindow  = time.Minute
	minEstimate = time.Second
	maxEstimate = time.Hour
)

// Pace measures how fast work gets done, to tell how long more of it will take.
// Safe for concurrent use.
type Pace struct {
	now func() time.Time

	mu      sync.Mutex
	began   time.Time
	seconds [int(paceWindow / time.Second)]second // by second modulo the window
}

// second is how much was finished in one.
type second struct {
	at int64 // seconds since 1970
	n  int64
}

// NewPace returns a pace that begins now, by a clock.
func NewPace(now func() time.Time) *Pace { return &Pace{now: now, began: now()} }

// Finished records that one piece of work was done at a time, well or not.
func (p *Pace) Finished(at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	sec := at.Unix()
	s := &p.seconds[slot(sec)]
	switch {
	case sec > s.at:
		*s = second{at: sec, n: 1}
	case sec == s.at:
		s.n++
	} // else it is older than the window
}

// Estimate returns how long so many pieces of work will take at the pace of the last minute,
// between a second and an hour. It reckons as if one more had just been finished,
// so where nothing was, it takes the next one to be about to come.
func (p *Pace) Estimate(queued int64) time.Duration {
	now := p.now()
	done, over := p.recent(now)
	seconds := float64(queued) * over.Seconds() / float64(done+1)
	seconds = min(max(seconds, minEstimate.Seconds()), maxEstimate.Seconds())
	return time.Duration(seconds * float64(time.Second))
}

// recent returns how much was finished in the window, or since the beginning.
func (p *Pace) recent(now time.Time) (done int64, over time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := now.Unix()
	for _, s := range p.seconds {
		if s.at > last-int64(len(p.seconds)) && s.at <= last {
			done += s.n
		}
	}
	return done, min(max(now.Sub(p.began), time.Second), paceWindow)
}

func slot(second int64) int {
	n := int64(paceWindow / time.Second)
	return int((second%n + n) % n)
}
