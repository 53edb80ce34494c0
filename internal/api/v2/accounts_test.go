package v2_test

import (
	"archive/tar"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// cookie signs a browser in and returns the header that it sends from then on.
func (s *site) cookie(name string) []string {
	s.t.Helper()
	got := s.send("POST", "/v2/sessions", `{"name":"`+name+`","password":"`+password+`"}`).want(http.StatusCreated)
	cookies := (&http.Response{Header: got.header}).Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteLaxMode || cookies[0].Path != "/" {
		s.t.Fatalf("cookies: got %v", cookies)
	}
	return []string{"Cookie", cookies[0].Name + "=" + cookies[0].Value}
}

func TestSessions(t *testing.T) {
	s := newSite(t, options{required: true})
	s.user("ada", charcoal.RoleUser)
	ada := s.cookie("ada")
	if got := s.get("/v2/users/me", ada...).want(http.StatusOK); got.text("name") != "ada" || got.text("role") != "user" {
		t.Errorf("user: got %s", got.body)
	}
	list := s.get("/v2/sessions", ada...).want(http.StatusOK)
	if list.at("sessions.0.current") != true {
		t.Errorf("sessions: got %s", list.body)
	}
	s.do("DELETE", "/v2/sessions/current", nil, ada...).want(http.StatusNoContent)
	s.get("/v2/users/me", ada...).wantProblem(http.StatusUnauthorized, "unauthenticated")
	s.send("POST", "/v2/sessions", `{"name":"ada","password":"`+password+`"}`, ada...).want(http.StatusCreated)
	wrong := s.send("POST", "/v2/sessions", `{"name":"ada","password":"wrong"}`).wantProblem(http.StatusUnauthorized, "unauthenticated")
	nobody := s.send("POST", "/v2/sessions", `{"name":"nobody","password":"wrong"}`).wantProblem(http.StatusUnauthorized, "unauthenticated")
	if wrong.text("detail") != nobody.text("detail") {
		t.Errorf("the answers tell who has an account: %q, %q", wrong.text("detail"), nobody.text("detail"))
	}
	s.send("POST", "/v2/sessions", `{"name":"ada","password":"`+password+`"}`, "Sec-Fetch-Site", "cross-site").wantProblem(http.StatusForbidden, "forbidden")
}

// TestCookiesOfTLS: by https the browser lets no other host of the domain plant a
// session, and a cookie that could have been planted is not read.
func TestCookiesOfTLS(t *testing.T) {
	s := newSite(t, options{required: true})
	s.user("ada", charcoal.RoleUser)
	https := []string{"X-Forwarded-Proto", "https"}
	got := s.send("POST", "/v2/sessions", `{"name":"ada","password":"`+password+`"}`, https...).want(http.StatusCreated)
	cookies := (&http.Response{Header: got.header}).Cookies()
	if len(cookies) != 1 || cookies[0].Name != "__Host-charcoal_session" || !cookies[0].Secure || cookies[0].Path != "/" || cookies[0].Domain != "" {
		t.Fatalf("cookies: got %v", cookies)
	}
	s.get("/v2/users/me", append(https, "Cookie", cookies[0].Name+"="+cookies[0].Value)...).want(http.StatusOK)
	s.get("/v2/users/me", append(https, "Cookie", "charcoal_session="+cookies[0].Value)...).want(http.StatusUnauthorized)
}

func TestTokens(t *testing.T) {
	s := newSite(t, options{required: true})
	s.user("ada", charcoal.RoleUser)
	ada := s.cookie("ada")
	made := s.send("POST", "/v2/tokens", `{"name":"ci","scopes":["images:read"]}`, ada...).want(http.StatusCreated)
	token := []string{"Authorization", "Bearer " + made.text("token")}
	s.get("/v2/images", token...).want(http.StatusOK)
	s.post("/v2/images", token, file("a.png", picture(t, 3, 3))).wantProblem(http.StatusForbidden, "forbidden")
	if got := s.get("/v2/tokens", ada...).want(http.StatusOK); got.text("tokens.0.name") != "ci" || got.at("tokens.0.token") != nil {
		t.Errorf("tokens: got %s", got.body)
	}
	s.do("DELETE", "/v2/tokens/"+made.text("id"), nil, ada...).want(http.StatusNoContent)
	s.get("/v2/images", token...).wantProblem(http.StatusUnauthorized, "unauthenticated")
	s.send("POST", "/v2/tokens", `{"name":"ci","scopes":["images"]}`, ada...).wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.get("/v2/images?access_token=x").wantProblem(http.StatusUnprocessableEntity, "invalid")
}

// TestRefusedEditsChangeNothing: an answer shows the image, so that a token that may
// not see it is refused before it is changed, not after.
func TestRefusedEditsChangeNothing(t *testing.T) {
	s := newSite(t, options{required: true})
	u, ada := s.user("ada", charcoal.RoleUser)
	path := s.upload(ada, picture(t, 8, 8)).text("links.self")
	writer := s.token(u, time.Time{}, charcoal.ScopeWrite)
	s.send("PATCH", path, `{"title":"changed"}`, writer...).wantProblem(http.StatusForbidden, "forbidden")
	if got := s.get(path, ada...).want(http.StatusOK).text("title"); got != "" {
		t.Errorf("title: got %q, want none", got)
	}
	s.do("DELETE", path, nil, writer...).want(http.StatusNoContent)
	s.do("POST", path+"/restore", nil, writer...).wantProblem(http.StatusForbidden, "forbidden")
	s.get(path, ada...).wantProblem(http.StatusNotFound, "not_found")
}

func TestBasic(t *testing.T) {
	s := newSite(t, options{required: true})
	s.user("ada", charcoal.RoleUser)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	noError(t, err)
	req.SetBasicAuth("ada", password)
	s.get("/v2/users/me", "Authorization", req.Header.Get("Authorization")).want(http.StatusOK)
	req.SetBasicAuth("ada", "wrong")
	got := s.get("/v2/users/me", "Authorization", req.Header.Get("Authorization")).wantProblem(http.StatusUnauthorized, "unauthenticated")
	if len(got.header.Values("WWW-Authenticate")) != 2 {
		t.Errorf("challenges: got %v", got.header)
	}
	s.get("/v2/users/me", "Authorization", "Digest x").wantProblem(http.StatusUnauthorized, "unauthenticated")
	s.get("/image/x", "Authorization", "Digest x").want(http.StatusUnauthorized)
}

func TestUsers(t *testing.T) {
	s := newSite(t, options{required: true})
	_, root := s.user("root", charcoal.RoleAdmin)
	invite := s.send("POST", "/v2/invites", `{}`, root...).want(http.StatusCreated)
	s.send("POST", "/v2/users", `{"name":"ada","password":"`+password+`"}`).wantProblem(http.StatusForbidden, "forbidden")
	made := s.send("POST", "/v2/users", `{"name":"ada","password":"`+password+`","invite":"`+invite.text("invite")+`"}`).want(http.StatusCreated)
	self := made.header.Get("Location")
	ada := s.cookie("ada")
	s.get(self, ada...).want(http.StatusOK)
	s.get("/v2/users", ada...).wantProblem(http.StatusForbidden, "forbidden")
	page := s.get("/v2/users?limit=1", root...).want(http.StatusOK)
	if next := s.get(page.text("next"), root...).want(http.StatusOK); page.text("users.0.name") != "ada" || next.text("users.0.name") != "root" {
		t.Errorf("users: got %s, then %s", page.body, next.body)
	}
	const next = "another horse battery"
	s.send("PATCH", "/v2/users/me", `{"password":"`+next+`","current_password":"wrong"}`, ada...).wantProblem(http.StatusForbidden, "forbidden")
	s.send("PATCH", "/v2/users/me", `{"password":"`+next+`","current_password":"`+password+`"}`, ada...).want(http.StatusOK)
	s.send("PATCH", "/v2/users/me", `{"role":"admin"}`, ada...).wantProblem(http.StatusForbidden, "forbidden")
	s.send("PATCH", self, `{"disabled":true}`, root...).want(http.StatusOK)
	s.get(self, ada...).wantProblem(http.StatusUnauthorized, "unauthenticated")
	s.do("DELETE", self, nil, root...).want(http.StatusNoContent)
	s.send("DELETE", "/v2/users/me", `{"password":"`+password+`"}`, root...).wantProblem(http.StatusConflict, "conflict") // the last admin
	audit := s.get("/v2/audit", root...).want(http.StatusOK)
	if audit.text("entries.0.action") == "" {
		t.Errorf("audit: got %s", audit.body)
	}
	if got := s.get("/v2/invites", root...).want(http.StatusOK); got.at("invites.0.used") == nil || got.at("invites.0.invite") != nil {
		t.Errorf("invites: got %s", got.body)
	}
}

func TestWebhooks(t *testing.T) {
	s := newSite(t, options{})
	made := s.send("POST", "/v2/webhooks", `{"url":"https://hooks.example.com/x"}`).want(http.StatusCreated)
	self := made.header.Get("Location")
	if !strings.HasPrefix(made.text("secret"), "whsec_") || made.text("events.0") != "rendering.ready" {
		t.Errorf("webhook: got %s", made.body)
	}
	if got := s.get(self).want(http.StatusOK); got.at("secret") != nil {
		t.Errorf("the secret is shown again: %s", got.body)
	}
	if got := s.do("POST", self+"/rotate", nil).want(http.StatusOK); got.text("secret") == made.text("secret") || got.text("old_secret_until") == "" {
		t.Errorf("rotated: got %s", got.body)
	}
	ping := s.do("POST", self+"/ping", nil).want(http.StatusAccepted)
	if got := s.get(self + "/deliveries").want(http.StatusOK); got.text("deliveries.0.id") != ping.text("id") {
		t.Errorf("deliveries: got %s", got.body)
	}
	s.do("POST", "/v2/deliveries/"+ping.text("id")+"/redeliver", nil).want(http.StatusAccepted)
	s.send("PATCH", self, `{"enabled":false,"events":["image.created"]}`).want(http.StatusOK)
	s.do("POST", self+"/ping", nil).wantProblem(http.StatusConflict, "conflict")
	s.get("/v2/callback-secret").want(http.StatusOK)
	for _, url := range []string{"http://127.0.0.1/", "http://2130706433/", "http://[::ffff:10.0.0.1]/", "ftp://example.com/", "http://user:pass@example.com/"} {
		s.send("POST", "/v2/webhooks", `{"url":"`+url+`"}`).wantProblem(http.StatusUnprocessableEntity, "invalid")
	}
	s.do("DELETE", self, nil).want(http.StatusNoContent)
	if got := s.get("/v2/webhooks").want(http.StatusOK); got.at("webhooks.0") != nil {
		t.Errorf("webhooks: got %s", got.body)
	}
}

func TestUsageAndRates(t *testing.T) {
	s := newSite(t, options{requests: 60, quota: charcoal.Quota{Images: 1}})
	s.upload(nil, picture(t, 30, 30))
	got := s.post("/v2/images", nil, file("b.png", picture(t, 31, 30))).wantProblem(http.StatusTooManyRequests, "quota_spent")
	if got.at("limit") != 1.0 || got.text("unit") != "images" || got.header.Get("Retry-After") == "" {
		t.Errorf("quota: got %v %s", got.header, got.body)
	}
	usage := s.get("/v2/usage").want(http.StatusOK)
	if usage.text("quotas.0.name") != "images" || usage.at("quotas.0.used") != 1.0 || usage.at("quotas.0.limit") != 1.0 {
		t.Errorf("usage: got %s", usage.body)
	}
	if h := usage.header; h.Get("Ratelimit-Policy") != `"requests";q=60;w=60` || !strings.HasPrefix(h.Get("Ratelimit"), `"requests";r=`) {
		t.Errorf("headers: got %v", h)
	}
	for range 60 {
		if got = s.get("/v2/capabilities"); got.status != http.StatusOK {
			break
		}
	}
	got.wantProblem(http.StatusTooManyRequests, "rate_limited")
	if got.header.Get("Retry-After") == "" {
		t.Errorf("headers: got %v", got.header)
	}
	s.get("/healthz").want(http.StatusOK)
	s.get("/docs").want(http.StatusOK)
}

func TestExport(t *testing.T) {
	s := newSite(t, options{})
	up := s.upload(nil, picture(t, 30, 30))
	got := s.get("/v2/export").want(http.StatusOK)
	names, r := "", tar.NewReader(strings.NewReader(got.body))
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		noError(t, err)
		names += h.Name + "\n"
	}
	if !strings.Contains(names, up.text("id")) || !strings.Contains(names, "image.json") {
		t.Errorf("files: got %s", names)
	}
}

