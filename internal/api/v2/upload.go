package v2

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"path"
	"reflect"
	"strings"
	"sync"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/api/schema"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// UploadFields is what may be said about an image that is uploaded.
type UploadFields struct {
	Filename   string   `json:"filename,omitempty" maxlen:"255" doc:"of a picture that comes without one"`
	Title      string   `json:"title,omitempty" maxlen:"200" doc:"what the picture is called"`
	Tags       []string `json:"tags,omitempty" maxlen:"32" itemlen:"64" doc:"words to find it by"`
	Visibility string   `json:"visibility,omitempty" enum:"private,unlisted,public" default:"private" doc:"who may see it: you, who knows its address, or all, who then also find it; private unless given"`
	Expires    *Time    `json:"expires_at,omitempty" format:"date-time" doc:"when it is deleted by itself"`
}

// UploadRequest is a picture to be fetched from elsewhere.
type UploadRequest struct {
	SourceURL string `json:"source_url" format:"uri" maxlen:"2048"`
	UploadFields
	Callback string      `json:"callback_url,omitempty" maxlen:"2048" doc:"a URL to tell when the rendering is final"`
	Options  DrawRequest `json:"options,omitempty"`
}

// UploadResults is what became of several files.
type UploadResults struct {
	Images []UploadResult `json:"images" doc:"in the order of the files"`
}

// UploadResult is what became of one of several files: an image, or a problem.
type UploadResult struct {
	Filename string           `json:"filename"`
	Image    *Image           `json:"image,omitempty"`
	Problem  *problem.Problem `json:"problem,omitempty"`
}

func (a *API) uploadOperation() operation {
	picture := &schema.Schema{Type: "string", Format: "binary"}
	withFile := joined(a.sets.form, schema.Property{
		Name: fileField, Required: true, Schema: &schema.Schema{Type: "string", Format: "binary", Description: "the picture; up to 100 fields of this name, after all others"},
	})
	return operation{
		id: "uploadImage", method: "POST", path: "/v2/images", group: "images", scope: charcoal.ScopeWrite,
		summary: "Upload pictures",
		details: "As a multipart form with one or many fields file, as the body itself, or by naming a URL to fetch from, where the server allows that. With several files, each has a result of its own. Bytes that you uploaded before are not stored again: their image is drawn once more, if need be, and keeps its title, tags and so on, which PATCH changes.",
		body:    reflect.TypeFor[UploadRequest](), querySet: a.sets.upload,
		bodies: []content{
			{"multipart/form-data", withFile}, {"image/*", picture}, {"application/octet-stream", picture},
		},
		headers: []parameter{preferHeader, onceHeader, digestHeader},
		answers: []answer{
			{status: http.StatusAccepted, doc: "stored, and waiting to be drawn", value: reflect.TypeFor[Image](), several: reflect.TypeFor[UploadResults](), headers: []parameter{{"Location", "where it is"}}},
			{status: http.StatusOK, doc: "stored and drawn while you waited", value: reflect.TypeFor[Image](), several: reflect.TypeFor[UploadResults](), headers: []parameter{{"Location", "where it is"}}},
		},
		serve: a.upload,
	}
}

// incoming is one file on its way in.
type incoming struct {
	name   string
	digest *[32]byte // as announced
	size   int64     // at most, as announced; 0: it was not
	body   io.Reader
	source string // the URL that the body comes from, in place of whose bytes it counts; "" when it was sent
	more   bool   // others may follow
}

// batch is the files of a request, and what is said about all of them.
type batch struct {
	draft convert.Upload
	next  func() (incoming, error) // io.EOF at the end
	close func()
	leave func() // gives the place back that receiving takes; again is fine
}

func (a *API) upload(c *call) error {
	if limit := maxFiles*a.cfg.UploadBytes + 2*envelope; c.r.ContentLength > limit {
		return charcoal.OverLimit("the upload", limit, c.r.ContentLength, "bytes")
	}
	patience, err := c.patience(0)
	if err != nil {
		return err
	}
	leave, err := a.Room.Upload(caller.Of(c.r.Context()).Key())
	if err != nil {
		return err
	}
	leave = sync.OnceFunc(leave)
	defer leave()
	b, err := a.openBatch(c)
	if err != nil {
		return err
	}
	b.leave = leave
	defer b.close()
	fp := newFingerprint(c, draftPrint(b.draft))
	read := func() error {
		_, err := a.receive(b, fp, func(convert.Upload) (convert.Submitted, error) {
			return convert.Submitted{}, errNotWanted
		})
		return err
	}
	return c.once(read, func() (reply, error) { return a.store(c, b, fp, patience) }, fp)
}

