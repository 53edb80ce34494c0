package account

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
)

// SignedIn is a session that begins, and its secret, which is told only now.
type SignedIn struct {
	Secret  string
	Session charcoal.Session
	User    charcoal.User
}

// maxSessions of one user; with more, those not used for longest end.
const maxSessions = 100

// Login begins a session with name and password. The session that the caller has a
// cookie of ends, whoever's it was: a secret from before is never one after. It is
// [charcoal.Unauthenticated] when one of the two is wrong, whichever, and
// [charcoal.RateLimited] after too many failures from there.
func (s *Service) Login(ctx context.Context, c Caller, name, password string) (SignedIn, error) {
	u, hash, err := s.userByName(ctx, name)
	if err != nil {
		return SignedIn{}, err
	}
	hash, err = s.verify(ctx, attempt{Caller: c, name: name, password: password, user: u, hash: hash})
	if err != nil {
		return SignedIn{}, err
	}
	return s.begin(ctx, c, u, hash, "password")
}

// begin begins a session of a user who has shown who they are: by the password of a
// hash, or, when that is "", by something else.
func (s *Service) begin(ctx context.Context, c Caller, u charcoal.User, hash, by string) (SignedIn, error) {
	if _, err := actorOf(u, nil, ""); err != nil {
		return SignedIn{}, err
	}
	old, _, err := s.cookie(ctx, c)
	if err != nil {
		return SignedIn{}, err
	}
	secret, session := s.newSession(c, u)
	c.Actor = charcoal.Actor{User: u.ID, Name: u.Name}
	terms := charcoal.SessionTerms{Password: hash, Replaces: old.ID, Keep: maxSessions}
	if err := s.accounts.AddSession(ctx, session, terms, s.entry(c, charcoal.AuditLogin, u.ID, "by", by)); err != nil {
		return SignedIn{}, fmt.Errorf("begin a session: %w", err)
	}
	return SignedIn{Secret: secret, Session: session, User: u}, nil
}

func (s *Service) newSession(c Caller, u charcoal.User) (secret string, session charcoal.Session) {
	now := s.now()
	secret = newSecret("")
	hash, _ := hashSecret("", secret)
	return secret, charcoal.Session{
		ID: charcoal.NewID(), User: u.ID, Secret: hash,
		Created: now, Used: now, Expires: now.Add(s.options.SessionTime),
		Address: c.Address, Agent: clip(c.Agent, maxAgent),
	}
}

// cookie returns the session that the caller has a cookie of, in force or not; the
// zero one when there is none. It shows what browser that is, not who.
func (s *Service) cookie(ctx context.Context, c Caller) (charcoal.Session, charcoal.User, error) {
	hash, ok := hashSecret("", c.Session)
	if !ok {
		return charcoal.Session{}, charcoal.User{}, nil
	}
	session, u, err := s.accounts.SessionBySecret(ctx, hash)
	return session, u, unlessNotFound(err, nil)
}

// attempt is somebody who says that they are a user.
type attempt struct {
	Caller
	name, password string
	user           charcoal.User // zero: there is none of that name
	hash           string
}

// userByName returns the zero user when there is none.
func (s *Service) userByName(ctx context.Context, name string) (charcoal.User, string, error) {
	if len(name) > charcoal.MaxUserName {
		return charcoal.User{}, "", nil
	}
	u, hash, err := s.accounts.UserByName(ctx, name)
	return u, hash, unlessNotFound(err, nil)
}

// verify returns nil when the password is that of the user, and the hash that is
// stored of it then. It does the same work whether there is such a user or not.
func (s *Service) verify(ctx context.Context, a attempt) (hash string, err error) {
	device, err := s.device(ctx, a)
	if err != nil {
		return "", err
	}
	account := charcoal.FoldName(clip(a.name, charcoal.MaxUserName))
	known := device != charcoal.ID{} || s.throttle.known(account, a.Address)
	try, wait, news := s.throttle.begin(account, a.Address, device, s.options.Now())
	if try == nil {
		return "", s.throttled(ctx, a, wait, news)
	}
	ok, outdated, err := s.hasher.check(ctx, a.hash, a.password, known)
	switch {
	case err != nil:
		try.undone(s.options.Now())
		return "", err
	case !ok:
		s.record(ctx, s.attempted(a, charcoal.AuditLoginFailed))
		return "", charcoal.Errorf(charcoal.Unauthenticated, "name or password is wrong")
	}
	try.succeeded(s.options.Now())
	if outdated {
		a.hash = s.upgrade(ctx, a)
	}
	_, err = actorOf(a.user, nil, "")
	return a.hash, err
}

// device is the session by whose cookie a browser shows that the user signed in there
// before; zero for none.
func (s *Service) device(ctx context.Context, a attempt) (charcoal.ID, error) {
	session, u, err := s.cookie(ctx, a.Caller)
	if err != nil || u.ID != a.user.ID {
		return charcoal.ID{}, err
	}
	return session.ID, nil
}

func (s *Service) throttled(ctx context.Context, a attempt, wait time.Duration, news bool) error {
	if news {
		s.record(ctx, s.attempted(a, charcoal.AuditLoginThrottled, "wait", wait.Round(time.Second).String()))
	}
	return later("too many failed attempts to sign in from here", wait)
}

// later says when to come back.
func later(because string, wait time.Duration) error {
	wait = max(wait, time.Second)
	e := charcoal.Errorf(charcoal.RateLimited, "%s; try again in %s", because, wait.Round(time.Second))
	e.RetryAfter = wait
	return e
}

// attempted tells of an attempt. A name that is nobody's is left out: people type
// passwords there.
func (s *Service) attempted(a attempt, action charcoal.AuditAction, details ...string) charcoal.AuditEntry {
	c := Caller{Address: a.Address}
	if (a.user.ID == charcoal.ID{}) {
		return s.entry(c, action, charcoal.ID{}, append(details, "user", "unknown")...)
	}
	return s.entry(c, action, a.user.ID, append(details, "user", a.user.Name)...)
}

// upgrade stores the password by today's parameters, now that it is at hand, and
// returns its hash. It is never worth failing for.
func (s *Service) upgrade(ctx context.Context, a attempt) string {
	hash, err := s.hasher.hash(ctx, a.password, true)
	if err == nil {
		err = s.accounts.RehashPassword(ctx, a.user.ID, a.hash, hash)
	}
	if err != nil {
		s.log.WarnContext(ctx, "hashing a password anew", "user", a.user.Name, "error", err)
		return a.hash
	}
	return hash
}

// Logout ends the session that the caller has a cookie of. Without one there is
// nothing to do.
func (s *Service) Logout(ctx context.Context, c Caller) error {
	session, u, err := s.cookie(ctx, c)
	if err != nil || (session.ID == charcoal.ID{}) {
		return err
	}
	c.Actor = charcoal.Actor{User: u.ID, Name: u.Name}
	err = s.accounts.EndSession(ctx, u.ID, session.ID, s.entry(c, charcoal.AuditLogout, u.ID))
	return unlessNotFound(err, nil)
}

// maxAgent is how much is kept of what a browser says that it is, in bytes.
const maxAgent = 200

// clip cuts s to a number of bytes, and to whole characters.
func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "")
}
