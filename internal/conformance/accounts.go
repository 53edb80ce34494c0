package conformance

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Accounts tests an adapter of [charcoal.Accounts]. Each call of open makes an empty
// one and has the test close it.
func Accounts(t *testing.T, open func(t *testing.T) charcoal.Accounts) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, charcoal.Accounts)
	}{
		{"a user is as it was added", testUser},
		{"a name is taken whatever its case", testNameTaken},
		{"users are listed by name, page by page", testListUsers},
		{"names of users that exist", testUserNames},
		{"a change changes what it names", testChangeUser},
		{"a change ends all sessions but one", testChangeEndsSessions},
		{"a hash is replaced only by who knows it", testRehash},
		{"the last admin stays", testLastAdmin},
		{"two admins cannot remove each other", testAdminsAtOnce},
		{"what a user signs in with goes with the user", testDeleteUser},
		{"an identity belongs to one user", testIdentity},
		{"a session is as it was added", testSession},
		{"a session replaces another", testReplaceSession},
		{"the least used session ends", testSessionLimit},
		{"no session begins by what has changed", testOvertakenSession},
		{"nobody ends the session of another", testEndSession},
		{"a token is as it was added", testToken},
		{"tokens are limited", testTokenLimit},
		{"nobody removes the token of another", testRemoveToken},
		{"an invite is used once", testInvite},
		{"an invite is of no use when expired, revoked, or for another role", testUselessInvite},
		{"of many at once one uses an invite", testInviteAtOnce},
		{"what fails leaves no entry in the log", testNoAuditOfFailures},
		{"the log is read newest first, page by page", testAuditLog},
		{"what expired is purged", testPurgeAccounts},
		{"nothing is added to a user who is gone", testNoSuchUser},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

// newUser makes one of a name.
func newUser(name string, role charcoal.Role) charcoal.NewUser {
	return charcoal.NewUser{
		User:     charcoal.User{ID: charcoal.NewID(), Name: name, Role: role, Created: noon()},
		Password: "hash of " + name,
	}
}

func addUser(t *testing.T, a charcoal.Accounts, name string, role charcoal.Role) charcoal.User {
	t.Helper()
	u := newUser(name, role)
	noError(t, "add user", a.AddUser(t.Context(), u, entry(charcoal.AuditUserAdded)))
	return u.User
}

func entry(action charcoal.AuditAction) charcoal.AuditEntry {
	return charcoal.AuditEntry{ID: charcoal.NewID(), At: noon(), Action: action}
}

// secret is one that no other test has.
func secret() charcoal.Secret {
	id := charcoal.NewID()
	return charcoal.Secret(append(id[:], id[:]...))
}

func newSession(user charcoal.ID, used time.Time) charcoal.Session {
	return charcoal.Session{
		ID: charcoal.NewID(), User: user, Secret: secret(),
		Created: noon(), Used: used, Expires: noon().Add(time.Hour),
		Address: netip.MustParseAddr("2001:db8::1"), Agent: `a "browser"; ü`,
	}
}

func addSession(t *testing.T, a charcoal.Accounts, user charcoal.ID, used time.Time) charcoal.Session {
	t.Helper()
	s := newSession(user, used)
	noError(t, "add session", a.AddSession(t.Context(), s, terms(), entry(charcoal.AuditLogin)))
	return s
}

// terms are those of no condition.
func terms() charcoal.SessionTerms { return charcoal.SessionTerms{Keep: 100} }

func newToken(user charcoal.ID) charcoal.Token {
	return charcoal.Token{
		ID: charcoal.NewID(), User: user, Secret: secret(), Name: "my script",
		Scopes:  []charcoal.Scope{charcoal.ScopeRead, charcoal.ScopeWrite},
		Created: noon(), Expires: noon().Add(time.Hour),
	}
}

func addToken(t *testing.T, a charcoal.Accounts, user charcoal.ID) charcoal.Token {
	t.Helper()
	token := newToken(user)
	noError(t, "add token", a.AddToken(t.Context(), token, 100, entry(charcoal.AuditTokenMade)))
	return token
}

func testUser(t *testing.T, a charcoal.Accounts) {
	want := addUser(t, a, "Ada.L-1_", charcoal.RoleAdmin)
	got, err := a.User(t.Context(), want.ID)
	noError(t, "read user", err)
	equal(t, "user", got, want)
	got, password, err := a.UserByName(t.Context(), "aDa.l-1_")
	noError(t, "read user by name", err)
	equal(t, "user by name", got, want)
	equal(t, "password", password, "hash of Ada.L-1_")
	_, err = a.User(t.Context(), charcoal.NewID())
	wantCode(t, "read another user", err, charcoal.NotFound)
	_, _, err = a.UserByName(t.Context(), "bob")
	wantCode(t, "read another name", err, charcoal.NotFound)
}

func testNameTaken(t *testing.T, a charcoal.Accounts) {
	first := addUser(t, a, "Ada", charcoal.RoleUser)
	err := a.AddUser(t.Context(), newUser("aDA", charcoal.RoleAdmin), entry(charcoal.AuditUserAdded))
	wantCode(t, "add the same name in other letters", err, charcoal.Conflict)
	got, _, err := a.UserByName(t.Context(), "ADA")
	noError(t, "read user by name", err)
	equal(t, "user", got, first)
}

func testListUsers(t *testing.T, a charcoal.Accounts) {
	bob, ada, cleo := addUser(t, a, "bob", charcoal.RoleUser), addUser(t, a, "Ada", charcoal.RoleUser), addUser(t, a, "Cleo", charcoal.RoleUser)
	page, err := a.Users(t.Context(), "", 2)
	noError(t, "list users", err)
	equal(t, "first page", page, []charcoal.User{ada, bob})
	page, err = a.Users(t.Context(), "BOB", 2)
	noError(t, "list users", err)
	equal(t, "second page", page, []charcoal.User{cleo})
}

func testUserNames(t *testing.T, a charcoal.Accounts) {
	ada, bob := addUser(t, a, "Ada", charcoal.RoleUser), addUser(t, a, "bob", charcoal.RoleUser)
	got, err := a.UserNames(t.Context(), []charcoal.ID{ada.ID, {}, bob.ID, charcoal.NewID(), ada.ID})
	noError(t, "read names", err)
	equal(t, "names", got, map[charcoal.ID]string{ada.ID: "Ada", bob.ID: "bob"})
}

func testChangeUser(t *testing.T, a charcoal.Accounts) {
	addUser(t, a, "root", charcoal.RoleAdmin)
	want := addUser(t, a, "ada", charcoal.RoleUser)
	admin, hash, since := charcoal.RoleAdmin, "another", noon().Add(time.Minute)
	for _, step := range []struct {
		change charcoal.UserChange
		want   func()
	}{
		{charcoal.UserChange{}, func() {}},
		{charcoal.UserChange{Role: &admin}, func() { want.Role = admin }},
		{charcoal.UserChange{Disabled: &since}, func() { want.Disabled = since }},
		{charcoal.UserChange{Password: &hash}, func() {}},
		{charcoal.UserChange{Disabled: &time.Time{}}, func() { want.Disabled = time.Time{} }},
	} {
		step.want()
		got, err := a.ChangeUser(t.Context(), want.ID, step.change, entry(charcoal.AuditUserRole))
		noError(t, "change user", err)
		equal(t, "user", got, want)
	}
	_, password, err := a.UserByName(t.Context(), "ada")
	noError(t, "read user", err)
	equal(t, "password", password, hash)
	_, err = a.ChangeUser(t.Context(), charcoal.NewID(), charcoal.UserChange{Role: &admin}, entry(charcoal.AuditUserRole))
	wantCode(t, "change nobody", err, charcoal.NotFound)
}

func testChangeEndsSessions(t *testing.T, a charcoal.Accounts) {
	ada, bob := addUser(t, a, "ada", charcoal.RoleUser), addUser(t, a, "bob", charcoal.RoleUser)
	kept, gone, others := addSession(t, a, ada.ID, noon()), addSession(t, a, ada.ID, noon()), addSession(t, a, bob.ID, noon())
	hash := "another"
	_, err := a.ChangeUser(t.Context(), ada.ID, charcoal.UserChange{Password: &hash, EndSessions: true, Keep: kept.ID}, entry(charcoal.AuditPasswordChanged))
	noError(t, "change password", err)
	wantSessions(t, a, map[charcoal.Secret]bool{kept.Secret: true, gone.Secret: false, others.Secret: true})
}

func wantSessions(t *testing.T, a charcoal.Accounts, want map[charcoal.Secret]bool) {
	t.Helper()
	for secret, stands := range want {
		_, _, err := a.SessionBySecret(t.Context(), secret)
		code := charcoal.Code("")
		if !stands {
			code = charcoal.NotFound
		}
		wantCode(t, "read session", err, code)
	}
}

func testRehash(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleUser)
	noError(t, "rehash", a.RehashPassword(t.Context(), ada.ID, "hash of ada", "better"))
	noError(t, "rehash what was changed meanwhile", a.RehashPassword(t.Context(), ada.ID, "hash of ada", "worse"))
	_, password, err := a.UserByName(t.Context(), "ada")
	noError(t, "read user", err)
	equal(t, "password", password, "better")
}

