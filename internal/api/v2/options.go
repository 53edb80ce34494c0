package v2

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/target"
	"github.com/charcoal-art/charcoal/internal/api/schema"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// Options is how a rendering is drawn, every default spelt out.
type Options struct {
	ascii.Options
	Engine string `json:"engine,omitempty"`
}

// DrawRequest is the options of a request by their names, as JSON has them.
type DrawRequest map[string]any

// optionDoc is what the document says of an option, besides its type.
type optionDoc struct {
	name, doc string
	words     []string
	min, max  float64 // both 0: not said
}

// optionDocs describes every option of [ascii.Options], by its name in JSON.
func optionDocs() []optionDoc {
	return []optionDoc{
		{name: "cols", doc: "columns of characters; 0: from rows. Absent, with rows absent, too: 100", min: 0, max: 100_000},
		{name: "rows", doc: "rows of characters; 0 or absent: from cols and the shape of the picture", min: 0, max: 100_000},
		{name: "cell_aspect", doc: "width of a character over its height, as the viewer's font has it", min: ascii.MinCellAspect, max: ascii.MaxCellAspect},
		{name: "glyphs", doc: "which characters: " + strings.Join(ascii.GlyphSets(), ", ") + `, or "chars:" or "ramp:" and the characters themselves`},
		{name: "color", doc: "colour depth", words: ascii.ColorDepths()},
		{name: "invert", doc: "for dark ink on a light page"},
		{name: "fit", doc: "how the picture gets into cols and rows when both are given", words: ascii.Fits()},
		{name: "no_upscale", doc: "never more characters across or down than the picture has pixels"},
		{name: "crop", doc: "the part to draw, in shares of the picture; as text x,y,width,height"},
		{name: "trim", doc: "cut off borders of one colour"},
		{name: "rotate", doc: "degrees clockwise: 0, 90, 180 or 270", max: 270},
		{name: "flip", doc: "mirror it", words: ascii.Flips()},
		{name: "paint", doc: "where colour may go; ink leaves the ground to the page", words: ascii.Paints()},
		{name: "palette", doc: "2 to 256 colours in place of those of the depth; as text separated by commas"},
		{name: "background", doc: `of the page, "#rrggbb"`},
		{name: "alpha", doc: "what transparent parts become", words: ascii.Alphas()},
		{name: "tone", doc: "faithful keeps the tones, vivid spends the range of ink on the subject", words: ascii.Tones()},
		{name: "brightness", min: -1, max: 1, doc: "0 changes nothing"},
		{name: "contrast", min: -1, max: 1, doc: "0 changes nothing"},
		{name: "gamma", min: 0, max: ascii.MaxGamma, doc: "0.1 to 10; 1 changes nothing, 0 stands for it"},
		{name: "saturation", min: -1, max: 1, doc: "0 changes nothing"},
		{name: "local_contrast", max: 1, doc: "0 changes nothing"},
		{name: "sharpen", max: 1, doc: "0 changes nothing"},
		{name: "edges", max: 1, doc: "drawn over the picture; 0 for none"},
		{name: "threshold", max: 1, doc: "what is darker becomes black, the rest white; 0: off"},
		{name: "dither", doc: "how to make up for tones that no character has", words: ascii.Dithers()},
		{name: "effort", max: ascii.MaxEffort, doc: "1, fastest, to 9, best; 0: as the server is set"},
		{name: "any_font", doc: "for readers whose font is not known: a little less faithful in DejaVu Sans Mono, much more so in other fonts. Without colours, by the search, at efforts from 2"},
		{name: "frames", max: 1_000_000, doc: "of an animation at most; 0: only the first"},
	}
}

// knownSchemas are those of the types that reflection alone cannot describe.
func knownSchemas() map[reflect.Type]*schema.Schema {
	answered := schema.Object(append(optionProperties(), engineProperty())...)
	answered.Title = "Options"
	required := []string{"cols", "cell_aspect", "glyphs", "color"}
	for i := range answered.Properties {
		answered.Properties[i].Required = slices.Contains(required, answered.Properties[i].Name)
	}
	return map[reflect.Type]*schema.Schema{
		reflect.TypeFor[Options]():     answered,
		reflect.TypeFor[DrawRequest](): drawSchema(),
		reflect.TypeFor[Time]():        {Type: "string", Format: "date-time"},
	}
}

// drawSchema is what a request may say of a drawing.
func drawSchema() *schema.Schema {
	s := schema.Object(append(optionProperties(), engineProperty(),
		text("preset", maxWord, "the name of a preset to start from"),
		text("target", maxWord, "a place to draw for, which sets what suits it and limits what it cannot show"),
		text("callback_url", maxURL, "a URL to tell when the rendering is final"),
	)...)
	s.Title = "DrawRequest"
	return s
}

func engineProperty() schema.Property {
	return text("engine", maxWord, "which engine draws, by name; absent: the server's default")
}

// How long texts of options may be, in characters.
const (
	maxWord   = 64
	maxURL    = 2048
	maxGlyphs = 300
)

func text(name string, most int, doc string) schema.Property {
	return schema.Property{Name: name, Schema: &schema.Schema{Type: "string", Description: doc, MaxLen: &most}}
}