// errNotWanted leaves a file, which is then only read for its fingerprint.
var errNotWanted = errors.New("only read")

// draftPrint is the meaning of what is said about all files.
func draftPrint(up convert.Upload) any {
	return []any{
		up.Filename, up.Title, up.Tags, up.Visibility, up.Expires.UTC(),
		drawingPrint(convert.Drawing{Options: up.Options, Engine: up.Engine, Callback: up.Callback}),
	}
}

// openBatch reads what comes before the first file.
func (a *API) openBatch(c *call) (batch, error) {
	mediaType, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	switch {
	case err != nil:
	case mediaType == "multipart/form-data":
		return a.openForm(c)
	case mediaType == "application/json":
		return a.openURL(c)
	case strings.HasPrefix(mediaType, "image/"), mediaType == "application/octet-stream":
		return a.openRaw(c)
	}
	return batch{}, errUploadType(c.r)
}

func errUploadType(r *http.Request) error {
	got := "there is no Content-Type"
	if is := r.Header.Get("Content-Type"); is != "" {
		got = fmt.Sprintf("the Content-Type is %q", clip(is))
	}
	return charcoal.Errorf(charcoal.Unsupported,
		"%s; send a form (curl -F file=@cat.jpg), or the picture itself with its type (curl --data-binary @cat.jpg -H 'Content-Type: image/jpeg')", got)
}

func (a *API) openForm(c *call) (batch, error) {
	if c.r.Header.Get("Content-Digest") != "" {
		return batch{}, invalid("header:Content-Digest", "in a form, Content-Digest stands on the part of the file")
	}
	f, err := openForm(c.r, a.sets.form)
	if err != nil {
		return batch{}, err
	}
	draft, err := a.draftOfForm(c, f)
	if err != nil {
		return batch{}, err
	}
	next := func() (incoming, error) {
		file, err := f.file()
		if err != nil {
			return incoming{}, err
		}
		digest, err := parseDigest(file.part.Header["Content-Digest"])
		return incoming{name: file.part.FileName(), digest: digest, size: max(c.r.ContentLength, 0), body: file, more: true}, err
	}
	return batch{draft: draft, next: next, close: func() {}}, nil
}

// draftOfForm takes the query, over it the JSON in options, and over that the fields.
func (a *API) draftOfForm(c *call, f *form) (convert.Upload, error) {
	values, err := a.fromText(c.r.URL.Query(), a.sets.upload, "query:")
	if err != nil {
		return convert.Upload{}, err
	}
	if err := a.mergeForm(f, a.sets.upload, values); err != nil {
		return convert.Upload{}, err
	}
	return a.draft(c, values, f.where())
}

// mergeForm puts over values what a form says: the JSON in options, and over that
// the fields.
func (a *API) mergeForm(f *form, set *schema.Schema, values map[string]any) error {
	options, err := oneValue(f.fields, "options", "form:")
	if err != nil {
		return err
	}
	if options != "" {
		more, err := a.optionsJSON(options)
		if err != nil {
			return err
		}
		maps.Copy(values, more)
	}
	f.fields.Del("options")
	fields, err := a.fromText(f.fields, set, "form:")
	maps.Copy(values, fields)
	return err
}

func (a *API) optionsJSON(text string) (DrawRequest, error) {
	value, err := parseJSON([]byte(text))
	if err != nil {
		return nil, err
	}
	var req DrawRequest
	return req, a.fill(&req, a.sets.draw, value, "form:options/")
}

func (a *API) openRaw(c *call) (batch, error) {
	if c.r.ContentLength > a.cfg.UploadBytes {
		return batch{}, charcoal.OverLimit("the file", a.cfg.UploadBytes, c.r.ContentLength, "bytes")
	}
	values, err := a.fromText(c.r.URL.Query(), a.sets.upload, "query:")
	if err != nil {
		return batch{}, err
	}
	draft, err := a.draft(c, values, "query:")
	if err != nil {
		return batch{}, err
	}
	in, err := rawFile(c.r)
	if err != nil {
		return batch{}, err
	}
	in.name = or(draft.Filename, in.name)
	return batch{draft: draft, next: once(in), close: func() {}}, nil
}

