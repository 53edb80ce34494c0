package api_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/fairuse"
)

// door knows one token, and a session that has ended.
type door struct{ ada charcoal.ID }

func (d door) Authenticate(_ context.Context, c account.Credentials) (charcoal.Actor, error) {
	switch {
	case c.Bearer == "right":
		return charcoal.Actor{User: d.ada, Name: "ada", Scopes: charcoal.Scopes()[:3], Via: "token"}, nil
	case c.Bearer != "" || c.HasBasic || c.Session != "":
		return charcoal.Actor{}, charcoal.Errorf(charcoal.Unauthenticated, "that is not right")
	}
	return charcoal.Actor{}, nil
}

// TestVersion1SignsIn holds that version 1 knows who asks, too, and says in its own
// form when that is nobody.
func TestVersion1SignsIn(t *testing.T) {
	s := newSite(t, options{idle: true, parts: func(p *api.Parts) { p.Accounts = door{charcoal.NewID()} }})
	contentType, body := form(file("a.png", picture(t, 5, 5)))
	upload := func(header ...string) answer {
		return s.do(http.MethodPost, "/ascii", bytes.NewReader(body), append(header, "Content-Type", contentType)...)
	}
	tests := []struct {
		name   string
		header []string
	}{
		{"nobody", nil},
		{"a wrong token", []string{"Authorization", "Bearer wrong"}},
		{"another scheme", []string{"Authorization", "Digest x"}},
		{"a session that ended", []string{"Cookie", "charcoal_session=x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := upload(tt.header...)
			if got.status != http.StatusUnauthorized || got.json(t)["detail"] == "" || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("got %d %v %s, want 401", got.status, got.header, got.body)
			}
		})
	}
	got := upload("Authorization", "Bearer right")
	if got.status != http.StatusOK {
		t.Fatalf("the right token: got %d %s", got.status, got.body)
	}
	id, _ := got.json(t)["image_id"].(string)
	if got := s.get("/image/" + id); got.status != http.StatusNotFound {
		t.Errorf("somebody else: got %d, want 404", got.status)
	}
	if got := s.get("/image/"+id, "Authorization", "Bearer right"); got.status != http.StatusOK {
		t.Errorf("the owner: got %d, want 200", got.status)
	}
	for _, path := range []string{"/image/" + id, "/image/" + id + "/original", "/list"} {
		if got := s.get(path, "Authorization", "Bearer right"); got.header.Get("Cache-Control") != "private" {
			t.Errorf("%s: got %v, want nothing that a shared cache may keep", path, got.header)
		}
	}
	if got := s.get("/healthz", "Authorization", "Bearer wrong"); got.status != http.StatusOK {
		t.Errorf("/healthz: got %d, want 200 for everybody", got.status)
	}
}

// TestRates holds that too many requests are refused, in version 1 too, and that
// wrong tokens count.
func TestRates(t *testing.T) {
	now := time.Now()
	s := newSite(t, options{idle: true, parts: func(p *api.Parts) {
		p.Accounts, p.Limiter = door{}, fairuse.NewLimiter(60, 2, func() time.Time { return now })
	}})
	for range 2 {
		if got := s.get("/status", "Authorization", "Bearer wrong"); got.status != http.StatusUnauthorized {
			t.Errorf("got %d, want 401", got.status)
		}
	}
	got := s.get("/status")
	if got.status != http.StatusTooManyRequests || got.header.Get("Retry-After") != "1" || got.header.Get("RateLimit") != "" {
		t.Errorf("got %d %v, want 429 with Retry-After", got.status, got.header)
	}
	if got := s.get("/healthz"); got.status != http.StatusOK {
		t.Errorf("/healthz: got %d, want 200", got.status)
	}
}

// TestStartingVersion2 holds that what is asked in version 2 is refused in its form,
// also before there is anything else.
func TestStartingVersion2(t *testing.T) {
	s := &site{t: t, http: newServer(t, api.Starting())}
	got := s.get("/v2/images")
	if got.status != http.StatusServiceUnavailable || !strings.HasPrefix(got.header.Get("Content-Type"), "application/problem+json") || got.json(t)["code"] != "unavailable" {
		t.Errorf("got %d %v %s", got.status, got.header, got.body)
	}
}
