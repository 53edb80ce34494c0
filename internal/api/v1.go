package api

import (
	"context"
	"fmt"
	"math"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// v1 registers version 1 of the API. Clients depend on exactly these routes and
// shapes: they are kept for good, and nothing here changes for version 2.
func (a *API) v1(mux *http.ServeMux) {
	a.handle(mux, "POST /ascii", a.v1Upload)
	a.handle(mux, "POST /upload", a.v1Upload)
	a.handle(mux, "GET /image/{id}/ascii", a.v1Art)
	a.handle(mux, "GET /image/{id}/meta", a.v1Meta)
	a.handle(mux, "GET /image/{id}", a.v1Meta)
	a.handle(mux, "GET /image/{id}/original", a.v1Original)
	a.handle(mux, "GET /list", a.v1List)
	a.handle(mux, "GET /status", a.v1Status)
}

// v1Upload stores and queues a picture. Conversion happens later.
func (a *API) v1Upload(w http.ResponseWriter, r *http.Request) error {
	opts, err := a.v1Options(r)
	if err != nil {
		return err
	}
	if err := a.checkLength(r); err != nil {
		return err
	}
	leave, err := a.parts.Room.Upload(caller.Of(r.Context()).Key())
	if err != nil {
		return err
	}
	defer leave()
	file, err := openForm(r)
	if err != nil {
		return err
	}
	done, err := a.parts.Service.Submit(r.Context(), convert.Upload{Actor: caller.Of(r.Context()).Actor, Filename: file.name(), Body: file, Options: opts, Engine: r.URL.Query().Get("engine")})
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		ImageID charcoal.ID `json:"image_id"`
	}{done.Image.ID})
	return nil
}

// v1Options reads size (columns) and aspect (width of a cell over its height).
func (a *API) v1Options(r *http.Request) (ascii.Options, error) {
	opts := ascii.Defaults()
	opts.Limits = a.cfg.Grid
	opts.Effort = a.cfg.Effort
	opts.Cols = min(opts.Cols, a.cfg.Grid.Cols)
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return opts, charcoal.Errorf(charcoal.Invalid, "the query of the address cannot be read").Because(err)
	}
	if s := query.Get("size"); s != "" {
		cols, err := strconv.Atoi(s)
		if err != nil || cols < 1 || cols > a.cfg.Grid.Cols {
			return opts, charcoal.Errorf(charcoal.Invalid,
				"size is the number of columns, a whole number from 1 to %d, not %q", a.cfg.Grid.Cols, clip(s))
		}
		opts.Cols = cols
	}
	if s := query.Get("aspect"); s != "" {
		aspect, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(aspect) {
			return opts, charcoal.Errorf(charcoal.Invalid,
				"aspect is the width of a cell over its height, a number such as 0.5, not %q", clip(s))
		}
		opts.CellAspect = aspect
	}
	if err := opts.Validate(); err != nil {
		return opts, charcoal.Errorf(charcoal.Invalid, "%v", err)
	}
	return opts, nil
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

// v1States are the names that version 1 has for the states.
var v1States = map[charcoal.State]string{
	charcoal.Queued:  "queued",
	charcoal.Running: "processing",
	charcoal.Ready:   "ready",
	charcoal.Failed:  "error",

	charcoal.CanceledState: "error", // version 1 knows no other end
}

// v1Art answers the art as text, or the metadata to those who prefer JSON.
func (a *API) v1Art(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept")
	img, rendering, err := a.v1Find(w, r)
	if err != nil {
		return err
	}
	nameEngine(w, rendering)
	if prefersJSON(r.Header.Get("Accept")) {
		writeJSON(w, http.StatusOK, v1MetaOf(img, rendering))
		return nil
	}
	switch rendering.State {
	case charcoal.Ready:
		return a.v1Text(w, r, rendering)
	case charcoal.Failed:
		writeProblem(w, http.StatusUnprocessableEntity,
			v1Problem{Detail: problem.Sentence(rendering.Reason), State: v1States[rendering.State]})
	case charcoal.CanceledState:
		writeProblem(w, http.StatusUnprocessableEntity, v1Problem{Detail: problem.Sentence(canceled), State: v1States[rendering.State]})
	default:
		state := v1States[rendering.State]
		writeProblem(w, http.StatusConflict,
			v1Problem{Detail: problem.Sentence("the art is not ready yet, it is " + state + "; ask again, or add ?wait=10s"), State: state})
	}
	return nil
}

