package worker_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// TestSlots has more work than slots. All slots are used, never more, and each
// takes the next job right after the one before, without a ring or a poll.
func TestSlots(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		easel := newEasel()
		s.engine.before = easel.hold
		s.queue.deaf = true
		var images []charcoal.ID
		for range 3*slots + 1 {
			images = append(images, s.submit())
		}
		start := time.Now()
		s.start()
		for i := range images {
			equal(t, "conversions at once", easel.now(), min(slots, len(images)-i))
			easel.next <- struct{}{}
		}
		synctest.Wait()
		for _, id := range images {
			equal(t, "state", s.rendering(id).State, charcoal.Ready)
		}
		equal(t, "most conversions at once", easel.most, slots)
		equal(t, "time", time.Since(start), 0)
	})
}

func TestRingWakesAtOnce(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.start()
		<-time.After(poll / 4)
		r, took := s.await(s.submit())
		equal(t, "state", r.State, charcoal.Ready)
		equal(t, "time", took, 0)
	})
}

func TestLostRingIsFoundByThePoll(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.start()
		<-time.After(poll / 4)
		s.queue.deaf = true
		r, took := s.await(s.submit())
		equal(t, "state", r.State, charcoal.Ready)
		if took == 0 || took > poll {
			t.Errorf("time: got %s, want at most %s", took, poll)
		}
	})
}

// TestRingsAreAcknowledgedOnce after the claim that they led to, whether it got
// a job or not, and whatever the queue says to that.
func TestRingsAreAcknowledgedOnce(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.start()
		synctest.Wait()
		easel := newEasel()
		s.engine.before = easel.hold
		before := s.store.claimed()
		s.queue.onAck = func() {
			if s.store.claimed() == before {
				t.Error("a ring was acknowledged before the claim")
			}
			before = s.store.claimed()
		}
		s.submit()
		equal(t, "conversions", easel.now(), 1)
		if got := s.queue.acks(); !slices.Equal(got, []int{1}) { // while the job runs
			t.Errorf("acknowledged: got %v, want the ring once", got)
		}
		noError(t, "a ring for nothing", s.queue.Enqueue(t.Context(), charcoal.NewID()))
		if got := s.queue.acks(); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("acknowledged: got %v, want both rings once", got)
		}
		easel.next <- struct{}{}
		<-time.After(10 * poll)
		if got := s.queue.acks(); !slices.Equal(got, []int{1, 1}) {
			t.Errorf("acknowledged later: got %v, want both rings once", got)
		}
	})
}

// TestHeartbeatsKeepALongJob that takes many times its lease, with sweeps that
// look for leases that ran out.
func TestHeartbeatsKeepALongJob(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.engine.before = func(context.Context) error { <-time.After(20 * lease); return nil }
		s.start()
		r, took := s.await(s.submit())
		equal(t, "state", r.State, charcoal.Ready)
		equal(t, "attempt", r.Attempt, 1)
		equal(t, "failures", r.Failures, 0)
		equal(t, "time", took, 20*lease)
	})
}

// TestHeartbeatsLastThroughTheDrain: what is drained for long is kept as well.
func TestHeartbeatsLastThroughTheDrain(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.engine.before = func(context.Context) error { <-time.After(20 * lease); return nil }
		s.start()
		id := s.submit()
		synctest.Wait()
		s.stop()
		<-time.After(10 * lease)
		r := s.rendering(id)
		if r.State != charcoal.Running || r.LeaseUntil.Before(time.Now()) {
			t.Errorf("during the drain: got %s with a lease until %s, want one that holds", r.State, r.LeaseUntil)
		}
		<-s.done
		equal(t, "state", s.rendering(id).State, charcoal.Ready)
	})
}

// TestLostLeaseStopsTheWork: another worker has the job, so this one gives it up
// and writes nothing.
func TestLostLeaseStopsTheWork(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		causes := make(chan error, 1)
		s.engine.before = func(ctx context.Context) error {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return ctx.Err()
		}
		s.start()
		id := s.submit()
		synctest.Wait()
		_, _, err := s.store.ExpireLeases(t.Context(), time.Now().Add(2*lease), 10, "stolen")
		noError(t, "expiring", err)
		_, err = s.store.Store.Claim(t.Context(), "thief", time.Now(), time.Now().Add(time.Hour), 0)
		noError(t, "stealing", err)
		start := time.Now()
		if cause := <-causes; !errors.Is(cause, convert.ErrLeaseLost) {
			t.Errorf("cause: got %v, want %v", cause, convert.ErrLeaseLost)
		}
		if noticed := time.Since(start); noticed > lease/3 { // a heartbeat, or a sweep, which begins with one
			t.Errorf("time until noticed: got %s, want at most %s", noticed, lease/3)
		}
		synctest.Wait()
		r := s.rendering(id)
		equal(t, "state", r.State, charcoal.Running)
		equal(t, "worker", r.Worker, "thief")
	})
}

