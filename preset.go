package charcoal

import (
	"context"
	"regexp"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// Preset is a set of options that an account keeps under a name.
type Preset struct {
	Owner   ID
	Name    string
	Options ascii.Options
	Engine  string // "" for the default one
	Changed time.Time
}

// MaxPresets is how many one account may keep.
const MaxPresets = 100

var presetName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`) })

// CheckPresetName returns nil for a name that a preset can have, else Invalid.
func CheckPresetName(name string) error {
	if !presetName().MatchString(name) {
		return Errorf(Invalid, "the name of a preset is 1 to 40 lower-case letters, digits and hyphens, not %q", clip(name, 64))
	}
	return nil
}

// Presets keeps presets. The contract of every method is that of [Store].
type Presets interface {
	// PutPreset adds a preset, or replaces the owner's one of the same name. It
	// is QuotaSpent when the owner has [MaxPresets] others.
	PutPreset(ctx context.Context, p Preset) error
	// Preset returns one, or NotFound.
	Preset(ctx context.Context, owner ID, name string) (Preset, error)
	// ListPresets returns all of an owner by name.
	ListPresets(ctx context.Context, owner ID) ([]Preset, error)
	// DeletePreset removes one, or is NotFound.
	DeletePreset(ctx context.Context, owner ID, name string) error
}
