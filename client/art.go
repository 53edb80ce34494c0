package client

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"
)

// Art draws an image with options, unless it was drawn so before, waits for that
// and returns the art; with no options, that of its newest rendering. The format is
// a name or an extension: "text", "ansi", "html", "svg", "png", … The caller closes
// the art. Who may see an image but not change it can only have what was drawn.
func (c *Client) Art(ctx context.Context, imageID, format string, o DrawOptions) (io.ReadCloser, error) {
	path, err := artPath("images", imageID, format)
	if err != nil {
		return nil, err
	}
	values, err := o.values()
	if err != nil {
		return nil, err
	}
	k := call{method: http.MethodGet, path: path, query: values, header: http.Header{"Accept": {"*/*"}}}
	if err := setWait(k.header, longPoll); err != nil {
		return nil, err
	}
	return c.awaitArt(ctx, k)
}

// awaitArt asks again while the answer is that it is not ready.
func (c *Client) awaitArt(ctx context.Context, k call) (io.ReadCloser, error) {
	for {
		resp, err := c.do(ctx, k)
		if err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusAccepted {
			return c.stream(resp), nil
		}
		resp.Body.Close()
		pause := retryAfter(resp.Header.Get("Retry-After"), time.Now())
		if !sleep(ctx, min(max(pause, firstPause/2), c.options.MaxPause)) {
			return nil, context.Cause(ctx)
		}
	}
}

// RenderingArt returns the art of a rendering that is ready, in a format as
// [Client.Art] takes it. The caller closes it.
func (c *Client) RenderingArt(ctx context.Context, renderingID, format string) (io.ReadCloser, error) {
	path, err := artPath("renderings", renderingID, format)
	if err != nil {
		return nil, err
	}
	resp, err := c.do(ctx, call{method: http.MethodGet, path: path, header: http.Header{"Accept": {"*/*"}}})
	if err != nil {
		return nil, err
	}
	return c.stream(resp), nil
}

func artPath(kind, id, format string) (string, error) {
	if !formatName.MatchString(format) {
		return "", fmt.Errorf("%.40q is no format", format)
	}
	if format == "text" {
		format = "txt"
	}
	return of(kind, id, "art."+format)
}

var formatName = regexp.MustCompile(`^[a-z0-9]{1,16}$`)

// values are options as a query has them.
func (o DrawOptions) values() (url.Values, error) {
	object, err := o.object()
	if err != nil {
		return nil, err
	}
	values := url.Values{}
	for name, value := range object {
		if values[name], err = words(value); err != nil {
			return nil, fmt.Errorf("the option %s: %w", name, err)
		}
	}
	return values, nil
}

func words(value any) ([]string, error) {
	switch v := value.(type) {
	case string:
		return []string{v}, nil
	case []string:
		return []string{joined(v)}, nil
	case []any:
		var all []string
		for _, item := range v {
			all = append(all, fmt.Sprint(item))
		}
		return []string{joined(all)}, nil
	case map[string]any: // a rectangle
		return []string{fmt.Sprintf("%v,%v,%v,%v", v["x"], v["y"], v["width"], v["height"])}, nil
	case Rectangle:
		return []string{fmt.Sprintf("%v,%v,%v,%v", v.X, v.Y, v.Width, v.Height)}, nil
	case float64:
		return []string{strconv.FormatFloat(v, 'f', -1, 64)}, nil
	}
	raw, err := json.Marshal(value)
	return []string{string(raw)}, err
}

// ConvertOptions are how a picture is drawn that is not stored.
type ConvertOptions struct {
	Format string // "text" or another name; "": text
	Draw   DrawOptions
}

// Convert draws a picture without storing anything and returns the art, which the
// caller closes.
func (c *Client) Convert(ctx context.Context, picture io.Reader, o ConvertOptions) (io.ReadCloser, error) {
	values := url.Values{}
	if o.Format != "" {
		values.Set("format", o.Format)
	}
	k, err := convertCall(picture, o.Draw, values)
	if err != nil {
		return nil, err
	}
	k.header.Set("Accept", "*/*")
	resp, err := c.do(ctx, k)
	if err != nil {
		return nil, err
	}
	return c.stream(resp), nil
}

// Inspection is what a picture is, and what drawing it would take.
type Inspection struct {
	Type    string      `json:"type"` // "image/png"
	Format  string      `json:"format"`
	Width   int         `json:"width"`
	Height  int         `json:"height"`
	Frames  int         `json:"frames"`
	Bytes   int64       `json:"bytes"`
	Cells   int64       `json:"cells"`
	Cols    int         `json:"cols"`
	Rows    int         `json:"rows"`
	Memory  int64       `json:"memory_bytes"` // that decoding and drawing take; 0: not known
	Engine  string      `json:"engine"`
	Options DrawOptions `json:"options"` // with all defaults
}

// Inspect tells what a picture is and what drawing it would take, without drawing.
func (c *Client) Inspect(ctx context.Context, picture io.Reader, o DrawOptions) (*Inspection, error) {
	k, err := convertCall(picture, o, url.Values{"dry_run": {"true"}})
	if err != nil {
		return nil, err
	}
	in := new(Inspection)
	if err := c.json(ctx, k, in); err != nil {
		return nil, err
	}
	return in, nil
}

func convertCall(picture io.Reader, o DrawOptions, values url.Values) (call, error) {
	k := call{method: http.MethodPost, path: "convert", query: values, header: http.Header{}}
	var said fields
	if err := said.options(o); err != nil {
		return k, err
	}
	f, err := newForm(said, sourceOf(picture, "picture"), nil)
	if err != nil {
		return k, fmt.Errorf("make the form: %w", err)
	}
	return f.on(k, nil), nil
}
