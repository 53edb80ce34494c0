package v2

import (
	"context"
	"net/http"
	"net/netip"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api/caller"
)

// Accounts is what the API needs of the use cases on users.
type Accounts interface {
	UserNames(ctx context.Context, ids []charcoal.ID) (map[charcoal.ID]string, error)

	Register(ctx context.Context, c account.Caller, r account.Registration) (charcoal.User, error)
	Users(ctx context.Context, c account.Caller, after string, limit int) ([]charcoal.User, error)
	User(ctx context.Context, c account.Caller, id charcoal.ID) (charcoal.User, error)
	SetRole(ctx context.Context, c account.Caller, id charcoal.ID, role charcoal.Role) (charcoal.User, error)
	SetDisabled(ctx context.Context, c account.Caller, id charcoal.ID, disabled bool) (charcoal.User, error)
	ChangePassword(ctx context.Context, c account.Caller, current, next string) error
	SetPassword(ctx context.Context, c account.Caller, id charcoal.ID, password string) error
	DeleteUser(ctx context.Context, c account.Caller, id charcoal.ID, password string) error

	Login(ctx context.Context, c account.Caller, name, password string) (account.SignedIn, error)
	Logout(ctx context.Context, c account.Caller) error
	Sessions(ctx context.Context, c account.Caller) (all []charcoal.Session, current charcoal.ID, err error)
	EndSession(ctx context.Context, c account.Caller, id charcoal.ID) error
	StartOIDC(ctx context.Context, next string) (url, cookie string, err error)
	FinishOIDC(ctx context.Context, c account.Caller, a account.OIDCAnswer) (in account.SignedIn, next string, err error)

	MakeToken(ctx context.Context, c account.Caller, r account.TokenRequest) (secret string, t charcoal.Token, err error)
	Tokens(ctx context.Context, c account.Caller) ([]charcoal.Token, error)
	RevokeToken(ctx context.Context, c account.Caller, id charcoal.ID) error

	MakeInvite(ctx context.Context, c account.Caller, role charcoal.Role, lasts time.Duration) (secret string, i charcoal.Invite, err error)
	Invites(ctx context.Context, c account.Caller, before charcoal.ID, limit int) ([]charcoal.Invite, error)
	RevokeInvite(ctx context.Context, c account.Caller, id charcoal.ID) error
	AuditLog(ctx context.Context, c account.Caller, before charcoal.ID, limit int) ([]charcoal.AuditEntry, error)
}

// caller is who asks, as accounts want to know it.
func (c *call) caller() account.Caller {
	who := caller.Of(c.r.Context())
	return account.Caller{Actor: who.Actor, Address: who.Address, Agent: c.r.UserAgent(), Session: SessionOf(c.r)}
}

const userPath = "the id of a user, or me"

func (a *API) userOperations() []operation {
	return []operation{
		withBody(operation{
			id: "register", method: "POST", path: "/v2/users", group: "accounts",
			summary: "Make an account", details: "With an invitation, or without one where the server lets anybody. It signs nobody in.",
			answers: []answer{created[User]("the account")},
		}, a.register),
		withQuery(operation{
			id: "listUsers", method: "GET", path: "/v2/users", group: "accounts", scope: charcoal.ScopeAdmin,
			summary: "List the users", answers: []answer{ok[UserPage]("a page, by name")},
		}, a.listUsers),
		{
			id: "getUser", method: "GET", path: "/v2/users/{user}", pathDoc: userPath, group: "accounts",
			summary: "Show a user", details: "Yourself; anybody, for admins.", answers: []answer{ok[User]("the user")}, serve: a.showUser,
		},
		withBody(operation{
			id: "editUser", method: "PATCH", path: "/v2/users/{user}", pathDoc: userPath, group: "accounts", scope: charcoal.ScopeAccount,
			summary: "Change a password, or as an admin a role", details: "A change of the password ends all other sessions.",
			answers: []answer{ok[User]("the user")},
		}, a.editUser),
		{
			id: "deleteUser", method: "DELETE", path: "/v2/users/{user}", pathDoc: userPath, group: "accounts", scope: charcoal.ScopeAccount,
			summary: "Delete an account for good", details: "Its images go into the bin. Your own needs your password in the body; admins need none for others.",
			body: typeOf[DeleteUserRequest](), bodyOptional: true,
			answers: []answer{nothing("it is gone")}, serve: a.deleteUser,
		},
	}
}

// User is somebody with an account.
type User struct {
	ID       charcoal.ID `json:"id"`
	Name     string      `json:"name"`
	Role     string      `json:"role" enum:"user,admin"`
	Created  Time        `json:"created"`
	Disabled *Time       `json:"disabled,omitempty" doc:"since when they cannot sign in"`
}

