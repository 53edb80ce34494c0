package v2

import (
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
)

func (a *API) imageOperations() []operation {
	return []operation{
		a.uploadOperation(),
		withQuery(operation{
			id: "searchImages", method: "GET", path: "/v2/images", group: "images",
			summary: "Find images",
			details: "Who is signed in finds their own unless owner says otherwise; others find what is public. Pages go on where the one before ended, whatever is added meanwhile: follow next, or the Link header.",
			answers: []answer{{status: http.StatusOK, doc: "a page", value: typeOf[ImagePage](), headers: []parameter{{"Link", `the next page: <…>; rel="next"`}}}},
		}, a.search),
		{
			id: "getImage", method: "GET", path: "/v2/images/{id}", group: "images",
			summary: "Show an image", answers: []answer{ok[Image]("the image with its newest rendering")}, serve: a.showImage,
		},
		withBody(operation{
			id: "editImage", method: "PATCH", path: "/v2/images/{id}", group: "images", scope: charcoal.ScopeWrite,
			summary: "Change what is said about an image", details: "What is absent stays.",
			answers: []answer{ok[Image]("the image as it is now")},
		}, a.editImage),
		{
			id: "deleteImage", method: "DELETE", path: "/v2/images/{id}", group: "images", scope: charcoal.ScopeWrite,
			summary: "Put an image into the bin", details: "It can be restored for a while, and is removed for good after that.",
			answers: []answer{nothing("it is in the bin")}, serve: a.deleteImage,
		},
		{
			id: "restoreImage", method: "POST", path: "/v2/images/{id}/restore", group: "images", scope: charcoal.ScopeWrite,
			summary: "Take an image out of the bin", answers: []answer{ok[Image]("the image")}, serve: a.restoreImage,
		},
		{
			id: "getOriginal", method: "GET", path: "/v2/images/{id}/original", group: "images",
			summary: "Fetch the picture as uploaded", details: "With ranges and conditions.",
			headers: []parameter{{"Range", "a part of it"}, {"If-None-Match", "an ETag that you have"}},
			answers: []answer{
				{status: http.StatusOK, doc: "the bytes", contents: []string{"image/*"}},
				{status: http.StatusPartialContent, doc: "a part of them", contents: []string{"image/*"}},
				{status: http.StatusNotModified, doc: "you have it"},
			},
			serve: a.original,
		},
	}
}

// ImagePage is a part of what a search found.
type ImagePage struct {
	Images []Image `json:"images"`
	Next   string  `json:"next,omitempty" doc:"the address of the next page; absent at the end"`
}

// SearchQuery is what images can be found by.
type SearchQuery struct {
	Text        string   `json:"q,omitempty" maxlen:"200" doc:"words, each matched by its beginning, in title, file name and tags"`
	State       []string `json:"state,omitempty" enum:"queued,running,ready,failed,canceled" doc:"of the newest rendering"`
	Type        []string `json:"type,omitempty" maxlen:"32" itemlen:"40" doc:"formats, such as PNG, or media types, such as image/png"`
	Tag         []string `json:"tag,omitempty" maxlen:"32" itemlen:"64" doc:"all of them"`
	Owner       string   `json:"owner,omitempty" maxlen:"36" doc:"me, any, or the id of a user"`
	Visibility  string   `json:"visibility,omitempty" enum:"private,unlisted,public"`
	CreatedFrom *Time    `json:"created_from,omitempty" format:"date-time"`
	CreatedTo   *Time    `json:"created_to,omitempty" format:"date-time"`
	WidthMin    *int64   `json:"width_min,omitempty" min:"0" doc:"pixels"`
	WidthMax    *int64   `json:"width_max,omitempty" min:"0"`
	HeightMin   *int64   `json:"height_min,omitempty" min:"0"`
	HeightMax   *int64   `json:"height_max,omitempty" min:"0"`
	BytesMin    *int64   `json:"bytes_min,omitempty" min:"0"`
	BytesMax    *int64   `json:"bytes_max,omitempty" min:"0"`
	SimilarTo   string   `json:"similar_to,omitempty" format:"uuid" doc:"the id of an image that it looks like"`
	Distance    *int     `json:"distance,omitempty" min:"0" max:"12" default:"8" doc:"in how many bits of the hash it may differ from that"`
	Sort        string   `json:"sort,omitempty" enum:"created,bytes,width,height,title" default:"created"`
	Order       string   `json:"order,omitempty" enum:"asc,desc" default:"desc"`
	Limit       int      `json:"limit,omitempty" min:"1" max:"200" default:"50"`
	Cursor      string   `json:"cursor,omitempty" maxlen:"1024" doc:"where to go on: from the next of the page before"`
	Deleted     bool     `json:"deleted,omitempty" doc:"what is in your bin, in place of what is not"`
}

