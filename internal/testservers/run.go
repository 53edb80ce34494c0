package testservers

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

// Run runs the tests of a package, stops their servers, and fails when goroutines
// are left. It returns the exit code of the process:
//
//	var s3 testservers.S3
//
//	func TestMain(m *testing.M) { os.Exit(testservers.Run(m, &s3)) }
func Run(m *testing.M, servers ...interface{ Stop() }) int {
	code := m.Run()
	for _, server := range servers {
		server.Stop()
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err) //nolint:forbidigo // as package testing does
		return 1
	}
	return code
}

// errAbsent is a server whose programs are not here.
var errAbsent = errors.New("not installed")

// once starts a server at its first use. After stop it starts no more.
type once struct {
	sync.Once
	err error // of starting
}

// need starts the server, or ends the test: what is missing and how to get it is
// said when that is the reason.
func (o *once) need(tb testing.TB, start func() error, what, install string) {
	tb.Helper()
	o.Do(func() { o.err = start() })
	if errors.Is(o.err, errAbsent) {
		missing(tb, what, install)
	}
	if o.err != nil {
		tb.Fatalf("start %s: %v", what, o.err)
	}
}

func (o *once) stop() { o.Do(func() { o.err = errAbsent }) }

// cached is the path of what a script of ours fetched or built for tests.
func cached(name string) (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	name = filepath.Join(dir, "charcoal", name)
	if _, err := os.Stat(name); err != nil {
		return "", errors.Join(errAbsent, err)
	}
	return name, nil
}

// freeAddress returns an address of this machine that nobody listens on now.
func freeAddress() (string, error) {
	port, err := freePort()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}
