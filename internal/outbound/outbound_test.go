package outbound

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func TestCheck(t *testing.T) {
	tests := []struct {
		name, url string
		ok        bool
	}{
		{"a name", "https://example.com/cat.png?size=1", true},
		{"a name with a number in it", "https://9.example.com/", true},
		{"a public address", "http://93.184.215.14/", true},
		{"a public address of IPv6", "http://[2606:4700:4700::1111]:8080/", true},
		{"another alphabet", "https://müller.example/", true},

		{"a file", "file:///etc/passwd", false},
		{"gopher", "gopher://example.com/_QUIT", false},
		{"ftp", "ftp://example.com/", false},
		{"data", "data:image/png;base64,AAAA", false},
		{"a socket", "unix:///run/docker.sock", false},
		{"a socket as a host", "http+unix://%2Frun%2Fdocker.sock/info", false},
		{"javascript", "javascript:alert(1)", false},
		{"no scheme", "//example.com/", false},
		{"a path", "/etc/passwd", false},
		{"nothing", "", false},
		{"no host", "http:///cat.png", false},
		{"only a port", "http://:80/", false},
		{"opaque", "http:example.com", false},
		{"a password", "http://user:password@example.com/", false},
		{"a name before the host", "http://example.com@127.0.0.1/", false},
		{"an empty name", "http://@example.com/", false},
		{"port 22", "http://example.com:22/", false},
		{"port 0", "http://example.com:0/", false},
		{"port 65536", "http://example.com:65536/", false},
		{"Redis", "http://example.com:6379/", false},
		{"a line break", "http://example.com/\r\nHost: other", false},
		{"a line break in the host", "http://example.com\r\n/", false},
		{"a backslash", `http://example.com\@127.0.0.1/`, false},
		{"a blank in the host", "http://exa%20mple.com/", false},
		{"a zero byte in the host", "http://example.com%00.evil/", false},
		{"too long", "http://example.com/" + strings.Repeat("a", maxURL), false},

		{"loopback", "http://127.0.0.1/", false},
		{"loopback of IPv6", "http://[::1]/", false},
		{"mapped", "http://[::ffff:127.0.0.1]/", false},
		{"mapped, in hexadecimal", "http://[::ffff:7f00:1]/", false},
		{"compatible", "http://[::7f00:1]/", false},
		{"a zone", "http://[fe80::1%25eth0]/", false},
		{"unspecified", "http://0.0.0.0/", false},
		{"unspecified of IPv6", "http://[::]/", false},
		{"private", "http://10.1.2.3/", false},
		{"metadata", "http://169.254.169.254/latest/meta-data/", false},
		{"decimal", "http://2130706433/", false},
		{"octal", "http://0177.0.0.1/", false},
		{"octal in one", "http://017700000001/", false},
		{"hexadecimal", "http://0x7f000001/", false},
		{"hexadecimal in parts", "http://0x7f.0x0.0x0.0x1/", false},
		{"only 0x", "http://0x/", false},
		{"short", "http://127.1/", false},
		{"too large a part", "http://127.0.0.256/", false},
		{"five parts", "http://127.0.0.0.1/", false},
		{"a final dot", "http://127.0.0.1./", false},
		{"only dots", "http://../", false},
		{"full-width digits", "http://\uff11\uff12\uff17.0.0.\uff11/", true}, // a name like any other: the dial decides
		{"a mark that may stand for a dot", "http://127\u30020\u30020.1/", false},
	}
	c := newClient(t, Config{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := c.Check(tt.url)
			if (err == nil) != tt.ok {
				t.Fatalf("check %q: got %v, want ok %t", tt.url, err, tt.ok)
			}
			if err != nil {
				wantCode(t, err, charcoal.Invalid)
			}
		})
	}
}

