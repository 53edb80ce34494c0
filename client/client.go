package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Options are how to reach a server. The zero value suits a server that asks
// nobody to sign in.
type Options struct {
	// Token signs in, as "charcoal login" or CreateToken makes it ("chr_…").
	Token string
	// Name and Password sign in where there is no Token.
	Name, Password string

	// HTTPClient sends the requests; nil for one with sensible timeouts. It is
	// copied, so that redirects are not followed unless its CheckRedirect says so.
	HTTPClient *http.Client
	UserAgent  string // of the program; "charcoal-client"

	Attempts int           // to make one request, the first one included; 0 is 5
	MaxPause time.Duration // the longest that is waited between two; 0 is 30 s. Who is told to wait longer gets the error
	MaxBody  int64         // bytes of art or of an original that are read; 0 is 1 GiB
}

// Client talks to one server as one account. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	options Options
	http    *http.Client
}

// The bounds of answers.
const (
	maxJSON    = 32 << 20 // a page of 200 images with all they can hold is under 2 MiB
	maxProblem = 64 << 10
)

// New returns a client of the server at an http or https URL, which may have a
// path that all of the server is under.
func New(baseURL string, o Options) (*Client, error) {
	base, err := url.Parse(baseURL)
	if err != nil {
		return nil, errors.New("the address of the server is no URL") // url.Error would repeat a password
	}
	switch {
	case base.Scheme != "http" && base.Scheme != "https", base.Host == "":
		return nil, fmt.Errorf("the address of the server begins with http:// or https:// and a host, not %q", base.Redacted())
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		return nil, errors.New("the address of the server has no name, password, query or fragment; credentials go into the options")
	case strings.ContainsAny(o.Token+o.UserAgent, "\r\n"):
		return nil, errors.New("a token is one line")
	}
	return &Client{base: base, options: o.orDefault(), http: noRedirects(o.HTTPClient)}, nil
}

func (o Options) orDefault() Options {
	if o.UserAgent == "" {
		o.UserAgent = "charcoal-client"
	}
	if o.Attempts <= 0 {
		o.Attempts = 5
	}
	if o.MaxPause <= 0 {
		o.MaxPause = 30 * time.Second
	}
	if o.MaxBody <= 0 {
		o.MaxBody = 1 << 30
	}
	return o
}

// noRedirects keeps a client from following redirects: what it is told by one
// server, it must not tell another.
func noRedirects(given *http.Client) *http.Client {
	if given == nil {
		given = &http.Client{Transport: transport()}
	}
	c := *given
	if c.CheckRedirect == nil {
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return &c
}

// transport waits longer for the head of an answer than any answer may be
// preferred to take.
func transport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // somebody replaced it, with something that they trust
		return http.DefaultTransport
	}
	t = t.Clone()
	t.ResponseHeaderTimeout = maxWait + time.Minute
	t.MaxIdleConnsPerHost = t.MaxIdleConns // there is one host
	return t
}

// BaseURL is the address that the client was made with.
func (c *Client) BaseURL() string { return c.base.String() }

// call is one request, which may be sent several times.
type call struct {
	method string
	path   string // below /v2/
	query  url.Values
	header http.Header
	body   func() io.Reader // a new one for each attempt; nil for none
	length int64            // of the body

	// once: the body cannot be had a second time.
	once bool
	// unsafe: when it was carried out and the answer got lost, it must not be
	// carried out again.
	unsafe bool
}

// request makes the request of one attempt.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	u := c.base.JoinPath("v2", k.path)
	u.RawQuery = k.query.Encode()
	var body io.Reader
	if k.body != nil {
		body = k.body()
	}
	r, err := http.NewRequestWithContext(ctx, k.method, u.String(), body)
	if err != nil {
		return nil, err
	}
	if k.header != nil {
		r.Header = k.header.Clone()
	}
	r.Header.Set("User-Agent", c.options.UserAgent)
	if r.Header.Get("Accept") == "" {
		r.Header.Set("Accept", "application/json")
	}
	if body != nil {
		r.ContentLength = k.length
	}
	c.signIn(r)
	return r, nil
}

func (c *Client) signIn(r *http.Request) {
	switch o := c.options; {
	case o.Token != "":
		r.Header.Set("Authorization", "Bearer "+o.Token)
	case o.Name != "":
		r.SetBasicAuth(o.Name, o.Password)
	}
}

// do makes a request, again if need be, and returns an answer of success, whose
// body the caller closes.
func (c *Client) do(ctx context.Context, k call) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		resp, err := c.attempt(ctx, k)
		if err == nil {
			return resp, nil
		}
		pause, again := c.again(k, err, attempt)
		if !again || !sleep(ctx, pause) {
			return nil, err
		}
	}
}

func (c *Client) attempt(ctx context.Context, k call) (*http.Response, error) {
	r, err := c.request(ctx, k)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, c.unreached(err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		defer resp.Body.Close()
		return nil, problemOf(resp)
	}
	return resp, nil
}

// unreached names the server in place of the whole address, whose query may hold
// what people wrote.
func (c *Client) unreached(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return fmt.Errorf("reach the server at %s: %w", c.base, e.Err)
	}
	return err
}

// json makes a request and reads the JSON of the answer into a pointer, or
// nothing into nil.
func (c *Client) json(ctx context.Context, k call, to any) error {
	resp, err := c.do(ctx, k)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return decode(resp, to)
}

func decode(resp *http.Response, to any) error {
	if to == nil {
		return nil
	}
	raw, err := io.ReadAll(&bounded{resp.Body, maxJSON})
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return fmt.Errorf("the answer is not what a Charcoal server says (%s, %s); is there one at this address? %w",
			resp.Status, resp.Header.Get("Content-Type"), err)
	}
	return nil
}

// withJSON gives a call a body.
func (k call) withJSON(value any) (call, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return k, fmt.Errorf("encode the request: %w", err)
	}
	if k.header == nil {
		k.header = http.Header{}
	}
	k.header.Set("Content-Type", "application/json")
	k.body = func() io.Reader { return strings.NewReader(string(raw)) }
	k.length = int64(len(raw))
	return k, nil
}

// bounded reads up to a number of bytes and is an error after that: a part must
// not pass for the whole.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	if int64(n) > b.left {
		return int(b.left), errTooLong
	}
	b.left -= int64(n)
	return n, err
}

var errTooLong = errors.New("the answer is longer than this client reads")

// checkID keeps an id from being another path.
func checkID(id string) error {
	if !idForm.MatchString(id) {
		return fmt.Errorf("%.60q is no id", id)
	}
	return nil
}

var idForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,64}$`)

// of returns the path of something with an id.
func of(kind, id string, more ...string) (string, error) {
	if err := checkID(id); err != nil {
		return "", err
	}
	return strings.Join(append([]string{kind, id}, more...), "/"), nil
}
