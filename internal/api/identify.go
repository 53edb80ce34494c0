package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	v2 "github.com/charcoal-art/charcoal/internal/api/v2"
	"github.com/charcoal-art/charcoal/internal/fairuse"
)

// identify finds out who asks, and whether they may ask once more now. What it
// returns is the request with that in its context.
func (a *API) identify(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	if !private(r.URL.Path) {
		return r, nil
	}
	who := caller.Caller{Actor: charcoal.OpenActor(), Address: a.parts.Proxies.ClientAddr(r)}
	var err error
	if a.parts.Accounts != nil {
		who, err = a.authenticate(w, r, who)
	}
	if a.parts.Limiter != nil {
		d := a.parts.Limiter.Allow(who.Actor, who.Address, 1)
		a.tellRate(w, r, d)
		if !d.Allowed {
			return nil, tooMany(d)
		}
	}
	return r.WithContext(caller.With(r.Context(), who)), err
}

// private reports whether an address has to do with images or accounts: the others
// tell everybody the same, and must answer when nothing else does.
func private(path string) bool {
	switch path {
	case "/", "/healthz", "/readyz", "/version":
		return false
	}
	return !strings.HasPrefix(path, "/docs") && !strings.HasPrefix(path, "/openapi.")
}

// authenticate asks the accounts. A session that has ended does not keep anybody
// from signing in again.
func (a *API) authenticate(w http.ResponseWriter, r *http.Request, who caller.Caller) (caller.Caller, error) {
	given, err := credentials(r)
	given.Address = who.Address
	who.Actor = charcoal.Actor{}
	who.Again = func(ctx context.Context) (charcoal.Actor, error) { return a.parts.Accounts.Authenticate(ctx, given) }
	if err != nil {
		return who, err
	}
	who.Actor, err = who.Again(r.Context())
	if onlySession := given.Bearer == "" && !given.HasBasic; err == nil || !onlySession || given.Session == "" || !v2.SignsIn(r) {
		return who, err
	}
	v2.ForgetSession(w, r)
	given.Session = ""
	who.Actor, err = who.Again(r.Context())
	return who, err
}

// credentials reads what a request brings to say who asks.
func credentials(r *http.Request) (account.Credentials, error) {
	c := account.Credentials{Session: v2.SessionOf(r)}
	lines := r.Header.Values("Authorization")
	if len(lines) == 0 {
		return c, nil
	}
	scheme, value, _ := strings.Cut(lines[0], " ")
	value = strings.TrimSpace(value)
	if strings.EqualFold(scheme, "Bearer") && value != "" && len(lines) == 1 {
		c.Bearer = value
		return c, nil
	}
	if c.BasicName, c.BasicPassword, c.HasBasic = r.BasicAuth(); c.HasBasic && len(lines) == 1 {
		return c, nil
	}
	return c, charcoal.Errorf(charcoal.Unauthenticated, "the Authorization header is neither Bearer with a token nor Basic with name and password")
}

// tellRate writes the headers of draft-ietf-httpapi-ratelimit-headers-10. The window
// is the time in which all of the burst comes back.
func (a *API) tellRate(w http.ResponseWriter, r *http.Request, d fairuse.Decision) {
	if d.Limit == 0 || a.cfg.Requests == 0 || !v2.Owns(r.URL.Path) {
		return
	}
	window := math.Ceil(float64(d.Limit) * 60 / float64(a.cfg.Requests))
	w.Header().Set("RateLimit-Policy", fmt.Sprintf(`"requests";q=%d;w=%.0f`, d.Limit, window))
	w.Header().Set("RateLimit", fmt.Sprintf(`"requests";r=%d;t=%.0f`, d.Remaining, math.Ceil(d.Reset.Seconds())))
}

func tooMany(d fairuse.Decision) error {
	e := charcoal.Errorf(charcoal.RateLimited, "too many requests; wait a moment")
	e.Limit, e.Actual, e.Unit, e.RetryAfter = d.Limit, d.Limit+1, "requests at once", d.RetryAfter
	return e
}
