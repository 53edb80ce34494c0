package account

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// idp is a provider of OpenID Connect: discovery, keys, and the two endpoints of the
// authorization code flow. It checks what a real one does.
type idp struct {
	*httptest.Server
	key    *rsa.PrivateKey // that it publishes
	signer *rsa.PrivateKey // that it signs with
	now    func() time.Time
	tamper func(claims map[string]any) // changes what it signs; nil: nothing

	mu    sync.Mutex
	codes map[string]grant // each good for once
	calls int              // for the discovery document
	down  bool
}

// grant is what a code stands for.
type grant struct {
	challenge, nonce, redirect string
	subject, username          string
}

const (
	clientID     = "charcoal"
	clientSecret = "s3cret"
)

func newIDP(t *testing.T, now func() time.Time) *idp {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	noError(t, "make a key", err)
	p := &idp{key: key, signer: key, now: now, codes: make(map[string]grant)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *idp) discovery(w http.ResponseWriter, _ *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls++
	if p.down {
		http.Error(w, "down", http.StatusBadGateway)
		return
	}
	reply(w, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (p *idp) keys(w http.ResponseWriter, _ *http.Request) {
	b64 := base64.RawURLEncoding.EncodeToString
	reply(w, map[string]any{"keys": []any{map[string]string{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1",
		"n": b64(p.key.N.Bytes()), "e": b64(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// login is a person who signs in at the provider: the browser goes there and comes
// back with a code.
func (p *idp) login(t *testing.T, authURL, subject, username string) OIDCAnswer {
	t.Helper()
	u, err := url.Parse(authURL)
	noError(t, "parse the URL of the provider", err)
	q := u.Query()
	for key, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "code_challenge_method": "S256",
		"redirect_uri": "https://art.example/v2/oidc/callback", "scope": "openid profile",
	} {
		if got := q.Get(key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	code := newSecret("")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.codes[code] = grant{q.Get("code_challenge"), q.Get("nonce"), q.Get("redirect_uri"), subject, username}
	return OIDCAnswer{State: q.Get("state"), Code: code}
}

func (p *idp) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || id != clientID || secret != clientSecret || r.PostFormValue("redirect_uri") != g.redirect ||
		base64.RawURLEncoding.EncodeToString(challenge[:]) != g.challenge {
		w.WriteHeader(http.StatusBadRequest)
		reply(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := p.now()
	claims := map[string]any{
		"iss": p.URL, "aud": clientID, "sub": g.subject, "nonce": g.nonce, "preferred_username": g.username,
		"email": "root@art.example", "iat": now.Unix(), "exp": now.Add(time.Hour).Unix(),
	}
	if p.tamper != nil {
		p.tamper(claims)
	}
	reply(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": p.sign(claims)})
}

// sign makes a JWT (RFC 7519) signed with RS256.
func (p *idp) sign(claims map[string]any) string {
	b64 := base64.RawURLEncoding.EncodeToString
	body, _ := json.Marshal(claims)
	signed := b64([]byte(`{"alg":"RS256","kid":"1"}`)) + "." + b64(body)
	sum := sha256.Sum256([]byte(signed))
	signature, _ := rsa.SignPKCS1v15(rand.Reader, p.signer, crypto.SHA256, sum[:])
	return signed + "." + b64(signature)
}

// newOIDC makes a service beside its provider.
func newOIDC(t *testing.T, options ...func(*Options)) (*fixture, *idp) {
	t.Helper()
	var p *idp
	f := newFixture(t, append(options, func(o *Options) {
		p = newIDP(t, o.Now)
		o.OIDC = &OIDCOptions{Issuer: p.URL, ClientID: clientID, ClientSecret: clientSecret, URL: "https://art.example/", Register: true, Client: p.Client()}
	})...)
	return f, p
}

// start sends a browser away.
func (f *fixture) start(t *testing.T) (authURL, cookie string) {
	t.Helper()
	authURL, cookie, err := f.StartOIDC(t.Context(), "/images?q=cat")
	noError(t, "start", err)
	return authURL, cookie
}

// through signs somebody in.
func (f *fixture) through(t *testing.T, p *idp, subject, username string) (SignedIn, error) {
	t.Helper()
	authURL, cookie := f.start(t)
	a := p.login(t, authURL, subject, username)
	a.Cookie = cookie
	in, next, err := f.FinishOIDC(t.Context(), at("192.0.2.1"), a)
	if err == nil && next != "/images?q=cat" {
		t.Errorf("next: got %q, want what was asked for", next)
	}
	return in, err
}

func TestSignInThroughAProvider(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	first, err := f.through(t, p, "1", "Ada Lovelace@example.org")
	noError(t, "sign in for the first time", err)
	if first.User.Name != "Ada-Lovelace" || first.User.Role != charcoal.RoleUser {
		t.Errorf("user: got %+v, want a user Ada-Lovelace", first.User)
	}
	actor := f.wantCode(t, Credentials{Session: first.Secret}, "")
	if actor.User != first.User.ID {
		t.Errorf("actor: got %+v", actor)
	}
	again, err := f.through(t, p, "1", "renamed")
	noError(t, "sign in again", err)
	if again.User.ID != first.User.ID {
		t.Errorf("user: got %s, want the same as before", again.User.Name)
	}
	_, err = f.SetDisabled(t.Context(), CommandLine(), first.User.ID, true)
	noError(t, "disable", err)
	_, err = f.through(t, p, "1", "ada")
	wantCode(t, "sign in when disabled", err, charcoal.Unauthenticated)
	wantCode(t, "login without a password", f.login(at("192.0.2.1"), "Ada-Lovelace"), charcoal.Unauthenticated)
}

// TestAccountsWithoutPasswordsOutliveTokens: there is no password to ask for, so a token
// that leaked must not do for one.
func TestAccountsWithoutPasswordsOutliveTokens(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	in, err := f.through(t, p, "1", "ada")
	noError(t, "sign in", err)
	c := Caller{Actor: f.wantCode(t, Credentials{Session: in.Secret}, "")}
	secret, _ := f.token(t, c, charcoal.ScopeAccount)
	byToken := Caller{Actor: f.wantCode(t, f.by(secret), "")}
	wantCode(t, "delete with a token", f.DeleteUser(t.Context(), byToken, in.User.ID, ""), charcoal.Forbidden)
	noError(t, "delete with the session", f.DeleteUser(t.Context(), c, in.User.ID, ""))
}

// TestNamesAndAddressesProveNothing: who chose a name elsewhere, or has an address that
// once was somebody's, gets an account of their own.
func TestNamesAndAddressesProveNothing(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	root := f.user(t, "root", charcoal.RoleAdmin)
	for subject, want := range map[string]string{"1": "root-", "2": "root-"} {
		in, err := f.through(t, p, subject, "root")
		noError(t, "sign in", err)
		if in.User.ID == root.ID || !strings.HasPrefix(in.User.Name, want) || in.User.Role != charcoal.RoleUser {
			t.Errorf("user: got %+v, want one of their own", in.User)
		}
	}
}

func TestNameFor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		username string
		taken    int
		want     string
	}{
		{"ada", 0, "ada"},
		{"ada", 1, "ada-2"},
		{"ada@example.org", 0, "ada"},
		{"-_.ada", 0, "ada"},
		{"猫", 0, "user"},
		{"", 2, "user-3"},
		{"a", 0, "user"},
		{"<script>", 0, "script-"},
		{strings.Repeat("x", 100), 8, strings.Repeat("x", 38) + "-9"},
	} {
		got := nameFor(tt.username, tt.taken)
		if got != tt.want {
			t.Errorf("nameFor(%q, %d): got %q, want %q", tt.username, tt.taken, got, tt.want)
		}
		if err := charcoal.CheckUserName(got); err != nil {
			t.Errorf("nameFor(%q, %d) = %q: %v", tt.username, tt.taken, got, err)
		}
	}
	if got := nameFor("ada", maxNames-1); !strings.HasPrefix(got, "ada-") || len(got) != 10 {
		t.Errorf("the last name tried: got %q, want one with something random", got)
	}
}

func TestNoAccountIsMadeWhereNoneIsWanted(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	f.provider.Register = false
	_, err := f.through(t, p, "1", "ada")
	wantCode(t, "sign in", err, charcoal.Forbidden)
}

// TestForgedAnswers are all refused: what a browser brings, and what the provider says.
func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	other := newSealer()
	foreign, err := other.seal(pending{State: "s"})
	noError(t, "seal", err)
	for name, tamper := range map[string]func(a *OIDCAnswer){
		"another browser":           func(a *OIDCAnswer) { _, a.Cookie = f.start(t) },
		"no cookie":                 func(a *OIDCAnswer) { a.Cookie = "" },
		"a cookie made up":          func(a *OIDCAnswer) { a.Cookie = foreign },
		"a cookie without an end":   func(a *OIDCAnswer) { a.Cookie = strings.Repeat("A", 1<<20) },
		"a changed cookie":          func(a *OIDCAnswer) { a.Cookie = "A" + a.Cookie },
		"another state":             func(a *OIDCAnswer) { a.State = newSecret("") },
		"no state":                  func(a *OIDCAnswer) { a.State = "" },
		"a code made up":            func(a *OIDCAnswer) { a.Code = newSecret("") },
		"no code":                   func(a *OIDCAnswer) { a.Code = "" },
		"an error":                  func(a *OIDCAnswer) { a.Error = "access_denied" },
		"a code of another sign-in": func(a *OIDCAnswer) { u, _ := f.start(t); a.Code = p.login(t, u, "1", "ada").Code },
	} {
		t.Run(name, func(t *testing.T) {
			authURL, cookie := f.start(t)
			a := p.login(t, authURL, "1", "ada")
			a.Cookie = cookie
			tamper(&a)
			_, _, err := f.FinishOIDC(t.Context(), at("192.0.2.1"), a)
			wantCode(t, "finish", err, charcoal.Unauthenticated)
		})
	}
	for name, tamper := range map[string]func(c map[string]any){
		"another issuer":     func(c map[string]any) { c["iss"] = "https://evil.example" },
		"for another client": func(c map[string]any) { c["aud"] = "another" },
		"expired":            func(c map[string]any) { c["exp"] = f.clock.Now().Add(-time.Minute).Unix() },
		"a replayed nonce":   func(c map[string]any) { c["nonce"] = newSecret("") },
		"no nonce":           func(c map[string]any) { delete(c, "nonce") },
		"no subject":         func(c map[string]any) { delete(c, "sub") },
	} {
		t.Run(name, func(t *testing.T) {
			p.tamper = tamper
			defer func() { p.tamper = nil }()
			_, err := f.through(t, p, "1", "ada")
			wantCode(t, "finish", err, charcoal.Unauthenticated)
		})
	}
	t.Run("signed by another key", func(t *testing.T) {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		noError(t, "make a key", err)
		_, err = f.through(t, p, "1", "ada") // the right key is known
		noError(t, "sign in", err)
		right := p.key
		p.signer = key
		defer func() { p.signer = right }()
		_, err = f.through(t, p, "1", "ada")
		wantCode(t, "finish", err, charcoal.Unauthenticated)
	})
}

// TestASignInIsNotReplayed: the code is used up, and time runs out.
func TestASignInIsNotReplayed(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	authURL, cookie := f.start(t)
	a := p.login(t, authURL, "1", "ada")
	a.Cookie = cookie
	_, _, err := f.FinishOIDC(t.Context(), at("192.0.2.1"), a)
	noError(t, "finish", err)
	_, _, err = f.FinishOIDC(t.Context(), at("192.0.2.1"), a)
	wantCode(t, "finish again", err, charcoal.Unauthenticated)
	authURL, cookie = f.start(t)
	a = p.login(t, authURL, "1", "ada")
	a.Cookie = cookie
	f.clock.pass(pendingTime)
	_, _, err = f.FinishOIDC(t.Context(), at("192.0.2.1"), a)
	wantCode(t, "finish late", err, charcoal.Unauthenticated)
}

// TestProviderAway: it need not be there when we start, and is asked again.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	f, p := newOIDC(t)
	p.down = true
	_, _, err := f.StartOIDC(t.Context(), "/")
	wantCode(t, "start", err, charcoal.Unavailable)
	p.down = false
	for range 3 {
		f.start(t)
	}
	if p.calls != 2 {
		t.Errorf("asked %d times, want once more than it failed", p.calls)
	}
}

func TestWithoutAProvider(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	_, _, err := f.StartOIDC(t.Context(), "/")
	wantCode(t, "start", err, charcoal.NotFound)
	_, _, err = f.FinishOIDC(t.Context(), at("192.0.2.1"), OIDCAnswer{})
	wantCode(t, "finish", err, charcoal.NotFound)
	_, err = New(Options{OIDC: &OIDCOptions{Issuer: "https://id.example"}})
	wantCode(t, "half a provider", err, charcoal.Invalid)
}

// TestTheWayBackStaysHere: nobody is sent to another site from our sign-in.
func TestTheWayBackStaysHere(t *testing.T) {
	t.Parallel()
	for next, want := range map[string]string{
		"/images?q=a%20b": "/images?q=a%20b", "": "/", "images": "/", "//evil.example": "/", `/\evil.example`: "/",
		"https://evil.example": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/", "/" + strings.Repeat("x", 1000): "/",
		"/\t/evil.example": "/",
	} {
		if got := localPath(next); got != want {
			t.Errorf("%q: got %q, want %q", next, got, want)
		}
	}
}
