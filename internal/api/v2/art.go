package v2

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/convert"
)

func (a *API) artOperations() []operation {
	headers := []parameter{
		{"Accept", "the forms you take; an extension in the address counts more"}, {"If-None-Match", "an ETag that you have"},
		{"Accept-Encoding", "gzip or zstd, for text"}, {"Range", "bytes=FIRST-LAST, a part of the uncompressed art"},
	}
	art := []answer{
		{status: http.StatusOK, doc: "the art", contents: artTypes(), headers: []parameter{{"Etag", "changes with the art and its form"}}},
		{status: http.StatusPartialContent, doc: "a part of the art", contents: artTypes()},
		{status: http.StatusNotModified, doc: "you have it"},
	}
	return []operation{
		withQuery(operation{
			id: "getArt", method: "GET", path: "/v2/renderings/{id}/art", files: true, group: "art",
			summary: "Fetch art", details: "In the form of the extension, or else the one you accept.",
			headers: headers, answers: art,
		}, a.renderingArt),
		{
			id: "getImageArt", method: "GET", path: "/v2/images/{id}/art", files: true, group: "art", querySet: a.sets.art,
			summary: "Fetch an image as art", details: "Drawn with the options in the query, now if need be, or as its newest rendering when there are none. What takes longer than 10 seconds, or what Prefer says, is answered with the rendering to look at.",
			headers: append(headers, preferHeader),
			answers: append(art, accepted[Rendering]("it is still being drawn; ask again")),
			serve:   a.imageArt,
		},
	}
}

// artTypes are the media types of all formats.
func artTypes() []string {
	var types []string
	for _, f := range formats() {
		types = append(types, f.MediaType)
	}
	return types
}

// ArtQuery is how art is written.
type ArtQuery struct {
	Download    bool `json:"download,omitempty" doc:"as a file to keep, with a name"`
	Outlines    bool `json:"outlines,omitempty" doc:"SVG: characters as shapes, for viewers without the fonts"`
	Backgrounds bool `json:"backgrounds,omitempty" doc:"BBCode: write grounds, which only some forums know"`
}

// renderingArt answers the art of one rendering, which never changes.
func (a *API) renderingArt(c *call, q ArtQuery) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	img, r, err := a.Images.Rendering(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return a.answerArt(c, img, r, q)
}

// imageArt answers art of an image as the query says.
func (a *API) imageArt(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	q, req, err := a.splitArtQuery(c)
	if err != nil {
		return err
	}
	patience, err := c.patience(10 * time.Second)
	if err != nil {
		return err
	}
	img, r, err := a.findOrDraw(c, id, req)
	if err != nil {
		return err
	}
	if r, err = a.await(c, r, patience); err != nil {
		return err
	}
	if !r.State.Final() {
		c.w.Header().Set("Retry-After", "2")
		return c.send(reply{http.StatusAccepted, map[string]string{"Location": renderingPath(r.ID)}, renderingOf(r)})
	}
	return a.answerArt(c, img, r, q)
}

// splitArtQuery tells how art is written from how it is drawn.
func (a *API) splitArtQuery(c *call) (q ArtQuery, req DrawRequest, err error) {
	values, err := a.fromText(c.r.URL.Query(), c.op.querySet, "query:")
	if err != nil {
		return q, nil, err
	}
	if err := issuesError(a.schemas.Check(c.op.querySet, values), "query:"); err != nil {
		return q, nil, err
	}
	about, req := split(values, a.sets.written)
	return q, req, a.fill(&q, a.sets.written, about, "query:")
}

// findOrDraw finds the rendering that a request asks for, or begins it.
func (a *API) findOrDraw(c *call, id charcoal.ID, req DrawRequest) (charcoal.Image, charcoal.Rendering, error) {
	ctx := c.r.Context()
	img, newest, err := a.Images.Image(ctx, c.actor, id)
	if err != nil || len(req) == 0 {
		return img, newest, err
	}
	d, err := a.drawing(ctx, c.actor, req, "query:")
	if err != nil {
		return img, newest, err
	}
	r, err := a.existingOrNew(ctx, c.actor, id, d)
	return img, r, err
}

func (a *API) existingOrNew(ctx context.Context, actor charcoal.Actor, id charcoal.ID, d convert.Drawing) (charcoal.Rendering, error) {
	r, err := a.Images.Existing(ctx, actor, id, d)
	if charcoal.CodeOf(err) == charcoal.NotFound {
		r, _, err = a.Images.Draw(ctx, actor, id, d)
	}
	return r, err
}

