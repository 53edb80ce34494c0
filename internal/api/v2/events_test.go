package v2_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
)

// stream follows events until a function has seen enough.
func (s *site) stream(path string, header []string, enough func(line string) bool) []string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+path, nil)
	noError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := s.http.Client().Do(req)
	noError(s.t, err)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/event-stream" {
		s.t.Fatalf("stream: got %d %v", res.StatusCode, res.Header)
	}
	var lines []string
	scanner := bufio.NewScanner(res.Body)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
		if enough(scanner.Text()) {
			return lines
		}
	}
	s.t.Errorf("the stream ended after %q: %v", lines, scanner.Err())
	return lines
}

func TestEvents(t *testing.T) {
	s := newSite(t, options{})
	up := s.upload(nil, picture(t, 30, 30))
	ready := func(line string) bool { return strings.Contains(line, `"rendering.ready"`) }
	lines := s.stream(up.text("links.events")+"?last_event_id=0", nil, ready)
	all := strings.Join(lines, "\n")
	for _, want := range []string{"retry: 2000", "event: image", `"type":"image.created"`, `"type":"rendering.queued"`, `"type":"rendering.running"`, `"image_id":"` + up.text("id") + `"`} {
		if !strings.Contains(all, want) {
			t.Errorf("events: got %s, want %s", all, want)
		}
	}
	var id string
	for _, line := range lines {
		if after, ok := strings.CutPrefix(line, "id: "); ok {
			id = after
		}
	}
	up = s.upload(nil, picture(t, 31, 30))
	again := strings.Join(s.stream("/v2/events", []string{"Last-Event-ID", id}, ready), "\n")
	if strings.Count(again, "image.created") != 1 || !strings.Contains(again, up.text("id")) {
		t.Errorf("resumed: got %s", again)
	}
	s.get("/v2/events?last_event_id=-1").wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.get("/v2/events", "Last-Event-ID", "x").wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.get("/v2/events?all=true").wantProblem(http.StatusUnauthorized, "unauthenticated")
}

// TestEventsOfOthers holds that nobody follows what they may not see, also not
// when it becomes private while they do.
func TestEventsOfOthers(t *testing.T) {
	s := newSite(t, options{required: true})
	_, ada := s.user("ada", charcoal.RoleUser)
	_, bob := s.user("bob", charcoal.RoleUser)
	up := s.upload(ada, picture(t, 30, 30))
	s.get(up.text("links.events"), bob...).wantProblem(http.StatusNotFound, "not_found")
	s.send("PATCH", up.text("links.self"), `{"visibility":"public"}`, ada...).want(http.StatusOK)
	s.send("PATCH", up.text("links.self"), `{"visibility":"private"}`, ada...).want(http.StatusOK)
	s.send("PATCH", up.text("links.self"), `{"visibility":"public","title":"x"}`, ada...).want(http.StatusOK)
	edits := 0
	lines := s.stream(up.text("links.events")+"?last_event_id=0", bob, func(line string) bool {
		if strings.Contains(line, "image.edited") {
			edits++
		}
		return edits == 2
	})
	if all := strings.Join(lines, "\n"); strings.Contains(all, "image.created") {
		t.Errorf("events of when it was private: got %s", all)
	}
}

// TestStreamsEndWithTheirCredential: who signed out, or lost a token or the account,
// must not go on reading by what began before.
func TestStreamsEndWithTheirCredential(t *testing.T) {
	s := newSite(t, options{required: true})
	tests := map[string]func(u charcoal.User, session, token []string){
		"session ended": func(_ charcoal.User, session, _ []string) {
			s.do("DELETE", "/v2/sessions/current", nil, session...).want(http.StatusNoContent)
		},
		"account disabled": func(u charcoal.User, _, _ []string) {
			_, err := s.accounts.SetDisabled(t.Context(), account.CommandLine(), u.ID, true)
			noError(t, err)
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			s := s.on(t)
			u, token := s.quickUser(charcoal.RoleUser)
			session := s.cookie(u.Name)
			up := s.upload(token, picture(t, 30, 30))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+"/v2/events", nil)
			noError(t, err)
			req.Header.Set(session[0], session[1])
			res, err := s.http.Client().Do(req)
			noError(t, err)
			defer res.Body.Close()
			end(u, session, token)
			id, err := charcoal.ParseID(up.text("id"))
			noError(t, err)
			title := "secret"
			_, err = s.store.EditImage(t.Context(), id, charcoal.ImageEdit{Title: &title})
			noError(t, err)
			body, err := io.ReadAll(res.Body)
			noError(t, err)
			if strings.Contains(string(body), "event:") {
				t.Errorf("events after the end: got %s", body)
			}
		})
	}
}

// TestStreamsAreShared: a stranger who opens all streams that they may have leaves the
// others theirs.
func TestStreamsAreShared(t *testing.T) {
	s := newSite(t, options{required: true, streams: 2})
	_, ada := s.user("ada", charcoal.RoleUser)
	path := s.upload(ada, picture(t, 30, 30), value("visibility", "public")).text("links.events")
	open := func(header ...string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+path, nil)
		noError(t, err)
		req.Header.Set(header[0], header[1])
		res, err := s.http.Client().Do(req)
		noError(t, err)
		t.Cleanup(func() { _ = res.Body.Close() })
		return res.StatusCode
	}
	for i, who := range []struct {
		header []string
		want   int
	}{
		{[]string{"X-Forwarded-For", "2001:db8::1"}, http.StatusOK},
		{[]string{"X-Forwarded-For", "2001:db8::2"}, http.StatusOK},
		{[]string{"X-Forwarded-For", "2001:db8::3"}, http.StatusTooManyRequests},
		{[]string{"X-Forwarded-For", "2001:db8:0:1::1"}, http.StatusOK},
		{ada, http.StatusOK},
	} {
		if got := open(who.header...); got != who.want {
			t.Errorf("stream %d of %v: got %d, want %d", i+1, who.header, got, who.want)
		}
	}
}

// TestStopEndsStreams holds that nobody holds up the stop of the server.
func TestStopEndsStreams(t *testing.T) {
	s := newSite(t, options{idle: true})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.http.URL+"/v2/events", nil)
	noError(t, err)
	res, err := s.http.Client().Do(req)
	noError(t, err)
	defer res.Body.Close()
	s.stop()
	scanner := bufio.NewScanner(res.Body)
	for scanner.Scan() { // ends when the stream does
	}
}
