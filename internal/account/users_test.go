package account

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		options []func(*Options)
		give    Registration
		want    charcoal.Code
	}{
		{"where strangers may", []func(*Options){registration}, Registration{Name: "ada", Password: adaPassword}, ""},
		{"where they may not", nil, Registration{Name: "ada", Password: adaPassword}, charcoal.Forbidden},
		{"with an invite that never was", []func(*Options){registration}, Registration{"ada", adaPassword, newSecret(invitePrefix)}, charcoal.Forbidden},
		{"a name that is taken", []func(*Options){registration}, Registration{Name: "ROOT", Password: adaPassword}, charcoal.Conflict},
		{"a name that cannot be one", []func(*Options){registration}, Registration{Name: "a<b>", Password: adaPassword}, charcoal.Invalid},
		{"a short password", []func(*Options){registration}, Registration{Name: "ada", Password: "1234567"}, charcoal.Invalid},
		{"a long password", []func(*Options){registration}, Registration{Name: "ada", Password: strings.Repeat("x", 257)}, charcoal.Invalid},
		{"the name as the password", []func(*Options){registration}, Registration{Name: "adalovelace", Password: "AdaLovelace"}, charcoal.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, tt.options...)
			f.user(t, "root", charcoal.RoleAdmin)
			u, err := f.Register(t.Context(), at("192.0.2.1"), tt.give)
			wantCode(t, "register", err, tt.want)
			if err != nil {
				return
			}
			if u.Role != charcoal.RoleUser {
				t.Errorf("role: got %s, want %s", u.Role, charcoal.RoleUser)
			}
			noError(t, "login", f.login(at("192.0.2.1"), tt.give.Name))
		})
	}
}

// TestAccountAfterAccount: with each come quotas of its own.
func TestAccountAfterAccount(t *testing.T) {
	t.Parallel()
	f := newFixture(t, registration)
	register := func(name, invite string) error {
		_, err := f.Register(t.Context(), at("198.51.100.7"), Registration{name, adaPassword, invite})
		return err
	}
	for i := range freeAccounts {
		noError(t, "register", register("puppet"+string(rune('a'+i)), ""))
	}
	wantCode(t, "register one more", register("puppet", ""), charcoal.RateLimited)
	invite, _, err := f.MakeInvite(t.Context(), CommandLine(), charcoal.RoleUser, time.Hour)
	noError(t, "make invite", err)
	noError(t, "register with an invite", register("guest", invite))
	noError(t, "login, which is another thing", f.login(at("198.51.100.7"), "puppeta"))
}

// TestInvitesEndWithTheirAdmin: who is no admin any more must not have kept a way to
// become one again.
func TestInvitesEndWithTheirAdmin(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*fixture, charcoal.ID) error{
		"demoted": func(f *fixture, id charcoal.ID) error {
			_, err := f.SetRole(t.Context(), CommandLine(), id, charcoal.RoleUser)
			return err
		},
		"disabled": func(f *fixture, id charcoal.ID) error {
			_, err := f.SetDisabled(t.Context(), CommandLine(), id, true)
			return err
		},
		"deleted": func(f *fixture, id charcoal.ID) error { return f.DeleteUser(t.Context(), CommandLine(), id, "") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.user(t, "ada", charcoal.RoleAdmin)
			bob := f.user(t, "bob", charcoal.RoleAdmin)
			secret, _, err := f.MakeInvite(t.Context(), f.as(t, "bob"), charcoal.RoleAdmin, time.Hour)
			noError(t, "make invite", err)
			noError(t, "end the admin", end(f, bob.ID))
			_, err = f.Register(t.Context(), at("192.0.2.1"), Registration{"bob2", adaPassword, secret})
			wantCode(t, "register", err, charcoal.Forbidden)
		})
	}
}

