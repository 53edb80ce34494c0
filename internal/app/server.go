package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/charcoal-art/charcoal/internal/api"
)

// server answers from the first moment: that it is starting, until it is given
// the handler that does the work.
type server struct {
	http    *http.Server
	handler atomic.Pointer[http.Handler]
	failed  chan error // gets one value when serving ends by itself
	done    chan struct{}

	cancel   context.CancelFunc // of the contexts of all requests
	requests sync.WaitGroup     // those in a handler
	mu       sync.Mutex
	closed   bool // no request enters a handler any more
}

func newServer(listener net.Listener, log *slog.Logger) *server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{failed: make(chan error, 1), done: make(chan struct{}), cancel: cancel}
	s.serve(api.Starting())
	s.http = &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second, // against clients that dribble headers
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what strangers send is no error of ours
	}
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serving: %w", err)
		}
	}()
	return s
}

func (s *server) handle(w http.ResponseWriter, r *http.Request) {
	if !s.enter() {
		panic(http.ErrAbortHandler) // the connection is closed
	}
	defer s.requests.Done()
	(*s.handler.Load()).ServeHTTP(w, r)
}

func (s *server) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.requests.Add(1)
	return true
}

// serve switches to another handler for all requests that begin from now.
func (s *server) serve(h http.Handler) { s.handler.Store(&h) }

// shutdown waits for the requests under way, until ctx ends.
func (s *server) shutdown(ctx context.Context) {
	_ = s.http.Shutdown(ctx) // its only error is that ctx ended: then close cuts them off
	s.close()
}

// close cuts off everything and waits until it has ended, handlers too, for
// which [http.Server.Close] does not wait: what they use is closed next. Again
// is fine.
func (s *server) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.cancel()
	_ = s.http.Close() // the listener may be closed already
	<-s.done
	s.requests.Wait()
}
