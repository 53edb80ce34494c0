package testservers

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// S3 is versitygw, a real S3 server that keeps objects as files. It is started at the
// first use; a TestMain calls Stop after the tests. Its methods are safe for
// concurrent use, except Halt, Resume and Stop.
type S3 struct {
	// Dir is where it keeps buckets; "" is a folder of its own, in memory where
	// there is one.
	Dir string

	once
	address string
	dir     string // with the log, and the buckets unless Dir says otherwise
	daemon
}

// Keys of every [S3].
const (
	S3AccessKey = "charcoal"
	S3SecretKey = "only-for-tests"
)

// Addr is its host:port.
func (s *S3) Addr(tb testing.TB) string {
	tb.Helper()
	s.need(tb, s.init, "the S3 server versitygw", "scripts/need-s3 builds it")
	return s.address
}

// Bucket makes an empty bucket and returns its name.
func (s *S3) Bucket(tb testing.TB) string {
	tb.Helper()
	s.Addr(tb)
	name := "b-" + strings.ToLower(rand.Text())
	if err := os.Mkdir(filepath.Join(s.Dir, name), 0o755); err != nil { //nolint:gosec // as the server makes them
		tb.Fatal(err)
	}
	return name
}

// Halt ends it, and Resume starts it again with what it held.
func (s *S3) Halt(tb testing.TB) {
	tb.Helper()
	s.Addr(tb)
	s.end()
}

// Resume undoes Halt.
func (s *S3) Resume(tb testing.TB) {
	tb.Helper()
	if err := s.serve(); err != nil {
		tb.Fatal(err)
	}
}

// Stop ends the server, if it was started, and removes its files.
func (s *S3) Stop() {
	s.stop()
	s.end()
	_ = os.RemoveAll(s.dir)
}

func (s *S3) init() error {
	program, err := cached("versitygw")
	if err != nil {
		return err
	}
	if s.address, err = freeAddress(); err != nil {
		return err
	}
	if s.dir, err = os.MkdirTemp("", "charcoal-s3-"); err != nil {
		return err
	}
	if s.Dir == "" {
		s.Dir = s.dir
	}
	s.daemon = daemon{name: "versitygw", log: filepath.Join(s.dir, "log"), ready: s.healthy, command: func() *exec.Cmd {
		cmd := exec.CommandContext(context.Background(), program, //nolint:gosec // what we built
			"--port", s.address, "--health", "/health", "--keep-alive", "--quiet", "posix", s.Dir)
		cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY="+S3AccessKey, "ROOT_SECRET_KEY="+S3SecretKey) //nolint:forbidigo // a test's server inherits
		return cmd
	}}
	return s.serve()
}

func (s *S3) healthy(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.address+"/health", nil)
	if err != nil {
		return err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("its health is %s", resp.Status)
	}
	return nil
}
