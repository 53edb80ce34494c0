package v2

import (
	"net/http"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
)

func (a *API) tokenOperations() []operation {
	return []operation{
		withBody(operation{
			id: "makeToken", method: "POST", path: "/v2/tokens", group: "accounts", scope: charcoal.ScopeAccount,
			summary: "Make a token for a program", details: "Its secret is told in this answer and never again.",
			answers: []answer{created[Token]("the token")},
		}, a.makeToken),
		{
			id: "listTokens", method: "GET", path: "/v2/tokens", group: "accounts", scope: charcoal.ScopeAccount,
			summary: "List your tokens", answers: []answer{ok[TokenList]("newest first")}, serve: a.listTokens,
		},
		{
			id: "revokeToken", method: "DELETE", path: "/v2/tokens/{id}", group: "accounts", scope: charcoal.ScopeAccount,
			summary: "Revoke a token", answers: []answer{nothing("it is of no use any more")}, serve: a.revokeToken,
		},
		withBody(operation{
			id: "makeInvite", method: "POST", path: "/v2/invites", group: "accounts", scope: charcoal.ScopeAdmin,
			summary: "Invite somebody", details: "Its secret is told in this answer and never again.",
			answers: []answer{created[Invite]("the invitation")},
		}, a.makeInvite),
		withQuery(operation{
			id: "listInvites", method: "GET", path: "/v2/invites", group: "accounts", scope: charcoal.ScopeAdmin,
			summary: "List invitations", answers: []answer{ok[InvitePage]("a page, newest first")},
		}, a.listInvites),
		{
			id: "revokeInvite", method: "DELETE", path: "/v2/invites/{id}", group: "accounts", scope: charcoal.ScopeAdmin,
			summary: "Take an invitation back", answers: []answer{nothing("it is of no use any more")}, serve: a.revokeInvite,
		},
		withQuery(operation{
			id: "auditLog", method: "GET", path: "/v2/audit", group: "accounts", scope: charcoal.ScopeAdmin,
			summary: "Read the log of security events", answers: []answer{ok[AuditPage]("a page, newest first")},
		}, a.auditLog),
	}
}

// Token signs a program in.
type Token struct {
	ID      charcoal.ID `json:"id"`
	Name    string      `json:"name"`
	Scopes  []string    `json:"scopes" enum:"images:read,images:write,account,admin"`
	Created Time        `json:"created"`
	Expires *Time       `json:"expires,omitempty" doc:"absent: never"`
	Used    *Time       `json:"used,omitempty" doc:"last, to about a minute"`
	Secret  string      `json:"token,omitempty" doc:"only when it is made"`
}

// TokenList is all tokens of an account.
type TokenList struct {
	Tokens []Token `json:"tokens"`
}

// TokenRequest is a token to be made.
type TokenRequest struct {
	Name    string   `json:"name" minlen:"1" maxlen:"100"`
	Scopes  []string `json:"scopes" minlen:"1" maxlen:"4" enum:"images:read,images:write,account,admin"`
	Expires *Time    `json:"expires_at,omitempty" format:"date-time" doc:"absent: never"`
}

func tokenOf(t charcoal.Token, secret string) Token {
	v := Token{t.ID, t.Name, []string{}, Time{t.Created}, timeOf(t.Expires), timeOf(t.Used), secret}
	for _, s := range t.Scopes {
		v.Scopes = append(v.Scopes, string(s))
	}
	return v
}

func (a *API) makeToken(c *call, req TokenRequest) error {
	r := account.TokenRequest{Name: req.Name}
	for _, s := range req.Scopes {
		r.Scopes = append(r.Scopes, charcoal.Scope(s))
	}
	if req.Expires != nil {
		r.Expires = req.Expires.Time
	}
	secret, t, err := a.Accounts.MakeToken(c.r.Context(), c.caller(), r)
	if err != nil {
		return err
	}
	return c.send(reply{http.StatusCreated, map[string]string{"Location": "/v2/tokens/" + t.ID.String()}, tokenOf(t, secret)})
}

func (a *API) listTokens(c *call) error {
	all, err := a.Accounts.Tokens(c.r.Context(), c.caller())
	if err != nil {
		return err
	}
	page := TokenList{Tokens: []Token{}}
	for _, t := range all {
		page.Tokens = append(page.Tokens, tokenOf(t, ""))
	}
	return c.json(page)
}