// A name tells nothing: what counts is its address, when the connection is made.
func TestNamesOfRefusedAddresses(t *testing.T) {
	secret := newServer(t, func(w http.ResponseWriter, _ *http.Request) { say(w, "secret") })
	zone := names{
		"loopback.example": {"127.0.0.1"},
		"six.example":      {"::1"},
		"mapped.example":   {"::ffff:127.0.0.1"},
		"private.example":  {"10.0.0.1"},
		"metadata.example": {"169.254.169.254"},
		"nat64.example":    {"64:ff9b::7f00:1"},
		"6to4.example":     {"2002:7f00:1::1"},
		"own.example":      {"203.0.113.7"},
		"zero.example":     {"0.0.0.0"},
	}
	c := newClient(t, Config{
		Resolver: zone.resolver(), Ports: []uint16{secret.port(t)},
		OwnAddresses: func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("203.0.113.7")}, nil },
	})
	for name := range zone {
		t.Run(name, func(t *testing.T) {
			_, err := get(t, c, fmt.Sprintf("http://%s:%d/", name, secret.port(t)))
			wantCode(t, err, charcoal.Invalid)
			if said := charcoal.Message(err); strings.Contains(said, zone[name][0]) {
				t.Errorf("message: got %q, which tells what the name means here", said)
			}
		})
	}
	t.Run("digits that become usual ones", func(t *testing.T) {
		_, err := get(t, c, fmt.Sprintf("http://\uff11\uff12\uff17\u30020\u30020\u3002\uff11:%d/", secret.port(t)))
		wantCode(t, err, charcoal.Invalid)
	})
	t.Run("localhost", func(t *testing.T) {
		_, err := get(t, c, fmt.Sprintf("http://localhost:%d/", secret.port(t)))
		wantCode(t, err, charcoal.Invalid)
	})
	if n := secret.connections.Load(); n != 0 {
		t.Errorf("connections to the service on this machine: got %d, want none", n)
	}
}

func TestOwnPublicAddress(t *testing.T) {
	c := newClient(t, Config{OwnAddresses: func() ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.215.14")}, nil
	}})
	_, err := c.Check("http://93.184.215.14/")
	wantCode(t, err, charcoal.Invalid)
}

// A name whose address changes between two questions is looked at each time.
func TestRebinding(t *testing.T) {
	secret := newServer(t, func(w http.ResponseWriter, _ *http.Request) { say(w, "secret") })
	zone := names{"rebinding.example": {"192.0.2.1", "127.0.0.1"}}
	c := newClient(t, Config{Resolver: zone.resolver(), Ports: []uint16{secret.port(t)}})
	for range 3 {
		_, err := get(t, c, fmt.Sprintf("http://rebinding.example:%d/", secret.port(t)))
		wantCode(t, err, charcoal.Invalid)
	}
	if n := secret.connections.Load(); n != 0 {
		t.Errorf("connections to the service on this machine: got %d, want none", n)
	}
}

func TestUnknownName(t *testing.T) {
	c := newClient(t, Config{Resolver: names{}.resolver()})
	_, err := get(t, c, "http://nowhere.example/")
	wantCode(t, err, charcoal.Unavailable)
	if got, want := charcoal.Message(err), "the host of the URL is not known"; got != want {
		t.Errorf("message: got %q, want %q", got, want)
	}
}

func TestPrivateAllowed(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { say(w, "picture") })
	c := newClient(t, Config{AllowPrivate: true, Resolver: names{"inside.example": {"127.0.0.1"}}.resolver()})
	got, err := get(t, c, fmt.Sprintf("http://inside.example:%d/a/cat.png", s.port(t)))
	if err != nil || got != "picture" {
		t.Errorf("get: got %q, %v", got, err)
	}
}

