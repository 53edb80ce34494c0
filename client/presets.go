package client

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"time"
)

// Preset is options under a name.
type Preset struct {
	Name    string      `json:"name"`
	Options DrawOptions `json:"options"` // all that differ from zero
	Changed time.Time   `json:"changed"`
}

// Presets returns those of the account of the client.
func (c *Client) Presets(ctx context.Context) ([]Preset, error) {
	var list struct {
		Presets []Preset `json:"presets"`
	}
	err := c.json(ctx, call{method: http.MethodGet, path: "presets"}, &list)
	return list.Presets, err
}

// PutPreset makes or replaces a preset. A name is 1 to 40 small letters, digits and
// hyphens.
func (c *Client) PutPreset(ctx context.Context, name string, o DrawOptions) (*Preset, error) {
	path, err := presetPath(name)
	if err != nil {
		return nil, err
	}
	object, err := o.object()
	if err != nil {
		return nil, err
	}
	k, err := call{method: http.MethodPut, path: path}.withJSON(map[string]any{"options": object})
	if err != nil {
		return nil, err
	}
	p := new(Preset)
	if err := c.json(ctx, k, p); err != nil {
		return nil, err
	}
	return p, nil
}

// DeletePreset deletes a preset.
func (c *Client) DeletePreset(ctx context.Context, name string) error {
	path, err := presetPath(name)
	if err != nil {
		return err
	}
	return c.json(ctx, call{method: http.MethodDelete, path: path}, nil)
}

var presetName = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)

func presetPath(name string) (string, error) {
	if !presetName.MatchString(name) {
		return "", fmt.Errorf("%.60q is no name of a preset", name)
	}
	return "presets/" + name, nil
}
