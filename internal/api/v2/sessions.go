package v2

import (
	"net/http"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
)

func (a *API) sessionOperations() []operation {
	return []operation{
		withBody(operation{
			id: "login", method: "POST", path: "/v2/sessions", group: "accounts",
			summary: "Sign a browser in", details: "The answer sets a cookie. Programs use a token instead.",
			answers: []answer{created[Login]("signed in")},
		}, a.login),
		{
			id: "listSessions", method: "GET", path: "/v2/sessions", group: "accounts", scope: charcoal.ScopeAccount,
			summary: "List your sessions", answers: []answer{ok[SessionList]("newest first")}, serve: a.listSessions,
		},
		{
			id: "logout", method: "DELETE", path: "/v2/sessions/current", group: "accounts",
			summary: "Sign a browser out", answers: []answer{nothing("signed out")}, serve: a.logout,
		},
		{
			id: "endSession", method: "DELETE", path: "/v2/sessions/{id}", group: "accounts", scope: charcoal.ScopeAccount,
			summary: "End one of your sessions", answers: []answer{nothing("it has ended")}, serve: a.endSession,
		},
		withQuery(operation{
			id: "oidcLogin", method: "GET", path: "/v2/oidc/login", group: "accounts",
			summary: "Sign in through another service", details: "For browsers: leads to the provider that the server is set up for.",
			answers: []answer{{status: http.StatusFound, doc: "to the provider", headers: []parameter{{"Location", "where it is"}}}},
		}, a.oidcLogin),
		withQuery(operation{
			id: "oidcCallback", method: "GET", path: "/v2/oidc/callback", group: "accounts", openQuery: true,
			summary: "Come back from there",
			answers: []answer{{status: http.StatusFound, doc: "signed in", headers: []parameter{{"Location", "where to go on"}}}},
		}, a.oidcCallback),
	}
}

// LoginRequest is who wants to sign in.
type LoginRequest struct {
	Name     string `json:"name" maxlen:"200"`
	Password string `json:"password" maxlen:"1024"`
}

// Login is a session that began.
type Login struct {
	User    User    `json:"user"`
	Session Session `json:"session"`
}

// Session is a browser that signed in.
type Session struct {
	ID      charcoal.ID `json:"id"`
	Created Time        `json:"created"`
	Used    Time        `json:"used" doc:"last, to about a minute"`
	Expires Time        `json:"expires" doc:"at the latest"`
	Address string      `json:"address" doc:"from where it began"`
	Agent   string      `json:"agent" doc:"what the browser said that it is"`
	Current bool        `json:"current" doc:"the one of this request"`
}

// SessionList is all sessions of an account.
type SessionList struct {
	Sessions []Session `json:"sessions"`
}

func sessionOf(s charcoal.Session, current bool) Session {
	return Session{s.ID, Time{s.Created}, Time{s.Used}, Time{s.Expires}, addressOf(s.Address), s.Agent, current}
}

func (a *API) login(c *call, req LoginRequest) error {
	in, err := a.Accounts.Login(c.r.Context(), c.caller(), req.Name, req.Password)
	if err != nil {
		return err
	}
	c.rememberSession(in)
	return c.send(reply{http.StatusCreated, map[string]string{"Location": "/v2/sessions/" + in.Session.ID.String()}, Login{userOf(in.User), sessionOf(in.Session, true)}})
}

func (c *call) rememberSession(in account.SignedIn) {
	lasts := max(int(time.Until(in.Session.Expires)/time.Second), 1)
	http.SetCookie(c.w, cookieOf(c.r, sessionCookie, in.Secret, lasts))
}

func (a *API) listSessions(c *call) error {
	all, current, err := a.Accounts.Sessions(c.r.Context(), c.caller())
	if err != nil {
		return err
	}
	page := SessionList{Sessions: []Session{}}
	for _, s := range all {
		page.Sessions = append(page.Sessions, sessionOf(s, s.ID == current))
	}
	return c.json(page)
}

func (a *API) logout(c *call) error {
	if err := a.Accounts.Logout(c.r.Context(), c.caller()); err != nil {
		return err
	}
	ForgetSession(c.w, c.r)
	return c.done()
}

func (a *API) endSession(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.Accounts.EndSession(c.r.Context(), c.caller(), id); err != nil {
		return err
	}
	return c.done()
}

// OIDCQuery is where to go after signing in.
type OIDCQuery struct {
	Next string `json:"next,omitempty" maxlen:"1000" doc:"a path of this server"`
}

// oidcCookie holds what the browser was sent away with.
const (
	oidcCookie = "charcoal_oidc"
	oidcTime   = 10 * time.Minute
)

func (a *API) oidcLogin(c *call, q OIDCQuery) error {
	url, kept, err := a.Accounts.StartOIDC(c.r.Context(), q.Next)
	if err != nil {
		return err
	}
	c.setOIDCCookie(kept, int(oidcTime/time.Second))
	return c.redirect(url)
}

func (c *call) setOIDCCookie(value string, maxAge int) {
	http.SetCookie(c.w, cookieOf(c.r, oidcCookie, value, maxAge))
}

func (c *call) redirect(to string) error {
	c.w.Header().Set("Location", to)
	c.w.WriteHeader(http.StatusFound)
	return nil
}

// OIDCCallback is what a browser brings back.
type OIDCCallback struct {
	State string `json:"state,omitempty" maxlen:"512"`
	Code  string `json:"code,omitempty" maxlen:"2048"`
	Error string `json:"error,omitempty" maxlen:"512"`
}

func (a *API) oidcCallback(c *call, q OIDCCallback) error {
	answer := account.OIDCAnswer{Cookie: cookieValue(c.r, oidcCookie), State: q.State, Code: q.Code, Error: q.Error}
	c.setOIDCCookie("", -1)
	in, next, err := a.Accounts.FinishOIDC(c.r.Context(), c.caller(), answer)
	if err != nil {
		return err
	}
	c.rememberSession(in)
	return c.redirect(next)
}
