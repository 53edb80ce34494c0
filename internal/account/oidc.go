package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/sync/singleflight"

	"github.com/charcoal-art/charcoal"
)

// CallbackPath is where a provider sends browsers back to.
const CallbackPath = "/v2/oidc/callback"

// OIDCOptions name a provider of OpenID Connect.
type OIDCOptions struct {
	Issuer       string // its URL
	ClientID     string // as which this service is known there
	ClientSecret string
	URL          string // of this service, as browsers see it
	Register     bool   // make an account for who comes for the first time

	Client *http.Client // nil: one of its own
}

// provider signs users in by the authorization code flow (OpenID Connect Core 1.0,
// section 3.1) with PKCE (RFC 7636). It is asked what it is when the first user
// needs to know, so that this service starts without it.
type provider struct {
	OIDCOptions
	sealer  sealer
	flights singleflight.Group // of discovering
	found   chan *oidc.Provider
}

const (
	pendingTime  = 10 * time.Minute // to sign in at the provider
	providerTime = 10 * time.Second // for its answers
)

func newProvider(o OIDCOptions) (*provider, error) {
	if o.ClientID == "" || o.URL == "" {
		return nil, charcoal.Errorf(charcoal.Invalid, "to sign in through %s, its client id and the URL of this service are needed", o.Issuer)
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: providerTime}
	}
	return &provider{OIDCOptions: o, sealer: newSealer(), found: make(chan *oidc.Provider, 1)}, nil
}

// discover returns what the provider says of itself. What was found is kept; what
// failed is tried again, by one at a time for all who wait.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, error) {
	select {
	case found := <-p.found:
		p.found <- found
		return found, nil
	default:
	}
	found, err, _ := p.flights.Do("", func() (any, error) {
		return oidc.NewProvider(p.context(context.WithoutCancel(ctx)), p.Issuer)
	})
	if err != nil {
		return nil, charcoal.Errorf(charcoal.Unavailable, "the service through which people sign in here does not answer; try again later").Because(err)
	}
	select {
	case p.found <- found.(*oidc.Provider): //nolint:forcetypeassert // as made above
	default: // another one was as fast
	}
	return found.(*oidc.Provider), nil //nolint:forcetypeassert // as made above
}

func (p *provider) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.Client)
}

func (p *provider) config(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret,
		Endpoint:    found.Endpoint(),
		RedirectURL: strings.TrimSuffix(p.URL, "/") + CallbackPath,
		Scopes:      []string{oidc.ScopeOpenID, "profile"},
	}
}

// pending is a sign-in that a browser went to the provider for. It stays with that
// browser, sealed.
type pending struct {
	State, Nonce, Verifier string
	Next                   string // where to go afterwards
	Expires                time.Time
}

// StartOIDC returns the URL at the provider to send a browser to, and what to keep
// in a cookie of that browser until it comes back, for ten minutes. Next is the path
// here where it goes in the end; one that could lead elsewhere becomes "/".
func (s *Service) StartOIDC(ctx context.Context, next string) (url, cookie string, err error) {
	if s.provider == nil {
		return "", "", noProvider()
	}
	found, err := s.provider.discover(ctx)
	if err != nil {
		return "", "", err
	}
	p := pending{
		State: newSecret(""), Nonce: newSecret(""), Verifier: oauth2.GenerateVerifier(),
		Next: localPath(next), Expires: s.now().Add(pendingTime),
	}
	cookie, err = s.provider.sealer.seal(p)
	if err != nil {
		return "", "", err
	}
	url = s.provider.config(found).AuthCodeURL(p.State, oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier))
	return url, cookie, nil
}

func noProvider() error {
	return charcoal.Errorf(charcoal.NotFound, "nobody signs in through another service here")
}

