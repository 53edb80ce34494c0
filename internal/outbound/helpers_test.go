package outbound

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newClient(t *testing.T, cfg Config) *Client {
	t.Helper()
	if cfg.Timeout == 0 {
		cfg.Timeout = time.Minute
	}
	if cfg.MaxBytes == 0 {
		cfg.MaxBytes = 1 << 20
	}
	c := New(cfg)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// server answers on a port of the loopback address and counts connections.
type server struct {
	*httptest.Server
	connections atomic.Int64
}

func newServer(t *testing.T, handler http.HandlerFunc) *server {
	t.Helper()
	s := &server{Server: httptest.NewUnstartedServer(handler)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *server) port(t *testing.T) uint16 {
	t.Helper()
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	return uint16(n)
}

// say writes to somebody who may be gone.
func say(w io.Writer, text string) { _, _ = io.WriteString(w, text) }

// get fetches all that there is at a URL.
func get(t *testing.T, c *Client, rawURL string) (string, error) {
	t.Helper()
	f, err := c.Get(t.Context(), rawURL)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	all, err := io.ReadAll(f)
	return string(all), err
}

func wantCode(t *testing.T, err error, want charcoal.Code) {
	t.Helper()
	if err == nil {
		t.Fatalf("got no error, want one with the code %q", want)
	}
	if got := charcoal.CodeOf(err); got != want {
		t.Fatalf("got code %q (%v), want %q", got, err, want)
	}
}

// names is a name server: it answers the nth question about a name with its nth
// address, and with the last one from there on.
type names map[string][]string

// resolver asks the name server and nobody else.
func (n names) resolver() *net.Resolver {
	asked := make(chan map[string]int, 1)
	asked <- map[string]int{}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, srv := net.Pipe() // no packets, so messages have their length before them (RFC 1035, section 4.2.2)
		go func() {
			defer func() { _ = srv.Close() }()
			count := <-asked
			n.answer(srv, count)
			asked <- count
		}()
		return client, nil
	}}
}

func (n names) answer(conn io.ReadWriter, asked map[string]int) {
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return
	}
	query := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, query); err != nil {
		return
	}
	reply := n.reply(query, asked)
	_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...))
}

// reply makes a message (RFC 1035, section 4) that answers a question of one name.
func (n names) reply(query []byte, asked map[string]int) []byte {
	name, rest := "", query[12:]
	for rest[0] != 0 {
		name += string(rest[1:1+rest[0]]) + "."
		rest = rest[1+rest[0]:]
	}
	name = strings.TrimSuffix(name, ".")
	kind := binary.BigEndian.Uint16(rest[1:])
	question := query[12 : len(query)-len(rest)+5]

	var data []byte
	if all := n[name]; len(all) > 0 {
		a := netip.MustParseAddr(all[min(asked[name], len(all)-1)])
		if a.Is4() == (kind == 1) { // 1 is A, 28 is AAAA
			asked[name]++
			data = a.AsSlice()
		}
	}
	reply := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if data != nil {
		reply[7] = 1                                                                         // one answer:
		reply = append(reply, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(len(data))) // the same name, class IN, TTL 0
		reply = append(reply, data...)
	}
	return reply
}
