package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Draw has an image drawn with options. When it was drawn with the same before,
// that rendering is returned.
func (c *Client) Draw(ctx context.Context, imageID string, o DrawOptions) (*Rendering, error) {
	path, err := of("images", imageID, "renderings")
	if err != nil {
		return nil, err
	}
	object, err := o.object()
	if err != nil {
		return nil, err
	}
	k, err := call{method: http.MethodPost, path: path}.withJSON(object)
	if err != nil {
		return nil, err
	}
	return c.rendering(ctx, k)
}

// Rendering returns a rendering as it is now.
func (c *Client) Rendering(ctx context.Context, id string) (*Rendering, error) {
	return c.renderingCall(ctx, http.MethodGet, id, 0)
}

// Cancel stops a rendering that is not final.
func (c *Client) Cancel(ctx context.Context, id string) (*Rendering, error) {
	return c.renderingCall(ctx, http.MethodPost, id, 0, "cancel")
}

// Retry has a rendering drawn again that failed or was canceled.
func (c *Client) Retry(ctx context.Context, id string) (*Rendering, error) {
	return c.renderingCall(ctx, http.MethodPost, id, 0, "retry")
}

// DeleteRendering deletes a rendering for good. The last one of an image goes only
// with the image.
func (c *Client) DeleteRendering(ctx context.Context, id string) error {
	path, err := of("renderings", id)
	if err != nil {
		return err
	}
	return c.json(ctx, call{method: http.MethodDelete, path: path}, nil)
}

func (c *Client) renderingCall(ctx context.Context, method, id string, wait time.Duration, more ...string) (*Rendering, error) {
	path, err := of("renderings", id, more...)
	if err != nil {
		return nil, err
	}
	k := call{method: method, path: path, header: http.Header{}, unsafe: method == http.MethodPost}
	if err := setWait(k.header, wait); err != nil {
		return nil, err
	}
	return c.rendering(ctx, k)
}

func (c *Client) rendering(ctx context.Context, k call) (*Rendering, error) {
	r := new(Rendering)
	if err := c.json(ctx, k, r); err != nil {
		return nil, err
	}
	return r, nil
}

// Renderings goes through the renderings of an image, newest first. It ends with
// the first error.
func (c *Client) Renderings(ctx context.Context, imageID string) iter.Seq2[*Rendering, error] {
	type page struct {
		Renderings []*Rendering `json:"renderings"`
		Next       string       `json:"next"`
	}
	return pages(func(values url.Values) ([]*Rendering, string, error) {
		path, err := of("images", imageID, "renderings")
		if err != nil {
			return nil, "", err
		}
		var p page
		err = c.json(ctx, call{method: http.MethodGet, path: path, query: values}, &p)
		return p.Renderings, p.Next, err
	}, url.Values{})
}

// longPoll is how long one request waits: shorter than the minute after which many
// a proxy gives up.
const longPoll = 30 * time.Second

// Await returns a rendering once it is final, which [Rendering.Err] tells more of.
func (c *Client) Await(ctx context.Context, id string) (*Rendering, error) {
	for attempt := 1; ; attempt++ {
		begin := time.Now()
		r, err := c.renderingCall(ctx, http.MethodGet, id, longPoll)
		if err != nil || r.State.Final() {
			return r, err
		}
		if time.Since(begin) >= longPoll/2 {
			attempt = 0 // it waited; the next may ask at once
			continue
		}
		if !sleep(ctx, firstPause/2+backoff(attempt, 5*time.Second)) { // a server that stops, or does not wait
			return nil, context.Cause(ctx)
		}
	}
}