func testLastAdmin(t *testing.T, a charcoal.Accounts) {
	root, other := addUser(t, a, "root", charcoal.RoleAdmin), addUser(t, a, "other", charcoal.RoleAdmin)
	user, since := charcoal.RoleUser, noon()
	_, err := a.ChangeUser(t.Context(), other.ID, charcoal.UserChange{Disabled: &since}, entry(charcoal.AuditUserDisabled))
	noError(t, "disable one of two admins", err)
	_, err = a.ChangeUser(t.Context(), root.ID, charcoal.UserChange{Role: &user}, entry(charcoal.AuditUserRole))
	wantCode(t, "demote the last admin", err, charcoal.Conflict)
	_, err = a.ChangeUser(t.Context(), root.ID, charcoal.UserChange{Disabled: &since}, entry(charcoal.AuditUserDisabled))
	wantCode(t, "disable the last admin", err, charcoal.Conflict)
	wantCode(t, "delete the last admin", a.DeleteUser(t.Context(), root.ID, entry(charcoal.AuditUserDeleted)), charcoal.Conflict)
	got, err := a.User(t.Context(), root.ID)
	noError(t, "read user", err)
	equal(t, "the last admin", got, root)
	noError(t, "delete a disabled admin", a.DeleteUser(t.Context(), other.ID, entry(charcoal.AuditUserDeleted)))
}

