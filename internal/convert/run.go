package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Claim takes the next due job for a worker under a fresh lease, or NotFound. It
// outlives its caller's context by a little: a claim whose answer is lost would
// hold the job until the lease runs out.
func (s *Service) Claim(ctx context.Context, worker string) (charcoal.Job, error) {
	ctx, cancel := detached(ctx)
	defer cancel()
	now := s.now()
	return s.store.Claim(ctx, worker, now, now.Add(s.cfg.Lease), s.cfg.PerOwner)
}

// Heartbeat keeps leases alive and returns those that are lost; the work under
// them is to be stopped.
func (s *Service) Heartbeat(ctx context.Context, held []charcoal.Lease) (lost []charcoal.Lease, err error) {
	return s.store.Heartbeat(ctx, held, s.now().Add(s.cfg.Lease))
}

// Run draws a claimed job and records how it ended. When ctx ends first, the job
// is handed back. The error is about recording: then the lease will run out
// and the sweep takes over. How the drawing went is in the store.
func (s *Service) Run(ctx context.Context, job charcoal.Job) error {
	s.announce(job.Image.ID) // that it runs
	defer s.announce(job.Image.ID)
	if s.pace != nil {
		defer func() { s.pace.Finished(s.now()) }()
	}
	ctx, leave := s.running.add(ctx, job.Rendering.ID, job.Rendering.Attempt)
	defer leave()
	log := s.log.With("rendering", job.Rendering.ID, "image", job.Image.ID, "attempt", job.Rendering.Attempt)
	result, failure := s.draw(ctx, job)
	if failure != nil {
		return s.settle(ctx, log, job, failure)
	}
	return s.publish(ctx, log, job, result)
}

// publish makes the art of this attempt the result and removes what earlier
// ones may have left. Only when another worker is known to hold the job is its
// own art removed: after any other error it may be the published one.
func (s *Service) publish(ctx context.Context, log *slog.Logger, job charcoal.Job, result charcoal.Result) error {
	lease, at := job.Rendering.Lease(), s.now()
	s.forgetArt(ctx, log, lease.Rendering, 1, lease.Attempt-1) // before it is final: afterwards nobody would look again
	err := s.record(ctx, log, func(ctx context.Context) error { return s.store.Finish(ctx, lease, at, result) })
	switch {
	case err == nil:
		log.InfoContext(ctx, "rendering ready", "format", result.Format, "seconds", result.ConvertTime.Seconds())
		return nil
	case charcoal.CodeOf(err) == charcoal.Conflict:
		log.WarnContext(ctx, "lease lost, result dropped")
		s.forgetArt(ctx, log, lease.Rendering, lease.Attempt, lease.Attempt)
		return nil
	default:
		return fmt.Errorf("finishing rendering %s: %w", lease.Rendering, err)
	}
}

// settle records an attempt that brought no art.
func (s *Service) settle(ctx context.Context, log *slog.Logger, job charcoal.Job, failure error) error {
	if errors.Is(context.Cause(ctx), ErrLeaseLost) {
		log.WarnContext(ctx, "lease lost, work stopped")
		return nil
	}
	err := s.record(ctx, log, s.ending(ctx, log, job.Rendering, failure))
	if err != nil && charcoal.CodeOf(err) != charcoal.Conflict { // a conflict: somebody else has it
		return fmt.Errorf("recording the end of rendering %s: %w", job.Rendering.ID, err)
	}
	return nil
}

// ending decides what a failed attempt means for its job, and returns how that
// is saved.
func (s *Service) ending(ctx context.Context, log *slog.Logger, r charcoal.Rendering, failure error) func(context.Context) error {
	lease, failures, now := r.Lease(), r.Failures+1, s.now()
	switch {
	case ctx.Err() != nil:
		log.InfoContext(ctx, "rendering handed back")
		return func(ctx context.Context) error { return s.store.Release(ctx, lease, time.Time{}) }
	case charcoal.Passing(failure):
		wait := s.backoff(lease.Attempt)
		log.WarnContext(ctx, "rendering has to wait", "err", failure, "wait", wait)
		return func(ctx context.Context) error { return s.store.Release(ctx, lease, now.Add(wait)) }
	case charcoal.Permanent(failure) || failures >= s.cfg.MaxFailures:
		log.WarnContext(ctx, "rendering failed", "err", failure)
		return func(ctx context.Context) error {
			return s.fail(ctx, log, lease, now, reason(failure, failures)+whereMore(failure, r.ID))
		}
	default:
		wait := s.backoff(failures)
		log.WarnContext(ctx, "rendering will be retried", "err", failure, "wait", wait)
		return func(ctx context.Context) error {
			return s.store.Retry(ctx, lease, charcoal.Message(failure), now.Add(wait))
		}
	}
}

