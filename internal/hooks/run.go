package hooks

import (
	"context"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
)

const (
	planStep  = 500                   // events in one transaction
	planPause = 50 * time.Millisecond // lets events gather, of which each step costs a write
	leaseMore = 30 * time.Second      // than a try may take, to record what became of it
	purgeStep = 500
	purgeTime = 10 * time.Minute // between looks for old deliveries
)

// Run plans and makes deliveries until taking ends; then it begins nothing more and
// returns when the tries under way have ended. When working ends, they are cut off,
// and made again by whoever runs next. All its goroutines have ended when it returns.
func (s *Service) Run(taking, working context.Context) {
	var background sync.WaitGroup
	background.Go(func() { s.each(taking, s.cfg.Poll, s.events, s.plan) })
	background.Go(func() { s.each(taking, purgeTime, nil, s.purge) })
	s.dispatch(taking, working)
	background.Wait()
}

// each calls do at once, and again after every ring and every interval.
func (s *Service) each(ctx context.Context, interval time.Duration, bell <-chan struct{}, do func(context.Context)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for ctx.Err() == nil {
		do(ctx)
		select {
		case <-bell:
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

// plan makes deliveries of all events that there are.
func (s *Service) plan(ctx context.Context) {
	for ctx.Err() == nil {
		seen, made, err := s.Store.PlanDeliveries(ctx, s.Now(), planStep)
		if err != nil && ctx.Err() == nil {
			s.Log.ErrorContext(ctx, "planning webhooks failed", "err", err)
		}
		if made > 0 {
			ring(s.deliveries)
		}
		if err != nil || seen < planStep {
			break
		}
	}
	wait(ctx, planPause)
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

func (s *Service) purge(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.Store.PurgeDeliveries(ctx, s.Now().Add(-s.cfg.Retain), purgeStep)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "removing old webhooks failed", "err", err)
		}
		if err != nil || n < purgeStep {
			return
		}
	}
}

// dispatch claims as many deliveries as there are free slots, whenever one becomes
// free or there may be more to do.
func (s *Service) dispatch(taking, working context.Context) {
	var tries sync.WaitGroup
	defer tries.Wait()
	slots := make(chan struct{}, s.cfg.Slots) // holds one for each try under way
	tick := time.NewTicker(s.cfg.Poll)
	defer tick.Stop()
	for taking.Err() == nil {
		claimed := s.claim(taking, cap(slots)-len(slots))
		for _, d := range claimed {
			slots <- struct{}{} // at once: nobody else fills them
			tries.Go(func() {
				s.deliver(working, d)
				<-slots
				ring(s.deliveries)
			})
		}
		if len(claimed) > 0 {
			continue
		}
		select {
		case <-s.deliveries:
		case <-tick.C:
		case <-taking.Done():
		}
	}
}

func (s *Service) claim(ctx context.Context, free int) []charcoal.Delivery {
	if free == 0 {
		return nil
	}
	now := s.Now()
	claimed, err := s.Store.ClaimDeliveries(ctx, now, now.Add(s.cfg.Time+leaseMore), free)
	if err != nil && ctx.Err() == nil {
		s.Log.ErrorContext(ctx, "claiming webhooks failed", "err", err)
	}
	return claimed
}
