package account

import (
	"context"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fixture is a service over a real store.
type fixture struct {
	*Service
	clock *clock
	store *sqlite.Store
	path  string // of its file
	bin   bin
}

// bin records whose images were put in it.
type bin struct{ owners []charcoal.ID }

func (b *bin) BinOwned(_ context.Context, owner charcoal.ID) error {
	b.owners = append(b.owners, owner)
	return nil
}

// newFixture makes a service where signing in is required, and lets options change it.
func newFixture(t *testing.T, options ...func(*Options)) *fixture {
	t.Helper()
	f := &fixture{
		clock: &clock{now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)},
		path:  filepath.Join(t.TempDir(), "charcoal.db"),
	}
	var err error
	f.store, err = sqlite.Open(t.Context(), f.path)
	noError(t, "open", err)
	t.Cleanup(func() { noError(t, "close", f.store.Close()) })
	o := Options{
		Accounts: f.store, Images: &f.bin,
		SessionIdle: 24 * time.Hour, SessionTime: 72 * time.Hour, AuditTime: 30 * 24 * time.Hour,
		Now: f.clock.Now,
	}
	for _, option := range options {
		option(&o)
	}
	f.Service, err = New(o)
	noError(t, "new", err)
	f.hasher = newHasher(quick)
	return f
}

// quick is the cost of passwords in tests that do not ask what it is.
var quick = cost{memory: 64, passes: 1, lanes: 1}

func openMode(o *Options)     { o.Open = true }
func registration(o *Options) { o.Register = true }

// The passwords of the users of the tests.
const (
	adaPassword   = "correct horse"
	otherPassword = "battery staple"
)

// user adds one.
func (f *fixture) user(t *testing.T, name string, role charcoal.Role) charcoal.User {
	t.Helper()
	u, err := f.AddUser(t.Context(), CommandLine(), name, adaPassword, role)
	noError(t, "add user", err)
	return u
}

// at is somebody who is not signed in, at an address.
func at(address string) Caller { return Caller{Address: netip.MustParseAddr(address), Agent: "test"} }

// as is the caller that a user is with a new session.
func (f *fixture) as(t *testing.T, name string) Caller {
	t.Helper()
	c := at("192.0.2.1")
	in, err := f.Login(t.Context(), c, name, adaPassword)
	noError(t, "login", err)
	c.Session = in.Secret
	c.Actor, err = f.Authenticate(t.Context(), Credentials{Session: in.Secret, Address: c.Address})
	noError(t, "authenticate", err)
	return c
}

// token makes one for a caller.
func (f *fixture) token(t *testing.T, c Caller, scopes ...charcoal.Scope) (string, charcoal.Token) {
	t.Helper()
	secret, token, err := f.MakeToken(t.Context(), c, TokenRequest{Name: "test", Scopes: scopes})
	noError(t, "make token", err)
	return secret, token
}

// by is an actor by a token.
func (f *fixture) by(secret string) Credentials { return Credentials{Bearer: secret} }

func basic(name, password, address string) Credentials {
	return Credentials{HasBasic: true, BasicName: name, BasicPassword: password, Address: netip.MustParseAddr(address)}
}

// wantActor authenticates and checks the code; "" stands for no error.
func (f *fixture) wantCode(t *testing.T, c Credentials, want charcoal.Code) charcoal.Actor {
	t.Helper()
	actor, err := f.Authenticate(t.Context(), c)
	wantCode(t, "authenticate", err, want)
	return actor
}

// actions are those in the audit log, oldest first.
func (f *fixture) actions(t *testing.T) []charcoal.AuditAction {
	t.Helper()
	var all []charcoal.AuditAction
	entries, err := f.AuditLog(t.Context(), CommandLine(), charcoal.ID{}, 1000)
	noError(t, "read the log", err)
	for _, e := range entries {
		all = append([]charcoal.AuditAction{e.Action}, all...)
	}
	return all
}

func noError(t *testing.T, doing string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", doing, err)
	}
}

func wantCode(t *testing.T, doing string, err error, want charcoal.Code) {
	t.Helper()
	got := charcoal.Code("")
	if err != nil {
		got = charcoal.CodeOf(err)
	}
	if got != want {
		t.Fatalf("%s: got code %q (%v), want %q", doing, got, err, want)
	}
}