// optionProperties describes options by their Go types and optionDocs.
func optionProperties() []schema.Property {
	var all []schema.Property
	types := optionTypes()
	for _, d := range optionDocs() {
		s := optionSchema(types[d.name])
		s.Description, s.Enum = d.doc, d.words
		if d.min != 0 || d.max != 0 {
			s.Min, s.Max = &d.min, &d.max
		}
		all = append(all, schema.Property{Name: d.name, Schema: s})
	}
	return all
}

// optionTypes are the types of the fields of [ascii.Options] by their names in JSON.
func optionTypes() map[string]reflect.Type {
	types := make(map[string]reflect.Type)
	for f := range reflect.TypeFor[ascii.Options]().Fields() {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			types[name] = f.Type
		}
	}
	return types
}

func optionSchema(t reflect.Type) *schema.Schema {
	zero, one := 0.0, 1.0
	share := &schema.Schema{Type: "number", Min: &zero, Max: &one}
	switch t {
	case reflect.TypeFor[ascii.Rectangle]():
		return schema.Object(
			schema.Property{Name: "x", Required: true, Schema: share}, schema.Property{Name: "y", Required: true, Schema: share},
			schema.Property{Name: "width", Required: true, Schema: share}, schema.Property{Name: "height", Required: true, Schema: share})
	case reflect.TypeFor[[]ascii.RGB]():
		most := 256
		return &schema.Schema{Type: "array", MaxLen: &most, Items: &schema.Schema{Type: "string", Pattern: regexp.MustCompile("^#[0-9a-fA-F]{6}$")}}
	}
	switch t.Kind() {
	case reflect.Int:
		return &schema.Schema{Type: "integer"}
	case reflect.Float64:
		return &schema.Schema{Type: "number"}
	case reflect.Bool:
		return &schema.Schema{Type: "boolean"}
	}
	most := maxGlyphs // the longest of them
	return &schema.Schema{Type: "string", MaxLen: &most}
}

// drawing makes of the options of a request what is to be drawn. Where is how
// pointers to them begin: "/", "/options/" or "query:".
func (a *API) drawing(ctx context.Context, actor charcoal.Actor, req DrawRequest, where string) (convert.Drawing, error) {
	d, place, err := a.base(ctx, actor, req, where)
	if err != nil {
		return d, err
	}
	named := maps.Clone(req)
	for _, beside := range []string{"engine", "preset", "target", "callback_url"} {
		delete(named, beside)
	}
	if err := overlay(&d.Options, named); err != nil {
		return d, pointed(err, where)
	}
	if place != nil {
		d.Options = place.Limit(d.Options)
	}
	if engine, ok := req["engine"].(string); ok {
		d.Engine = engine
	}
	if d.Callback, _ = req["callback_url"].(string); d.Callback != "" {
		if err := a.Webhooks.CheckURL(where+"callback_url", d.Callback); err != nil {
			return d, err
		}
	}
	d.Options.Limits = a.cfg.Grid
	if d.Options.Effort == 0 {
		d.Options.Effort = a.cfg.Effort
	}
	return d, pointed(d.Options.Validate(), where)
}

// base is what a request starts from: the defaults, a preset, or what suits a target.
func (a *API) base(ctx context.Context, actor charcoal.Actor, req DrawRequest, where string) (convert.Drawing, *target.Target, error) {
	d := convert.Drawing{Options: ascii.Defaults()}
	d.Options.Cols = a.defaultCols()
	name, _ := req["preset"].(string)
	place, _ := req["target"].(string)
	switch {
	case name != "" && place != "":
		return d, nil, invalid(where+"target", "give a preset or a target, not both")
	case name != "":
		p, err := a.Images.Preset(ctx, actor, name)
		if err != nil {
			return d, nil, presetError(err, where, name)
		}
		d.Options, d.Engine = p.Options, p.Engine
	case place != "":
		t, err := target.Lookup(place)
		if err != nil {
			return d, nil, invalid(where+"target", "%v", err)
		}
		d.Options = t.Options()
		return d, &t, nil
	default:
		if _, ok := req["rows"]; ok && req["cols"] == nil {
			d.Options.Cols = 0 // only how high was said
		}
	}
	return d, nil, nil
}

func (a *API) defaultCols() int {
	cols := ascii.Defaults().Cols
	if a.cfg.Grid.Cols > 0 {
		cols = min(cols, a.cfg.Grid.Cols)
	}
	return cols
}

func presetError(err error, where, name string) error {
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return invalid(where+"preset", "you have no preset %q", clip(name))
	}
	return err
}

// overlay puts values that the schema let through over options.
func overlay(o *ascii.Options, values map[string]any) error {
	raw, err := json.Marshal(values)
	if err != nil {
		return err
	}
	if _, ok := values["palette"]; ok {
		o.Palette = nil
	}
	return json.Unmarshal(raw, o)
}

// pointed says where the option stands that is wrong.
func pointed(err error, where string) error {
	if err == nil {
		return nil
	}
	if option, ok := errors.AsType[*ascii.OptionError](err); ok {
		return invalid(where+option.Option, "%s", option.Message)
	}
	return invalid(strings.TrimSuffix(where, "/"), "%v", err)
}