// TestSourceURL fetches from a server on this machine, which only a server that is
// told so does.
func TestSourceURL(t *testing.T) {
	content := picture(t, 30, 30)
	elsewhere := newFileServer(t, content)
	s := newSite(t, options{fetch: true})
	got := s.send("POST", "/v2/images", `{"source_url":"`+elsewhere+`/cat.png","title":"x","options":{"cols":9}}`, "Prefer", "wait=20", "Idempotency-Key", "u").want(http.StatusOK)
	if got.text("filename") != "cat.png" || got.at("rendering.cols") != 9.0 {
		t.Errorf("image: got %s", got.body)
	}
	again := s.send("POST", "/v2/images", `{"source_url":"`+elsewhere+`/cat.png","title":"x","options":{"cols":9}}`, "Idempotency-Key", "u").want(http.StatusOK)
	if again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("headers: got %v", again.header)
	}
	s.send("POST", "/v2/images", `{"source_url":"`+elsewhere+`/none"}`).wantProblem(http.StatusUnprocessableEntity, "unprocessable")
}

func newFileServer(t *testing.T, content []byte) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/cat.png", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	server := newServer(t, mux)
	return server.URL
}

// TestExpiredToken holds that a token is of no use when its time is over.
func TestExpiredToken(t *testing.T) {
	s := newSite(t, options{required: true})
	u, _ := s.user("ada", charcoal.RoleUser)
	token := s.token(u, time.Now().Add(1100*time.Millisecond), charcoal.ScopeRead)
	s.get("/v2/images", token...).want(http.StatusOK)
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); {
		if s.get("/v2/images", token...).status == http.StatusUnauthorized {
			return
		}
	}
	t.Error("the token works for ever")
}

// TestAFormTakesNoMoreOfAQuotaThanItHolds holds that a small picture fits into a quota
// that the largest one would not fit into, and that a full one is not said to empty.
func TestAFormTakesNoMoreOfAQuotaThanItHolds(t *testing.T) {
	s := newSite(t, options{idle: true, quota: charcoal.Quota{Storage: 2000}})
	s.post("/v2/images", nil, file("a.png", picture(t, 3, 3))).want(http.StatusAccepted)
	big := file("b.png", append(picture(t, 4, 4), make([]byte, 2000)...))
	got := s.post("/v2/images", nil, big).wantProblem(http.StatusTooManyRequests, "quota_spent")
	if again := got.header.Get("Retry-After"); again != "" {
		t.Errorf("Retry-After: got %q, want none: storage does not come back by itself", again)
	}
}