// fail gives a job up, with the art that any attempt may have left.
func (s *Service) fail(ctx context.Context, log *slog.Logger, lease charcoal.Lease, at time.Time, reason string) error {
	if err := s.store.Fail(ctx, lease, at, reason); err != nil {
		return err
	}
	s.forgetArt(ctx, log, lease.Rendering, 1, lease.Attempt)
	return nil
}

// record saves how an attempt ended. While the store is full or away it tries
// again, for as long as the job may run: left to its lease, the job would be
// charged with a failure that is not its own.
func (s *Service) record(ctx context.Context, log *slog.Logger, save func(context.Context) error) error {
	for try := 1; ; try++ {
		err := saveOnce(ctx, save)
		if !charcoal.Passing(err) {
			return err
		}
		wait := s.backoff(try)
		log.WarnContext(ctx, "the end of a rendering has to wait", "err", err, "wait", wait)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

func saveOnce(ctx context.Context, save func(context.Context) error) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	return save(ctx)
}

// ErrLeaseLost is the cause with which a worker cancels a job whose lease is gone.
var ErrLeaseLost = errors.New("the lease is lost")

func reason(cause error, failures int) string {
	if charcoal.Permanent(cause) {
		return charcoal.Message(cause)
	}
	return fmt.Sprintf("given up after %d attempts: %s", failures, charcoal.Message(cause))
}

// whereMore is under which id the log tells more of a failure, for the people who
// ask and those who can look.
func whereMore(cause error, rendering charcoal.ID) string {
	if e, ok := errors.AsType[*charcoal.Error](cause); ok && e.Logged {
		return fmt.Sprintf("; the log has the details, at rendering %s", rendering)
	}
	return ""
}

// backoff doubles from BackoffMin to BackoffMax.
func (s *Service) backoff(failures int) time.Duration {
	wait := s.cfg.BackoffMin
	for range failures - 1 {
		if wait >= s.cfg.BackoffMax/2 {
			return s.cfg.BackoffMax
		}
		wait *= 2
	}
	return wait
}

// draw converts and stores the art under the key of this attempt.
func (s *Service) draw(ctx context.Context, job charcoal.Job) (charcoal.Result, error) {
	start := s.now()
	original, err := s.Original(ctx, job.Image)
	if err != nil {
		return charcoal.Result{}, err
	}
	defer original.Close()
	engine, err := s.engines.named(job.Rendering.Engine)
	if err != nil {
		return charcoal.Result{}, err
	}
	drawing, err := engine.Convert(ctx, original, job.Rendering.Options)
	if err != nil {
		return charcoal.Result{}, err
	}
	drawn := s.now()
	if err := s.keepArt(ctx, job.Rendering, drawing); err != nil {
		return charcoal.Result{}, err
	}
	return charcoal.Result{
		Cols: drawing.Art.Cols, Rows: drawing.Art.Rows, Engine: engine.Engine(),
		ConvertTime: drawing.Took, Picture: drawing.Picture, Warnings: drawing.Warnings,
		Stages: charcoal.Stages{
			Fetch: max(0, drawn.Sub(start)-drawing.Took), Decode: drawing.Decode, Draw: drawing.Draw, Store: s.now().Sub(drawn),
		},
	}, nil
}

func (s *Service) keepArt(ctx context.Context, r charcoal.Rendering, d *charcoal.Drawing) error {
	raw, err := d.Art.MarshalBinary()
	if err != nil {
		return fmt.Errorf("encoding the art: %w", err)
	}
	if _, err := s.blobs.Put(ctx, charcoal.ArtKey(r.ID, r.Attempt), bytes.NewReader(raw)); err != nil {
		return fmt.Errorf("storing the art: %w", err)
	}
	return nil
}

// forgetArt removes what the given attempts may have written: nobody can finish
// them any more.
func (s *Service) forgetArt(ctx context.Context, log *slog.Logger, r charcoal.ID, first, last int) {
	for attempt := first; attempt <= last; attempt++ {
		if err := s.blobs.Delete(ctx, charcoal.ArtKey(r, attempt)); err != nil {
			log.WarnContext(ctx, "stale art stays behind", "stale_attempt", attempt, "err", err)
		}
	}
}