// answerArt writes the art of a rendering in the form that was asked for.
func (a *API) answerArt(c *call, img charcoal.Image, r charcoal.Rendering, q ArtQuery) error {
	f, err := c.form(renderingPath(r.ID) + "/art")
	if err != nil {
		return err
	}
	if err := artState(r); err != nil {
		return err
	}
	w := artWriter{c: c, api: a, format: f, settings: settings(img, q)}
	w.cells = int64(r.Result.Cols) * int64(r.Result.Rows) * int64(max(1, min(r.Options.Frames, img.Frames)))
	w.tag(r, q, w.settings)
	cachePolicy(c.w.Header(), img)
	if strings.HasPrefix(c.op.path, "/v2/renderings/") && img.Visibility == charcoal.Public {
		c.w.Header().Set("Cache-Control", fmt.Sprintf("public, max-age=%d, immutable", cacheSeconds))
	}
	if q.Download {
		c.w.Header().Set("Content-Disposition", disposition("attachment", artName(img, f)))
	}
	return w.answer(func(ctx context.Context) (*ascii.Art, error) { return a.Images.Art(ctx, r) })
}

// form chooses the format: by the extension in the address, or else by Accept.
func (c *call) form(base string) (format.Format, error) {
	c.w.Header().Add("Vary", "Accept, Accept-Encoding")
	if extension := path.Ext(c.r.URL.Path); extension != "" {
		if f, ok := formatOf(extension); ok {
			return f, nil
		}
	}
	f, ok := negotiate(strings.Join(c.r.Header.Values("Accept"), ","))
	if !ok {
		return f, notAcceptable(base)
	}
	return f, nil
}

// artState is nil for a rendering that has art.
func artState(r charcoal.Rendering) error {
	switch r.State {
	case charcoal.Ready:
		return nil
	case charcoal.Failed:
		return charcoal.Errorf(charcoal.Unprocessed, "%s", r.Reason)
	case charcoal.CanceledState:
		return charcoal.Errorf(charcoal.Conflict, "the rendering was canceled; POST to %s/retry to draw it after all", renderingPath(r.ID))
	}
	return charcoal.Errorf(charcoal.Conflict, "the art is not ready yet, it is %s; ask again, or GET %s with Prefer: wait=10 first", r.State, renderingPath(r.ID))
}

func settings(img charcoal.Image, q ArtQuery) format.Settings {
	title := or(img.Title, img.Filename)
	return format.Settings{Title: title, Label: title, Outlines: q.Outlines, Backgrounds: q.Backgrounds}
}

func artName(img charcoal.Image, f format.Format) string {
	name := or(img.Filename, img.ID.String())
	return charcoal.CleanFilename(strings.TrimSuffix(name, path.Ext(name)) + f.Extension)
}

// artWriter writes art as an answer.
type artWriter struct {
	c        *call
	api      *API
	format   format.Format
	settings format.Settings
	cells    int64
	etag     string // without quotes; "" for art that is made only now
}

// tag makes a strong ETag: of all that the bytes depend on.
func (w *artWriter) tag(r charcoal.Rendering, q ArtQuery, s format.Settings) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d %s %+v %q", r.ID, r.Attempt, w.format.Name, q, s.Title))
	w.etag = hex.EncodeToString(sum[:12])
}

// answer reads the art, which it holds in memory, so that it takes a share of the
// common room, and writes it.
func (w *artWriter) answer(read func(context.Context) (*ascii.Art, error)) error {
	ctx, c := w.c.r.Context(), w.c
	out := newCoder(c.w, c.r, w)
	if out.notModified() {
		return nil
	}
	release, err := w.api.Room.Cells(ctx, caller.Of(ctx).Key(), w.cells)
	if err != nil {
		return err
	}
	defer release()
	art, err := read(ctx)
	if err != nil {
		return err
	}
	return w.write(out, art)
}

func (w *artWriter) write(out *coder, art *ascii.Art) error {
	w.deadline()
	w.headers()
	err := out.write(func(to io.Writer) error { return w.format.Write(to, art, w.settings) })
	switch {
	case err == nil:
	case !out.begun():
		return artError(err)
	default:
		w.api.Log.DebugContext(w.c.r.Context(), "the reader of art went away", "err", err)
		panic(http.ErrAbortHandler) // an end that looks like one would be a lie
	}
	return nil
}

// deadline gives a client that does not read no more time than one that is slow.
func (w *artWriter) deadline() {
	const leastRate = 64 << 10 // bytes a second
	allowed := w.api.cfg.ReadIdle + time.Duration(w.cells/leastRate)*time.Second
	_ = http.NewResponseController(w.c.w).SetWriteDeadline(time.Now().Add(allowed)) // not every connection has one
}

// headers say what comes, and that none of it acts as a page of this site.
func (w *artWriter) headers() {
	h := w.c.w.Header()
	h.Set("Content-Type", w.format.MediaType)
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
}

// artError tells what cannot be written from what went wrong.
func artError(err error) error {
	if e, ok := errors.AsType[*format.SizeError](err); ok {
		return charcoal.OverLimit("the art in this form", e.Limit, e.Pixels, "pixels")
	}
	return err
}
