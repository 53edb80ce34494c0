package app

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
)

// pipes is a listener without a network, for a bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	close  sync.Once
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { p.close.Do(func() { close(p.closed) }); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// request sends a request and returns its connection when the handler has begun.
func (p *pipes) request(t *testing.T, path string) net.Conn {
	t.Helper()
	client, server := net.Pipe()
	p.conns <- server
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test"+path, nil)
	noError(t, "request", err)
	noError(t, "sending", req.Write(client))
	t.Cleanup(func() { _ = client.Close() })
	synctest.Wait()
	return client
}

// status reads an answer.
func status(t *testing.T, conn net.Conn) int {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	noError(t, "reading", err)
	_ = res.Body.Close()
	return res.StatusCode
}

// inServer runs a test with a server in a bubble.
func inServer(t *testing.T, test func(t *testing.T, s *server, p *pipes)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		s := newServer(p, slog.New(logHandler(t)))
		defer s.close()
		test(t, s, p)
	})
}

func TestServerBeforeItIsReady(t *testing.T) {
	inServer(t, func(t *testing.T, s *server, p *pipes) {
		equal(t, "alive", status(t, p.request(t, "/healthz")), http.StatusOK)
		equal(t, "ready", status(t, p.request(t, "/readyz")), http.StatusServiceUnavailable)
		s.serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
		equal(t, "once it is", status(t, p.request(t, "/readyz")), http.StatusTeapot)
	})
}

// slow is a handler that waits for its request to be cut off, and then cleans up
// for as long as the test likes.
type slow struct{ cleaned, cutOff chan struct{} }

func newSlow() *slow { return &slow{make(chan struct{}), make(chan struct{})} }

func (h *slow) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	<-r.Context().Done()
	close(h.cutOff)
	<-h.cleaned
}

// TestServerWaitsForHandlers that it cuts off: they still use what is closed next.
func TestServerWaitsForHandlers(t *testing.T) {
	inServer(t, func(t *testing.T, s *server, p *pipes) {
		h := newSlow()
		s.serve(h)
		p.request(t, "/")
		draining, cutOff := context.WithCancel(t.Context())
		down := make(chan struct{})
		go func() { s.shutdown(draining); close(down) }()
		synctest.Wait()
		select {
		case <-h.cutOff:
			t.Error("the request was cut off before the end of the drain time")
		default:
		}
		cutOff()
		<-h.cutOff
		synctest.Wait()
		select {
		case <-down:
			t.Error("the server was down while a handler still ran")
		default:
		}
		close(h.cleaned)
		<-down
	})
}

// TestServerDrains lets a request under way end by itself.
func TestServerDrains(t *testing.T) {
	inServer(t, func(t *testing.T, s *server, p *pipes) {
		open := make(chan struct{})
		s.serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { <-open; w.WriteHeader(http.StatusTeapot) }))
		conn := p.request(t, "/")
		down := make(chan struct{})
		go func() { s.shutdown(t.Context()); close(down) }()
		synctest.Wait()
		close(open)
		equal(t, "answer", status(t, conn), http.StatusTeapot)
		<-down
	})
}

// TestServerFails tells of an end that nobody asked for.
func TestServerFails(t *testing.T) {
	inServer(t, func(t *testing.T, s *server, p *pipes) {
		noError(t, "closing the listener", p.Close())
		if err := <-s.failed; !errors.Is(err, net.ErrClosed) {
			t.Errorf("failure: got %v, want %v", err, net.ErrClosed)
		}
	})
}
