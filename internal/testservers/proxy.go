package testservers

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Proxy carries TCP connections to a server, and breaks them as networks do. It
// ends with its test. Its methods are safe for concurrent use.
type Proxy struct {
	Addr string // host:port to connect to

	target   string
	listener net.Listener
	ending   chan struct{}
	all      sync.WaitGroup

	delay atomic.Int64  // of each piece that is carried, in nanoseconds
	away  atomic.Bool   // connections end as soon as they come
	cutAt atomic.Int64  // answer bytes after which the next connection is cut; 0: none
	still chan struct{} // holds a token unless nothing is to be carried

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// NewProxy makes a proxy to a host:port.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{
		Addr: l.Addr().String(), target: target, listener: l,
		ending: make(chan struct{}), still: make(chan struct{}, 1), conns: map[net.Conn]bool{},
	}
	p.still <- struct{}{}
	p.all.Go(p.serve)
	t.Cleanup(func() {
		close(p.ending)
		_ = l.Close()
		p.cutAll()
		p.all.Wait()
	})
	return p
}

// Away makes the server unreachable: connections are cut, new ones too.
func (p *Proxy) Away() {
	p.away.Store(true)
	p.cutAll()
}

// Back undoes Away.
func (p *Proxy) Back() { p.away.Store(false) }

// Cut ends all connections; new ones work.
func (p *Proxy) Cut() { p.cutAll() }

// CutAnswer cuts one connection after the server sent so many bytes more on it.
func (p *Proxy) CutAnswer(after int64) { p.cutAt.Store(after) }

// Slow delays every piece that is carried, up to 32 KiB each.
func (p *Proxy) Slow(delay time.Duration) { p.delay.Store(int64(delay)) }

// Freeze carries nothing any more, without an end of the connections: a network
// that is partitioned. Thaw undoes it.
func (p *Proxy) Freeze() { <-p.still }

// Thaw undoes Freeze.
func (p *Proxy) Thaw() { p.still <- struct{}{} }

func (p *Proxy) serve() {
	for {
		conn, err := p.listener.Accept()
		if err != nil {
			return
		}
		if p.away.Load() {
			_ = conn.Close()
			continue
		}
		p.all.Go(func() { p.carry(conn) })
	}
}

// carry connects one client with the server until either ends.
func (p *Proxy) carry(client net.Conn) {
	server, err := net.DialTimeout("tcp", p.target, 5*time.Second) //nolint:noctx // bounded
	if err != nil {
		_ = client.Close()
		return
	}
	defer p.forget(client, server)
	if !p.remember(client, server) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.pump(server, client, false) })
	both.Go(func() { p.pump(client, server, true) })
	both.Wait()
}

// pump carries one direction, and ends both with it.
func (p *Proxy) pump(to, from net.Conn, answer bool) {
	defer func() { _, _ = to.Close(), from.Close() }()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if !p.pass() {
			return
		}
		if answer && p.cuts(int64(n)) {
			n, err = n/2, errors.New("cut")
		}
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

// pass waits as long as a piece has to, and reports whether it may go on.
func (p *Proxy) pass() bool {
	if delay := time.Duration(p.delay.Load()); delay > 0 {
		select {
		case <-time.After(delay):
		case <-p.ending:
			return false
		}
	}
	select {
	case <-p.still:
		p.still <- struct{}{}
		return true
	case <-p.ending:
		return false
	}
}

// cuts counts answer bytes towards a planned cut, and reports whether it is due.
func (p *Proxy) cuts(n int64) bool {
	for {
		left := p.cutAt.Load()
		if left == 0 {
			return false
		}
		if p.cutAt.CompareAndSwap(left, max(left-n, 0)) {
			return left <= n
		}
	}
}

func (p *Proxy) remember(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
	select {
	case <-p.ending:
		return false
	default:
		return !p.away.Load()
	}
}

func (p *Proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		delete(p.conns, c)
		_ = c.Close()
	}
}

func (p *Proxy) cutAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}
