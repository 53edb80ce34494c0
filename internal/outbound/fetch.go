package outbound

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"

	"github.com/charcoal-art/charcoal"
)

// File is what a URL answered with, being read.
type File struct {
	io.ReadCloser        // the bytes; see [Client.Do] for its errors
	Size          int64  // as announced; -1 when it was not
	Name          string // as the server or else the URL calls it, unclean; "" for none
	MediaType     string // as the server says, not to be trusted
}

// Get fetches a file. Answers other than 200 are errors with the code Unprocessed,
// files over the limit ones with TooLarge, as soon as that is known. The caller
// closes the file.
func (c *Client) Get(ctx context.Context, rawURL string) (*File, error) {
	u, err := c.Check(rawURL)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, charcoal.Errorf(charcoal.Invalid, "it is not a URL").Because(err)
	}
	req.Header.Set("Accept", "image/*, */*;q=0.1")
	resp, err := c.Do(req) //nolint:bodyclose // by the caller, as the file
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if err := c.acceptable(resp); err != nil {
		return nil, withClose(resp.Body, err)
	}
	return &File{
		ReadCloser: resp.Body, Size: resp.ContentLength,
		Name: nameOf(resp), MediaType: resp.Header.Get("Content-Type"),
	}, nil
}

// acceptable refuses what is no file. A coded body could be far larger than it
// looks; it was not asked for.
func (c *Client) acceptable(resp *http.Response) error {
	switch coding := resp.Header.Get("Content-Encoding"); {
	case resp.StatusCode != http.StatusOK:
		return charcoal.Errorf(charcoal.Unprocessed, "the URL answers with status %d and not with a picture", resp.StatusCode)
	case coding != "" && coding != "identity":
		return charcoal.Errorf(charcoal.Unprocessed, "the URL answers with a body in a coding that was not asked for")
	case resp.ContentLength > c.cfg.MaxBytes:
		return charcoal.OverLimit("the file at the URL", c.cfg.MaxBytes, resp.ContentLength, "bytes")
	}
	return nil
}

func withClose(body io.Closer, err error) error {
	_ = body.Close() // nothing was wanted of it
	return err
}

// nameOf is the file name that the server gives (RFC 6266), or else the end of the
// path that answered.
func nameOf(resp *http.Response) string {
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil && params["filename"] != "" {
		return params["filename"]
	}
	return lastOf(resp.Request.URL)
}

func lastOf(u *url.URL) string {
	if name := path.Base(u.Path); name != "." && name != "/" {
		return name
	}
	return ""
}

// body gives errors of reading their codes and ends with TooLarge where it is
// longer than allowed.
type body struct {
	io.ReadCloser
	ctx         context.Context
	left, limit int64
}

func (b *body) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, charcoal.OverLimit("the body of the answer", b.limit, b.limit+1, "bytes")
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n - 1, charcoal.OverLimit("the body of the answer", b.limit, b.limit+1, "bytes")
	}
	if err != nil && err != io.EOF {
		return n, explain(b.ctx, err)
	}
	return n, err
}
