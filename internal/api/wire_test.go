package api_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/internal/api"
)

// checkNoBlobs holds that no file is stored, not even a temporary one.
func checkNoBlobs(t *testing.T, s *site) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(filepath.Join(s.data, "blobs")), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("a file is left: %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// raw sends bytes as they are, closes its side if told to, and reads the answer.
func raw(t *testing.T, s *site, request []byte, closeWrite bool) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", s.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write(request); err != nil {
		t.Fatal(err)
	}
	if closeWrite {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("no answer: %v", err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

func post(contentType string, length int, body []byte) []byte {
	head := fmt.Sprintf("POST /ascii HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", contentType, length)
	return append([]byte(head), body...)
}

// TestCutOffBodies cuts an upload at every kind of place. Nothing of it is kept,
// even when the picture itself had arrived whole.
func TestCutOffBodies(t *testing.T) {
	s := newSite(t, options{idle: true})
	content := picture(t, 50, 50)
	contentType, body := form(file("a.png", content))
	end := bytes.Index(body, content) + len(content)
	for name, cut := range map[string]int{
		"in the part's header": 20, "in the picture": end - len(content)/2,
		"after the picture": end, "in the last boundary": len(body) - 6,
	} {
		t.Run(name, func(t *testing.T) {
			res := raw(t, s, post(contentType, len(body), body[:cut]), true)
			if res.StatusCode != http.StatusBadRequest {
				t.Errorf("status: got %d, want 400", res.StatusCode)
			}
		})
	}
	t.Run("a length that is too short", func(t *testing.T) {
		res := raw(t, s, post(contentType, len(body)-10, body), false)
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("status: got %d, want 400", res.StatusCode)
		}
	})
	t.Run("a length that is huge", func(t *testing.T) {
		res := raw(t, s, post(contentType, 1<<40, body), false)
		if res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("status: got %d, want 413", res.StatusCode)
		}
	})
	t.Run("chunks without an end", func(t *testing.T) {
		head := "POST /ascii HTTP/1.1\r\nHost: x\r\nContent-Type: " + contentType + "\r\nTransfer-Encoding: chunked\r\n\r\n"
		chunk := fmt.Sprintf("%x\r\n%s\r\n", end, body[:end])
		if res := raw(t, s, []byte(head+chunk), true); res.StatusCode != http.StatusBadRequest {
			t.Errorf("status: got %d, want 400", res.StatusCode)
		}
	})
	if got := s.get("/status").json(t)["uploaded_count"]; got != 0.0 {
		t.Errorf("uploads kept: got %v, want 0", got)
	}
	checkNoBlobs(t, s)
}

func TestSilentClientIsLetGo(t *testing.T) {
	s := newSite(t, options{idle: true, api: func(c *api.Config) { c.ReadIdle = 50 * time.Millisecond }})
	contentType, body := form(file("a.png", picture(t, 50, 50)))
	res := raw(t, s, post(contentType, len(body), body[:len(body)/2]), false) // and then nothing
	if res.StatusCode != http.StatusRequestTimeout {
		t.Errorf("status: got %d, want 408", res.StatusCode)
	}
	checkNoBlobs(t, s)
}

// TestUnreadBodyIsLetGo announces a body and never sends it, to addresses that
// would not read one.
func TestUnreadBodyIsLetGo(t *testing.T) {
	s := newSite(t, options{idle: true, api: func(c *api.Config) { c.ReadIdle = 50 * time.Millisecond }})
	for request, want := range map[string]int{
		"GET /healthz": http.StatusOK, "POST /nope": http.StatusNotFound, "POST /ascii?size=0": http.StatusUnprocessableEntity,
	} {
		head := request + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n"
		if got := raw(t, s, []byte(head), false).StatusCode; got != want {
			t.Errorf("%s: got %d, want %d", request, got, want)
		}
	}
}