func TestRedirects(t *testing.T) {
	tests := []struct {
		name, to string
		want     charcoal.Code // "" for success
	}{
		{"once", "/end", ""},
		{"three times", "/hop?n=2", ""},
		{"four times", "/hop?n=3", charcoal.Unprocessed},
		{"for ever", "/loop", charcoal.Unprocessed},
		{"to metadata", "http://169.254.169.254/latest/meta-data/", charcoal.Invalid},
		{"to metadata by name", "http://metadata.example/", charcoal.Invalid},
		{"to a file", "file:///etc/passwd", charcoal.Invalid},
		{"to gopher", "gopher://127.0.0.1:6379/_FLUSHALL", charcoal.Invalid},
		{"with a password", "http://a:b@example.com/", charcoal.Invalid},
		{"to a decimal address", "http://2852039166/", charcoal.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Referer") != "" {
					t.Errorf("it tells where it came from: %s", r.Header.Get("Referer"))
				}
				hop(w, r, tt.to)
			})
			c := newClient(t, Config{
				AllowPrivate: true, Redirects: 3,
				Resolver: names{"metadata.example": {"169.254.169.254"}}.resolver(),
			})
			got, err := get(t, c, s.URL+"/start")
			if tt.want != "" {
				wantCode(t, err, tt.want)
				return
			}
			if err != nil || got != "picture" {
				t.Errorf("get: got %q, %v", got, err)
			}
		})
	}
}

func hop(w http.ResponseWriter, r *http.Request, first string) {
	switch r.URL.Path {
	case "/start":
		w.Header().Set("Location", first)
		w.WriteHeader(http.StatusFound)
	case "/hop":
		n := r.FormValue("n")
		to := map[string]string{"3": "/hop?n=2", "2": "/hop?n=1", "1": "/end"}[n]
		http.Redirect(w, r, to, http.StatusTemporaryRedirect)
	case "/loop":
		http.Redirect(w, r, "/loop", http.StatusFound)
	default:
		say(w, "picture")
	}
}

func TestRedirectFromPublicToPrivate(t *testing.T) {
	secret := newServer(t, func(w http.ResponseWriter, _ *http.Request) { say(w, "secret") })
	c := newClient(t, Config{Redirects: 3, Ports: []uint16{secret.port(t)}})
	next, err := http.NewRequestWithContext(t.Context(), http.MethodGet, secret.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	before, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/", nil)
	if err != nil {
		t.Fatal(err)
	}
	wantCode(t, c.checkRedirect(next, []*http.Request{before}), charcoal.Invalid)
}

func TestRedirectLosesTLS(t *testing.T) {
	c := newClient(t, Config{Redirects: 3})
	next, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/", nil)
	before, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/", nil)
	wantCode(t, c.checkRedirect(next, []*http.Request{before}), charcoal.Invalid)
}

func TestWithoutRedirectsTheyAreAnswers(t *testing.T) {
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/other", http.StatusFound) })
	c := newClient(t, Config{AllowPrivate: true})
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, strings.NewReader("{}"))
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusFound {
		t.Errorf("status: got %d, want %d", resp.StatusCode, http.StatusFound)
	}
}

func TestAnswersThatAreRefused(t *testing.T) {
	const limit = 1000
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   charcoal.Code
	}{
		{"not found", http.NotFound, charcoal.Unprocessed},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, charcoal.Unprocessed},
		{"larger than allowed, as it says", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(limit+1))
			say(w, strings.Repeat("a", limit+1))
		}, charcoal.TooLarge},
		{"larger than allowed, and silent about it", func(w http.ResponseWriter, _ *http.Request) {
			for range limit + 1 {
				say(w, "a")
				_ = http.NewResponseController(w).Flush()
			}
		}, charcoal.TooLarge},
		{"compressed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			say(w, "bomb")
		}, charcoal.Unprocessed},
		{"a header without end", func(w http.ResponseWriter, _ *http.Request) {
			for i := range 100 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("a", 1024))
			}
		}, charcoal.Unavailable},
		{"cut off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			say(w, "short")
		}, charcoal.Unavailable},
		{"no HTTP", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				say(conn, "220 smtp.example.com ESMTP\r\n")
				_ = conn.Close()
			}
		}, charcoal.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newServer(t, tt.answer)
			_, err := get(t, newClient(t, Config{AllowPrivate: true, MaxBytes: limit}), s.URL)
			wantCode(t, err, tt.want)
		})
	}
}

