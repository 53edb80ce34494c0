package fairuse

import (
	"math"
	"sync"
	"testing"
	"time"
)

func TestEstimate(t *testing.T) {
	for _, test := range []struct {
		name   string
		done   int           // finished evenly over
		over   time.Duration // since the beginning
		idle   time.Duration // with nothing after it
		queued int64
		want   time.Duration
	}{
		{"ten a second", 599, time.Minute, 0, 100, 10 * time.Second},
		{"ten a second for long", 5999, 10 * time.Minute, 0, 100, 10 * time.Second},
		{"right after the start", 0, 0, 0, 10, 10 * time.Second},
		{"soon after the start", 49, 5 * time.Second, 0, 100, 10 * time.Second},
		{"nothing for a minute", 100, time.Second, time.Minute, 5, 5 * time.Minute},
		{"one a minute", 10, 10 * time.Minute, 0, 1, 30 * time.Second},
		{"never less than a second", 599, time.Minute, 0, 1, time.Second},
		{"nothing queued", 599, time.Minute, 0, 0, time.Second},
		{"never more than an hour", 0, time.Minute, 0, 1000, time.Hour},
		{"more than can be", 0, time.Minute, 0, math.MaxInt64, time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newClock()
			p := NewPace(c.now)
			for range test.done {
				c.advance(test.over / time.Duration(test.done))
				p.Finished(c.now())
			}
			if test.done == 0 {
				c.advance(test.over)
			}
			c.advance(test.idle)
			got := p.Estimate(test.queued)
			if tolerance := test.want / 20; (got - test.want).Abs() > tolerance {
				t.Errorf("estimate: got %v, want %v", got, test.want)
			}
		})
	}
}

// TestOddTimes shows that a clock that goes back, or times out of order, break nothing.
func TestOddTimes(t *testing.T) {
	c := newClock()
	p := NewPace(c.now)
	for _, at := range []time.Time{{}, time.Unix(-1, 0), c.t.Add(-time.Hour), c.t.Add(time.Hour), c.t} {
		p.Finished(at)
	}
	c.advance(-time.Hour)
	if got := p.Estimate(10); got < time.Second || got > time.Hour {
		t.Errorf("estimate: got %v, want 1s to 1h", got)
	}
}

func TestPaceOfManyAtOnce(t *testing.T) {
	c := newClock()
	p := NewPace(c.now)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 100 {
				p.Finished(c.now())
				p.Estimate(1)
			}
		})
	}
	wg.Wait()
	if got, _ := p.recent(c.now()); got != 1600 {
		t.Errorf("finished: got %d, want 1600", got)
	}
}