// TestUsersAreFound by who may, and named to everybody.
func TestUsersAreFound(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada, bob := f.user(t, "ada", charcoal.RoleUser), f.user(t, "Bob", charcoal.RoleUser)
	names, err := f.UserNames(t.Context(), []charcoal.ID{ada.ID, bob.ID, charcoal.NewID()})
	noError(t, "names", err)
	if diff := cmp.Diff(map[charcoal.ID]string{ada.ID: "ada", bob.ID: "Bob"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	me, err := f.User(t.Context(), f.as(t, "ada"), ada.ID)
	noError(t, "read oneself", err)
	all, err := f.Users(t.Context(), CommandLine(), "", -1)
	noError(t, "list", err)
	if diff := cmp.Diff([]charcoal.User{me}, all); diff != "" {
		t.Errorf("a page of a nonsensical size has one user (-want +got):\n%s", diff)
	}
}

func TestInvites(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	invite := func(role charcoal.Role) (string, charcoal.Invite) {
		secret, i, err := f.MakeInvite(t.Context(), CommandLine(), role, time.Hour)
		noError(t, "make invite", err)
		return secret, i
	}
	register := func(name, secret string) (charcoal.User, error) {
		return f.Register(t.Context(), at("192.0.2.1"), Registration{name, adaPassword, secret})
	}
	t.Run("makes one account of its role", func(t *testing.T) {
		secret, _ := invite(charcoal.RoleAdmin)
		u, err := register("ada", secret)
		noError(t, "register", err)
		if u.Role != charcoal.RoleAdmin {
			t.Errorf("role: got %s, want that of the invite", u.Role)
		}
		_, err = register("bob", secret)
		wantCode(t, "register again", err, charcoal.Forbidden)
	})
	t.Run("is not used up by a name that is taken", func(t *testing.T) {
		secret, _ := invite(charcoal.RoleUser)
		_, err := register("ADA", secret)
		wantCode(t, "register a taken name", err, charcoal.Conflict)
		_, err = register("cleo", secret)
		noError(t, "register another", err)
	})
	t.Run("can be revoked", func(t *testing.T) {
		secret, i := invite(charcoal.RoleUser)
		noError(t, "revoke", f.RevokeInvite(t.Context(), CommandLine(), i.ID))
		_, err := register("dora", secret)
		wantCode(t, "register", err, charcoal.Forbidden)
	})
	t.Run("one of many at once wins", func(t *testing.T) {
		secret, _ := invite(charcoal.RoleUser)
		var won atomic.Int64
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				if _, err := f.Register(context.Background(), at("192.0.2.1"), Registration{"racer" + string(rune('a'+i)), adaPassword, secret}); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("accounts: got %d, want 1", won.Load())
		}
	})
	t.Run("expires", func(t *testing.T) {
		secret, _ := invite(charcoal.RoleUser)
		f.clock.pass(time.Hour)
		_, err := register("eve", secret)
		wantCode(t, "register", err, charcoal.Forbidden)
	})
	t.Run("does not last for ever", func(t *testing.T) {
		for _, lasts := range []time.Duration{-1, 0, MaxInviteTime + 1} {
			_, _, err := f.MakeInvite(t.Context(), CommandLine(), charcoal.RoleUser, lasts)
			wantCode(t, "make invite", err, charcoal.Invalid)
		}
		_, _, err := f.MakeInvite(t.Context(), CommandLine(), "emperor", time.Hour)
		wantCode(t, "make invite of no role", err, charcoal.Invalid)
	})
}

// TestWhoMayDoWhat walks every use case that needs somebody; what a token lacks, its
// owner's role does not give it.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t, openMode)
	root, ada := f.user(t, "root", charcoal.RoleAdmin), f.user(t, "ada", charcoal.RoleUser)
	actor := func(c Credentials) Caller { return Caller{Actor: f.wantCode(t, c, "")} }
	reading, _ := f.token(t, f.as(t, "root"), charcoal.ScopeRead)
	managing, _ := f.token(t, f.as(t, "root"), charcoal.ScopeAccount)
	callers := map[string]Caller{
		"stranger":                    {},
		"nobody in an open server":    actor(Credentials{}),
		"user":                        f.as(t, "ada"),
		"admin by a reading token":    actor(f.by(reading)),
		"admin by an accounts' token": actor(f.by(managing)),
		"admin":                       f.as(t, "root"),
		"command line":                CommandLine(),
	}
	admins := map[string]func(Caller) error{
		"add user":     func(c Caller) error { _, err := f.AddUser(t.Context(), c, "x", "", "user"); return err },
		"list users":   func(c Caller) error { _, err := f.Users(t.Context(), c, "", 10); return err },
		"find user":    func(c Caller) error { _, err := f.UserByName(t.Context(), c, "ada"); return err },
		"read log":     func(c Caller) error { _, err := f.AuditLog(t.Context(), c, charcoal.ID{}, 1); return err },
		"invite":       func(c Caller) error { _, _, err := f.MakeInvite(t.Context(), c, "user", time.Hour); return err },
		"list invites": func(c Caller) error { _, err := f.Invites(t.Context(), c, charcoal.ID{}, 10); return err },
		"revoke":       func(c Caller) error { return f.RevokeInvite(t.Context(), c, charcoal.NewID()) },
	}
	others := map[string]func(Caller, charcoal.ID) error{
		"set role":     func(c Caller, id charcoal.ID) error { _, err := f.SetRole(t.Context(), c, id, "user"); return err },
		"disable":      func(c Caller, id charcoal.ID) error { _, err := f.SetDisabled(t.Context(), c, id, false); return err },
		"set password": func(c Caller, id charcoal.ID) error { return f.SetPassword(t.Context(), c, id, "") },
		"read":         func(c Caller, id charcoal.ID) error { _, err := f.User(t.Context(), c, id); return err },
	}
	own := map[string]func(Caller) error{
		"tokens":         func(c Caller) error { _, err := f.Tokens(t.Context(), c); return err },
		"make token":     func(c Caller) error { _, _, err := f.MakeToken(t.Context(), c, TokenRequest{}); return err },
		"revoke token":   func(c Caller) error { return f.RevokeToken(t.Context(), c, charcoal.NewID()) },
		"sessions":       func(c Caller) error { _, _, err := f.Sessions(t.Context(), c); return err },
		"end session":    func(c Caller) error { return f.EndSession(t.Context(), c, charcoal.NewID()) },
		"password":       func(c Caller) error { return f.ChangePassword(t.Context(), c, "", "") },
		"delete account": func(c Caller) error { return f.DeleteUser(t.Context(), c, c.User, "wrong") },
	}
	type rule struct{ admins, others, own charcoal.Code }
	rules := map[string]rule{
		"stranger":                    {charcoal.Unauthenticated, charcoal.Unauthenticated, charcoal.Unauthenticated},
		"nobody in an open server":    {charcoal.Unauthenticated, charcoal.Unauthenticated, charcoal.Unauthenticated},
		"user":                        {charcoal.Forbidden, charcoal.NotFound, ""},
		"admin by a reading token":    {charcoal.Forbidden, charcoal.NotFound, charcoal.Forbidden},
		"admin by an accounts' token": {charcoal.Forbidden, charcoal.NotFound, ""},
		"admin":                       {"", "", ""},
		"command line":                {"", "", ""},
	}
	other := f.user(t, "other", charcoal.RoleUser)
	for who, c := range callers {
		t.Run(who, func(t *testing.T) {
			for what, do := range admins {
				wantRule(t, what, do(c), rules[who].admins)
			}
			for what, do := range others {
				wantRule(t, what, do(c, other.ID), rules[who].others)
			}
			if who == "command line" {
				return // has no account
			}
			for what, do := range own {
				wantRule(t, what, do(c), rules[who].own)
			}
		})
	}
	for _, u := range []charcoal.User{root, ada} {
		if _, err := f.store.User(t.Context(), u.ID); err != nil {
			t.Errorf("user %s: %v", u.Name, err)
		}
	}
}

