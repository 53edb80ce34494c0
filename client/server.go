package client

import (
	"context"
	"io"
	"net/http"
	"time"
)

// Capabilities is what a server can do, and its limits.
type Capabilities struct {
	Version  string             `json:"version"`
	Engines  []string           `json:"engines"` // by name, the default first
	Formats  []Format           `json:"formats"`
	Glyphs   []string           `json:"glyphs"`
	Colors   []string           `json:"colors"`
	Tones    []string           `json:"tones"`
	Dithers  []string           `json:"dithers"`
	Targets  []Target           `json:"targets"`
	Limits   map[string]float64 `json:"limits"` // by name: "upload_bytes", …; the page /docs of the server explains them
	Auth     Auth               `json:"auth"`
	Features map[string]bool    `json:"features"` // by name: "source_url", "webhooks"
}

// Format is one way to write art.
type Format struct {
	Name      string `json:"name"`
	Extension string `json:"ext"`
	MediaType string `json:"media_type"`
	Notes     string `json:"notes"`
}

// Target is a place that drawings can be made for.
type Target struct {
	Name   string `json:"name"`
	Notes  string `json:"notes"`
	Format string `json:"format"`
	Cols   int    `json:"cols"` // the widest that fits; 0: any
}

// Auth is how people sign in.
type Auth struct {
	Mode     string `json:"mode"`     // "open": nobody has to; or "required"
	Register bool   `json:"register"` // whether anybody may make an account
	OIDC     bool   `json:"oidc"`     // whether one can sign in by another service
}

// Capabilities asks the server what it can do.
func (c *Client) Capabilities(ctx context.Context) (*Capabilities, error) {
	caps := new(Capabilities)
	if err := c.json(ctx, call{method: http.MethodGet, path: "capabilities"}, caps); err != nil {
		return nil, err
	}
	return caps, nil
}

// Usage is what an account used of what it may.
type Usage struct {
	Period   string    `json:"period"` // "day"
	ResetsAt time.Time `json:"resets_at"`
	Quotas   []Quota   `json:"quotas"`
	Rate     *Rate     `json:"rate"` // of requests; nil where there is no limit
}

// Quota is one thing that is counted.
type Quota struct {
	Name  string `json:"name"`
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit"` // nil: none
	Unit  string `json:"unit"`
}

// Rate is how many requests may follow.
type Rate struct {
	Limit     int64   `json:"limit"`
	Remaining int64   `json:"remaining"`
	Reset     float64 `json:"reset_seconds"` // until all are there again
}

// Usage returns that of the account of the client.
func (c *Client) Usage(ctx context.Context) (*Usage, error) {
	u := new(Usage)
	if err := c.json(ctx, call{method: http.MethodGet, path: "usage"}, u); err != nil {
		return nil, err
	}
	return u, nil
}

// Export returns all images that the account of the client has, as a tar file: for
// each what is known of it, the original and the art. The caller closes it.
func (c *Client) Export(ctx context.Context) (io.ReadCloser, error) {
	resp, err := c.do(ctx, call{method: http.MethodGet, path: "export", header: http.Header{"Accept": {"*/*"}}})
	if err != nil {
		return nil, err
	}
	return c.stream(resp), nil
}

// User is an account.
type User struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Role    string    `json:"role"`
	Created time.Time `json:"created"`
}

// Me returns the account of the client: an [*Error] with status 401 when it is
// signed in to none.
func (c *Client) Me(ctx context.Context) (*User, error) {
	u := new(User)
	if err := c.json(ctx, call{method: http.MethodGet, path: "users/me"}, u); err != nil {
		return nil, err
	}
	return u, nil
}

// The scopes of tokens.
const (
	ScopeRead    = "images:read"  // own images and what is drawn of them
	ScopeWrite   = "images:write" // upload, draw, edit, delete
	ScopeAccount = "account"      // own tokens, sessions, webhooks, presets, password
	ScopeAdmin   = "admin"        // everything of everybody; for admins only
)

// TokenRequest is a token to be made.
type TokenRequest struct {
	Name    string    `json:"name"` // for people
	Scopes  []string  `json:"scopes"`
	Expires time.Time `json:"expires_at,omitzero"` // zero: never
}

// Token signs a program in.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Scopes  []string  `json:"scopes"`
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero: never

	Secret string `json:"token,omitempty"` // what [Options.Token] takes; told only once
}

// CreateToken makes a token for the account of the client.
func (c *Client) CreateToken(ctx context.Context, r TokenRequest) (*Token, error) {
	k, err := call{method: http.MethodPost, path: "tokens", unsafe: true}.withJSON(r)
	if err != nil {
		return nil, err
	}
	t := new(Token)
	if err := c.json(ctx, k, t); err != nil {
		return nil, err
	}
	return t, nil
}

// DeleteToken makes a token useless.
func (c *Client) DeleteToken(ctx context.Context, id string) error {
	path, err := of("tokens", id)
	if err != nil {
		return err
	}
	return c.json(ctx, call{method: http.MethodDelete, path: path}, nil)
}
