package account

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"net/netip"
	"slices"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Credentials are what a request brings to say who asks. When there is more than
// one, a token counts before a password, and that before a session: a browser adds
// its cookie to whatever is asked for explicitly.
type Credentials struct {
	Session string // the secret in the cookie
	Bearer  string // a token
	Address netip.Addr

	HasBasic      bool
	BasicName     string
	BasicPassword string
}

const (
	// touchEvery is how exactly it is known when a session or token was last used.
	touchEvery = time.Minute

	// believeFor is how long a password of HTTP Basic that was right is not
	// computed again. A change of the password ends it at once.
	believeFor = time.Minute
)

// Authenticate says who asks. Who brings nothing is a stranger, or
// [charcoal.OpenActor] where nobody has to sign in. What is brought must be right
// everywhere: else it is [charcoal.Unauthenticated], or [charcoal.RateLimited] for
// passwords after too many failures. What the actor may do is decided anew each
// time, from what is stored of user and credential at this moment.
func (s *Service) Authenticate(ctx context.Context, c Credentials) (charcoal.Actor, error) {
	switch {
	case c.Bearer != "":
		return s.byToken(ctx, c.Bearer)
	case c.HasBasic:
		return s.byBasic(ctx, c)
	case c.Session != "":
		return s.bySession(ctx, c.Session)
	case s.options.Open:
		return charcoal.OpenActor(), nil
	}
	return charcoal.Actor{}, nil
}

// scopesOf are all that the role allows.
func scopesOf(role charcoal.Role) []charcoal.Scope {
	scopes := []charcoal.Scope{charcoal.ScopeRead, charcoal.ScopeWrite, charcoal.ScopeAccount}
	if role == charcoal.RoleAdmin {
		scopes = append(scopes, charcoal.ScopeAdmin)
	}
	return scopes
}

func actorOf(u charcoal.User, scopes []charcoal.Scope, via string) (charcoal.Actor, error) {
	if !u.Disabled.IsZero() {
		return charcoal.Actor{}, disabled()
	}
	return charcoal.Actor{User: u.ID, Name: u.Name, Role: u.Role, Scopes: scopes, Via: via}, nil
}

func disabled() error {
	return charcoal.Errorf(charcoal.Unauthenticated, "this account is disabled; ask an admin of this server")
}

func (s *Service) byToken(ctx context.Context, secret string) (charcoal.Actor, error) {
	hash, ok := hashSecret(tokenPrefix, secret)
	if !ok {
		return charcoal.Actor{}, badToken()
	}
	t, u, err := s.accounts.TokenBySecret(ctx, hash)
	if err != nil {
		return charcoal.Actor{}, unlessNotFound(err, badToken())
	}
	now := s.now()
	if t.Expired(now) {
		return charcoal.Actor{}, charcoal.Errorf(charcoal.Unauthenticated, "the token has expired; make a new one")
	}
	actor, err := actorOf(u, within(t.Scopes, scopesOf(u.Role)), "token")
	actor.Until = t.Expires
	if err == nil && now.Sub(t.Used) >= touchEvery {
		s.touched(ctx, s.accounts.TouchToken(ctx, t.ID, now))
	}
	return actor, err
}

// within returns those of the scopes that are allowed: who is no admin any more has
// no more power by the tokens that they made as one.
func within(scopes, allowed []charcoal.Scope) []charcoal.Scope {
	return slices.DeleteFunc(slices.Clone(scopes), func(sc charcoal.Scope) bool { return !slices.Contains(allowed, sc) })
}

func badToken() error {
	return charcoal.Errorf(charcoal.Unauthenticated, "there is no such token: it is not complete, or was revoked")
}

// unlessNotFound is what to say instead when nothing was found.
func unlessNotFound(err, instead error) error {
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return instead
	}
	return err
}

// touched is the end of noting a use, which is never worth failing for.
func (s *Service) touched(ctx context.Context, err error) {
	if err != nil {
		s.log.WarnContext(ctx, "noting when a credential was used", "error", err)
	}
}

func (s *Service) bySession(ctx context.Context, secret string) (charcoal.Actor, error) {
	session, u, err := s.session(ctx, secret)
	if err != nil {
		return charcoal.Actor{}, err
	}
	actor, err := actorOf(u, scopesOf(u.Role), "session")
	if now := s.now(); err == nil && now.Sub(session.Used) >= touchEvery {
		s.touched(ctx, s.accounts.TouchSession(ctx, session.ID, now))
	}
	return actor, err
}

// session returns a session that is in force.
func (s *Service) session(ctx context.Context, secret string) (charcoal.Session, charcoal.User, error) {
	over := charcoal.Errorf(charcoal.Unauthenticated, "the session has ended; sign in again")
	hash, ok := hashSecret("", secret)
	if !ok {
		return charcoal.Session{}, charcoal.User{}, over
	}
	session, u, err := s.accounts.SessionBySecret(ctx, hash)
	if err != nil {
		return charcoal.Session{}, charcoal.User{}, unlessNotFound(err, over)
	}
	if s.ended(session) {
		return charcoal.Session{}, charcoal.User{}, over
	}
	return session, u, nil
}

func (s *Service) ended(session charcoal.Session) bool {
	now := s.now()
	return !now.Before(session.Expires) || now.Sub(session.Used) >= s.options.SessionIdle
}

// byBasic verifies name and password. A program sends them with every request, so a
// pair that was right is believed for a while; and of many requests at the same time
// one does the work.
func (s *Service) byBasic(ctx context.Context, c Credentials) (charcoal.Actor, error) {
	u, hash, err := s.userByName(ctx, c.BasicName)
	if err != nil {
		return charcoal.Actor{}, err
	}
	key := s.basicKey(u, hash, c)
	if hash != "" && s.believes(key) {
		return actorOf(u, scopesOf(u.Role), "basic")
	}
	// Who gives up must not take the others with them; the hasher ends it in time.
	detached := context.WithoutCancel(ctx)
	_, err, _ = s.flights.Do(string(key[:])+c.Address.String(), func() (any, error) {
		if hash != "" && s.believes(key) { // since a moment ago
			return nil, nil
		}
		_, err := s.verify(detached, attempt{
			Caller: Caller{Address: c.Address}, name: c.BasicName, password: c.BasicPassword, user: u, hash: hash,
		})
		if err == nil {
			s.believe(key)
		}
		return nil, err
	})
	if err != nil {
		return charcoal.Actor{}, err
	}
	return actorOf(u, scopesOf(u.Role), "basic")
}

// basicKey names a user, the hash of their password, and the password given. It is
// of no use to who finds it in memory.
func (s *Service) basicKey(u charcoal.User, hash string, c Credentials) (key [32]byte) {
	mac := hmac.New(sha256.New, s.macKey[:])
	for _, part := range []string{u.ID.String(), hash, charcoal.FoldName(c.BasicName), c.BasicPassword} {
		sum := sha256.Sum256([]byte(part)) // of one length, so that no two lists look alike
		mac.Write(sum[:])
	}
	mac.Sum(key[:0])
	return key
}

func (s *Service) believes(key [32]byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.verified.get(key)
	return ok && s.now().Before(until)
}

func (s *Service) believe(key [32]byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.verified.put(key, s.now().Add(believeFor))
}