// wantRule checks for the refusals that rules are about. Where there is none, what was
// asked for may be wrong in other ways.
func wantRule(t *testing.T, what string, err error, want charcoal.Code) {
	t.Helper()
	got := charcoal.Code("")
	if err != nil {
		got = charcoal.CodeOf(err)
	}
	refused := got == charcoal.Unauthenticated || got == charcoal.Forbidden && what != "delete account"
	if got != want && (want != "" || refused) {
		t.Errorf("%s: got %q (%v), want %q", what, got, err, want)
	}
}

func TestChangePassword(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	here, elsewhere := f.as(t, "ada"), f.as(t, "ada")
	token, _ := f.token(t, here, charcoal.ScopeRead)
	wantCode(t, "without the current password", f.ChangePassword(t.Context(), here, "", otherPassword), charcoal.Forbidden)
	wantCode(t, "to a bad one", f.ChangePassword(t.Context(), here, adaPassword, "short"), charcoal.Invalid)
	noError(t, "change password", f.ChangePassword(t.Context(), here, adaPassword, otherPassword))
	f.wantCode(t, Credentials{Session: here.Session}, "")
	f.wantCode(t, Credentials{Session: elsewhere.Session}, charcoal.Unauthenticated)
	f.wantCode(t, f.by(token), "")
	wantCode(t, "login with the old password", f.login(at("192.0.2.1"), "ada"), charcoal.Unauthenticated)
	_, err := f.Login(t.Context(), at("192.0.2.1"), "ada", otherPassword)
	noError(t, "login with the new password", err)
}

// TestTheCurrentPasswordIsNotGuessed by who found an open browser or a token.
func TestTheCurrentPasswordIsNotGuessed(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	for range freeOfAccount {
		wantCode(t, "guess", f.ChangePassword(t.Context(), c, "wrong", otherPassword), charcoal.Forbidden)
	}
	wantCode(t, "guess once more", f.ChangePassword(t.Context(), c, adaPassword, otherPassword), charcoal.RateLimited)
}

