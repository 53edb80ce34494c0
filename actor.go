package charcoal

import (
	"slices"
	"strings"
	"time"
)

// Role is what a user is to the service.
type Role string

// The roles.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// Scope is what a credential allows. A session and a password allow all that the
// role does; a token what it was made for.
type Scope string

// The scopes.
const (
	ScopeRead    Scope = "images:read"  // own images and what is drawn of them
	ScopeWrite   Scope = "images:write" // upload, draw, edit, delete
	ScopeAccount Scope = "account"      // own tokens, sessions, password; with images:read webhooks, too
	ScopeAdmin   Scope = "admin"        // everything of everybody; users of the role admin only
)

// Scopes returns every scope.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeWrite, ScopeAccount, ScopeAdmin} }

// Actor is who asks: a user, or somebody who did not sign in. The zero value is
// a stranger, who sees what is public.
type Actor struct {
	User   ID     // zero: not signed in
	Name   string // of the user
	Role   Role   // "" when not signed in
	Scopes []Scope
	Via    string    // how they signed in: "session", "token", "basic", "" for not at all
	Until  time.Time `json:"-"` // when the token that they signed in with expires; zero: never, or by no token

	// Open says that this server asks nobody to sign in. Who does not then owns
	// together with all others what has no owner.
	Open bool
}

// OpenActor is who asks without signing in where nobody has to.
func OpenActor() Actor {
	return Actor{Open: true, Scopes: []Scope{ScopeRead, ScopeWrite, ScopeAccount}}
}

// SignedIn reports whether there is a user.
func (a Actor) SignedIn() bool { return a.User != ID{} }

// Admin reports whether the actor may act on everything.
func (a Actor) Admin() bool {
	return a.SignedIn() && a.Role == RoleAdmin && slices.Contains(a.Scopes, ScopeAdmin)
}

// Owns reports whether what belongs to the owner is the actor's own.
func (a Actor) Owns(owner ID) bool {
	return owner == a.User && (a.SignedIn() || a.Open)
}

// Need returns nil when the actor may do what needs the scope, on their own
// things: [Unauthenticated] when signing in would help, else [Forbidden].
func (a Actor) Need(scope Scope) error {
	switch {
	case scope == ScopeAdmin && a.Admin():
		return nil
	case scope != ScopeAdmin && slices.Contains(a.Scopes, scope):
		return nil
	case !a.SignedIn():
		return Errorf(Unauthenticated, "sign in to do this: with a token, or with name and password")
	case scope == ScopeAdmin && a.Role != RoleAdmin:
		return Errorf(Forbidden, "this is for admins")
	}
	return Errorf(Forbidden, "this token does not allow it: it lacks the scope %s and has %s", scope, joinScopes(a.Scopes))
}

func joinScopes(scopes []Scope) string {
	if len(scopes) == 0 {
		return "none"
	}
	words := make([]string, len(scopes))
	for i, s := range scopes {
		words[i] = string(s)
	}
	return strings.Join(words, ", ")
}

// MayRead returns nil when the actor may see the image, else NotFound, as for one
// that does not exist. Reading what is public or unlisted needs no scope.
func (a Actor) MayRead(img Image) error {
	switch {
	case img.Visibility == Public || img.Visibility == Unlisted:
		return nil
	case a.Admin():
		return nil
	case a.Owns(img.Owner):
		return a.Need(ScopeRead)
	}
	return noImage(img.ID)
}

// MayEdit returns nil when the actor may change the image or draw it anew:
// NotFound when they may not even see it, Forbidden (or Unauthenticated) when
// they see it and it is not theirs.
func (a Actor) MayEdit(img Image) error {
	switch {
	case a.Admin():
		return nil
	case a.Owns(img.Owner):
		return a.Need(ScopeWrite)
	}
	if err := a.MayRead(img); err != nil {
		return err
	}
	if err := a.Need(ScopeWrite); err != nil {
		return err
	}
	return Errorf(Forbidden, "the image %s belongs to somebody else", img.ID)
}

func noImage(id ID) error { return Errorf(NotFound, "no image has the id %q", id) }
