package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

func (s *server) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestEndlessHeaders are cut off long before the gigabyte that this client would
// send is in anybody's memory.
func TestEndlessHeaders(t *testing.T) {
	s := start(t, t.TempDir())
	conn := s.dial(t)
	_, err := io.WriteString(conn, "GET /v2/images HTTP/1.1\r\nHost: localhost\r\n")
	line := []byte("X-Filler: " + strings.Repeat("x", 1000) + "\r\n")
	sent := 0
	for err == nil && sent < 1<<30 {
		var n int
		n, err = conn.Write(line)
		sent += n
	}
	if sent > 32<<20 {
		t.Errorf("the server took %d MB of headers", sent>>20)
	}
	if memory := peakMemory(t, s.cmd.Process.Pid); memory > 400<<20 {
		t.Errorf("peak memory: got %d MB", memory>>20)
	}
	if got := s.get("/healthz").status; got != http.StatusOK {
		t.Errorf("afterwards: got %d", got)
	}
}

// TestDribblingClients hold many connections open with requests that never end.
// They are let go, and others are served meanwhile.
func TestDribblingClients(t *testing.T) {
	t.Parallel()
	s := start(t, t.TempDir())
	conns := make([]net.Conn, 500)
	for i := range conns {
		conns[i] = s.dial(t)
		if _, err := io.WriteString(conns[i], "POST /v2/images HTTP/1.1\r\nHost: localhost\r\nX-A"); err != nil {
			t.Fatal(err)
		}
	}
	id, err := s.post(t.Context(), "", "?cols=8", tiny(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	s.art(id)
	for i, conn := range conns {
		if _, err := io.Copy(io.Discard, conn); err != nil && os.IsTimeout(err) {
			t.Fatalf("connection %d is still open", i)
		}
	}
}

// TestOneIdempotencyKey sends the same upload a hundred times at once: one image
// comes of it, and everybody gets that answer or is told to wait.
func TestOneIdempotencyKey(t *testing.T) {
	s := start(t, t.TempDir())
	picture := tiny(t, 7)
	post := func() (response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/v2/images", bytes.NewReader(picture))
		if err != nil {
			return response{}, err
		}
		req.Header.Set("Content-Type", "image/png")
		req.Header.Set("Idempotency-Key", "the-one")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return response{}, err
		}
		defer res.Body.Close()
		body, err := io.ReadAll(res.Body)
		return response{res.StatusCode, res.Header, body}, err
	}
	answers := make([]response, 100)
	var clients sync.WaitGroup
	for i := range answers {
		clients.Go(func() {
			var err error
			if answers[i], err = post(); err != nil {
				t.Error(err)
			}
		})
	}
	clients.Wait()
	ids := make(map[any]int)
	for _, a := range answers {
		switch a.status {
		case http.StatusAccepted, http.StatusOK:
			ids[a.json(t)["id"]]++
		case http.StatusConflict:
		default:
			t.Errorf("answer: %d %s", a.status, a.body)
		}
	}
	if len(ids) != 1 {
		t.Errorf("images: got %v, want one", ids)
	}
	again, err := post()
	if err != nil {
		t.Fatal(err)
	}
	if ids[again.json(t)["id"]] == 0 || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("again: got %d %v %s", again.status, again.header, again.body)
	}
	if n := s.get("/status").json(t)["uploaded_count"]; n != 1.0 {
		t.Errorf("images stored: got %v, want 1", n)
	}
}

// TestAccounts has an operator make the first accounts, and two users who do not see
// what the other has.
func TestAccounts(t *testing.T) {
	data := t.TempDir()
	for _, name := range []string{"root", "anna", "bert"} {
		var flags []string
		if name == "root" {
			flags = append(flags, "--admin")
		}
		addUser(t, data, name, flags...)
	}
	s := start(t, data, "--auth-mode", "required")
	as := func(name, method, path string, body []byte) response {
		t.Helper()
		return s.ask(t, name, method, path, body)
	}
	if got := as("", http.MethodPost, "/v2/images", tiny(t, 1)); got.status != http.StatusUnauthorized {
		t.Errorf("upload by a stranger: got %d %s", got.status, got.body)
	}
	if got := as("", http.MethodGet, "/list", nil); got.status != http.StatusUnauthorized {
		t.Errorf("version 1 for a stranger: got %d %s", got.status, got.body)
	}
	up := as("anna", http.MethodPost, "/v2/images?cols=8", tiny(t, 1))
	if up.status != http.StatusAccepted {
		t.Fatalf("upload: got %d %s", up.status, up.body)
	}
	id := fmt.Sprint(up.json(t)["id"])
	for _, path := range []string{"/v2/images/" + id, "/v2/images/" + id + "/original", "/image/" + id, "/image/" + id + "/ascii", "/image/" + id + "/original", "/v2/images/" + id + "/events"} {
		want := map[string]int{"": http.StatusNotFound, "bert": http.StatusNotFound}
		if !strings.HasSuffix(path, "/ascii") && !strings.HasSuffix(path, "/events") {
			want["anna"], want["root"] = http.StatusOK, http.StatusOK
		}
		for name, status := range want {
			if got := as(name, http.MethodGet, path, nil); got.status != status {
				t.Errorf("%s as %q: got %d %s, want %d", path, name, got.status, got.body, status)
			}
		}
	}
	if list := as("bert", http.MethodGet, "/list", nil); strings.Contains(string(list.body), id) {
		t.Errorf("the list of another user: %s", list.body)
	}
	if got := s.get("/v2/images/" + id + "?access_token=secret"); got.status < 400 {
		t.Errorf("a token in the address: got %d", got.status)
	}
}

// ask makes a request with name and password, none for "".
func (s *server) ask(t *testing.T, name, method, path string, body []byte) response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "image/png")
	}
	authenticate(req, name)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{res.StatusCode, res.Header, got}
}