// canceled is the reason why there is no art of a canceled rendering.
const canceled = "the drawing was canceled"

// v1Text holds art in memory, so it takes its share of a common budget, and a
// client that does not read gives that back soon.
func (a *API) v1Text(w http.ResponseWriter, r *http.Request, rendering charcoal.Rendering) error {
	cells := int64(rendering.Result.Cols) * int64(rendering.Result.Rows)
	release, err := a.parts.Room.Cells(r.Context(), caller.Of(r.Context()).Key(), cells)
	if err != nil {
		return err
	}
	defer release()
	art, err := a.parts.Service.Art(r.Context(), rendering)
	if err != nil {
		return err
	}
	text, err := format.Lookup("text")
	if err != nil {
		return err
	}
	const leastRate = 64 << 10 // bytes a second
	allowed := a.cfg.ReadIdle + time.Duration(cells/leastRate)*time.Second
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(allowed)) // not every connection has one
	w.Header().Set("Content-Type", text.MediaType)
	if err := text.Write(w, art, format.Settings{}); err != nil {
		a.log.DebugContext(r.Context(), "the reader of art went away", "err", err)
	}
	return nil
}

// v1Find reads the id and, when asked by ?wait, waits for the art.
func (a *API) v1Find(w http.ResponseWriter, r *http.Request) (charcoal.Image, charcoal.Rendering, error) {
	id, err := charcoal.ParseID(r.PathValue("id"))
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, err
	}
	patience, err := parseWait(r.URL.Query().Get("wait"))
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, err
	}
	if patience > 0 {
		if img, rendering, err := a.await(r.Context(), id, patience); err == nil || charcoal.CodeOf(err) != charcoal.Canceled {
			keepFromOthers(w.Header(), img)
			return img, rendering, err
		}
	}
	img, rendering, err := a.parts.Service.Find(r.Context(), caller.Of(r.Context()).Actor, id)
	keepFromOthers(w.Header(), img)
	return img, rendering, err
}

// keepFromOthers says to caches that others share that not everybody may see an image.
func keepFromOthers(h http.Header, img charcoal.Image) {
	if img.Visibility != charcoal.Public {
		h.Set("Cache-Control", "private")
	}
	h.Add("Vary", "Authorization, Cookie")
}

// await waits for the art, but not when the server stops meanwhile: nobody may
// draw it any more, and the wait would hold up the stop.
func (a *API) await(ctx context.Context, id charcoal.ID, patience time.Duration) (charcoal.Image, charcoal.Rendering, error) {
	ctx, cancel := a.parts.Room.UntilStopping(ctx)
	defer cancel()
	return a.parts.Service.Await(ctx, caller.Of(ctx).Actor, id, patience)
}

// maxWait bounds ?wait; the time for writing a response includes it.
const maxWait = time.Minute

// parseWait reads "10s" or plain seconds.
func parseWait(s string) (time.Duration, error) {
	if s == "" {
		return 0, nil
	}
	wait, err := time.ParseDuration(s)
	if seconds, e := strconv.ParseUint(s, 10, 16); e == nil {
		wait, err = time.Duration(seconds)*time.Second, nil
	}
	if err != nil || wait < 0 || wait > maxWait {
		return 0, charcoal.Errorf(charcoal.Invalid, "wait is a time from 0s to %s, such as 10s, not %q", maxWait, clip(s))
	}
	return wait, nil
}

// v1Metadata is the shape of metadata. Fields that are not known yet are absent.
type v1Metadata struct {
	Filename    string   `json:"filename"`
	Created     float64  `json:"created"` // seconds since 1970
	State       string   `json:"state"`
	ImageType   string   `json:"image_type"`
	ImageSize   []int    `json:"image_size,omitempty"`   // width and height as shown
	ConvertTime *float64 `json:"convert_time,omitempty"` // seconds
	Error       string   `json:"error,omitempty"`
}

