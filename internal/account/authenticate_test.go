package account

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
)

func TestNothingGiven(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options []func(*Options)
		want    charcoal.Actor
	}{
		{"where everybody must sign in", nil, charcoal.Actor{}},
		{"where nobody has to", []func(*Options){openMode}, charcoal.OpenActor()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, tt.options...)
			if diff := cmp.Diff(tt.want, f.wantCode(t, Credentials{}, "")); diff != "" {
				t.Errorf("actor (-want +got):\n%s", diff)
			}
		})
	}
}

// TestBadCredentials are refused also where none are needed.
func TestBadCredentials(t *testing.T) {
	t.Parallel()
	f := newFixture(t, openMode)
	f.user(t, "ada", charcoal.RoleUser)
	good, _ := f.token(t, f.as(t, "ada"), charcoal.ScopeRead)
	for name, c := range map[string]Credentials{
		"a session that never was":          {Session: newSecret("")},
		"a session that cannot be one":      {Session: "x"},
		"a token that never was":            {Bearer: newSecret(tokenPrefix)},
		"a token with a typing error":       {Bearer: good[:20] + "_" + good[21:]},
		"a token that is not complete":      {Bearer: good[:len(good)-1]},
		"an invite":                         {Bearer: newSecret(invitePrefix)},
		"a session's secret as a token":     {Bearer: newSecret("")},
		"a wrong password":                  basic("ada", otherPassword, "192.0.2.9"),
		"an empty password":                 basic("ada", "", "192.0.2.9"),
		"a password without an end":         basic("ada", string(make([]byte, 100_000)), "192.0.2.9"),
		"a name without an end":             basic(string(make([]byte, 100_000)), adaPassword, "192.0.2.9"),
		"a good session with a bad token":   {Session: f.as(t, "ada").Session, Bearer: "x"},
		"an unknown name":                   basic("bob", adaPassword, "192.0.2.9"),
		"a good token beside a bad one":     {Bearer: good + " " + good},
		"no name, and the hash of nobody's": basic("", "", "192.0.2.10"),
	} {
		t.Run(name, func(t *testing.T) { f.wantCode(t, c, charcoal.Unauthenticated) })
	}
}

func TestEachWayIn(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "Ada", charcoal.RoleAdmin)
	session := f.as(t, "ada")
	token, _ := f.token(t, session, charcoal.ScopeWrite, charcoal.ScopeRead)
	all := charcoal.Scopes()
	for _, tt := range []struct {
		via    string
		give   Credentials
		scopes []charcoal.Scope
	}{
		{"session", Credentials{Session: session.Session}, all},
		{"basic", basic("ADA", adaPassword, "192.0.2.1"), all},
		{"token", f.by(token), []charcoal.Scope{charcoal.ScopeRead, charcoal.ScopeWrite}},
	} {
		t.Run(tt.via, func(t *testing.T) {
			want := charcoal.Actor{User: ada.ID, Name: "Ada", Role: charcoal.RoleAdmin, Scopes: tt.scopes, Via: tt.via}
			if diff := cmp.Diff(want, f.wantCode(t, tt.give, "")); diff != "" {
				t.Errorf("actor (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	t.Run("a session that is not used", func(t *testing.T) {
		f := newFixture(t)
		f.user(t, "ada", charcoal.RoleUser)
		c := Credentials{Session: f.as(t, "ada").Session}
		f.clock.pass(23 * time.Hour)
		f.wantCode(t, c, "")
		f.clock.pass(23 * time.Hour)
		f.wantCode(t, c, "")
		f.clock.pass(24 * time.Hour)
		f.wantCode(t, c, charcoal.Unauthenticated)
	})
	t.Run("a session that is used all the time", func(t *testing.T) {
		f := newFixture(t)
		f.user(t, "ada", charcoal.RoleUser)
		c := Credentials{Session: f.as(t, "ada").Session}
		for range 71 {
			f.clock.pass(time.Hour)
			f.wantCode(t, c, "")
		}
		f.clock.pass(time.Hour)
		f.wantCode(t, c, charcoal.Unauthenticated)
	})
	t.Run("a token", func(t *testing.T) {
		f := newFixture(t)
		f.user(t, "ada", charcoal.RoleUser)
		secret, _, err := f.MakeToken(t.Context(), f.as(t, "ada"), TokenRequest{
			Name: "short", Scopes: []charcoal.Scope{charcoal.ScopeRead}, Expires: f.clock.Now().Add(time.Hour),
		})
		noError(t, "make token", err)
		f.clock.pass(time.Hour - 1)
		f.wantCode(t, f.by(secret), "")
		f.clock.pass(1)
		f.wantCode(t, f.by(secret), charcoal.Unauthenticated)
	})
}

// TestDisabled users cannot come in by any way, and can again when they are enabled,
// except by the sessions that ended.
func TestDisabled(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "ada", charcoal.RoleUser)
	session := f.as(t, "ada")
	token, _ := f.token(t, session, charcoal.ScopeRead)
	ways := []Credentials{{Session: session.Session}, f.by(token), basic("ada", adaPassword, "192.0.2.1")}
	for _, c := range ways {
		f.wantCode(t, c, "")
	}
	_, err := f.SetDisabled(t.Context(), CommandLine(), ada.ID, true)
	noError(t, "disable", err)
	for _, c := range ways {
		f.wantCode(t, c, charcoal.Unauthenticated)
	}
	_, err = f.Login(t.Context(), at("192.0.2.1"), "ada", adaPassword)
	wantCode(t, "login", err, charcoal.Unauthenticated)
	_, err = f.SetDisabled(t.Context(), CommandLine(), ada.ID, false)
	noError(t, "enable", err)
	f.wantCode(t, ways[0], charcoal.Unauthenticated)
	f.wantCode(t, ways[1], "")
	f.wantCode(t, ways[2], "")
}

// TestADisabledUserIsToldOnlyWithThePassword: else anybody could ask who is.
func TestADisabledUserIsToldOnlyWithThePassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "ada", charcoal.RoleUser)
	_, err := f.SetDisabled(t.Context(), CommandLine(), ada.ID, true)
	noError(t, "disable", err)
	_, right := f.Login(t.Context(), at("192.0.2.1"), "ada", adaPassword)
	_, wrong := f.Login(t.Context(), at("192.0.2.1"), "ada", otherPassword)
	_, unknown := f.Login(t.Context(), at("192.0.2.1"), "bob", otherPassword)
	if charcoal.Message(wrong) != charcoal.Message(unknown) || charcoal.Message(right) == charcoal.Message(wrong) {
		t.Errorf("messages: right password %q, wrong one %q, unknown name %q", right, wrong, unknown)
	}
}