func TestSetPasswordEndsAllSessions(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	ada := f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	noError(t, "set password", f.SetPassword(t.Context(), CommandLine(), ada.ID, otherPassword))
	f.wantCode(t, Credentials{Session: c.Session}, charcoal.Unauthenticated)
	wantCode(t, "set the password of nobody", f.SetPassword(t.Context(), CommandLine(), charcoal.NewID(), otherPassword), charcoal.NotFound)
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	f.user(t, "bob", charcoal.RoleUser)
	old, here, bob := f.as(t, "ada"), f.as(t, "ada"), f.as(t, "bob")
	all, current, err := f.Sessions(t.Context(), here)
	noError(t, "list sessions", err)
	if len(all) != 2 || all[0].ID != current || all[0].Agent != "test" || all[0].Address != here.Address {
		t.Fatalf("sessions: got %+v and current %s, want two, the newest being the current", all, current)
	}
	wantCode(t, "end another's", f.EndSession(t.Context(), bob, all[1].ID), charcoal.NotFound)
	noError(t, "end the old one", f.EndSession(t.Context(), here, all[1].ID))
	f.wantCode(t, Credentials{Session: old.Session}, charcoal.Unauthenticated)
	f.clock.pass(25 * time.Hour)
	late := f.as(t, "ada")
	all, _, err = f.Sessions(t.Context(), late)
	noError(t, "list sessions", err)
	if len(all) != 1 {
		t.Errorf("sessions a day later: got %d, want only the one in force", len(all))
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	f.user(t, "root", charcoal.RoleAdmin)
	session := f.as(t, "ada")
	narrow, _ := f.token(t, session, charcoal.ScopeAccount, charcoal.ScopeRead)
	byNarrow := Caller{Actor: f.wantCode(t, f.by(narrow), "")}
	past := f.clock.Now()
	for _, tt := range []struct {
		name string
		by   Caller
		give TokenRequest
		want charcoal.Code
	}{
		{"all that a user can", session, TokenRequest{Name: "all", Scopes: scopesOf(charcoal.RoleUser)}, ""},
		{"more than the role", session, TokenRequest{Name: "x", Scopes: []charcoal.Scope{charcoal.ScopeAdmin}}, charcoal.Forbidden},
		{"more than the token it is made with", byNarrow, TokenRequest{Name: "x", Scopes: []charcoal.Scope{charcoal.ScopeWrite}}, charcoal.Forbidden},
		{"as much as the token it is made with", byNarrow, TokenRequest{Name: "x", Scopes: []charcoal.Scope{charcoal.ScopeRead}}, ""},
		{"an admin's", f.as(t, "root"), TokenRequest{Name: "x", Scopes: charcoal.Scopes()}, ""},
		{"no scopes", session, TokenRequest{Name: "x"}, charcoal.Invalid},
		{"an unknown scope", session, TokenRequest{Name: "x", Scopes: []charcoal.Scope{"images:eat"}}, charcoal.Invalid},
		{"no name", session, TokenRequest{Scopes: []charcoal.Scope{charcoal.ScopeRead}}, charcoal.Invalid},
		{"a name that steers terminals", session, TokenRequest{Name: "\x1b[2J", Scopes: []charcoal.Scope{charcoal.ScopeRead}}, charcoal.Invalid},
		{"a name in any language", session, TokenRequest{Name: "Skript für 猫", Scopes: []charcoal.Scope{charcoal.ScopeRead}}, ""},
		{"a name without an end", session, TokenRequest{Name: strings.Repeat("x", 101), Scopes: []charcoal.Scope{charcoal.ScopeRead}}, charcoal.Invalid},
		{"expired already", session, TokenRequest{Name: "x", Scopes: []charcoal.Scope{charcoal.ScopeRead}, Expires: past}, charcoal.Invalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := f.MakeToken(t.Context(), tt.by, tt.give)
			wantCode(t, "make token", err, tt.want)
		})
	}
}

func TestRevokedToken(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	f.user(t, "bob", charcoal.RoleUser)
	c := f.as(t, "ada")
	secret, token := f.token(t, c, charcoal.ScopeRead)
	wantCode(t, "revoke another's", f.RevokeToken(t.Context(), f.as(t, "bob"), token.ID), charcoal.NotFound)
	f.wantCode(t, f.by(secret), "")
	noError(t, "revoke", f.RevokeToken(t.Context(), c, token.ID))
	f.wantCode(t, f.by(secret), charcoal.Unauthenticated)
}