func v1MetaOf(img charcoal.Image, r charcoal.Rendering) v1Metadata {
	meta := v1Metadata{
		Filename: img.Filename, Created: float64(img.Created.UnixMicro()) / 1e6,
		State: v1States[r.State], ImageType: img.Format,
	}
	if img.Width > 0 {
		meta.ImageSize = []int{img.Width, img.Height}
	}
	switch r.State {
	case charcoal.Ready:
		seconds := r.Result.ConvertTime.Seconds()
		meta.ConvertTime = &seconds
	case charcoal.Failed:
		meta.Error = r.Reason
	case charcoal.CanceledState:
		meta.Error = canceled
	}
	return meta
}

func (a *API) v1Meta(w http.ResponseWriter, r *http.Request) error {
	img, rendering, err := a.v1Find(w, r)
	if err != nil {
		return err
	}
	nameEngine(w, rendering)
	writeJSON(w, http.StatusOK, v1MetaOf(img, rendering))
	return nil
}

// engineHeader says which engine drew something, with its version: the shapes of
// version 1 have no room for it.
const engineHeader = "Charcoal-Engine"

func nameEngine(w http.ResponseWriter, r charcoal.Rendering) {
	if r.Result.Engine != "" {
		w.Header().Set(engineHeader, r.Result.Engine)
	}
}

// v1Original answers the bytes as uploaded. Their type is one that we know by
// content, and the policy keeps any of them from acting as a page of this site.
func (a *API) v1Original(w http.ResponseWriter, r *http.Request) error {
	id, err := charcoal.ParseID(r.PathValue("id"))
	if err != nil {
		return err
	}
	img, _, err := a.parts.Service.Find(r.Context(), caller.Of(r.Context()).Actor, id)
	if err != nil {
		return err
	}
	blob, err := a.parts.Service.Original(r.Context(), img)
	if err != nil {
		return err
	}
	defer blob.Close()
	h := w.Header()
	keepFromOthers(h, img)
	h.Set("Content-Type", img.MediaType)
	h.Set("Content-Disposition", mime.FormatMediaType("inline", map[string]string{"filename": downloadName(img)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Etag", fmt.Sprintf(`"%x"`, img.SHA256))
	http.ServeContent(w, r, "", img.Created, blob)
	return nil
}

func downloadName(img charcoal.Image) string {
	if img.Filename != "" {
		return img.Filename
	}
	return img.ID.String() + "." + strings.ToLower(img.Format)
}

const pageSize = 1000

// v1List answers ids, newest first. The cursor is the last id of the page before.
func (a *API) v1List(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "private")
	before, err := parseCursor(r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	ids, err := a.parts.Service.List(r.Context(), caller.Of(r.Context()).Actor, before, pageSize+1)
	if err != nil {
		return err
	}
	page := struct {
		Images []charcoal.ID `json:"images"`
		Next   string        `json:"next,omitempty"`
	}{Images: ids}
	if len(ids) > pageSize {
		page.Images = ids[:pageSize]
		page.Next = ids[pageSize-1].String()
	}
	if page.Images == nil {
		page.Images = []charcoal.ID{}
	}
	writeJSON(w, http.StatusOK, page)
	return nil
}

func parseCursor(s string) (charcoal.ID, error) {
	if s == "" {
		return charcoal.ID{}, nil
	}
	id, err := charcoal.ParseID(s)
	if err != nil {
		return id, charcoal.Errorf(charcoal.Invalid, "cursor is the next of the page before, not %q", clip(s))
	}
	return id, nil
}

func (a *API) v1Status(w http.ResponseWriter, r *http.Request) error {
	counts, err := a.parts.Service.Counts(r.Context())
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, struct {
		Errors     int64   `json:"errors"`
		Uploaded   int64   `json:"uploaded_count"`
		QueueDepth int64   `json:"queue_depth"`
		InProgress int64   `json:"in_progress"`
		Ready      int64   `json:"ready"`
		Version    string  `json:"version"`
		Uptime     float64 `json:"uptime"` // seconds
	}{
		counts.Failed, counts.Uploads, counts.Queued, counts.Running, counts.Ready,
		a.cfg.Version, math.Round(time.Since(a.started).Seconds()*1000) / 1000,
	})
	return nil
}
