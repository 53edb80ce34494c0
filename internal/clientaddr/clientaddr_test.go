package clientaddr

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"
)

func TestClientAddr(t *testing.T) {
	trusted := parse(t, "127.0.0.1, 10.0.0.0/8, fd00::/8")
	for _, test := range []struct {
		name, peer string
		forwarded  []string
		want       string
	}{
		{"no proxy", "192.0.2.1:4711", nil, "192.0.2.1"},
		{"a stranger's claim", "192.0.2.1:4711", []string{"10.0.0.1"}, "192.0.2.1"},
		{"a proxy", "127.0.0.1:4711", []string{"192.0.2.1"}, "192.0.2.1"},
		{"a proxy that says nothing", "127.0.0.1:4711", nil, "127.0.0.1"},
		{"a proxy that says nothing in an empty header", "127.0.0.1:4711", []string{""}, "127.0.0.1"},
		{"two proxies", "10.0.0.2:4711", []string{"192.0.2.1, 10.9.9.9"}, "192.0.2.1"},
		{"two lines", "10.0.0.2:4711", []string{"192.0.2.1", "10.9.9.9"}, "192.0.2.1"},
		{"a claim before a proxy", "127.0.0.1:4711", []string{"198.51.100.7, 192.0.2.1"}, "192.0.2.1"},
		{"a claim to be a proxy", "127.0.0.1:4711", []string{"198.51.100.7, 10.0.0.1, 192.0.2.1"}, "192.0.2.1"},
		{"a claim in another line", "127.0.0.1:4711", []string{"10.0.0.1", "192.0.2.1"}, "192.0.2.1"},
		{"proxies only", "127.0.0.1:4711", []string{"10.0.0.3, 10.0.0.4"}, "10.0.0.3"},
		{"garbage", "127.0.0.1:4711", []string{"<script>"}, "127.0.0.1"},
		{"garbage before a proxy", "127.0.0.1:4711", []string{"unknown, 10.0.0.3"}, "127.0.0.1"},
		{"garbage that nobody vouches for", "127.0.0.1:4711", []string{"unknown, 192.0.2.1"}, "192.0.2.1"},
		{"an empty hop", "127.0.0.1:4711", []string{"192.0.2.1,"}, "127.0.0.1"},
		{"a name", "127.0.0.1:4711", []string{"localhost"}, "127.0.0.1"},
		{"with a port", "127.0.0.1:4711", []string{"192.0.2.1:80"}, "192.0.2.1"},
		{"IPv6", "[fd00::1]:4711", []string{"2001:db8::1"}, "2001:db8::1"},
		{"IPv6 with a port", "[fd00::1]:4711", []string{"[2001:db8::1]:80"}, "2001:db8::1"},
		{"IPv6 in brackets", "[fd00::1]:4711", []string{"[2001:db8::1]"}, "2001:db8::1"},
		{"IPv6 with a zone", "[fe80::1%eth0]:4711", nil, "fe80::1"},
		{"IPv4 in IPv6", "[::ffff:127.0.0.1]:4711", []string{"::ffff:192.0.2.1"}, "192.0.2.1"},
		{"a Unix socket", "@", []string{"192.0.2.1"}, "invalid IP"},
		{"more hops than can be", "127.0.0.1:4711", []string{"192.0.2.1" + strings.Repeat(",10.0.0.1", 100_000)}, "127.0.0.1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: test.peer, Header: http.Header{
				"X-Forwarded-For": test.forwarded,
				"Forwarded":       {"for=203.0.113.9"},
				"X-Real-Ip":       {"203.0.113.9"},
			}}
			if got := trusted.ClientAddr(r).String(); got != test.want {
				t.Errorf("client: got %s, want %s", got, test.want)
			}
		})
	}
}

func TestNobodyIsTrustedByDefault(t *testing.T) {
	r := &http.Request{RemoteAddr: "127.0.0.1:4711", Header: http.Header{"X-Forwarded-For": {"192.0.2.1"}}}
	for _, p := range []Proxies{nil, parse(t, ""), parse(t, " , ")} {
		if got := p.ClientAddr(r); got != netip.MustParseAddr("127.0.0.1") {
			t.Errorf("client with %v: got %s, want the peer", p, got)
		}
	}
}

func TestParseProxiesRefuses(t *testing.T) {
	for _, list := range []string{"proxy.example", "10.0.0.0/33", "::ffff:10.0.0.0/104", "10.0.0.1-10.0.0.9", "10.0.0.1 10.0.0.2", "::1/"} {
		if got, err := ParseProxies("127.0.0.1, " + list); err == nil {
			t.Errorf("%q: got %v, want an error", list, got)
		}
	}
}

func FuzzClientAddr(f *testing.F) {
	trusted := parse(f, "10.0.0.0/8")
	for _, seed := range []string{"", "192.0.2.1", "1.2.3.4, 10.0.0.1", "[::1]:80", ",,,", "::ffff:10.0.0.1%x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, forwarded string) {
		r := &http.Request{RemoteAddr: "10.0.0.1:1", Header: http.Header{"X-Forwarded-For": {forwarded + ", 192.0.2.1"}}}
		if got := trusted.ClientAddr(r); got != netip.MustParseAddr("192.0.2.1") {
			t.Errorf("what the client wrote changes its address to %s", got)
		}
		r.Header.Set("X-Forwarded-For", forwarded)
		if got := trusted.ClientAddr(r); !got.IsValid() || got.Zone() != "" || got.Is4In6() {
			t.Errorf("client: got %v", got)
		}
	})
}

func parse(t testing.TB, list string) Proxies {
	t.Helper()
	p, err := ParseProxies(list)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
