package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/charcoal-art/charcoal"
)

const (
	selectPreset  = `SELECT owner, name, options, changed FROM presets WHERE owner = ? AND name = ?`
	selectPresets = `SELECT owner, name, options, changed FROM presets WHERE owner = ? ORDER BY name`
)

var _ charcoal.Presets = (*Store)(nil)

// PutPreset implements [charcoal.Presets].
func (s *Store) PutPreset(ctx context.Context, p charcoal.Preset) error {
	options, err := json.Marshal(storedOptions{p.Options, p.Engine})
	if err != nil {
		return fmt.Errorf("encode options: %w", err)
	}
	return s.writer.write(ctx, func(t *tx) error {
		var others int64
		err := t.row(`SELECT count(*) FROM presets WHERE owner = ? AND name <> ?`, p.Owner[:], p.Name).Scan(&others)
		if err != nil {
			return wrap("count presets", err)
		}
		if others >= charcoal.MaxPresets {
			return charcoal.OverLimitAs(charcoal.QuotaSpent, "the number of presets", charcoal.MaxPresets, others+1, "presets")
		}
		return wrap("put preset", t.exec(`INSERT INTO presets (owner, name, options, changed) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT DO UPDATE SET options = ?3, changed = ?4`, p.Owner[:], p.Name, string(options), micros(p.Changed)))
	})
}

// Preset implements [charcoal.Presets].
func (s *Store) Preset(ctx context.Context, owner charcoal.ID, name string) (charcoal.Preset, error) {
	p, err := scanPreset(s.readers.row(ctx, selectPreset, owner[:], name))
	if errors.Is(err, sql.ErrNoRows) {
		return p, noPreset(name)
	}
	return p, wrap("read preset", classify(err))
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
func (s *Store) ListPresets(ctx context.Context, owner charcoal.ID) ([]charcoal.Preset, error) {
	var all []charcoal.Preset
	err := s.readers.each(ctx, func(row scanner) error {
		p, err := scanPreset(row)
		all = append(all, p)
		return err
	}, selectPresets, owner[:])
	if err != nil {
		return nil, wrap("read presets", classify(err))
	}
	return all, nil
}

// DeletePreset implements [charcoal.Presets].
func (s *Store) DeletePreset(ctx context.Context, owner charcoal.ID, name string) error {
	return s.writer.write(ctx, func(t *tx) error {
		n, err := t.change(`DELETE FROM presets WHERE owner = ? AND name = ?`, owner[:], name)
		return must(n, err, "delete preset", noPreset(name))
	})
}