func (a *API) revokeToken(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.Accounts.RevokeToken(c.r.Context(), c.caller(), id); err != nil {
		return err
	}
	return c.done()
}

// Invite lets one person make an account.
type Invite struct {
	ID      charcoal.ID `json:"id"`
	Role    string      `json:"role" enum:"user,admin"`
	Created Time        `json:"created"`
	Expires Time        `json:"expires"`
	Used    *Time       `json:"used,omitempty"`
	Secret  string      `json:"invite,omitempty" doc:"only when it is made"`
}

// InvitePage is a part of the invitations.
type InvitePage struct {
	Invites []Invite `json:"invites"`
	Next    string   `json:"next,omitempty" doc:"the address of the next page; absent at the end"`
}

// InviteRequest is an invitation to be made.
type InviteRequest struct {
	Role    string `json:"role,omitempty" enum:"user,admin" default:"user"`
	Expires *Time  `json:"expires_at,omitempty" format:"date-time" doc:"absent: in a week"`
}

func inviteOf(i charcoal.Invite, secret string) Invite {
	return Invite{i.ID, string(i.Role), Time{i.Created}, Time{i.Expires}, timeOf(i.Used), secret}
}

func (a *API) makeInvite(c *call, req InviteRequest) error {
	lasts := account.DefaultInviteTime
	if req.Expires != nil {
		lasts = time.Until(req.Expires.Time)
	}
	secret, i, err := a.Accounts.MakeInvite(c.r.Context(), c.caller(), charcoal.Role(or(req.Role, string(charcoal.RoleUser))), lasts)
	if err != nil {
		return err
	}
	return c.send(reply{http.StatusCreated, map[string]string{"Location": "/v2/invites/" + i.ID.String()}, inviteOf(i, secret)})
}

func (a *API) listInvites(c *call, q PageQuery) error {
	before, limit, err := q.before()
	if err != nil {
		return err
	}
	all, err := a.Accounts.Invites(c.r.Context(), c.caller(), before, limit+1)
	if err != nil {
		return err
	}
	all, cursor := pageOf(all, limit, func(i charcoal.Invite) charcoal.ID { return i.ID })
	page := InvitePage{Invites: []Invite{}, Next: c.next(cursor)}
	for _, i := range all {
		page.Invites = append(page.Invites, inviteOf(i, ""))
	}
	return c.json(page)
}

func (a *API) revokeInvite(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.Accounts.RevokeInvite(c.r.Context(), c.caller(), id); err != nil {
		return err
	}
	return c.done()
}

// AuditEntry is one security event.
type AuditEntry struct {
	ID      charcoal.ID       `json:"id"`
	At      Time              `json:"at"`
	Action  string            `json:"action" example:"login.failed"`
	Actor   *charcoal.ID      `json:"actor,omitempty" doc:"who did it; absent for a stranger, or somebody at the server itself"`
	Name    string            `json:"name" doc:"of the actor then"`
	Address string            `json:"address"`
	User    *charcoal.ID      `json:"user,omitempty" doc:"whose account it is about"`
	Details map[string]string `json:"details,omitempty"`
}

// AuditPage is a part of the log.
type AuditPage struct {
	Entries []AuditEntry `json:"entries"`
	Next    string       `json:"next,omitempty" doc:"the address of the next page; absent at the end"`
}

func auditOf(e charcoal.AuditEntry) AuditEntry {
	return AuditEntry{e.ID, Time{e.At}, string(e.Action), idOf(e.Actor), e.Name, addressOf(e.Address), idOf(e.User), e.Details}
}

func idOf(id charcoal.ID) *charcoal.ID {
	if id == (charcoal.ID{}) {
		return nil
	}
	return &id
}

func (a *API) auditLog(c *call, q PageQuery) error {
	before, limit, err := q.before()
	if err != nil {
		return err
	}
	all, err := a.Accounts.AuditLog(c.r.Context(), c.caller(), before, limit+1)
	if err != nil {
		return err
	}
	all, cursor := pageOf(all, limit, func(e charcoal.AuditEntry) charcoal.ID { return e.ID })
	page := AuditPage{Entries: []AuditEntry{}, Next: c.next(cursor)}
	for _, e := range all {
		page.Entries = append(page.Entries, auditOf(e))
	}
	return c.json(page)
}
