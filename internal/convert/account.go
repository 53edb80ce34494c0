package convert

import (
	"context"

	"github.com/charcoal-art/charcoal"
)

// Presets returns the actor's presets by name.
func (s *Service) Presets(ctx context.Context, actor charcoal.Actor) ([]charcoal.Preset, error) {
	if err := actor.Need(charcoal.ScopeRead); err != nil {
		return nil, err
	}
	return s.presets.ListPresets(ctx, actor.User)
}

// Preset returns one of the actor's presets.
func (s *Service) Preset(ctx context.Context, actor charcoal.Actor, name string) (charcoal.Preset, error) {
	if err := actor.Need(charcoal.ScopeRead); err != nil {
		return charcoal.Preset{}, err
	}
	return s.presets.Preset(ctx, actor.User, name)
}

// PutPreset keeps options under a name. It returns what it keeps.
func (s *Service) PutPreset(ctx context.Context, actor charcoal.Actor, p charcoal.Preset) (charcoal.Preset, error) {
	if err := actor.Need(charcoal.ScopeWrite); err != nil {
		return p, err
	}
	if err := charcoal.CheckPresetName(p.Name); err != nil {
		return p, err
	}
	if err := p.Options.Validate(); err != nil {
		return p, invalidOptions(err)
	}
	if _, err := s.engines.named(p.Engine); err != nil {
		return p, err
	}
	p.Owner, p.Changed = actor.User, s.now()
	return p, s.presets.PutPreset(ctx, p)
}

// DeletePreset removes one of the actor's presets.
func (s *Service) DeletePreset(ctx context.Context, actor charcoal.Actor, name string) error {
	if err := actor.Need(charcoal.ScopeWrite); err != nil {
		return err
	}
	return s.presets.DeletePreset(ctx, actor.User, name)
}

// BeginOnce takes an idempotency key for a request. The answer to an earlier one
// with the same key is returned, with begun false; while that is under way it is
// Conflict.
func (s *Service) BeginOnce(ctx context.Context, actor charcoal.Actor, key string) (o charcoal.Once, begun bool, err error) {
	now := s.now()
	return s.onces.BeginOnce(ctx, actor.User, key, now, now.Add(s.cfg.OnceLease))
}

// FinishOnce keeps the answer for later requests with the same key.
func (s *Service) FinishOnce(ctx context.Context, actor charcoal.Actor, o charcoal.Once) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	o.Owner, o.Done = actor.User, true
	return s.onces.FinishOnce(ctx, o, s.now().Add(s.cfg.OnceTime))
}

// AbandonOnce gives a key back that nothing came of.
func (s *Service) AbandonOnce(ctx context.Context, actor charcoal.Actor, key string) error {
	ctx, cancel := detached(ctx)
	defer cancel()
	return s.onces.AbandonOnce(ctx, actor.User, key)
}
