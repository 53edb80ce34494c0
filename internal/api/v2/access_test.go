package v2_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
)

// The people of the access test, in the order of the columns of its table, on a
// server where everybody has to sign in:
//
//	stranger  nobody signed in
//	owner     whose the things are, with all scopes of a user
//	other     another user
//	admin     with all scopes
//	expired   a token of the owner whose time is over
//	reader    a token of the owner with the scope images:read alone
//	revoked   a session that was ended
var people = []string{"stranger", "owner", "other", "admin", "expired", "reader", "revoked"}

// access is what each route answers them.
var access = []struct {
	method, path, body string
	want               [7]int
}{
	{"POST", "/v2/images", "picture", [7]int{401, 202, 202, 202, 401, 403, 401}},
	{"GET", "/v2/images", "", [7]int{200, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/images/{image}", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"PATCH", "/v2/images/{image}", `{"title":"x"}`, [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"DELETE", "/v2/images/{image}", "", [7]int{401, 204, 404, 204, 401, 403, 401}},
	{"POST", "/v2/images/{deleted}/restore", "", [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"GET", "/v2/images/{image}/original", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/images/{image}/renderings", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"POST", "/v2/images/{image}/renderings", `{}`, [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"GET", "/v2/images/{image}/art", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/images/{image}/art.txt", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/images/{image}/art.html?rows=3", "", [7]int{404, 200, 404, 200, 401, 403, 401}},
	{"GET", "/v2/images/{image}/events", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/renderings/{rendering}", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"DELETE", "/v2/renderings/{spare}", "", [7]int{401, 204, 404, 204, 401, 403, 401}},
	{"POST", "/v2/renderings/{rendering}/cancel", "", [7]int{401, 409, 404, 409, 401, 403, 401}},
	{"POST", "/v2/renderings/{rendering}/retry", "", [7]int{401, 409, 404, 409, 401, 403, 401}},
	{"GET", "/v2/renderings/{rendering}/art", "", [7]int{404, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/renderings/{rendering}/art.png", "", [7]int{404, 200, 404, 200, 401, 200, 401}},

	// What is public is for everybody to see, and still for the owner to change.
	{"GET", "/v2/images/{public}", "", [7]int{200, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/images/{public}/original", "", [7]int{200, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/images/{public}/art.txt", "", [7]int{200, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/images/{public}/art.txt?cols=7", "", [7]int{401, 200, 403, 200, 401, 403, 401}},
	{"PATCH", "/v2/images/{public}", `{"title":"x"}`, [7]int{401, 200, 403, 200, 401, 403, 401}},
	{"POST", "/v2/images/{public}/renderings", `{}`, [7]int{401, 200, 403, 200, 401, 403, 401}},

	{"POST", "/v2/convert", "picture", [7]int{401, 200, 200, 200, 401, 403, 401}},
	{"GET", "/v2/presets", "", [7]int{401, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/presets/{preset}", "", [7]int{401, 200, 404, 404, 401, 200, 401}},
	{"PUT", "/v2/presets/new", `{"options":{}}`, [7]int{401, 200, 200, 200, 401, 403, 401}},
	{"DELETE", "/v2/presets/{preset}", "", [7]int{401, 204, 404, 404, 401, 403, 401}},
	{"GET", "/v2/events", "", [7]int{401, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/events?all=true", "", [7]int{401, 403, 403, 200, 401, 403, 401}},

	{"POST", "/v2/users", `{"name":"new","password":"a long enough one"}`, [7]int{403, 403, 403, 403, 401, 403, 403}},
	{"GET", "/v2/users", "", [7]int{401, 403, 403, 200, 401, 403, 401}},
	{"GET", "/v2/users/{owner}", "", [7]int{401, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/users/me", "", [7]int{401, 200, 200, 200, 401, 200, 401}},
	{"PATCH", "/v2/users/{owner}", `{}`, [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"PATCH", "/v2/users/{owner}", `{"role":"user"}`, [7]int{401, 403, 404, 200, 401, 403, 401}},
	{"DELETE", "/v2/users/{owner}", `{"password":"wrong"}`, [7]int{401, 403, 404, 204, 401, 403, 401}},
	{"POST", "/v2/sessions", `{"name":"nobody","password":"x"}`, [7]int{401, 401, 401, 401, 401, 401, 401}},
	{"GET", "/v2/sessions", "", [7]int{401, 200, 200, 200, 401, 403, 401}},
	{"DELETE", "/v2/sessions/current", "", [7]int{204, 204, 204, 204, 401, 204, 204}},
	{"DELETE", "/v2/sessions/{session}", "", [7]int{401, 204, 404, 404, 401, 403, 401}},
	{"GET", "/v2/oidc/login", "", [7]int{404, 404, 404, 404, 401, 404, 404}},
	{"GET", "/v2/oidc/callback?state=x&session_state=y", "", [7]int{404, 404, 404, 404, 401, 404, 404}},
	{"POST", "/v2/tokens", `{"name":"x","scopes":["images:read"]}`, [7]int{401, 201, 201, 201, 401, 403, 401}},
	{"GET", "/v2/tokens", "", [7]int{401, 200, 200, 200, 401, 403, 401}},
	{"DELETE", "/v2/tokens/{token}", "", [7]int{401, 204, 404, 404, 401, 403, 401}},
	{"POST", "/v2/invites", `{}`, [7]int{401, 403, 403, 201, 401, 403, 401}},
	{"GET", "/v2/invites", "", [7]int{401, 403, 403, 200, 401, 403, 401}},
	{"DELETE", "/v2/invites/{invite}", "", [7]int{401, 403, 403, 204, 401, 403, 401}},
	{"GET", "/v2/audit", "", [7]int{401, 403, 403, 200, 401, 403, 401}},

	{"POST", "/v2/webhooks", `{"url":"https://hooks.example.com/"}`, [7]int{401, 201, 201, 201, 401, 403, 401}},
	{"GET", "/v2/webhooks", "", [7]int{401, 200, 200, 200, 401, 403, 401}},
	{"GET", "/v2/webhooks/{webhook}", "", [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"PATCH", "/v2/webhooks/{webhook}", `{}`, [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"POST", "/v2/webhooks/{webhook}/rotate", "", [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"POST", "/v2/webhooks/{webhook}/ping", "", [7]int{401, 202, 404, 202, 401, 403, 401}},
	{"GET", "/v2/webhooks/{webhook}/deliveries", "", [7]int{401, 200, 404, 200, 401, 403, 401}},
	{"POST", "/v2/deliveries/{delivery}/redeliver", "", [7]int{401, 202, 404, 202, 401, 403, 401}},
	{"DELETE", "/v2/webhooks/{webhook}", "", [7]int{401, 204, 404, 204, 401, 403, 401}},
	{"GET", "/v2/callback-secret", "", [7]int{401, 200, 200, 200, 401, 403, 401}},

	{"GET", "/v2/usage", "", [7]int{401, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/usage?user={owner}", "", [7]int{401, 200, 404, 200, 401, 200, 401}},
	{"GET", "/v2/export", "", [7]int{401, 200, 200, 200, 401, 200, 401}},
	{"GET", "/v2/capabilities", "", [7]int{200, 200, 200, 200, 401, 200, 200}},
}

// TestAccess asks every route as everybody. A route without a row fails.
func TestAccess(t *testing.T) {
	s := newSite(t, options{required: true})
	for i, who := range people {
		t.Run(who, func(t *testing.T) {
			s := s.on(t)
			revoked := s.revokedSession()
			for _, row := range access {
				c := &cast{s: s, revoked: revoked, address: fmt.Sprintf("192.0.2.%d", i)}
				c.owner, c.mine = s.quickUser(charcoal.RoleUser)
				got := c.ask(row.method, row.path, row.body, who)
				if got.status != row.want[i] {
					t.Errorf("%s %s as %s: got %d %.200s, want %d", row.method, row.path, who, got.status, got.body, row.want[i])
				}
			}
		})
	}
	for _, route := range s.doc.routes() {
		if !s.doc.seen[route] {
			t.Errorf("%s has no row in the table of access", route)
		}
	}
}

// cast is the people and the things of one row, all of them new, each made when it
// is needed.
type cast struct {
	s     *site
	owner charcoal.User
	mine  []string // the header of the owner

	address string   // from where they ask: who guesses passwords slows down only their own
	revoked []string // a session that was ended, of another: it is of nobody any more
}

var things = regexp.MustCompile(`\{[a-z]+\}`)

// ask asks with new things in the path.
func (c *cast) ask(method, path, body, who string) answer {
	c.s.t.Helper()
	header := append(c.header(who), "X-Forwarded-For", c.address)
	path = things.ReplaceAllStringFunc(path, func(name string) string { return c.thing(strings.Trim(name, "{}")) })
	switch {
	case strings.Contains(path, "/events"):
		return c.s.head(path, header)
	case body == "picture":
		return c.s.do(method, path, bytes.NewReader(picture(c.s.t, 5, 5)), append(header, "Content-Type", "image/png")...)
	case body != "":
		return c.s.send(method, path, body, header...)
	}
	return c.s.do(method, path, nil, header...)
}

// header is what somebody shows.
func (c *cast) header(who string) []string {
	switch who {
	case "owner":
		return slices.Clone(c.mine)
	case "other":
		_, header := c.s.quickUser(charcoal.RoleUser)
		return header
	case "admin":
		_, header := c.s.quickUser(charcoal.RoleAdmin)
		return header
	case "expired":
		return c.s.expiredToken(c.owner)
	case "reader":
		return c.s.token(c.owner, time.Time{}, charcoal.ScopeRead)
	case "revoked":
		return slices.Clone(c.revoked)
	}
	return nil
}

// thing makes a thing of the owner and returns its name in paths.
func (c *cast) thing(name string) string {
	s := c.s
	switch name {
	case "image":
		return s.upload(c.mine, picture(s.t, 8, 8)).text("id")
	case "public":
		return s.upload(c.mine, picture(s.t, 8, 8), value("visibility", "public")).text("id")
	case "deleted":
		id := c.thing("image")
		s.do("DELETE", "/v2/images/"+id, nil, c.mine...).want(http.StatusNoContent)
		return id
	case "rendering":
		return s.upload(c.mine, picture(s.t, 8, 8)).text("rendering.id")
	case "spare":
		up := s.upload(c.mine, picture(s.t, 8, 8))
		s.send("POST", up.text("links.renderings"), `{"cols":9}`, c.mine...).want(http.StatusAccepted)
		return up.text("rendering.id")
	case "preset":
		s.send("PUT", "/v2/presets/mine", `{"options":{}}`, c.mine...).want(http.StatusOK)
		return "mine"
	}
	return c.accountThing(name)
}

func (c *cast) accountThing(name string) string {
	s := c.s
	switch name {
	case "owner":
		return c.owner.ID.String()
	case "session":
		return s.get("/v2/sessions", s.cookie(c.owner.Name)...).want(http.StatusOK).text("sessions.0.id")
	case "token":
		s.token(c.owner, time.Time{}, charcoal.ScopeRead)
		return s.get("/v2/tokens", c.mine...).want(http.StatusOK).text("tokens.0.id")
	case "invite":
		_, invite, err := s.accounts.MakeInvite(s.t.Context(), account.CommandLine(), charcoal.RoleUser, time.Hour)
		noError(s.t, err)
		return invite.ID.String()
	case "webhook":
		return s.send("POST", "/v2/webhooks", `{"url":"https://hooks.example.com/"}`, c.mine...).want(http.StatusCreated).text("id")
	case "delivery":
		return s.do("POST", "/v2/webhooks/"+c.thing("webhook")+"/ping", nil, c.mine...).want(http.StatusAccepted).text("id")
	}
	s.t.Fatalf("there is no thing %q", name)
	return ""
}

// quickUser makes an account with the password of all, which is hashed only once.
func (s *site) quickUser(role charcoal.Role) (charcoal.User, []string) {
	s.t.Helper()
	if *s.hash == "" {
		first, _ := s.user("first", charcoal.RoleAdmin) // who stays: somebody has to be an admin
		_, hash, err := s.store.UserByName(s.t.Context(), first.Name)
		noError(s.t, err)
		*s.hash = hash
	}
	u := charcoal.User{ID: charcoal.NewID(), Role: role, Created: time.Now()}
	u.Name = "u" + strings.ReplaceAll(u.ID.String()[9:], "-", "")
	noError(s.t, s.store.AddUser(s.t.Context(), charcoal.NewUser{User: u, Password: *s.hash}, charcoal.AuditEntry{
		ID: charcoal.NewID(), At: time.Now(), Action: charcoal.AuditUserAdded, User: u.ID,
	}))
	return u, s.token(u, time.Time{}, charcoal.Scopes()[:3+b2i(role == charcoal.RoleAdmin)]...)
}

// revokedSession is a session that was ended.
func (s *site) revokedSession() []string {
	s.t.Helper()
	u, _ := s.quickUser(charcoal.RoleUser)
	header := s.cookie(u.Name)
	s.do("DELETE", "/v2/sessions/current", nil, header...).want(http.StatusNoContent)
	return header
}

// expiredToken makes a token in the past.
func (s *site) expiredToken(u charcoal.User) []string {
	s.offset.Store(int64(-2 * time.Hour))
	defer s.offset.Store(0)
	return s.token(u, time.Now().Add(-time.Hour), charcoal.Scopes()[:3]...)
}

// head asks for a stream and leaves it as soon as it has begun.
func (s *site) head(path string, header []string) answer {
	s.t.Helper()
	ctx, cancel := context.WithCancel(s.t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http.URL+path, nil)
	noError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := s.http.Client().Do(req)
	noError(s.t, err)
	defer res.Body.Close()
	a := answer{t: s.t, status: res.StatusCode, header: res.Header}
	s.doc.check(s.t, http.MethodGet, req.URL.Path, a)
	return a
}