// localPath is next when a browser takes it for a path of this server, else "/":
// "//host" and "/\host" are other servers.
func localPath(next string) string {
	ok := strings.HasPrefix(next, "/") && !strings.HasPrefix(next, "//") &&
		!strings.Contains(next, `\`) && printable(next) && len(next) <= 1000
	if !ok {
		return "/"
	}
	return next
}

// OIDCAnswer is what a browser brings back from the provider.
type OIDCAnswer struct {
	Cookie string // from StartOIDC
	State  string // these are of the query
	Code   string
	Error  string
}

// FinishOIDC begins a session of who signed in at the provider, and returns where the
// browser goes now. Who comes for the first time gets an account, when that is
// allowed; nobody gets one that was there before by a name or an address of theirs.
func (s *Service) FinishOIDC(ctx context.Context, c Caller, a OIDCAnswer) (in SignedIn, next string, err error) {
	if s.provider == nil {
		return in, "", noProvider()
	}
	p, err := s.provider.pending(a, s.now())
	if err != nil {
		return in, "", err
	}
	claims, err := s.provider.exchange(ctx, a.Code, p, s.options.Now)
	if err != nil {
		return in, "", err
	}
	u, err := s.userOf(ctx, c, claims)
	if err != nil {
		return in, "", err
	}
	in, err = s.begin(ctx, c, u, "", "oidc")
	return in, p.Next, err
}

// pending returns what the browser was sent away with. Only the browser that was
// sent away has it, so that nobody is signed in as somebody else by a link.
func (p *provider) pending(a OIDCAnswer, now time.Time) (pending, error) {
	again := charcoal.Errorf(charcoal.Unauthenticated, "signing in took too long, or began in another browser; try again")
	var kept pending
	if err := p.sealer.open(a.Cookie, &kept); err != nil {
		return kept, again.Because(err)
	}
	if !now.Before(kept.Expires) || subtle.ConstantTimeCompare([]byte(kept.State), []byte(a.State)) != 1 {
		return kept, again
	}
	if a.Error != "" || a.Code == "" {
		return kept, charcoal.Errorf(charcoal.Unauthenticated, "the other service did not sign you in: %s", errorCode(a.Error))
	}
	return kept, nil
}

// errorCode is an error of RFC 6749, section 4.1.2.1, when it looks like one: anybody
// can write into a URL.
func errorCode(s string) string {
	if s == "" || len(s) > 40 || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return "it gave no reason"
	}
	return s
}

// claims are who signed in, as the provider says.
type claims struct {
	charcoal.Identity
	Username string
}

// exchange changes the code for what it stands for, and believes it when it is
// signed by the provider, for this service, and for this sign-in.
func (p *provider) exchange(ctx context.Context, code string, kept pending, now func() time.Time) (claims, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return claims{}, err
	}
	ctx, cancel := context.WithTimeout(p.context(ctx), providerTime)
	defer cancel()
	answer, err := p.config(found).Exchange(ctx, code, oauth2.VerifierOption(kept.Verifier))
	if err != nil {
		return claims{}, refused(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: now}).Verify(ctx, raw)
	if err != nil {
		return claims{}, refused(err)
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(kept.Nonce)) != 1 {
		return claims{}, refused(errors.New("the nonce is not the one that was sent"))
	}
	var more struct {
		Username string `json:"preferred_username"`
	}
	if err := token.Claims(&more); err != nil {
		return claims{}, refused(err)
	}
	if token.Subject == "" {
		return claims{}, refused(errors.New("there is no subject"))
	}
	return claims{charcoal.Identity{Issuer: token.Issuer, Subject: token.Subject}, more.Username}, nil
}

func refused(cause error) error {
	e := charcoal.Errorf(charcoal.Unauthenticated, "the answer of the service that you signed in at could not be verified; try again").Because(cause)
	e.Logged = true
	return e
}

// maxNames is how many names are tried for who comes for the first time.
const maxNames = 20

// userOf returns the user of an identity, or makes one.
func (s *Service) userOf(ctx context.Context, c Caller, who claims) (charcoal.User, error) {
	c.Actor = charcoal.Actor{} // whoever was signed in here before
	for i := range maxNames {
		u, err := s.accounts.UserByIdentity(ctx, who.Identity)
		if charcoal.CodeOf(err) != charcoal.NotFound {
			return u, err
		}
		if !s.provider.Register {
			return u, charcoal.Errorf(charcoal.Forbidden, "no account here belongs to you, and none is made for who signs in for the first time; ask an admin")
		}
		u, err = s.newUser(nameFor(who.Username, i), charcoal.RoleUser)
		if err != nil {
			return u, err
		}
		err = s.addUser(ctx, c, charcoal.NewUser{User: u, Identity: who.Identity})
		if charcoal.CodeOf(err) != charcoal.Conflict {
			return u, err
		}
		// The name is taken; or another tab of the same browser was faster, and is found now.
	}
	return charcoal.User{}, charcoal.Errorf(charcoal.Conflict, "no free name was found for your account; ask an admin for an invitation")
}

// nameFor is the name of an account for who is called username elsewhere, cleaned of
// what names here cannot hold; the second one ends in 2, and so on, and late ones
// in something that nobody has.
func nameFor(username string, taken int) string {
	name, _, _ := strings.Cut(username, "@")
	name = strings.Map(func(r rune) rune {
		if charcoal.CheckUserName("aa"+string(r)) != nil {
			return '-'
		}
		return r
	}, name)
	name = strings.TrimLeft(name, "._-")
	suffix := ""
	switch {
	case taken >= maxNames/2:
		suffix = "-" + strings.ToLower(checksum(newSecret("")))
	case taken > 0:
		suffix = fmt.Sprintf("-%d", taken+1)
	}
	name = clip(name, charcoal.MaxUserName-len(suffix))
	if len(name) < charcoal.MinUserName {
		name = "user"
	}
	return name + suffix
}
