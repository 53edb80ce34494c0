package v2

import (
	"github.com/charcoal-art/charcoal"
)

func (a *API) presetOperations() []operation {
	return []operation{
		{
			id: "listPresets", method: "GET", path: "/v2/presets", group: "presets", scope: charcoal.ScopeRead,
			summary: "List your presets", answers: []answer{ok[PresetList]("by name")}, serve: a.listPresets,
		},
		{
			id: "getPreset", method: "GET", path: "/v2/presets/{name}", group: "presets", scope: charcoal.ScopeRead,
			summary: "Show a preset", answers: []answer{ok[Preset]("the preset")}, serve: a.showPreset,
		},
		withBody(operation{
			id: "putPreset", method: "PUT", path: "/v2/presets/{name}", group: "presets", scope: charcoal.ScopeWrite,
			summary: "Keep options under a name", answers: []answer{ok[Preset]("the preset as it is now")},
		}, a.putPreset),
		{
			id: "deletePreset", method: "DELETE", path: "/v2/presets/{name}", group: "presets", scope: charcoal.ScopeWrite,
			summary: "Delete a preset", answers: []answer{nothing("it is gone")}, serve: a.deletePreset,
		},
	}
}

// PresetList is all presets of an account.
type PresetList struct {
	Presets []Preset `json:"presets"`
}

// Preset is options under a name.
type Preset struct {
	Name    string  `json:"name"`
	Options Options `json:"options"`
	Changed Time    `json:"changed"`
}

// PresetRequest is what a preset is to hold.
type PresetRequest struct {
	Options DrawRequest `json:"options"`
}

func presetOf(p charcoal.Preset) Preset {
	return Preset{p.Name, Options{p.Options.Canonical(), p.Engine}, Time{p.Changed}}
}

func (a *API) listPresets(c *call) error {
	all, err := a.Images.Presets(c.r.Context(), c.actor)
	if err != nil {
		return err
	}
	page := PresetList{Presets: []Preset{}}
	for _, p := range all {
		page.Presets = append(page.Presets, presetOf(p))
	}
	return c.json(page)
}

func (a *API) showPreset(c *call) error {
	p, err := a.Images.Preset(c.r.Context(), c.actor, c.r.PathValue("name"))
	if err != nil {
		return err
	}
	return c.json(presetOf(p))
}

func (a *API) putPreset(c *call, req PresetRequest) error {
	if req.Options["callback_url"] != nil {
		return invalid("/options/callback_url", "a preset holds no callback_url")
	}
	d, err := a.drawing(c.r.Context(), c.actor, req.Options, "/options/")
	if err != nil {
		return err
	}
	p, err := a.Images.PutPreset(c.r.Context(), c.actor, charcoal.Preset{Name: c.r.PathValue("name"), Options: d.Options, Engine: d.Engine})
	if err != nil {
		return err
	}
	return c.json(presetOf(p))
}

func (a *API) deletePreset(c *call) error {
	if err := a.Images.DeletePreset(c.r.Context(), c.actor, c.r.PathValue("name")); err != nil {
		return err
	}
	return c.done()
}
