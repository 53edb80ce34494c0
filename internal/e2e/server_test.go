// Package e2e tests the real program as a process, from outside: over HTTP,
// with signals, on a real disk.
package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program builds the program once for all tests.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "charcoal-e2e-")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "charcoal")
	build := exec.Command("go", "build", "-o", bin, "github.com/charcoal-art/charcoal/cmd/charcoal")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	postgres.Stop()
	bucket.Stop()
	kafka.Stop()
	if bin, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(bin))
	}
	os.Exit(code)
}

// server is one running "charcoal serve".
type server struct {
	t    testing.TB
	url  string
	cmd  *exec.Cmd
	logs *logs
}

// start runs the program on a free port and waits until it is ready.
func start(t testing.TB, dataDir string, flags ...string) *server {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"serve", "--addr", "127.0.0.1:0", "--data", dataDir, "--log-format", "json"}, flags...)
	s := &server{t: t, cmd: exec.Command(bin, args...), logs: newLogs()}
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.logs.follow(stderr)
	t.Cleanup(func() {
		if s.cmd.ProcessState == nil {
			s.kill()
		}
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.logs.tail())
		}
	})
	s.url = s.logs.await(t, "listening", "url")
	s.logs.await(t, "ready", "msg")
	return s
}

// kill ends the process as a power cut would, and waits until it is gone.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.logs.ended
	_ = s.cmd.Wait()
}

// stop asks the process to end and returns its exit status.
func (s *server) stop() int {
	s.t.Helper()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		s.t.Fatal(err)
	}
	return s.wait()
}

// wait waits for the process to end and returns its exit status.
func (s *server) wait() int {
	s.t.Helper()
	<-s.logs.ended
	err := s.cmd.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return 0
}

// run runs the program to its end and returns what it said on standard error.
func run(t testing.TB, limit time.Duration, args ...string) (stderr string, code int) {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	var out bytes.Buffer
	cmd.Stderr = &out
	if err := cmd.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// logs keeps what the server logs and lets a test wait for a line.
type logs struct {
	mu    sync.Mutex
	lines []map[string]any
	raw   []string
	more  chan struct{} // closed and replaced at each line
	ended chan struct{}
}

func newLogs() *logs { return &logs{more: make(chan struct{}), ended: make(chan struct{})} }

func (l *logs) follow(r io.Reader) {
	defer close(l.ended)
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line map[string]any
		_ = json.Unmarshal(lines.Bytes(), &line) // a panic's output is no JSON: kept raw
		l.mu.Lock()
		l.lines = append(l.lines, line)
		l.raw = append(l.raw, lines.Text())
		close(l.more)
		l.more = make(chan struct{})
		l.mu.Unlock()
	}
}

// await returns an attribute of the first line with the message.
func (l *logs) await(t testing.TB, msg, attr string) string {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		l.mu.Lock()
		more := l.more
		for _, line := range l.lines {
			if line["msg"] == msg {
				l.mu.Unlock()
				return fmt.Sprint(line[attr])
			}
		}
		l.mu.Unlock()
		select {
		case <-more:
		case <-l.ended:
			t.Fatalf("the server ended before it logged %q:\n%s", msg, l.tail())
		case <-timeout:
			t.Fatalf("the server did not log %q within a minute:\n%s", msg, l.tail())
		}
	}
}

func (l *logs) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.raw[max(0, len(l.raw)-40):], "\n")
}

// response is an answer, read whole.
type response struct {
	status int
	header http.Header
	body   []byte
}

func (r response) json(t testing.TB) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("not JSON: %v: %q", err, r.body)
	}
	return v
}

// do makes a request; an error means that no whole answer came.
func (s *server) do(ctx context.Context, method, path, contentType string, body io.Reader) (response, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		return response{}, err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return response{}, err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return response{res.StatusCode, res.Header, got}, err
}

// get is do for a test that needs the answer.
func (s *server) get(path string) response {
	s.t.Helper()
	res, err := s.do(s.t.Context(), http.MethodGet, path, "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return res
}

// form is a multipart body with one file.
func form(name string, content []byte) (contentType string, body []byte) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	part, _ := w.CreateFormFile("file", name) // writing to memory cannot fail
	_, _ = part.Write(content)
	_ = w.Close()
	return w.FormDataContentType(), buf.Bytes()
}

// upload sends a picture and returns its id; an error means that the server did
// not promise to keep it.
func (s *server) upload(ctx context.Context, query, name string, content []byte) (string, error) {
	contentType, body := form(name, content)
	res, err := s.do(ctx, http.MethodPost, "/ascii"+query, contentType, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	if res.status != http.StatusOK {
		return "", fmt.Errorf("upload: %d %s", res.status, res.body)
	}
	var answer struct {
		ID string `json:"image_id"`
	}
	if err := json.Unmarshal(res.body, &answer); err != nil || answer.ID == "" {
		return "", fmt.Errorf("upload: %w: %q", err, res.body)
	}
	return answer.ID, nil
}

// art waits for the art of an image.
func (s *server) art(id string) string {
	s.t.Helper()
	for range 10 {
		res := s.get("/image/" + id + "/ascii?wait=30s")
		switch res.status {
		case http.StatusOK:
			return string(res.body)
		case http.StatusConflict:
			continue
		}
		s.t.Fatalf("the art of %s: %d %s", id, res.status, res.body)
	}
	s.t.Fatalf("the art of %s is not ready after five minutes", id)
	return ""
}
