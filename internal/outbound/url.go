package outbound

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/charcoal-art/charcoal"
)

// maxURL bounds a URL in bytes: what servers commonly take.
const maxURL = 2048

// Check reads a URL and says whether it is one that may be called, as far as that
// can be told without asking for the address of its name; that is looked at
// when a connection is made, each time. Errors are Invalid, and fit to be shown.
func (c *Client) Check(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, charcoal.OverLimitAs(charcoal.Invalid, "the URL", maxURL, int64(len(raw)), "bytes")
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, charcoal.Errorf(charcoal.Invalid, "it is not a URL").Because(err)
	}
	return u, c.check(u)
}

func (c *Client) check(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return charcoal.Errorf(charcoal.Invalid, "the URL must begin with https:// or http://")
	case u.Opaque != "" || u.Hostname() == "":
		return charcoal.Errorf(charcoal.Invalid, "the URL names no host")
	case u.User != nil:
		return charcoal.Errorf(charcoal.Invalid, "the URL must not hold a name or a password")
	}
	if err := c.checkPort(u); err != nil {
		return err
	}
	return c.checkHost(u.Hostname())
}

func (c *Client) checkPort(u *url.URL) error {
	port, err := portOf(u)
	if err != nil || !c.portAllowed(port) {
		return charcoal.Errorf(charcoal.Invalid, "the port %s must not be called: only %s", u.Port(), portList(c.ports))
	}
	return nil
}

func portOf(u *url.URL) (uint16, error) {
	switch {
	case u.Port() != "":
		n, err := strconv.ParseUint(u.Port(), 10, 16)
		return uint16(n), err
	case u.Scheme == "https":
		return 443, nil
	}
	return 80, nil
}

func (c *Client) portAllowed(port uint16) bool {
	return port != 0 && (len(c.ports) == 0 || slices.Contains(c.ports, port))
}

func portList(ports []uint16) string {
	words := make([]string, len(ports))
	for i, p := range ports {
		words[i] = strconv.Itoa(int(p))
	}
	return strings.Join(words, ", ")
}

// checkHost refuses addresses that must not be called, and the other ways of
// writing an IPv4 address (127.1, 2130706433, 0x7f.1, 0177.0.0.1), which some
// resolvers take for one and others for a name. A name never ends in a number
// (WHATWG URL, "ends in a number checker").
func (c *Client) checkHost(host string) error {
	if a, err := netip.ParseAddr(host); err == nil {
		return c.checkAddr(a)
	}
	host = strings.TrimSuffix(host, ".")
	last := host[strings.LastIndexByte(host, '.')+1:]
	if last == "" || number(last) || strings.ContainsAny(host, " %\x00/\\:[]@") {
		return charcoal.Errorf(charcoal.Invalid, "the host of the URL is neither a name nor an address as they are usually written")
	}
	return nil
}

// number reports whether a label is a number as C reads it.
func number(label string) bool {
	digits := "0123456789"
	if rest, ok := strings.CutPrefix(strings.ToLower(label), "0x"); ok {
		label, digits = rest, "0123456789abcdef"
	}
	return strings.Trim(label, digits) == ""
}