func testAdminsAtOnce(t *testing.T, a charcoal.Accounts) {
	admins := make([]charcoal.User, workers)
	for i := range admins {
		admins[i] = addUser(t, a, "admin"+string(rune('a'+i)), charcoal.RoleAdmin)
	}
	var refused atomic.Int64
	together(workers, func(i int) {
		if a.DeleteUser(t.Context(), admins[i].ID, entry(charcoal.AuditUserDeleted)) != nil {
			refused.Add(1)
		}
	})
	equal(t, "refused", refused.Load(), int64(1))
}

func testDeleteUser(t *testing.T, a charcoal.Accounts) {
	u := newUser("ada", charcoal.RoleUser)
	u.Identity = charcoal.Identity{Issuer: "https://id.example", Subject: "1"}
	noError(t, "add user", a.AddUser(t.Context(), u, entry(charcoal.AuditUserAdded)))
	session, token := addSession(t, a, u.ID, noon()), addToken(t, a, u.ID)
	noError(t, "delete user", a.DeleteUser(t.Context(), u.ID, entry(charcoal.AuditUserDeleted)))
	_, err := a.User(t.Context(), u.ID)
	wantCode(t, "read user", err, charcoal.NotFound)
	_, _, err = a.SessionBySecret(t.Context(), session.Secret)
	wantCode(t, "read session", err, charcoal.NotFound)
	_, _, err = a.TokenBySecret(t.Context(), token.Secret)
	wantCode(t, "read token", err, charcoal.NotFound)
	_, err = a.UserByIdentity(t.Context(), u.Identity)
	wantCode(t, "read identity", err, charcoal.NotFound)
	wantCode(t, "delete again", a.DeleteUser(t.Context(), u.ID, entry(charcoal.AuditUserDeleted)), charcoal.NotFound)
	addUser(t, a, "ADA", charcoal.RoleUser) // the name is free again
}

func testIdentity(t *testing.T, a charcoal.Accounts) {
	u := newUser("ada", charcoal.RoleUser)
	u.Identity = charcoal.Identity{Issuer: "https://id.example", Subject: "1"}
	noError(t, "add user", a.AddUser(t.Context(), u, entry(charcoal.AuditUserAdded)))
	got, err := a.UserByIdentity(t.Context(), u.Identity)
	noError(t, "read user by identity", err)
	equal(t, "user", got, u.User)
	_, err = a.UserByIdentity(t.Context(), charcoal.Identity{Issuer: "https://other.example", Subject: "1"})
	wantCode(t, "read the subject of another issuer", err, charcoal.NotFound)
	second := newUser("bob", charcoal.RoleUser)
	second.Identity = u.Identity
	wantCode(t, "link it again", a.AddUser(t.Context(), second, entry(charcoal.AuditUserAdded)), charcoal.Conflict)
	_, err = a.User(t.Context(), second.ID)
	wantCode(t, "read the second user", err, charcoal.NotFound)
}
