package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
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
}

func newServer(listener net.Listener, log *slog.Logger) *server {
	s := &server{failed: make(chan error, 1), done: make(chan struct{})}
	s.serve(api.Starting())
	s.http = &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			(*s.handler.Load()).ServeHTTP(w, r)
		}),
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

// serve switches to another handler for all requests that begin from now.
func (s *server) serve(h http.Handler) { s.handler.Store(&h) }

// shutdown waits for the requests under way, until ctx ends.
func (s *server) shutdown(ctx context.Context) {
	_ = s.http.Shutdown(ctx) // its only error is that ctx ended: then close cuts them off
	s.close()
}

// close cuts off everything and waits for the accepting goroutine. Again is fine.
func (s *server) close() {
	_ = s.http.Close() // the listener may be closed already
	<-s.done
}
