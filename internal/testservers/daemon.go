package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// How long a server may take to be ready, and to stop when it is asked to.
const (
	startTime = 60 * time.Second
	stopTime  = 15 * time.Second
)

// daemon is a server process that can be stopped and started again.
type daemon struct {
	name    string
	log     string                      // the file for what it says
	command func() *exec.Cmd            // makes a process that was not started yet
	ready   func(context.Context) error // nil once it answers

	cmd    *exec.Cmd
	exited chan struct{} // closed when the process ended; nil: none was started
	exit   error         // how it ended
}

// serve starts the process and waits until it answers.
func (d *daemon) serve() error {
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // nothing secret
	if err != nil {
		return err
	}
	defer log.Close() // the process has its own
	d.cmd = dieWithParent(d.command())
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", d.name, err)
	}
	d.exited = make(chan struct{})
	go func() { // end waits for it
		defer close(d.exited)
		d.exit = d.cmd.Wait()
	}()
	if err := d.await(); err != nil {
		d.end()
		return fmt.Errorf("%s is not ready: %w\n%s", d.name, err, d.lastWords())
	}
	return nil
}

// await asks until the process answers, ends, or took too long.
func (d *daemon) await() error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := d.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-d.exited:
			return fmt.Errorf("it ended: %w", errors.Join(d.exit, err))
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}

// end asks the process to end and waits for that; one that does not is killed.
func (d *daemon) end() {
	if d.exited == nil {
		return
	}
	_ = d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.exited:
	case <-time.After(stopTime):
		d.kill()
		return
	}
	d.exited = nil
}

// kill ends the process without a warning, as a loss of power would.
func (d *daemon) kill() {
	if d.exited == nil {
		return
	}
	_ = d.cmd.Process.Kill()
	<-d.exited
	d.exited = nil
}

// lastWords is the end of what the process said.
func (d *daemon) lastWords() string {
	said, err := os.ReadFile(d.log)
	if err != nil {
		return err.Error()
	}
	return filepath.Base(d.log) + ": …" + string(said[max(0, len(said)-2000):])
}

// listening is a daemon's ready for one that answers as soon as it listens.
func listening(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}
