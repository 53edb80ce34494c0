// Package outbound calls URLs that users name, so that nobody can make this machine
// call what only it can reach.
//
// The address of a name is looked at when the connection to it is made: there is
// no time between check and use in which a name could come to mean something
// else. Redirects are followed one by one and checked like the first URL. There
// are no proxies from the environment, no cookies, no credentials, and no
// decompression; headers, body and the whole exchange are bounded.
package outbound

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Config says what a [Client] may do.
type Config struct {
	// AllowPrivate also allows addresses of private networks and of this machine,
	// on any port; not metadata services. For networks where everybody is trusted.
	AllowPrivate bool

	// Ports may be called. Nil is [DefaultPorts], or every one with AllowPrivate.
	Ports []uint16

	Redirects int           // followed at most; 0 for none
	Timeout   time.Duration // for the whole exchange, with the body; above 0
	MaxBytes  int64         // of a body; above 0
	UserAgent string

	Resolver     *net.Resolver                // nil for that of the system
	OwnAddresses func() ([]netip.Addr, error) // of this machine; nil to ask it
}

// DefaultPorts are where web servers listen. Others are refused, since many a
// service elsewhere that speaks no HTTP can be made to do something by lines
// of a request, and since ports that answer tell what runs there.
func DefaultPorts() []uint16 { return []uint16{80, 443, 8080, 8443} }

// Bounds on what a server may send before the body.
const (
	maxHeader = 64 << 10 // bytes
	dialTime  = 10 * time.Second
	idleTime  = 30 * time.Second
	maxIdle   = 64 // connections that wait for a next request
)

// Client calls URLs. It is safe for concurrent use.
type Client struct {
	cfg       Config
	ports     []uint16 // none: every one
	transport *http.Transport
	http      *http.Client
}

// New returns a client. Close it when it is done.
func New(cfg Config) *Client {
	c := &Client{cfg: cfg, ports: cfg.Ports}
	if c.ports == nil && !cfg.AllowPrivate {
		c.ports = DefaultPorts()
	}
	if cfg.OwnAddresses == nil {
		c.cfg.OwnAddresses = ownAddresses
	}
	dialer := &net.Dialer{Timeout: dialTime, Resolver: cfg.Resolver, ControlContext: c.control}
	c.transport = &http.Transport{
		Proxy:                  nil,                // not that of the environment
		DialContext:            dialer.DialContext, // its being set keeps HTTP/2 off, too
		TLSHandshakeTimeout:    dialTime,
		DisableCompression:     true, // so that a body is as large as it says
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        idleTime,
	}
	c.http = &http.Client{Transport: c.transport, Timeout: cfg.Timeout, CheckRedirect: c.checkRedirect}
	return c
}

// Close ends connections that wait for a next request.
func (c *Client) Close() error {
	c.transport.CloseIdleConnections()
	return nil
}

// control is called with the address of every connection after it was resolved
// and before it is made. It does not tell the address: what names mean inside a
// network is not for everybody to know.
func (c *Client) control(_ context.Context, network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || (network != "tcp4" && network != "tcp6") {
		return refusal("the address %s must not be called", address)
	}
	if !c.portAllowed(to.Port()) {
		return refusal("the port %d must not be called", to.Port())
	}
	if err := c.checkAddr(to.Addr()); err != nil {
		return refusal("the host of the URL has an address that must not be called").Because(err)
	}
	return nil
}

func (c *Client) checkAddr(a netip.Addr) error {
	if c.cfg.AllowPrivate {
		if !reachable(a) {
			return refusal("the address %s must not be called", a)
		}
		return nil
	}
	if !public(a) {
		return refusal("the address %s is not a public one, and must not be called", a)
	}
	own, err := c.cfg.OwnAddresses()
	if err != nil {
		return fmt.Errorf("look up the addresses of this machine: %w", err)
	}
	if slices.Contains(own, a) {
		return refusal("the address %s must not be called", a)
	}
	return nil
}

func refusal(format string, args ...any) *charcoal.Error {
	return charcoal.Errorf(charcoal.Invalid, format, args...)
}

func (c *Client) checkRedirect(next *http.Request, before []*http.Request) error {
	if len(before) > c.cfg.Redirects {
		if c.cfg.Redirects == 0 {
			return http.ErrUseLastResponse
		}
		return charcoal.OverLimitAs(charcoal.Unprocessed, "the number of redirects", int64(c.cfg.Redirects), int64(len(before)), "redirects")
	}
	if before[len(before)-1].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return refusal("it redirects from https to %s", cmp.Or(next.URL.Scheme, "nothing"))
	}
	next.Header.Del("Referer") // a URL may hold a secret of its user
	return c.check(next.URL)
}

// Do sends a request to its URL, which is checked first. Reading more of the body
// than allowed is an error with the code TooLarge. Errors have codes: Invalid
// for what must not be called, Unavailable for what does not answer well or in time.
// With Redirects 0 a redirect is an answer like any other.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	if err := c.check(req.URL); err != nil {
		return nil, err
	}
	if c.cfg.UserAgent != "" {
		req.Header.Set("User-Agent", c.cfg.UserAgent)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, explain(req.Context(), err)
	}
	resp.Body = &body{ReadCloser: resp.Body, ctx: req.Context(), left: c.cfg.MaxBytes, limit: c.cfg.MaxBytes}
	return resp, nil
}

// explain gives an error of an exchange its code. The cause is for the log: it
// may name addresses.
func explain(ctx context.Context, err error) error {
	if _, ok := errors.AsType[*charcoal.Error](err); ok {
		return err
	}
	if ctx.Err() != nil && errors.Is(ctx.Err(), context.Canceled) {
		return err
	}
	message := "the host of the URL did not answer as it should"
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		message = "the host of the URL is not known"
	} else if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		message = "the host of the URL did not answer in time"
	}
	return charcoal.Errorf(charcoal.Unavailable, "%s", message).Because(err)
}
