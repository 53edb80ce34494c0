package charcoal

import (
	"context"
	"net/netip"
	"strings"
	"time"
)

// User is somebody with an account.
type User struct {
	ID       ID
	Name     string // as they wrote it; no two differ in case only, see [FoldName]
	Role     Role
	Created  time.Time
	Disabled time.Time // since when they cannot sign in; zero: they can
}

// The lengths of the name of a user, in characters.
const (
	MinUserName = 2
	MaxUserName = 40
)

// CheckUserName returns nil when name can be that of a user: 2 to 40 of the letters
// of English, digits, ".", "_" and "-", beginning with a letter or digit. So no
// name can be mistaken for another, steer a terminal or need escapes in a URL.
func CheckUserName(name string) error {
	ok := MinUserName <= len(name) && len(name) <= MaxUserName && isAlphanumeric(name[0])
	for i := 0; ok && i < len(name); i++ {
		ok = isAlphanumeric(name[i]) || strings.IndexByte("._-", name[i]) >= 0
	}
	if !ok {
		return Errorf(Invalid, `a user name is %d to %d letters (a-z), digits, ".", "_" and "-", and begins with a letter or digit`, MinUserName, MaxUserName)
	}
	return nil
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// FoldName is the form by which the names of users are compared.
func FoldName(name string) string { return strings.ToLower(name) }

// Secret is the SHA-256 of a secret that was made at random: all that is stored of
// sessions, tokens and invites. It needs no salt and no slow hash, since nobody
// guesses 256 bits.
type Secret [32]byte

// Session is a browser that signed in.
type Session struct {
	ID      ID
	User    ID
	Secret  Secret
	Created time.Time
	Used    time.Time // last, to about a minute
	Expires time.Time // at the latest; earlier when it is not used
	Address netip.Addr
	Agent   string // what the browser said that it is
}

// Token signs a program in.
type Token struct {
	ID      ID
	User    ID
	Secret  Secret
	Name    string
	Scopes  []Scope
	Created time.Time
	Expires time.Time // zero: never
	Used    time.Time // last, to about a minute; zero: never
}

// Expired reports whether the token is of no use any more.
func (t Token) Expired(now time.Time) bool { return !t.Expires.IsZero() && !now.Before(t.Expires) }

// Invite lets one person make an account.
type Invite struct {
	ID      ID
	Secret  Secret
	Role    Role // of the account
	By      ID   // who made it; zero: somebody at the server itself
	Created time.Time
	Expires time.Time
	Used    time.Time // zero: not yet
	UsedBy  ID
}

// Identity is a user as another service knows them. Nobody is ever recognised by
// an e-mail address: those change hands.
type Identity struct {
	Issuer  string
	Subject string // never given to anybody else by that issuer (OpenID Connect Core 1.0, section 2)
}

// AuditEntry tells of something that matters to who watches over the service. It
// never holds secrets, nor what might be one typed in the wrong place.
type AuditEntry struct {
	ID      ID // sorts by time
	At      time.Time
	Action  AuditAction
	Actor   ID     // who did it; zero: a stranger, or somebody at the server itself
	Name    string // of the actor then, or what they are: "command line"
	Address netip.Addr
	User    ID                // whose account it is about; zero: nobody's
	Details map[string]string // nil when there are none
}

// AuditAction is what happened.
type AuditAction string

// The actions.
const (
	AuditLogin           AuditAction = "login"
	AuditLoginFailed     AuditAction = "login.failed"
	AuditLoginThrottled  AuditAction = "login.throttled"
	AuditLogout          AuditAction = "logout"
	AuditSessionRevoked  AuditAction = "session.revoked"
	AuditPasswordChanged AuditAction = "password.changed"
	AuditTokenMade       AuditAction = "token.made"
	AuditTokenRevoked    AuditAction = "token.revoked"
	AuditInviteMade      AuditAction = "invite.made"
	AuditInviteRevoked   AuditAction = "invite.revoked"
	AuditUserAdded       AuditAction = "user.added"
	AuditUserRole        AuditAction = "user.role"
	AuditUserDisabled    AuditAction = "user.disabled"
	AuditUserEnabled     AuditAction = "user.enabled"
	AuditUserDeleted     AuditAction = "user.deleted"
)

// NewUser is all that an account is made of.
type NewUser struct {
	User
	Password string   // its hash; "" when they sign in by Identity only
	Invite   ID       // that it uses up; zero: none
	Identity Identity // linked to it; zero: none
}

// UserChange is what to change in a user; nil keeps it.
type UserChange struct {
	Role     *Role
	Disabled *time.Time // zero enables
	Password *string    // its hash

	// EndSessions ends all sessions of the user except Keep.
	EndSessions bool
	Keep        ID
}

// SessionTerms are on what terms a session is added.
type SessionTerms struct {
	Password string // hash that the user was recognised by; "": not by a password
	Replaces ID     // another session, which ends; it need not exist
	Keep     int    // of more sessions of the user than these, those not used for longest end
}

// Accounts keeps users and what they sign in with.
//
// Contract of every method, besides that of [Store]:
//   - Everything that a change does, its entry in the audit log included, happens
//     in one step or not at all.
//   - What does not exist is NotFound, also to somebody whose it is not.
//   - Expiry and Disabled are facts to it, not rules, unless a method says so:
//     it returns what has expired until it is purged.
type Accounts interface {
	// AddUser adds a user. It is Conflict when the name (see [FoldName]) or the
	// identity is taken; and NotFound when there is an Invite that is unknown, used,
	// expired at u.Created, or for another role.
	AddUser(ctx context.Context, u NewUser, e AuditEntry) error

	// User returns one user.
	User(ctx context.Context, id ID) (User, error)

	// UserByName returns a user and the hash of their password, which may be "".
	UserByName(ctx context.Context, name string) (u User, password string, err error)

	// UserByIdentity returns the user to whom an identity is linked.
	UserByIdentity(ctx context.Context, i Identity) (User, error)

	// Users returns up to limit users by [FoldName], only those after the given
	// name when it is not "".
	Users(ctx context.Context, after string, limit int) ([]User, error)

	// UserNames returns the names of those of the users that exist.
	UserNames(ctx context.Context, ids []ID) (map[ID]string, error)

	// ChangeUser changes a user and returns what stands then. It is Conflict when
	// no admin who is not disabled would be left.
	ChangeUser(ctx context.Context, id ID, c UserChange, e AuditEntry) (User, error)

	// RehashPassword replaces the hash of a password by another of the same
	// password. When the first is not the stored one any more, nothing is done.
	RehashPassword(ctx context.Context, id ID, old, hash string) error

	// DeleteUser removes a user with all sessions, tokens and identities. It is
	// Conflict when no admin who is not disabled would be left.
	DeleteUser(ctx context.Context, id ID, e AuditEntry) error

	// AddSession adds a session. It is Conflict when the user is disabled, or has
	// another password than the terms say: then whoever signs in was overtaken by
	// a change that ended all sessions.
	AddSession(ctx context.Context, s Session, terms SessionTerms, e AuditEntry) error

	// SessionBySecret returns a session and its user.
	SessionBySecret(ctx context.Context, secret Secret) (Session, User, error)

	// Sessions returns the sessions of a user, newest first.
	Sessions(ctx context.Context, user ID) ([]Session, error)

	// EndSession removes a session of the user.
	EndSession(ctx context.Context, user, id ID, e AuditEntry) error

	// TouchSession notes when a session was used; one that is gone is no error.
	TouchSession(ctx context.Context, id ID, used time.Time) error

	// AddToken adds a token. It is QuotaSpent when the user has limit of them.
	AddToken(ctx context.Context, t Token, limit int, e AuditEntry) error

	// TokenBySecret returns a token and its user.
	TokenBySecret(ctx context.Context, secret Secret) (Token, User, error)

	// Tokens returns the tokens of a user, newest first.
	Tokens(ctx context.Context, user ID) ([]Token, error)

	// RemoveToken removes a token of the user.
	RemoveToken(ctx context.Context, user, id ID, e AuditEntry) error

	// TouchToken notes when a token was used; one that is gone is no error.
	TouchToken(ctx context.Context, id ID, used time.Time) error

	// AddInvite adds an invite.
	AddInvite(ctx context.Context, i Invite, e AuditEntry) error

	// InviteBySecret returns an invite.
	InviteBySecret(ctx context.Context, secret Secret) (Invite, error)

	// Invites returns up to limit invites, newest first, only those before the
	// given id when it is not zero.
	Invites(ctx context.Context, before ID, limit int) ([]Invite, error)

	// RemoveInvite removes an invite, used or not.
	RemoveInvite(ctx context.Context, id ID, e AuditEntry) error

	// RecordAudit adds an entry to the audit log that belongs to no change.
	RecordAudit(ctx context.Context, e AuditEntry) error

	// AuditLog returns up to limit entries, newest first, only those before the
	// given id when it is not zero.
	AuditLog(ctx context.Context, before ID, limit int) ([]AuditEntry, error)

	// PurgeAccounts removes up to limit each of the sessions, tokens and invites
	// that expired before a time and of the entries of the audit log from before
	// another, and returns how many it removed.
	PurgeAccounts(ctx context.Context, expired, audit time.Time, limit int) (int64, error)
}
