package account

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal"
)

const (
	maxTokens    = 100 // of one user
	maxTokenName = 100 // characters
)

// TokenRequest is a token to be made.
type TokenRequest struct {
	Name    string // for people
	Scopes  []charcoal.Scope
	Expires time.Time // zero: never
}

// MakeToken makes a token for the caller and returns its secret, which is told only
// now. It can do no more than the caller can at this moment, and later no more
// than their role allows then; and one that is made with a token ends no later.
func (s *Service) MakeToken(ctx context.Context, c Caller, r TokenRequest) (secret string, t charcoal.Token, err error) {
	if err := own(c); err != nil {
		return "", t, err
	}
	if err := s.checkToken(c, r); err != nil {
		return "", t, err
	}
	secret = newSecret(tokenPrefix)
	hash, _ := hashSecret(tokenPrefix, secret)
	t = charcoal.Token{
		ID: charcoal.NewID(), User: c.User, Secret: hash, Name: r.Name,
		Scopes: ordered(r.Scopes), Created: s.now(), Expires: stored(r.Expires),
	}
	e := s.entry(c, charcoal.AuditTokenMade, c.User, "token", t.ID.String(), "scopes", joined(t.Scopes))
	if err := s.accounts.AddToken(ctx, t, maxTokens, e); err != nil {
		return "", t, err
	}
	return secret, t, nil
}

func (s *Service) checkToken(c Caller, r TokenRequest) error {
	switch {
	case r.Name == "" || utf8.RuneCountInString(r.Name) > maxTokenName || !printable(r.Name):
		return wrong("/name", "a token needs a name of 1 to %d printable characters, by which you know it again", maxTokenName)
	case len(r.Scopes) == 0:
		return wrong("/scopes", "a token needs at least one scope of: %s", joined(charcoal.Scopes()))
	case !r.Expires.IsZero() && !r.Expires.After(s.now()):
		return wrong("/expires_at", "a token cannot expire in the past")
	case !c.Until.IsZero() && (r.Expires.IsZero() || r.Expires.After(c.Until)):
		return wrong("/expires_at", "a token that is made with a token cannot outlive it: it expires at %s", c.Until.Format(time.RFC3339))
	}
	for _, scope := range r.Scopes {
		if !slices.Contains(charcoal.Scopes(), scope) {
			return wrong("/scopes", "there is no scope %q; there are: %s", clip(string(scope), 40), joined(charcoal.Scopes()))
		}
		if err := c.Need(scope); err != nil {
			return charcoal.Errorf(charcoal.Forbidden, "a token cannot have the scope %s: you do not have it yourself here", scope)
		}
	}
	return nil
}

// wrong is an error about one value of the request.
func wrong(pointer, format string, args ...any) error {
	e := charcoal.Errorf(charcoal.Invalid, format, args...)
	e.Fields = []charcoal.Field{{Pointer: pointer, Message: e.Message}}
	return e
}

// printable reports whether s is text of one line that changes nothing around it.
func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// ordered returns each scope once, in the order of [charcoal.Scopes].
func ordered(scopes []charcoal.Scope) []charcoal.Scope { return within(charcoal.Scopes(), scopes) }

func joined(scopes []charcoal.Scope) string {
	words := make([]string, len(scopes))
	for i, scope := range scopes {
		words[i] = string(scope)
	}
	return strings.Join(words, " ")
}

// stored is a time as the store keeps it.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Microsecond)
}

// Tokens returns the caller's tokens, newest first.
func (s *Service) Tokens(ctx context.Context, c Caller) ([]charcoal.Token, error) {
	if err := own(c); err != nil {
		return nil, err
	}
	return s.accounts.Tokens(ctx, c.User)
}

// RevokeToken removes one of the caller's tokens.
func (s *Service) RevokeToken(ctx context.Context, c Caller, id charcoal.ID) error {
	if err := own(c); err != nil {
		return err
	}
	return s.accounts.RemoveToken(ctx, c.User, id, s.entry(c, charcoal.AuditTokenRevoked, c.User, "token", id.String()))
}