// rawFile is the body as a file.
func rawFile(r *http.Request) (incoming, error) {
	digest, err := parseDigest(r.Header.Values("Content-Digest"))
	if err != nil {
		return incoming{}, err
	}
	in := incoming{digest: digest, size: max(r.ContentLength, 0), body: r.Body}
	if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil {
		in.name = params["filename"]
	}
	return in, nil
}

// once hands out one file.
func once(in incoming) func() (incoming, error) {
	given := false
	return func() (incoming, error) {
		if given {
			return incoming{}, io.EOF
		}
		given = true
		return in, nil
	}
}

// openURL reads a request to fetch a picture.
func (a *API) openURL(c *call) (batch, error) {
	if c.r.URL.RawQuery != "" {
		return batch{}, invalid("query:", "with a JSON body, options stand in the body, not in the query")
	}
	var req UploadRequest
	if err := c.decodeBody(&req); err != nil {
		return batch{}, err
	}
	if a.Fetcher == nil {
		return batch{}, charcoal.Errorf(charcoal.Forbidden, "this server does not fetch pictures from elsewhere; upload the file itself")
	}
	if req.Callback != "" {
		if err := a.Webhooks.CheckURL("/callback_url", req.Callback); err != nil {
			return batch{}, err
		}
	}
	draft := describedBy(c, req.UploadFields)
	d, err := a.drawing(c.r.Context(), c.actor, req.Options, "/options/")
	if err != nil {
		return batch{}, err
	}
	draft.Options, draft.Engine, draft.Callback = d.Options, d.Engine, or(req.Callback, d.Callback)
	body := &lazyURL{ctx: c.r.Context(), api: a, url: req.SourceURL}
	in := incoming{name: or(req.Filename, urlName(req.SourceURL)), body: body, source: req.SourceURL}
	return batch{draft: draft, next: once(in), close: body.close}, nil
}

// urlName is the last part of the path of a URL.
func urlName(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return path.Base(u.Path)
}

// draft is what values say about the images and their drawing.
func (a *API) draft(c *call, values map[string]any, where string) (convert.Upload, error) {
	if err := issuesError(a.schemas.Check(a.sets.upload, values), where); err != nil {
		return convert.Upload{}, err
	}
	about, req := split(values, a.sets.about)
	var said UploadFields
	if err := a.fill(&said, a.sets.about, about, where); err != nil {
		return convert.Upload{}, err
	}
	up := describedBy(c, said)
	d, err := a.drawing(c.r.Context(), c.actor, req, where)
	up.Options, up.Engine, up.Callback = d.Options, d.Engine, d.Callback
	return up, err
}

// split tells the values that a schema knows from the options of a drawing.
func split(values map[string]any, own *schema.Schema) (about map[string]any, req DrawRequest) {
	about, req = make(map[string]any), make(DrawRequest)
	for name, v := range values {
		if own.Property(name) != nil {
			about[name] = v
		} else {
			req[name] = v
		}
	}
	return about, req
}

func describedBy(c *call, f UploadFields) convert.Upload {
	up := convert.Upload{
		Actor: c.actor, Filename: f.Filename, Title: f.Title, Tags: f.Tags,
		Visibility: charcoal.Visibility(f.Visibility), Join: true,
	}
	if f.Expires != nil {
		up.Expires = f.Expires.Time
	}
	return up
}

// parseDigest reads a Content-Digest header (RFC 9530, section 2), a dictionary of
// structured fields, of which sha-256 is the one that is checked.
func parseDigest(lines []string) (*[32]byte, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	for member := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(member), "=")
		if !strings.EqualFold(name, "sha-256") {
			continue
		}
		value, front := strings.CutPrefix(value, ":")
		value, back := strings.CutSuffix(value, ":")
		sum, err := base64.StdEncoding.DecodeString(value)
		if !front || !back || err != nil || len(sum) != sha256.Size {
			break
		}
		return (*[32]byte)(sum), nil
	}
	return nil, invalid("header:Content-Digest", "Content-Digest is checked as sha-256=:BASE64:, with the 32 bytes of the digest")
}