// TestForeignPages holds that a page of another site can neither make a browser
// upload, nor read by pointing a name of its own at this machine.
func TestForeignPages(t *testing.T) {
	s := newSite(t, options{idle: true, api: func(c *api.Config) { c.LocalOnly = true }})
	contentType, body := form(file("a.png", picture(t, 2, 2)))
	for name, header := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"} {
		got := s.do(http.MethodPost, "/ascii", bytes.NewReader(body), "Content-Type", contentType, name, header)
		if got.status != http.StatusForbidden {
			t.Errorf("upload with %s: %s: got %d, want 403", name, header, got.status)
		}
	}
	for host, want := range map[string]int{
		"evil.example": http.StatusForbidden, "evil.example:8080": http.StatusForbidden, "127.0.0.1.evil.example": http.StatusForbidden,
		"localhost": http.StatusOK, "localhost:8080": http.StatusOK, "127.0.0.1:8080": http.StatusOK, "[::1]:8080": http.StatusOK, "[::1]": http.StatusOK,
	} {
		head := "GET /list HTTP/1.1\r\nHost: " + host + "\r\n\r\n"
		if got := raw(t, s, []byte(head), false).StatusCode; got != want {
			t.Errorf("host %s: got %d, want %d", host, got, want)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	s := newSite(t, options{idle: true})
	for sent, kept := range map[string]bool{
		"abc-123.X_y": true, "": false, "has space": false, strings.Repeat("x", 65): false, `"quoted"`: false,
	} {
		got := s.get("/healthz", "X-Request-Id", sent).header.Get("X-Request-Id")
		if (got == sent) != kept || got == "" {
			t.Errorf("request id %q: got %q, kept should be %v", sent, got, kept)
		}
	}
}

func TestOperations(t *testing.T) {
	s := newSite(t, options{idle: true})
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/readyz": "ready\n", "/version": "{\"version\":\"v1.2.3\",\"commit\":\"abc\"}\n",
	} {
		if got := s.get(path); got.status != http.StatusOK || got.body != want {
			t.Errorf("%s: got %d %q, want %q", path, got.status, got.body, want)
		}
	}
	help := s.get("/")
	if help.status != http.StatusOK || !strings.Contains(help.body, "curl -F file=@") || !strings.Contains(help.body, s.http.URL) {
		t.Errorf("help: got %d %q", help.status, help.body)
	}
}

func TestDraining(t *testing.T) {
	s := newSite(t, options{idle: true})
	s.stop()
	if got := s.get("/readyz"); got.status != http.StatusServiceUnavailable {
		t.Errorf("/readyz while draining: got %d, want 503", got.status)
	}
	if got := s.get("/healthz"); got.status != http.StatusOK {
		t.Errorf("/healthz while draining: got %d, want 200", got.status)
	}
	got := s.post("/ascii", file("a.png", picture(t, 2, 2)))
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		t.Errorf("upload while draining: got %d, want 503 with Retry-After", got.status)
	}
}

// TestStopEndsWaiting holds that a client which waits for art that nobody draws
// any more is answered when the server begins to stop.
func TestStopEndsWaiting(t *testing.T) {
	s := newSite(t, options{idle: true})
	id := s.upload("/ascii", "a.png", picture(t, 2, 2))
	time.AfterFunc(50*time.Millisecond, s.stop) // before or after the wait has begun: both must do
	if got := s.get("/image/" + id + "/ascii?wait=1m"); got.status != http.StatusConflict {
		t.Errorf("art while the server stops: got %d %s, want 409", got.status, got.body)
	}
}

func TestStarting(t *testing.T) {
	s := &site{t: t, http: newServer(t, api.Starting())}
	if got := s.get("/healthz"); got.status != http.StatusOK {
		t.Errorf("/healthz while starting: got %d, want 200", got.status)
	}
	for _, path := range []string{"/readyz", "/list", "/"} {
		if got := s.get(path); got.status != http.StatusServiceUnavailable || got.json(t)["detail"] == "" {
			t.Errorf("%s while starting: got %d %s, want 503", path, got.status, got.body)
		}
	}
}

func TestRangesAndConditions(t *testing.T) {
	s := newSite(t, options{idle: true})
	content := picture(t, 30, 30)
	path := "/image/" + s.upload("/ascii", "a.png", content) + "/original"
	part := s.get(path, "Range", "bytes=1-3")
	if part.status != http.StatusPartialContent || part.body != "PNG" {
		t.Errorf("range: got %d %q, want 206 PNG", part.status, part.body)
	}
	if got := s.get(path, "If-None-Match", part.header.Get("Etag")); got.status != http.StatusNotModified {
		t.Errorf("if-none-match: got %d, want 304", got.status)
	}
	head := s.do(http.MethodHead, path, nil)
	if head.status != http.StatusOK || head.body != "" || head.header.Get("Content-Length") != fmt.Sprint(len(content)) {
		t.Errorf("HEAD: got %d %v", head.status, head.header)
	}
}

// TestRefusalReachesSender holds that a client which sends a large body without
// waiting sees the answer, not a broken connection.
func TestRefusalReachesSender(t *testing.T) {
	s := newSite(t, options{idle: true})
	contentType, body := form(file("a.txt", bytes.Repeat([]byte("no picture "), 150_000)))
	res := s.do(http.MethodPost, "/ascii", io.MultiReader(bytes.NewReader(body)), "Content-Type", contentType)
	if res.status != http.StatusUnsupportedMediaType {
		t.Errorf("status: got %d, want 415", res.status)
	}
}