// TestDemotedAdmin loses the power of all credentials at once, made as an admin or not.
func TestDemotedAdmin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "root", charcoal.RoleAdmin)
	ada := f.user(t, "ada", charcoal.RoleAdmin)
	session := f.as(t, "ada")
	token, _ := f.token(t, session, charcoal.ScopeRead, charcoal.ScopeAdmin)
	ways := []Credentials{{Session: session.Session}, f.by(token), basic("ada", adaPassword, "192.0.2.1")}
	for _, c := range ways {
		if !f.wantCode(t, c, "").Admin() {
			t.Errorf("%+v: not an admin, want one", c)
		}
	}
	_, err := f.SetRole(t.Context(), CommandLine(), ada.ID, charcoal.RoleUser)
	noError(t, "demote", err)
	for _, c := range ways {
		actor := f.wantCode(t, c, "")
		if actor.Admin() || slices.Contains(actor.Scopes, charcoal.ScopeAdmin) {
			t.Errorf("%+v: still an admin", actor)
		}
	}
}

// TestUseIsNotedOnceAMinute, so that reading does not cost a write each time.
func TestUseIsNotedOnceAMinute(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	secret, _ := f.token(t, c, charcoal.ScopeRead)
	used := func() time.Time {
		tokens, err := f.Tokens(t.Context(), c)
		noError(t, "list tokens", err)
		return tokens[0].Used
	}
	first := f.clock.Now()
	f.wantCode(t, f.by(secret), "")
	f.clock.pass(time.Minute - 1)
	f.wantCode(t, f.by(secret), "")
	if got := used(); !got.Equal(first) {
		t.Errorf("used: got %v, want %v", got, first)
	}
	f.clock.pass(1)
	f.wantCode(t, f.by(secret), "")
	if got := used(); !got.Equal(f.clock.Now()) {
		t.Errorf("used: got %v, want %v", got, f.clock.Now())
	}
}

// TestBasicIsBelievedForAMinute counts hashes: a program that sends its password with
// each request costs one a minute.
func TestBasicIsBelievedForAMinute(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	before := f.hasher.computed.Load()
	wantHashes := func(want int64) {
		t.Helper()
		if got := f.hasher.computed.Load() - before; got != want {
			t.Errorf("hashes: got %d, want %d", got, want)
		}
	}
	var wg sync.WaitGroup
	for range 50 { // a program that starts
		wg.Go(func() {
			if _, err := f.Authenticate(t.Context(), basic("ada", adaPassword, "192.0.2.1")); err != nil {
				t.Errorf("authenticate: %v", err)
			}
		})
	}
	wg.Wait()
	wantHashes(1)
	f.wantCode(t, basic("ADA", adaPassword, "192.0.2.1"), "")
	wantHashes(1)
	f.wantCode(t, basic("ada", otherPassword, "192.0.2.1"), charcoal.Unauthenticated)
	wantHashes(2)
	f.clock.pass(time.Minute)
	f.wantCode(t, basic("ada", adaPassword, "192.0.2.1"), "")
	wantHashes(3)
}

func TestAChangedPasswordIsNotBelieved(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "ada", charcoal.RoleUser)
	f.wantCode(t, basic("ada", adaPassword, "192.0.2.1"), "")
	noError(t, "set password", f.SetPassword(t.Context(), CommandLine(), ada.ID, otherPassword))
	f.wantCode(t, basic("ada", adaPassword, "192.0.2.1"), charcoal.Unauthenticated)
	f.wantCode(t, basic("ada", otherPassword, "192.0.2.1"), "")
}

// TestTokensMakeNoStrongerOnes: a token that leaked for an hour must not become one
// for ever.
func TestTokensMakeNoStrongerOnes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleAdmin)
	ada := f.as(t, "ada")
	soon := f.clock.Now().Add(time.Hour)
	account := []charcoal.Scope{charcoal.ScopeAccount}
	secret, _, err := f.MakeToken(t.Context(), ada, TokenRequest{Name: "short", Scopes: account, Expires: soon})
	noError(t, "make token", err)
	actor := f.wantCode(t, f.by(secret), "")
	tests := []struct {
		name    string
		request TokenRequest
		want    charcoal.Code
	}{
		{"for ever", TokenRequest{Scopes: account}, charcoal.Invalid},
		{"for longer", TokenRequest{Scopes: account, Expires: soon.Add(time.Second)}, charcoal.Invalid},
		{"for more", TokenRequest{Scopes: []charcoal.Scope{charcoal.ScopeAdmin}, Expires: soon}, charcoal.Forbidden},
		{"for as long", TokenRequest{Scopes: account, Expires: soon}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.request.Name = "child"
			_, _, err := f.MakeToken(t.Context(), Caller{Actor: actor}, tt.request)
			wantCode(t, "make token", err, tt.want)
		})
	}
}