func TestBodyOfTheLimit(t *testing.T) {
	want := strings.Repeat("a", 1000)
	s := newServer(t, func(w http.ResponseWriter, _ *http.Request) { say(w, want) })
	got, err := get(t, newClient(t, Config{AllowPrivate: true, MaxBytes: 1000}), s.URL)
	if err != nil || got != want {
		t.Errorf("get: got %d bytes, %v; want %d", len(got), err, len(want))
	}
}

// The time is for all of it: a server that sends a byte now and then gains nothing.
func TestSlowAnswers(t *testing.T) {
	tests := []struct {
		name  string
		begin string // what is sent before it falls silent
	}{
		{"no header", ""},
		{"half a header", "HTTP/1.1 200 OK\r\nContent-Ty"},
		{"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := silent(t, tt.begin)
			_, err := get(t, newClient(t, Config{AllowPrivate: true, Timeout: 50 * time.Millisecond}), "http://"+s)
			wantCode(t, err, charcoal.Unavailable)
			if got, want := charcoal.Message(err), "the host of the URL did not answer in time"; got != want {
				t.Errorf("message: got %q, want %q", got, want)
			}
		})
	}
}

// silent listens, sends a beginning to whoever comes, and nothing more.
func silent(t *testing.T, begin string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				t.Errorf("read the request: %v", err)
			}
			say(conn, begin)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

func TestNothingOfTheEnvironmentIsSent(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	s := newServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Cookie")+r.Header.Get("Authorization")+r.Header.Get("Accept-Encoding") != "" {
			t.Errorf("headers: %v", r.Header)
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		say(w, r.UserAgent())
	})
	c := newClient(t, Config{AllowPrivate: true, UserAgent: "charcoal/1"})
	for range 2 {
		if got, err := get(t, c, s.URL); err != nil || got != "charcoal/1" {
			t.Errorf("get: got %q, %v", got, err)
		}
	}
}

func TestNames(t *testing.T) {
	tests := []struct{ path, disposition, want string }{
		{"/a/cat.png", "", "cat.png"},
		{"/a/caf%C3%A9.png?x=y", "", "café.png"},
		{"/", "", ""},
		{"", "", ""},
		{"/download", `attachment; filename="dog.jpg"`, "dog.jpg"},
		{"/download", `attachment; filename*=UTF-8''%e2%82%ac.png`, "€.png"},
		{"/download", `attachment; filename=`, "download"},
	}
	for _, tt := range tests {
		s := newServer(t, func(w http.ResponseWriter, _ *http.Request) {
			if tt.disposition != "" {
				w.Header().Set("Content-Disposition", tt.disposition)
			}
		})
		f, err := newClient(t, Config{AllowPrivate: true}).Get(t.Context(), s.URL+tt.path)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name != tt.want {
			t.Errorf("name at %q with %q: got %q, want %q", tt.path, tt.disposition, f.Name, tt.want)
		}
		_ = f.Close()
	}
}

// FuzzCheck shows that what passes is for http or https, has a host, no user, and
// no address of this machine.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"http://127.1/", "https://example.com/", "http://[::ffff:7f00:1]:80/", "http://0x7f.1", "http://a@b"} {
		f.Add(seed)
	}
	c := New(Config{Timeout: time.Second, MaxBytes: 1})
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := c.Check(raw)
		if err != nil {
			return
		}
		if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
			t.Errorf("%q passes as %v", raw, u)
		}
		if a, err := netip.ParseAddr(u.Hostname()); err == nil && !public(a) {
			t.Errorf("%q passes, with the address %s", raw, a)
		}
	})
}
