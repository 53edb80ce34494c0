// Package account is the use cases of users and of what they sign in with:
// passwords, sessions, tokens, invites, and providers of OpenID Connect.
//
// What a stranger can ask for is bounded: the hashing of passwords takes a fixed
// number of places ([hasher]), guessing slows down ([throttle]), and everything kept
// in memory has a size. A wrong name and a wrong password look alike, in the
// answer and in the work that they cause.
package account

import (
	"context"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/charcoal-art/charcoal"
)

// Options say how a [Service] works.
type Options struct {
	Accounts charcoal.Accounts
	Images   Images // nil: nobody's images are put in the bin; for the command line
	Log      *slog.Logger

	Open     bool // who does not sign in is [charcoal.OpenActor] rather than a stranger
	Register bool // strangers may make accounts without an invite

	SessionIdle time.Duration // a session not used for this long has ended
	SessionTime time.Duration // and every session after this long
	AuditTime   time.Duration // how long the audit log goes back

	OIDC *OIDCOptions // nil: no provider

	Now func() time.Time // nil: time.Now
}

// Images is what becomes of the images of an account that is deleted.
type Images interface {
	// BinOwned puts every image of the owner in the bin. Again is fine.
	BinOwned(ctx context.Context, owner charcoal.ID) error
}

// Service is the use cases. It is safe for concurrent use, and has no goroutines.
type Service struct {
	options  Options
	accounts charcoal.Accounts
	log      *slog.Logger
	hasher   *hasher
	throttle *throttle
	macKey   [32]byte           // of the keys of verified
	flights  singleflight.Group // verifications of HTTP Basic under way
	provider *provider          // nil without OIDC

	mu       sync.Mutex
	verified *lru[[32]byte, time.Time] // passwords of HTTP Basic that were right, until when that is believed
}

// Caller is who asks, and what the audit log says of where from.
type Caller struct {
	charcoal.Actor
	Address netip.Addr
	Agent   string // the User-Agent of the request
	Session string // the secret of the session in the cookie, whoever it belongs to; "" for none
}

// CommandLine is somebody at the server itself, who may do everything.
func CommandLine() Caller {
	return Caller{Actor: charcoal.Actor{
		User: commandLine, Name: "command line", Role: charcoal.RoleAdmin,
		Scopes: charcoal.Scopes(), Via: "command line",
	}}
}

// commandLine is no id that a user can have: those are of version 7.
var commandLine = charcoal.ID{15: 1}

// maxVerified bounds the memory of passwords that were right: some 100 bytes each.
const maxVerified = 4096

// New makes a service. Nothing has to be closed.
func New(o Options) (*Service, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		options:  o,
		accounts: o.Accounts,
		log:      o.Log,
		hasher:   newHasher(currentCost),
		throttle: newThrottle(),
		verified: newLRU[[32]byte, time.Time](maxVerified),
		macKey:   randomBytes(),
	}
	if o.OIDC == nil {
		return s, nil
	}
	var err error
	s.provider, err = newProvider(*o.OIDC)
	return s, err
}

// now is the time as the store keeps it.
func (s *Service) now() time.Time { return s.options.Now().UTC().Truncate(time.Microsecond) }

// entry is what the audit log says of an action of the caller on an account.
// Details are names and values in turn.
func (s *Service) entry(c Caller, action charcoal.AuditAction, user charcoal.ID, details ...string) charcoal.AuditEntry {
	e := charcoal.AuditEntry{
		ID: charcoal.NewID(), At: s.now(), Action: action,
		Actor: c.User, Name: c.Name, Address: c.Address, User: user,
	}
	if c.User == commandLine {
		e.Actor = charcoal.ID{}
	}
	for i := 0; i+1 < len(details); i += 2 {
		if e.Details == nil {
			e.Details = make(map[string]string)
		}
		e.Details[details[i]] = details[i+1]
	}
	return e
}

// record notes what belongs to no change. That nobody can sign in while the log
// cannot be written would help nobody, so a failure is for the other log.
func (s *Service) record(ctx context.Context, e charcoal.AuditEntry) {
	if err := s.accounts.RecordAudit(ctx, e); err != nil {
		s.log.ErrorContext(ctx, "writing the audit log", "action", e.Action, "error", err)
	}
}

// own is nil when the caller is a user who may manage their account.
func own(c Caller) error {
	if !c.SignedIn() {
		return charcoal.Errorf(charcoal.Unauthenticated, "sign in first: only users have an account")
	}
	return c.Need(charcoal.ScopeAccount)
}

// AuditLog returns up to limit entries, newest first, only those before the given
// id when it is not zero. For admins.
func (s *Service) AuditLog(ctx context.Context, c Caller, before charcoal.ID, limit int) ([]charcoal.AuditEntry, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return nil, err
	}
	return s.accounts.AuditLog(ctx, before, page(limit))
}

// MaxPage is the most that one call lists.
const MaxPage = 1000

func page(limit int) int { return min(max(limit, 1), MaxPage) }

// proofTime is how long sessions are kept after they expired: so long their cookie
// shows that a browser is one from which somebody signed in before.
const proofTime = 30 * 24 * time.Hour

// Purge removes what expired long ago, and what is too old in the audit log, a part
// at a time so that nobody waits long for the store. Call it now and then.
func (s *Service) Purge(ctx context.Context) error {
	const part = 1000
	now := s.now()
	for {
		n, err := s.accounts.PurgeAccounts(ctx, now.Add(-proofTime), now.Add(-s.options.AuditTime), part)
		if n == 0 || err != nil {
			return err
		}
	}
}