func TestTokensAreLimited(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	for range maxTokens {
		f.token(t, c, charcoal.ScopeRead)
	}
	_, _, err := f.MakeToken(t.Context(), c, TokenRequest{Name: "x", Scopes: []charcoal.Scope{charcoal.ScopeRead}})
	wantCode(t, "one more", err, charcoal.QuotaSpent)
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	root, ada := f.user(t, "root", charcoal.RoleAdmin), f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	token, _ := f.token(t, c, charcoal.ScopeRead)
	wantCode(t, "without the password", f.DeleteUser(t.Context(), c, ada.ID, ""), charcoal.Forbidden)
	wantCode(t, "another's", f.DeleteUser(t.Context(), c, root.ID, adaPassword), charcoal.NotFound)
	wantCode(t, "the last admin", f.DeleteUser(t.Context(), CommandLine(), root.ID, ""), charcoal.Conflict)
	if len(f.bin.owners) != 0 {
		t.Fatalf("images of %v are in the bin, want nobody's yet", f.bin.owners)
	}
	noError(t, "delete", f.DeleteUser(t.Context(), c, ada.ID, adaPassword))
	f.wantCode(t, Credentials{Session: c.Session}, charcoal.Unauthenticated)
	f.wantCode(t, f.by(token), charcoal.Unauthenticated)
	wantCode(t, "login", f.login(at("192.0.2.1"), "ada"), charcoal.Unauthenticated)
	if diff := cmp.Diff([]charcoal.ID{ada.ID}, f.bin.owners); diff != "" {
		t.Errorf("whose images are in the bin (-want +got):\n%s", diff)
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "ada")
	f.clock.pass(f.options.SessionTime + proofTime + time.Hour)
	noError(t, "purge", f.Purge(t.Context()))
	if all, err := f.store.Sessions(t.Context(), c.User); err != nil || len(all) != 0 {
		t.Errorf("sessions: got %v and %v, want none", all, err)
	}
	if got := f.actions(t); len(got) != 0 {
		t.Errorf("the log: got %v, want nothing from so long ago", got)
	}
}

// TestSecretsAreNotStored reads the files of the database.
func TestSecretsAreNotStored(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user(t, "root", charcoal.RoleAdmin)
	c := f.as(t, "root")
	token, _ := f.token(t, c, charcoal.ScopeRead)
	invite, _, err := f.MakeInvite(t.Context(), c, charcoal.RoleUser, time.Hour)
	noError(t, "make invite", err)
	f.wantCode(t, basic("root", adaPassword, "192.0.2.1"), "")
	_, _ = f.Login(t.Context(), at("192.0.2.1"), "root", "a wrong password")
	_, _ = f.Login(t.Context(), at("192.0.2.1"), "a-password-as-a-name", "x")
	files, err := filepath.Glob(f.path + "*")
	noError(t, "list files", err)
	var all []byte
	for _, file := range files {
		b, err := os.ReadFile(file)
		noError(t, "read file", err)
		all = append(all, b...)
	}
	if !bytes.Contains(all, []byte("$argon2id$")) {
		t.Fatalf("no hash in %v: the test does not read what is stored", files)
	}
	for _, secret := range []string{token, token[4:40], c.Session, invite, adaPassword, "a wrong password", "a-password-as-a-name"} {
		if bytes.Contains(all, []byte(secret)) {
			t.Errorf("%q is in the database, want only hashes", secret)
		}
	}
}

// TestTheLogTellsWhoDidWhat.
func TestTheLogTellsWhoDidWhat(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	root := f.user(t, "root", charcoal.RoleAdmin)
	ada := f.user(t, "ada", charcoal.RoleUser)
	c := f.as(t, "root")
	_, err := f.SetRole(t.Context(), c, ada.ID, charcoal.RoleAdmin)
	noError(t, "set role", err)
	entries, err := f.AuditLog(t.Context(), c, charcoal.ID{}, 10)
	noError(t, "read the log", err)
	type line struct {
		Action  charcoal.AuditAction
		Actor   charcoal.ID
		Name    string
		User    charcoal.ID
		Details map[string]string
	}
	var got []line
	for _, e := range entries {
		got = append(got, line{e.Action, e.Actor, e.Name, e.User, e.Details})
	}
	want := []line{
		{charcoal.AuditUserRole, root.ID, "root", ada.ID, map[string]string{"role": "admin"}},
		{charcoal.AuditLogin, root.ID, "root", root.ID, map[string]string{"by": "password"}},
		{charcoal.AuditUserAdded, charcoal.ID{}, "command line", ada.ID, map[string]string{"user": "ada", "role": "user"}},
		{charcoal.AuditUserAdded, charcoal.ID{}, "command line", root.ID, map[string]string{"user": "root", "role": "admin"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}
}
