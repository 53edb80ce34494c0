// Package app is the one place where everything is wired together: it opens the
// adapters that the configuration names, runs server and worker over them, and
// takes all of it down in reverse order.
package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/config"
)

// Run serves until ctx ends, then drains and returns nil, also when it was still
// starting. Any other end is an error. Nothing of it is left running when it
// returns.
func Run(ctx context.Context, cfg config.Config, log *slog.Logger) (err error) {
	p := &parts{cfg: cfg, log: log}
	p.stopping, p.stop = context.WithCancel(context.Background())
	defer p.stop()
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.lock(); err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return unlessStopped(ctx, fmt.Errorf("listening: %w", err))
	}
	server := newServer(listener, log)
	defer server.close()
	log.InfoContext(ctx, "listening", "url", "http://"+listener.Addr().String(), "data", cfg.Data)
	if err := p.wire(ctx); err != nil {
		return unlessStopped(ctx, err)
	}
	return p.run(ctx, server)
}

// unlessStopped is an error of starting, which is none when all that went wrong
// is that ctx ended.
func unlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && charcoal.CodeOf(err) == charcoal.Canceled {
		return nil
	}
	return err
}

// run works and serves until ctx ends or the server fails. Stopping has two
// steps: nothing new is begun from when ctx ends, and what is still under way
// when the drain time is over is cut off: requests end, jobs are handed back.
func (p *parts) run(ctx context.Context, server *server) error {
	taking, stop := context.WithCancel(ctx)
	defer stop()
	working, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()

	var tasks sync.WaitGroup
	for _, run := range p.tasks {
		tasks.Go(func() { run(taking, working) })
	}
	server.serve(p.api)
	p.log.InfoContext(ctx, "ready", "workers", p.cfg.WorkerCount())

	var failure error
	select {
	case <-ctx.Done():
		p.stop()
		p.log.InfoContext(ctx, "stopping", "drain_timeout", p.cfg.DrainTimeout)
	case failure = <-server.failed:
	}
	p.stop()
	stop()
	deadline := time.AfterFunc(p.cfg.DrainTimeout, cutOff)
	defer deadline.Stop()
	tasks.Wait() // meanwhile the server answers, /readyz with 503 and uploads too
	server.shutdown(working)
	p.log.InfoContext(ctx, "stopped")
	return failure
}