// UserPage is a part of the users.
type UserPage struct {
	Users []User `json:"users"`
	Next  string `json:"next,omitempty" doc:"the address of the next page; absent at the end"`
}

// UserRequest is an account to be made.
type UserRequest struct {
	Name     string `json:"name" minlen:"2" maxlen:"40" doc:"letters of English, digits, and ._- within"`
	Password string `json:"password" minlen:"1" maxlen:"1024"`
	Invite   string `json:"invite,omitempty" maxlen:"200" doc:"the secret of an invitation"`
}

// UserEdit is a change of an account.
type UserEdit struct {
	Password        *string `json:"password,omitempty" minlen:"1" maxlen:"1024"`
	CurrentPassword string  `json:"current_password,omitempty" maxlen:"1024" doc:"to change your own"`
	Role            *string `json:"role,omitempty" enum:"user,admin" doc:"for admins"`
	Disabled        *bool   `json:"disabled,omitempty" doc:"for admins"`
}

// DeleteUserRequest confirms that an account is to be deleted.
type DeleteUserRequest struct {
	Password string `json:"password,omitempty" maxlen:"1024"`
}

func userOf(u charcoal.User) User {
	return User{u.ID, u.Name, string(u.Role), Time{u.Created}, timeOf(u.Disabled)}
}

// userID reads the user in the path.
func (c *call) userID() (charcoal.ID, error) {
	if c.r.PathValue("user") != "me" {
		return c.id("user")
	}
	if !c.actor.SignedIn() {
		return charcoal.ID{}, charcoal.Errorf(charcoal.Unauthenticated, "nobody is signed in")
	}
	return c.actor.User, nil
}

func (a *API) register(c *call, req UserRequest) error {
	u, err := a.Accounts.Register(c.r.Context(), c.caller(), account.Registration{Name: req.Name, Password: req.Password, Invite: req.Invite})
	if err != nil {
		return err
	}
	return c.send(reply{http.StatusCreated, map[string]string{"Location": "/v2/users/" + u.ID.String()}, userOf(u)})
}

// NameQuery is which part of a list that is in the order of names.
type NameQuery struct {
	Limit  int    `json:"limit,omitempty" min:"1" max:"200" default:"50"`
	Cursor string `json:"cursor,omitempty" maxlen:"64" doc:"where to go on: from the next of the page before"`
}

func (a *API) listUsers(c *call, q NameQuery) error {
	limit := defaultPage
	if q.Limit > 0 {
		limit = q.Limit
	}
	all, err := a.Accounts.Users(c.r.Context(), c.caller(), q.Cursor, limit+1)
	if err != nil {
		return err
	}
	page := UserPage{Users: []User{}}
	if len(all) > limit {
		all = all[:limit]
		page.Next = c.next(all[limit-1].Name)
	}
	for _, u := range all {
		page.Users = append(page.Users, userOf(u))
	}
	return c.json(page)
}

func (a *API) showUser(c *call) error {
	id, err := c.userID()
	if err != nil {
		return err
	}
	u, err := a.Accounts.User(c.r.Context(), c.caller(), id)
	if err != nil {
		return err
	}
	return c.json(userOf(u))
}

func (a *API) editUser(c *call, e UserEdit) error {
	id, err := c.userID()
	if err != nil {
		return err
	}
	ctx, who := c.r.Context(), c.caller()
	if id == who.User && (e.Role != nil || e.Disabled != nil) {
		err = who.Need(charcoal.ScopeAdmin) // nobody has to be kept from knowing that they exist
	}
	switch {
	case err != nil || e.Password == nil:
	case id == who.User:
		err = a.Accounts.ChangePassword(ctx, who, e.CurrentPassword, *e.Password)
	default:
		err = a.Accounts.SetPassword(ctx, who, id, *e.Password)
	}
	if err == nil && e.Role != nil {
		_, err = a.Accounts.SetRole(ctx, who, id, charcoal.Role(*e.Role))
	}
	if err == nil && e.Disabled != nil {
		_, err = a.Accounts.SetDisabled(ctx, who, id, *e.Disabled)
	}
	if err != nil {
		return err
	}
	return a.showUser(c)
}

func (a *API) deleteUser(c *call) error {
	id, err := c.userID()
	if err != nil {
		return err
	}
	var req DeleteUserRequest
	if c.r.ContentLength != 0 {
		if err := c.decodeBody(&req); err != nil {
			return err
		}
	}
	if err := a.Accounts.DeleteUser(c.r.Context(), c.caller(), id, req.Password); err != nil {
		return err
	}
	if id == c.actor.User {
		ForgetSession(c.w, c.r)
	}
	return c.done()
}

// addressOf is how an address is shown: "" when it is not known.
func addressOf(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}
