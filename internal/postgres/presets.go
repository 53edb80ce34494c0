package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/charcoal-art/charcoal"
)

const (
	selectPreset  = `SELECT owner, name, options, changed FROM presets WHERE owner = $1 AND name = $2`
	selectPresets = `SELECT owner, name, options, changed FROM presets WHERE owner = $1 ORDER BY name`
)

var _ charcoal.Presets = (*Store)(nil)

// PutPreset implements [charcoal.Presets].
func (s *Store) PutPreset(ctx context.Context, p charcoal.Preset) error {
	options, err := json.Marshal(storedOptions{p.Options, p.Engine})
	if err != nil {
		return wrap("encode options", err)
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.lock("presets/" + p.Owner.String()); err != nil {
			return err
		}
		others, err := one(t, scanValue[int64], `SELECT count(*) FROM presets WHERE owner = $1 AND name <> $2`, p.Owner, p.Name)
		if err != nil {
			return wrap("count presets", err)
		}
		if others >= charcoal.MaxPresets {
			return charcoal.OverLimitAs(charcoal.QuotaSpent, "the number of presets", charcoal.MaxPresets, others+1, "presets")
		}
		return wrap("put preset", t.exec(`INSERT INTO presets (owner, name, options, changed) VALUES ($1, $2, $3, $4)
			ON CONFLICT (owner, name) DO UPDATE SET options = excluded.options, changed = excluded.changed`,
			p.Owner, p.Name, string(options), micros(p.Changed)))
	})
}

// Preset implements [charcoal.Presets].
func (s *Store) Preset(ctx context.Context, owner charcoal.ID, name string) (p charcoal.Preset, err error) {
	err = s.read(ctx, func(t *tx) error {
		p, err = one(t, scanPreset, selectPreset, owner, name)
		return found("read preset", err, noPreset(name))
	})
	return p, err
}

func noPreset(name string) error {
	return charcoal.Errorf(charcoal.NotFound, "there is no preset %q", name)
}

func scanPreset(row scanner) (charcoal.Preset, error) {
	var p charcoal.Preset
	var options []byte
	var changed int64
	if err := row.Scan(&p.Owner, &p.Name, &options, &changed); err != nil {
		return p, err
	}
	var kept storedOptions
	if err := json.Unmarshal(options, &kept); err != nil {
		return p, fmt.Errorf("decode the options of preset %s: %w", p.Name, err)
	}
	p.Options, p.Engine, p.Changed = kept.Options, kept.Engine, instant(changed)
	return p, nil
}

// ListPresets implements [charcoal.Presets].
func (s *Store) ListPresets(ctx context.Context, owner charcoal.ID) (presets []charcoal.Preset, err error) {
	err = s.read(ctx, func(t *tx) error {
		presets, err = all(t, scanPreset, selectPresets, owner)
		return wrap("read presets", err)
	})
	return presets, err
}

// DeletePreset implements [charcoal.Presets].
func (s *Store) DeletePreset(ctx context.Context, owner charcoal.ID, name string) error {
	return s.alone(ctx, func(t *tx) error {
		n, err := t.change(`DELETE FROM presets WHERE owner = $1 AND name = $2`, owner, name)
		return must(n, err, "delete preset", noPreset(name))
	})
}
