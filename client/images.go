package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Image returns an image with its newest rendering.
func (c *Client) Image(ctx context.Context, id string) (*Image, error) {
	return c.image(ctx, http.MethodGet, id)
}

// Restore takes an image out of the bin.
func (c *Client) Restore(ctx context.Context, id string) (*Image, error) {
	return c.image(ctx, http.MethodPost, id, "restore")
}

func (c *Client) image(ctx context.Context, method, id string, more ...string) (*Image, error) {
	path, err := of("images", id, more...)
	if err != nil {
		return nil, err
	}
	img := new(Image)
	if err := c.json(ctx, call{method: method, path: path, unsafe: method == http.MethodPost}, img); err != nil {
		return nil, err
	}
	return img, nil
}

// Delete puts an image into the bin, out of which it can be restored for a time
// that the server tells in its limits.
func (c *Client) Delete(ctx context.Context, id string) error {
	path, err := of("images", id)
	if err != nil {
		return err
	}
	return c.json(ctx, call{method: http.MethodDelete, path: path}, nil)
}

// Edit is a change to what is said about an image. Nil leaves a field as it is.
type Edit struct {
	Title      *string
	Tags       []string // not nil but empty removes all
	Visibility *Visibility
	Expires    *time.Time // the zero time: never
}

// MarshalJSON implements [json.Marshaler].
func (e Edit) MarshalJSON() ([]byte, error) {
	object := map[string]any{}
	if e.Title != nil {
		object["title"] = *e.Title
	}
	if e.Tags != nil {
		object["tags"] = e.Tags
	}
	if e.Visibility != nil {
		object["visibility"] = *e.Visibility
	}
	if e.Expires != nil {
		object["expires_at"] = nil
		if !e.Expires.IsZero() {
			object["expires_at"] = e.Expires.UTC()
		}
	}
	return json.Marshal(object)
}

// Edit changes what is said about an image and returns it as it is then.
func (c *Client) Edit(ctx context.Context, id string, e Edit) (*Image, error) {
	path, err := of("images", id)
	if err != nil {
		return nil, err
	}
	k, err := call{method: http.MethodPatch, path: path}.withJSON(e)
	if err != nil {
		return nil, err
	}
	img := new(Image)
	if err := c.json(ctx, k, img); err != nil {
		return nil, err
	}
	return img, nil
}

// Original returns the picture as it was uploaded. The caller closes it.
func (c *Client) Original(ctx context.Context, id string) (io.ReadCloser, error) {
	path, err := of("images", id, "original")
	if err != nil {
		return nil, err
	}
	resp, err := c.do(ctx, call{method: http.MethodGet, path: path, header: http.Header{"Accept": {"*/*"}}})
	if err != nil {
		return nil, err
	}
	return c.stream(resp), nil
}

// stream is a body of bounded length.
func (c *Client) stream(resp *http.Response) io.ReadCloser {
	return struct {
		io.Reader
		io.Closer
	}{&bounded{resp.Body, c.options.MaxBody}, resp.Body}
}

// Query asks for images. Its zero fields do not restrict.
type Query struct {
	Text       string   // words, each matched by its beginning, in title, file name and tags
	States     []State  // of the newest rendering: any of them
	Types      []string // "PNG" or "image/png": any of them
	Tags       []string // all of them
	Owner      string   // "me", "any" or an id; "": me when signed in, otherwise any
	Visibility Visibility
	Deleted    bool // what is in the bin, in place of what is not

	CreatedFrom, CreatedTo time.Time // ends included, as all below
	WidthMin, WidthMax     int
	HeightMin, HeightMax   int
	BytesMin, BytesMax     int64

	SimilarTo string // the id of an image that it looks like
	Distance  int    // from 1, in how many bits of the hash it may differ; 0: the server's default

	Sort      string // "created", "bytes", "width", "height" or "title"; "": created
	Ascending bool
	PageSize  int // from 1 to 200; 0: 50
}

func (q Query) values() url.Values {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	number := func(name string, n int64) {
		if n != 0 {
			v.Set(name, strconv.FormatInt(n, 10))
		}
	}
	at := func(name string, t time.Time) {
		if !t.IsZero() {
			v.Set(name, t.UTC().Format(time.RFC3339Nano))
		}
	}
	set("q", q.Text)
	for _, s := range q.States {
		v.Add("state", string(s))
	}
	for _, t := range q.Types {
		v.Add("type", t)
	}
	for _, t := range q.Tags {
		v.Add("tag", t)
	}
	set("owner", q.Owner)
	set("visibility", string(q.Visibility))
	at("created_from", q.CreatedFrom)
	at("created_to", q.CreatedTo)
	number("width_min", int64(q.WidthMin))
	number("width_max", int64(q.WidthMax))
	number("height_min", int64(q.HeightMin))
	number("height_max", int64(q.HeightMax))
	number("bytes_min", q.BytesMin)
	number("bytes_max", q.BytesMax)
	set("similar_to", q.SimilarTo)
	number("distance", int64(q.Distance))
	set("sort", q.Sort)
	number("limit", int64(q.PageSize))
	if q.Ascending {
		v.Set("order", "asc")
	}
	if q.Deleted {
		v.Set("deleted", "true")
	}
	return v
}

// Search goes through all images that the query finds, fetching a page at a time.
// It ends with the first error. Pages go on where the one before ended, whatever is
// added or removed meanwhile.
func (c *Client) Search(ctx context.Context, q Query) iter.Seq2[*Image, error] {
	type page struct {
		Images []*Image `json:"images"`
		Next   string   `json:"next"`
	}
	return pages(func(values url.Values) ([]*Image, string, error) {
		var p page
		err := c.json(ctx, call{method: http.MethodGet, path: "images", query: values}, &p)
		return p.Images, p.Next, err
	}, q.values())
}

// pages goes through the items of all pages.
func pages[T any](fetch func(url.Values) (items []T, next string, err error), values url.Values) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		values := cloneValues(values) // each range over the sequence begins at the first page
		for {
			items, next, err := fetch(values)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range items {
				if !yield(item, nil) {
					return
				}
			}
			if next == "" {
				return
			}
			if err := advance(values, next); err != nil {
				var none T
				yield(none, err)
				return
			}
		}
	}
}

func cloneValues(v url.Values) url.Values {
	clone := url.Values{}
	for name, all := range v {
		clone[name] = append([]string(nil), all...)
	}
	return clone
}

// advance takes the cursor of the address of the next page. The address itself is
// not followed: where requests go is for the user of the client to say.
func advance(values url.Values, next string) error {
	u, err := url.Parse(next)
	if err != nil {
		return errors.New("the server names no next page that makes sense")
	}
	cursor := u.Query().Get("cursor")
	if cursor == "" || cursor == values.Get("cursor") {
		return fmt.Errorf("the server leads in a circle of pages at the cursor %.60q", cursor)
	}
	values.Set("cursor", cursor)
	return nil
}