// TestPanicIsOnePicturesFault: the worker lives, the other pictures are drawn,
// and the panic counts like a crash.
func TestPanicIsOnePicturesFault(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		var panics atomic.Int32
		s.engine.before = func(context.Context) error {
			if panics.Add(1) <= slots { // as many as would take all slots away
				panic("index out of range")
			}
			return nil
		}
		bad := []charcoal.ID{s.submit(), s.submit()}
		good := s.submit()
		s.start()
		r, took := s.await(good)
		equal(t, "state of another picture", r.State, charcoal.Ready)
		equal(t, "time", took, 0)
		for _, id := range bad {
			r, _ := s.await(id)
			equal(t, "state", r.State, charcoal.Ready)
			equal(t, "losses", r.Losses, 1)
			equal(t, "attempt", r.Attempt, 2)
		}
	})
}

// TestStopFinishesWhatRuns: when taking ends, jobs under way are finished and
// no others are begun.
func TestStopFinishesWhatRuns(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		easel := newEasel()
		s.engine.before = easel.hold
		var images []charcoal.ID
		for range slots + 1 {
			images = append(images, s.submit())
		}
		s.start()
		equal(t, "conversions", easel.now(), slots)
		s.stop()
		equal(t, "ended with jobs under way", s.ended(), false)
		for range slots {
			easel.next <- struct{}{}
		}
		equal(t, "ended", s.ended(), true)
		for i, want := range []charcoal.State{charcoal.Ready, charcoal.Ready, charcoal.Queued} {
			equal(t, "state", s.rendering(images[i]).State, want)
		}
	})
}

func TestStopWhenIdle(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.start()
		equal(t, "ended while it may work", s.ended(), false)
		s.stop()
		equal(t, "ended", s.ended(), true)
	})
}

// TestCutOffHandsBack: when working ends too, jobs are as if never claimed.
func TestCutOffHandsBack(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		easel := newEasel()
		s.engine.before = easel.hold
		images := []charcoal.ID{s.submit(), s.submit()}
		s.start()
		equal(t, "conversions", easel.now(), slots)
		s.stop()
		s.cutOff()
		equal(t, "ended", s.ended(), true)
		for _, id := range images {
			r := s.rendering(id)
			equal(t, "state", r.State, charcoal.Queued)
			equal(t, "failures", r.Failures, 0)
		}
	})
}

// TestStoreAway: a worker goes on asking, at the pace of the poll, and takes up
// work when there is an answer.
func TestStoreAway(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		var back atomic.Bool
		s.store.claimErr = func() error {
			if back.Load() {
				return nil
			}
			return charcoal.Errorf(charcoal.Unavailable, "away")
		}
		s.start()
		id := s.submit()
		<-time.After(10*poll + poll/2)
		if most := 11*slots + 1; s.store.claimed() > most { // and one for the ring
			t.Errorf("claims while the store was away: got %d, want at most %d", s.store.claimed(), most)
		}
		back.Store(true)
		r, took := s.await(id)
		equal(t, "state", r.State, charcoal.Ready)
		if took > poll {
			t.Errorf("time: got %s, want at most %s", took, poll)
		}
	})
}

// TestQueueAway: without a doorbell the poll does it, at its own pace.
func TestQueueAway(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		s.queue.receiveErr = charcoal.Errorf(charcoal.Unavailable, "away")
		s.start()
		<-time.After(10*poll + poll/2)
		if most := 11 * slots; s.store.claimed() > most {
			t.Errorf("claims while the queue was away: got %d, want at most %d", s.store.claimed(), most)
		}
		r, took := s.await(s.submit())
		equal(t, "state", r.State, charcoal.Ready)
		if took > poll {
			t.Errorf("time: got %s, want at most %s", took, poll)
		}
	})
}

// TestSweepsOthersUp: a worker that vanished is replaced, uploads that died go.
func TestSweepsOthersUp(t *testing.T) {
	inShop(t, func(t *testing.T, s *shop) {
		id := s.submit()
		_, err := s.service.Claim(t.Context(), "vanished")
		noError(t, "claim", err)
		noError(t, "begin", s.store.BeginUpload(t.Context(), charcoal.Image{ID: charcoal.NewID(), Created: time.Now()}, 10))
		s.start()
		r, took := s.await(id)
		equal(t, "state", r.State, charcoal.Ready)
		equal(t, "losses", r.Losses, 1)
		if most := lease + 5*time.Second + poll; took > most {
			t.Errorf("time: got %s, want at most %s", took, most)
		}
		stale := func() int {
			ids, err := s.store.StaleUploads(t.Context(), time.Now().Add(time.Hour), 10)
			noError(t, "stale uploads", err)
			return len(ids)
		}
		equal(t, "begun uploads before their time is over", stale(), 1)
		<-time.After(time.Hour)
		equal(t, "begun uploads after", stale(), 0)
	})
}
