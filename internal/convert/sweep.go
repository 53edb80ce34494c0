package convert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
)

const maxLeftovers = 10_000

// leftovers are uploads that this process knows to be dead before their time is
// over. Past its bound it forgets: the store finds those when they are old.
type leftovers struct {
	mu  sync.Mutex
	ids []charcoal.ID
}

func (l *leftovers) add(id charcoal.ID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ids) < maxLeftovers {
		l.ids = append(l.ids, id)
	}
}

func (l *leftovers) take() []charcoal.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := l.ids
	l.ids = nil
	return ids
}

// Sweep puts right what crashes leave: jobs whose worker vanished are queued
// again (or given up), uploads begun before uploadsBefore and never committed
// are removed with their bytes.
//
// A process that knows it is the only one may call it at its start with times
// in the future: nothing that an earlier process held is alive.
func (s *Service) Sweep(ctx context.Context, leasesBefore, uploadsBefore time.Time) error {
	return errors.Join(s.expire(ctx, leasesBefore), s.removeLeftovers(ctx), s.removeUploads(ctx, uploadsBefore))
}

// removeLeftovers tries again what abandon could not do.
func (s *Service) removeLeftovers(ctx context.Context) error {
	var errs []error
	for _, id := range s.leftovers.take() {
		if err := s.discard(ctx, id); err != nil {
			errs = append(errs, err)
			s.leftovers.add(id)
		}
	}
	return errors.Join(errs...)
}

func (s *Service) expire(ctx context.Context, before time.Time) error {
	reason := fmt.Sprintf("given up after %d attempts: each time the worker stopped before it was done", s.cfg.MaxLosses)
	requeued, failed, err := s.store.ExpireLeases(ctx, before, s.cfg.MaxLosses, reason)
	if err != nil {
		return fmt.Errorf("expiring leases: %w", err)
	}
	if requeued+failed > 0 {
		s.log.WarnContext(ctx, "leases ran out", "requeued", requeued, "failed", failed)
	}
	return nil
}

func (s *Service) removeUploads(ctx context.Context, before time.Time) error {
	list := func(limit int) ([]charcoal.ID, error) { return s.store.StaleUploads(ctx, before, limit) }
	return removeAll(ctx, list, func(ids []charcoal.ID) (left []charcoal.ID, err error) {
		var errs []error
		for _, id := range ids {
			if err := s.discard(ctx, id); err != nil {
				left, errs = append(left, id), append(errs, err)
			}
		}
		return left, errors.Join(errs...)
	})
}

// The bounds of what one sweep removes, so that it ends.
const (
	sweepBatch = 100
	sweepTurns = 20
)

// removeAll removes what a list begins with, in batches, and goes on past what is left
// of one: bad files, however many, must not keep those behind them.
func removeAll[T comparable](ctx context.Context, list func(limit int) ([]T, error), remove func([]T) (left []T, err error)) error {
	stuck := make(map[T]bool)
	var errs []error
	for range sweepTurns {
		batch, err := list(sweepBatch + len(stuck))
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("finding what to remove: %w", err))...)
		}
		batch = slices.DeleteFunc(batch, func(t T) bool { return stuck[t] })
		if len(batch) == 0 || ctx.Err() != nil {
			break
		}
		left, err := remove(batch)
		for _, t := range left {
			stuck[t] = true
		}
		if err != nil && len(errs) == 0 { // one batch of them says it all
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// discard removes an upload that was not committed: it is decided first, then
// the bytes go, then the row that leads to them. An upload that turns out to be
// committed stays.
func (s *Service) discard(ctx context.Context, image charcoal.ID) error {
	err := s.store.AbandonUpload(ctx, image)
	switch {
	case err == nil || charcoal.CodeOf(err) == charcoal.NotFound: // then another sweep forgot it, and these bytes came late
	case charcoal.CodeOf(err) == charcoal.Conflict:
		return nil
	default:
		return fmt.Errorf("abandoning upload %s: %w", image, err)
	}
	if err := s.blobs.Delete(ctx, charcoal.OriginalKey(image)); err != nil {
		return fmt.Errorf("removing the bytes of upload %s: %w", image, err)
	}
	if err := s.store.ForgetUpload(ctx, image); err != nil && charcoal.CodeOf(err) != charcoal.NotFound {
		return fmt.Errorf("forgetting upload %s: %w", image, err)
	}
	return nil
}
