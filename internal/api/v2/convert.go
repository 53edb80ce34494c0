package v2

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/api/schema"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// ConvertQuery is how a picture is drawn without being stored, besides the options.
type ConvertQuery struct {
	Format string `json:"format,omitempty" maxlen:"20" doc:"the form of the art, by name; absent: as Accept says, else text"`
	DryRun bool   `json:"dry_run,omitempty" doc:"only say what drawing would take"`
	ArtQuery
}

// Inspection is what drawing a picture would take.
type Inspection struct {
	Type    string  `json:"type" doc:"media type, by content"`
	Format  string  `json:"format"`
	Width   int     `json:"width"`
	Height  int     `json:"height"`
	Frames  int     `json:"frames"`
	Bytes   int64   `json:"bytes" doc:"of the file"`
	Cols    int     `json:"cols"`
	Rows    int     `json:"rows"`
	Cells   int64   `json:"cells"`
	Memory  int64   `json:"memory_bytes" doc:"that decoding and drawing take; 0 where the engine does not tell"`
	Engine  string  `json:"engine"`
	Options Options `json:"options" doc:"what the drawing would be, every default spelt out"`
}

func (a *API) convertOperations() []operation {
	picture := &schema.Schema{Type: "string", Format: "binary"}
	withFile := joined(a.sets.shotsForm, schema.Property{Name: fileField, Required: true, Schema: picture})
	return []operation{{
		id: "convert", method: "POST", path: "/v2/convert", group: "convert", scope: charcoal.ScopeWrite,
		summary: "Draw a picture without storing it", details: "Picture in, art out.",
		querySet: a.sets.shots,
		bodies:   []content{{"multipart/form-data", withFile}, {"image/*", picture}, {"application/octet-stream", picture}},
		headers:  []parameter{{"Accept", "the forms you take"}, {"Accept-Encoding", "gzip or zstd, for text"}},
		answers: []answer{
			{status: http.StatusOK, doc: "the art, or with dry_run what it would take", contents: artTypes(), value: typeOf[Inspection]()},
		},
		serve: a.convert,
	}}
}

// oneShot is a picture to be drawn at once, and how.
type oneShot struct {
	incoming
	query ConvertQuery
	draw  convert.Drawing
}

func (a *API) convert(c *call) error {
	leave, err := a.Room.Upload(caller.Of(c.r.Context()).Key())
	if err != nil {
		return err
	}
	defer leave()
	shot, err := a.openOneShot(c)
	if err != nil {
		return err
	}
	if shot.query.DryRun {
		return a.inspect(c, shot)
	}
	f, err := c.convertFormat(shot.query.Format)
	if err != nil {
		return err
	}
	ctx, cancel := a.Room.UntilStopping(c.r.Context())
	defer cancel()
	drawing, engine, err := a.Images.Convert(ctx, c.actor, shot.body, shot.draw)
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set(engineHeader, engine)
	for _, warning := range drawing.Warnings {
		h.Add("Charcoal-Warning", mime.QEncoding.Encode("utf-8", warning))
	}
	w := artWriter{c: c, api: a, format: f, settings: settings(charcoal.Image{Filename: charcoal.CleanFilename(shot.name)}, shot.query.ArtQuery)}
	w.cells = int64(drawing.Art.Cols) * int64(drawing.Art.Rows) * int64(max(1, len(drawing.Art.Frames)))
	if shot.query.Download {
		h.Set("Content-Disposition", disposition("attachment", artName(charcoal.Image{ID: charcoal.NewID(), Filename: charcoal.CleanFilename(shot.name)}, f)))
	}
	return w.answer(func(context.Context) (*ascii.Art, error) { return drawing.Art, nil })
}

// engineHeader says which engine drew something, with its version.
const engineHeader = "Charcoal-Engine"

// openOneShot reads how to draw, and opens the picture.
func (a *API) openOneShot(c *call) (oneShot, error) {
	values, err := a.fromText(c.r.URL.Query(), a.sets.shots, "query:")
	if err != nil {
		return oneShot{}, err
	}
	mediaType, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch {
	case err == nil && mediaType == "multipart/form-data":
		return a.oneShotForm(c, values)
	case err == nil && (strings.HasPrefix(mediaType, "image/") || mediaType == "application/octet-stream"):
		in, err := rawFile(c.r)
		if err != nil {
			return oneShot{}, err
		}
		return a.oneShot(c, in, values, "query:")
	}
	return oneShot{}, errUploadType(c.r)
}

func (a *API) oneShotForm(c *call, values map[string]any) (oneShot, error) {
	f, err := openForm(c.r, a.sets.shotsForm)
	if err != nil {
		return oneShot{}, err
	}
	if err := a.mergeForm(f, a.sets.shots, values); err != nil {
		return oneShot{}, err
	}
	file, err := f.file()
	if err != nil {
		return oneShot{}, err
	}
	file.only = true
	return a.oneShot(c, incoming{name: file.part.FileName(), body: file}, values, f.where())
}

func (a *API) oneShot(c *call, in incoming, values map[string]any, where string) (oneShot, error) {
	shot := oneShot{incoming: in}
	if err := issuesError(a.schemas.Check(a.sets.shots, values), where); err != nil {
		return shot, err
	}
	about, req := split(values, a.sets.shot)
	if err := a.fill(&shot.query, a.sets.shot, about, where); err != nil {
		return shot, err
	}
	if _, ok := req["color"]; !ok && len(req) == 0 && shot.query.Format == "ansi" {
		req["color"] = "true" // who asks for this has a terminal with colours
	}
	var err error
	shot.draw, err = a.drawing(c.r.Context(), c.actor, req, where)
	return shot, err
}

// convertFormat chooses by name, or else by Accept.
func (c *call) convertFormat(name string) (format.Format, error) {
	c.w.Header().Add("Vary", "Accept, Accept-Encoding")
	if name != "" {
		f, ok := formatOf("." + name)
		if ok {
			return f, nil
		}
		f, err := format.Lookup(name)
		if err != nil {
			return f, invalid("query:format", "%v", err)
		}
		return f, nil
	}
	f, ok := negotiate(strings.Join(c.r.Header.Values("Accept"), ","))
	if !ok {
		return f, charcoal.Errorf(charcoal.NotAcceptable, "there is no form of art that you accept; /v2/capabilities lists them")
	}
	return f, nil
}

func (a *API) inspect(c *call, shot oneShot) error {
	found, err := a.Images.Inspect(c.r.Context(), c.actor, shot.body, shot.draw)
	if err != nil {
		return err
	}
	return c.json(Inspection{
		Type: found.MediaType, Format: found.Format, Width: found.Width, Height: found.Height, Frames: found.Frames,
		Bytes: found.Bytes, Cols: found.Cols, Rows: found.Rows, Cells: int64(found.Cols) * int64(found.Rows),
		Memory: found.Memory, Engine: found.Engine,
		Options: Options{shot.draw.Options.Canonical(), charcoal.EngineName(found.Engine)},
	})
}