const (
	defaultPage     = 50
	defaultDistance = 8
)

func (a *API) search(c *call, s SearchQuery) error {
	q, err := a.query(c, s)
	if err != nil {
		return err
	}
	page, err := a.Images.Search(c.r.Context(), q)
	if err != nil {
		return err
	}
	views, err := a.views(c.r.Context(), page.Images...)
	if err != nil {
		return err
	}
	return c.json(ImagePage{Images: views, Next: c.next(page.Next)})
}

// next makes the address of the next page, and says it in the header as well.
func (c *call) next(cursor string) string {
	if cursor == "" {
		return ""
	}
	query := c.r.URL.Query()
	query.Set("cursor", cursor)
	next := (&url.URL{Path: c.r.URL.Path, RawQuery: query.Encode()}).String()
	c.w.Header().Set("Link", "<"+next+`>; rel="next"`)
	return next
}

// query translates a search.
func (a *API) query(c *call, s SearchQuery) (charcoal.Query, error) {
	q := charcoal.Query{
		Viewer: c.actor, Text: s.Text, Types: formatNames(s.Type), Visibility: charcoal.Visibility(s.Visibility),
		Created: charcoal.Range{Min: micros(s.CreatedFrom), Max: micros(s.CreatedTo)},
		Width:   charcoal.Range{Min: s.WidthMin, Max: s.WidthMax}, Height: charcoal.Range{Min: s.HeightMin, Max: s.HeightMax},
		Bytes: charcoal.Range{Min: s.BytesMin, Max: s.BytesMax}, Binned: s.Deleted,
		Sort: charcoal.Sort(or(s.Sort, string(charcoal.ByCreated))), Descending: s.Order != "asc",
		Limit: defaultPage, After: s.Cursor,
	}
	if s.Limit > 0 {
		q.Limit = s.Limit
	}
	for _, state := range s.State {
		q.States = append(q.States, charcoal.State(state))
	}
	var err error
	if q.Tags, err = charcoal.CleanTags(s.Tag); err != nil {
		return q, err
	}
	if q.Owner, err = ownerOf(c.actor, s.Owner); err != nil {
		return q, err
	}
	if q.Binned && !c.actor.Admin() {
		if err := c.actor.Need(charcoal.ScopeRead); err != nil {
			return q, err
		}
		q.Owner = &c.actor.User // the bin of others is nobody's business, even where they were public
	}
	return q, a.similar(c, s, &q)
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func micros(t *Time) *int64 {
	if t == nil {
		return nil
	}
	n := t.UnixMicro()
	return &n
}

// formatNames makes of media types the names of formats.
func formatNames(types []string) []string {
	var names []string
	for _, t := range types {
		if t != "" {
			names = append(names, strings.ToUpper(strings.TrimPrefix(t, "image/")))
		}
	}
	return names
}

// ownerOf is whose images to look through; nil for everybody's.
func ownerOf(actor charcoal.Actor, word string) (*charcoal.ID, error) {
	mine := actor.SignedIn() || actor.Open
	switch {
	case word == "any", word == "" && !mine:
		return nil, nil
	case word == "me" && !mine:
		return nil, actor.Need(charcoal.ScopeRead)
	case word == "", word == "me":
		return &actor.User, nil
	}
	id, err := charcoal.ParseID(word)
	if err != nil {
		return nil, invalid("query:owner", "owner is me, any or the id of a user, not %q", clip(word))
	}
	return &id, nil
}

func (a *API) similar(c *call, s SearchQuery, q *charcoal.Query) error {
	if s.SimilarTo == "" {
		if s.Distance != nil {
			return invalid("query:distance", "distance goes with similar_to")
		}
		return nil
	}
	id, err := charcoal.ParseID(s.SimilarTo)
	if err != nil {
		return err
	}
	img, _, err := a.Images.Image(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	if img.Hash == 0 {
		return charcoal.Errorf(charcoal.Conflict, "how the image looks is not known yet: it was not drawn so far, or is of one colour")
	}
	q.SimilarTo, q.Distance = img.Hash, defaultDistance
	if s.Distance != nil {
		q.Distance = *s.Distance
	}
	return nil
}

func (a *API) showImage(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	img, r, err := a.Images.Image(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return a.answerImage(c, img, r)
}

func (a *API) answerImage(c *call, img charcoal.Image, r charcoal.Rendering) error {
	view, err := a.view(c.r.Context(), img, r)
	if err != nil {
		return err
	}
	return c.json(view)
}

// ImageEdit is a change to what is said about an image.
type ImageEdit struct {
	Title      *string   `json:"title,omitempty" maxlen:"200" doc:"up to 200 bytes, one line"`
	Tags       *[]string `json:"tags,omitempty" maxlen:"32" itemlen:"64"`
	Visibility *string   `json:"visibility,omitempty" enum:"private,unlisted,public"`
	Expires    expiry    `json:"expires_at,omitzero" null:"true" format:"date-time" doc:"null: never"`
}

// expiry is a time that may be absent, or null for never.
type expiry struct {
	set bool
	at  time.Time
}

// UnmarshalText implements [encoding.TextUnmarshaler], which says that it is text.
func (e *expiry) UnmarshalText(text []byte) (err error) {
	e.set = true
	e.at, err = time.Parse(time.RFC3339, string(text))
	return err
}

// UnmarshalJSON implements [json.Unmarshaler].
func (e *expiry) UnmarshalJSON(raw []byte) error {
	e.set = true
	return e.at.UnmarshalJSON(raw) // null leaves it
}

func (a *API) editImage(c *call, e ImageEdit) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	edit := charcoal.ImageEdit{Title: e.Title, Tags: e.Tags, Visibility: (*charcoal.Visibility)(e.Visibility)}
	if e.Expires.set {
		edit.Expires = &e.Expires.at
	}
	if err := c.actor.Need(charcoal.ScopeRead); err != nil {
		return err // who could not be answered changes nothing
	}
	if _, err := a.Images.Edit(c.r.Context(), c.actor, id, edit); err != nil {
		return err
	}
	return a.showImage(c)
}

func (a *API) deleteImage(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.Images.Delete(c.r.Context(), c.actor, id); err != nil {
		return err
	}
	return c.done()
}

func (a *API) restoreImage(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := c.actor.Need(charcoal.ScopeRead); err != nil {
		return err // who could not be answered changes nothing
	}
	if _, err := a.Images.Restore(c.r.Context(), c.actor, id); err != nil {
		return err
	}
	return a.showImage(c)
}

// original answers the bytes as uploaded. Their type is one that we know by
// content, and the policy keeps any of them from acting as a page of this site.
func (a *API) original(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	img, _, err := a.Images.Image(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	blob, err := a.Images.Original(c.r.Context(), img)
	if err != nil {
		return err
	}
	defer blob.Close()
	if err := c.checkRange(blob.Size()); err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", img.MediaType)
	h.Set("Content-Disposition", disposition("inline", originalName(img)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Etag", fmt.Sprintf(`"%x"`, img.SHA256))
	cachePolicy(h, img)
	http.ServeContent(c.w, c.r, "", img.Created, blob)
	return nil
}

// checkRange refuses a range beyond the end, before the library does in its own words.
// Several ranges at once are not taken: then all of it is sent, as RFC 9110, section
// 14.2, allows.
func (c *call) checkRange(size int64) error {
	if strings.Contains(c.r.Header.Get("Range"), ",") {
		c.r.Header.Del("Range")
	}
	if _, _, kind := parseRange(c.r.Header.Get("Range"), size); kind == rangeBeyond && c.r.Header.Get("If-Range") == "" {
		c.w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return charcoal.Errorf(problem.RangeNotSatisfiable, "there are %d bytes, none of which the range covers", size)
	}
	return nil
}

func originalName(img charcoal.Image) string {
	return or(img.Filename, img.ID.String()+"."+strings.ToLower(img.Format))
}

// disposition writes a header that holds a file name of any characters.
func disposition(kind, name string) string {
	return mime.FormatMediaType(kind, map[string]string{"filename": name})
}

// cachePolicy lets browsers keep what does not change. What is not public must not
// be kept where others could find it; and what is public can be made private.
func cachePolicy(h http.Header, img charcoal.Image) {
	kind := "private"
	if img.Visibility == charcoal.Public {
		kind = "public"
	}
	h.Set("Cache-Control", kind+", max-age="+strconv.Itoa(cacheSeconds))
	h.Add("Vary", "Authorization, Cookie")
}

// cacheSeconds is how long after an image was made private it may still be shown
// by caches.
const cacheSeconds = 300
