package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// server runs the service until the script ends, and names it in CHARCOAL_SERVER:
//
//	server [FLAG...]
func server(ts *testscript.TestScript, _ bool, args []string) {
	stop, url, err := startServer(ts.MkAbs("server-data"), args...)
	ts.Check(err)
	ts.Defer(stop)
	ts.Setenv("CHARCOAL_SERVER", url)
}

// serverOf is [server] for tests in Go.
func serverOf(t *testing.T, data string, flags ...string) (url string) {
	t.Helper()
	stop, url, err := startServer(data, flags...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

var listening = regexp.MustCompile(`msg=listening url=(\S+)`)

// startServer starts the program as a server and waits until it is ready. What it says after that is read and dropped.
func startServer(data string, flags ...string) (stop func(), url string, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, "", err
	}
	cmd := &exec.Cmd{Path: self, Args: append([]string{"charcoal", "serve", "--addr", "127.0.0.1:0", "--data", data}, flags...), Env: []string{}}
	log, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return nil, "", err
	}
	drained := make(chan struct{})
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		_ = cmd.Wait()
	}
	said := ""
	lines := bufio.NewReader(log)
	for ready := false; !ready; {
		line, err := lines.ReadString('\n')
		said += line
		if err != nil {
			close(drained)
			stop()
			return nil, "", &exec.Error{Name: said, Err: err}
		}
		if found := listening.FindStringSubmatch(line); found != nil {
			url = found[1]
		}
		ready = strings.Contains(line, "msg=ready")
	}
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, lines)
	}()
	return stop, url, nil
}
