package conformance

import (
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func testSession(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleUser)
	want, older := addSession(t, a, ada.ID, noon()), newSession(ada.ID, noon())
	older.Address = netip.Addr{}
	noError(t, "add session", a.AddSession(t.Context(), older, terms(), entry(charcoal.AuditLogin)))
	want.Used = noon().Add(time.Minute)
	noError(t, "touch", a.TouchSession(t.Context(), want.ID, want.Used))
	noError(t, "touch with a clock that is behind", a.TouchSession(t.Context(), want.ID, noon()))
	noError(t, "touch one that is gone", a.TouchSession(t.Context(), charcoal.NewID(), noon()))
	got, user, err := a.SessionBySecret(t.Context(), want.Secret)
	noError(t, "read session", err)
	equal(t, "session", got, want)
	equal(t, "its user", user, ada)
	all, err := a.Sessions(t.Context(), ada.ID)
	noError(t, "list sessions", err)
	equal(t, "sessions", all, []charcoal.Session{older, want})
	_, _, err = a.SessionBySecret(t.Context(), secret())
	wantCode(t, "read another secret", err, charcoal.NotFound)
}

func testReplaceSession(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleUser)
	before, after := addSession(t, a, ada.ID, noon()), newSession(ada.ID, noon())
	noError(t, "replace", a.AddSession(t.Context(), after, charcoal.SessionTerms{Replaces: before.ID, Keep: 100}, entry(charcoal.AuditLogin)))
	wantSessions(t, a, map[charcoal.Secret]bool{before.Secret: false, after.Secret: true})
}

func testSessionLimit(t *testing.T, a charcoal.Accounts) {
	ada, bob := addUser(t, a, "ada", charcoal.RoleUser), addUser(t, a, "bob", charcoal.RoleUser)
	others := addSession(t, a, bob.ID, noon().Add(-time.Hour))
	first, second := addSession(t, a, ada.ID, noon()), addSession(t, a, ada.ID, noon().Add(-time.Minute))
	third := newSession(ada.ID, noon())
	noError(t, "add a third of two", a.AddSession(t.Context(), third, charcoal.SessionTerms{Keep: 2}, entry(charcoal.AuditLogin)))
	wantSessions(t, a, map[charcoal.Secret]bool{first.Secret: true, second.Secret: false, third.Secret: true, others.Secret: true})
}

func testOvertakenSession(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleUser)
	before := addSession(t, a, ada.ID, noon())
	add := func(password string, want charcoal.Code) {
		t.Helper()
		on := charcoal.SessionTerms{Password: password, Replaces: before.ID, Keep: 100}
		wantCode(t, "add session", a.AddSession(t.Context(), newSession(ada.ID, noon()), on, entry(charcoal.AuditLogin)), want)
	}
	add("hash of another", charcoal.Conflict)
	wantSessions(t, a, map[charcoal.Secret]bool{before.Secret: true})
	add("hash of ada", "")
	add("", "")
	since := noon()
	_, err := a.ChangeUser(t.Context(), ada.ID, charcoal.UserChange{Disabled: &since, EndSessions: true}, entry(charcoal.AuditUserDisabled))
	noError(t, "disable", err)
	add("hash of ada", charcoal.Conflict)
	add("", charcoal.Conflict)
}

func testEndSession(t *testing.T, a charcoal.Accounts) {
	ada, bob := addUser(t, a, "ada", charcoal.RoleUser), addUser(t, a, "bob", charcoal.RoleUser)
	s := addSession(t, a, ada.ID, noon())
	wantCode(t, "end another's", a.EndSession(t.Context(), bob.ID, s.ID, entry(charcoal.AuditSessionRevoked)), charcoal.NotFound)
	wantSessions(t, a, map[charcoal.Secret]bool{s.Secret: true})
	noError(t, "end one's own", a.EndSession(t.Context(), ada.ID, s.ID, entry(charcoal.AuditSessionRevoked)))
	wantSessions(t, a, map[charcoal.Secret]bool{s.Secret: false})
}

func testToken(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleUser)
	want, endless := addToken(t, a, ada.ID), newToken(ada.ID)
	endless.Expires, endless.Scopes = time.Time{}, charcoal.Scopes()
	noError(t, "add token", a.AddToken(t.Context(), endless, 100, entry(charcoal.AuditTokenMade)))
	want.Used = noon().Add(time.Minute)
	noError(t, "touch", a.TouchToken(t.Context(), want.ID, want.Used))
	noError(t, "touch one that is gone", a.TouchToken(t.Context(), charcoal.NewID(), noon()))
	got, user, err := a.TokenBySecret(t.Context(), want.Secret)
	noError(t, "read token", err)
	equal(t, "token", got, want)
	equal(t, "its user", user, ada)
	all, err := a.Tokens(t.Context(), ada.ID)
	noError(t, "list tokens", err)
	equal(t, "tokens", all, []charcoal.Token{endless, want})
}

func testTokenLimit(t *testing.T, a charcoal.Accounts) {
	ada, bob := addUser(t, a, "ada", charcoal.RoleUser), addUser(t, a, "bob", charcoal.RoleUser)
	addToken(t, a, bob.ID)
	addToken(t, a, ada.ID)
	noError(t, "the second of two", a.AddToken(t.Context(), newToken(ada.ID), 2, entry(charcoal.AuditTokenMade)))
	wantCode(t, "the third of two", a.AddToken(t.Context(), newToken(ada.ID), 2, entry(charcoal.AuditTokenMade)), charcoal.QuotaSpent)
}

func testRemoveToken(t *testing.T, a charcoal.Accounts) {
	ada, bob := addUser(t, a, "ada", charcoal.RoleUser), addUser(t, a, "bob", charcoal.RoleUser)
	token := addToken(t, a, ada.ID)
	wantCode(t, "remove another's", a.RemoveToken(t.Context(), bob.ID, token.ID, entry(charcoal.AuditTokenRevoked)), charcoal.NotFound)
	noError(t, "remove one's own", a.RemoveToken(t.Context(), ada.ID, token.ID, entry(charcoal.AuditTokenRevoked)))
	_, _, err := a.TokenBySecret(t.Context(), token.Secret)
	wantCode(t, "read it", err, charcoal.NotFound)
}

func addInvite(t *testing.T, a charcoal.Accounts, role charcoal.Role) charcoal.Invite {
	t.Helper()
	i := charcoal.Invite{
		ID: charcoal.NewID(), Secret: secret(), Role: role, By: charcoal.NewID(),
		Created: noon(), Expires: noon().Add(time.Hour),
	}
	noError(t, "add invite", a.AddInvite(t.Context(), i, entry(charcoal.AuditInviteMade)))
	return i
}

func invited(name string, i charcoal.Invite) charcoal.NewUser {
	u := newUser(name, i.Role)
	u.Invite = i.ID
	return u
}

func testInvite(t *testing.T, a charcoal.Accounts) {
	want, other := addInvite(t, a, charcoal.RoleAdmin), addInvite(t, a, charcoal.RoleUser)
	taken := invited("ada", other)
	noError(t, "use another", a.AddUser(t.Context(), taken, entry(charcoal.AuditUserAdded)))
	wantCode(t, "use it for a name that is taken", a.AddUser(t.Context(), invited("Ada", want), entry(charcoal.AuditUserAdded)), charcoal.Conflict)
	u := invited("bob", want)
	noError(t, "use it", a.AddUser(t.Context(), u, entry(charcoal.AuditUserAdded)))
	wantCode(t, "use it again", a.AddUser(t.Context(), invited("cleo", want), entry(charcoal.AuditUserAdded)), charcoal.NotFound)
	want.Used, want.UsedBy, other.Used, other.UsedBy = noon(), u.ID, noon(), taken.ID
	got, err := a.InviteBySecret(t.Context(), want.Secret)
	noError(t, "read invite", err)
	equal(t, "invite", got, want)
	first, err := a.Invites(t.Context(), charcoal.ID{}, 1)
	noError(t, "list invites", err)
	equal(t, "first page", first, []charcoal.Invite{other})
	second, err := a.Invites(t.Context(), first[0].ID, 1)
	noError(t, "list invites", err)
	equal(t, "second page", second, []charcoal.Invite{want})
}

func testUselessInvite(t *testing.T, a charcoal.Accounts) {
	i := addInvite(t, a, charcoal.RoleUser)
	late, promoted := invited("ada", i), invited("ada", i)
	late.Created = i.Expires
	promoted.Role = charcoal.RoleAdmin
	wantCode(t, "use it late", a.AddUser(t.Context(), late, entry(charcoal.AuditUserAdded)), charcoal.NotFound)
	wantCode(t, "use it for another role", a.AddUser(t.Context(), promoted, entry(charcoal.AuditUserAdded)), charcoal.NotFound)
	noError(t, "revoke it", a.RemoveInvite(t.Context(), i.ID, entry(charcoal.AuditInviteRevoked)))
	wantCode(t, "revoke it again", a.RemoveInvite(t.Context(), i.ID, entry(charcoal.AuditInviteRevoked)), charcoal.NotFound)
	wantCode(t, "use it when it is revoked", a.AddUser(t.Context(), invited("ada", i), entry(charcoal.AuditUserAdded)), charcoal.NotFound)
	_, err := a.InviteBySecret(t.Context(), i.Secret)
	wantCode(t, "read it", err, charcoal.NotFound)
}

func testInviteAtOnce(t *testing.T, a charcoal.Accounts) {
	i := addInvite(t, a, charcoal.RoleUser)
	var won atomic.Int64
	together(workers, func(n int) {
		if a.AddUser(t.Context(), invited("user"+string(rune('a'+n)), i), entry(charcoal.AuditUserAdded)) == nil {
			won.Add(1)
		}
	})
	equal(t, "accounts made", won.Load(), int64(1))
}

func testNoAuditOfFailures(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleAdmin)
	ctx := t.Context()
	_ = a.AddUser(ctx, newUser("ada", charcoal.RoleUser), entry(charcoal.AuditUserAdded))
	_ = a.DeleteUser(ctx, ada.ID, entry(charcoal.AuditUserDeleted))
	_ = a.EndSession(ctx, ada.ID, charcoal.NewID(), entry(charcoal.AuditSessionRevoked))
	_ = a.RemoveToken(ctx, ada.ID, charcoal.NewID(), entry(charcoal.AuditTokenRevoked))
	_ = a.RemoveInvite(ctx, charcoal.NewID(), entry(charcoal.AuditInviteRevoked))
	_ = a.AddToken(ctx, newToken(ada.ID), 0, entry(charcoal.AuditTokenMade))
	all, err := a.AuditLog(ctx, charcoal.ID{}, 100)
	noError(t, "read the log", err)
	if len(all) != 1 || all[0].Action != charcoal.AuditUserAdded {
		t.Errorf("the log: got %v, want the one user that was added", all)
	}
}

func testAuditLog(t *testing.T, a charcoal.Accounts) {
	full := charcoal.AuditEntry{
		ID: charcoal.NewID(), At: noon(), Action: charcoal.AuditTokenMade,
		Actor: charcoal.NewID(), Name: "ada", Address: netip.MustParseAddr("192.0.2.1"), User: charcoal.NewID(),
		Details: map[string]string{"token": "ü \" \n", "scopes": "images:read"},
	}
	bare := entry(charcoal.AuditLoginFailed)
	noError(t, "record", a.RecordAudit(t.Context(), full))
	noError(t, "record", a.RecordAudit(t.Context(), bare))
	first, err := a.AuditLog(t.Context(), charcoal.ID{}, 1)
	noError(t, "read the log", err)
	equal(t, "first page", first, []charcoal.AuditEntry{bare})
	second, err := a.AuditLog(t.Context(), bare.ID, 10)
	noError(t, "read the log", err)
	equal(t, "second page", second, []charcoal.AuditEntry{full})
}

func testPurgeAccounts(t *testing.T, a charcoal.Accounts) {
	ada := addUser(t, a, "ada", charcoal.RoleUser)
	session, token, invite := addSession(t, a, ada.ID, noon()), addToken(t, a, ada.ID), addInvite(t, a, charcoal.RoleUser)
	endless := newToken(ada.ID)
	endless.Expires = time.Time{}
	noError(t, "add token", a.AddToken(t.Context(), endless, 100, entry(charcoal.AuditTokenMade)))
	purge := func(expired, audit time.Time, limit int, want int64) {
		t.Helper()
		n, err := a.PurgeAccounts(t.Context(), expired, audit, limit)
		noError(t, "purge", err)
		equal(t, "purged", n, want)
	}
	purge(session.Expires, noon(), 10, 0)
	purge(noon(), noon().Add(1), 10, 0) // less than a microsecond
	purge(noon(), noon().Add(time.Second), 2, 2)
	purge(noon(), noon().Add(time.Second), 10, 3)
	purge(session.Expires.Add(time.Second), noon(), 10, 3)
	wantSessions(t, a, map[charcoal.Secret]bool{session.Secret: false})
	_, _, err := a.TokenBySecret(t.Context(), token.Secret)
	wantCode(t, "read the token", err, charcoal.NotFound)
	_, err = a.InviteBySecret(t.Context(), invite.Secret)
	wantCode(t, "read the invite", err, charcoal.NotFound)
	_, _, err = a.TokenBySecret(t.Context(), endless.Secret)
	noError(t, "read the token that never expires", err)
}

func testNoSuchUser(t *testing.T, a charcoal.Accounts) {
	nobody := charcoal.NewID()
	err := a.AddSession(t.Context(), newSession(nobody, noon()), terms(), entry(charcoal.AuditLogin))
	wantCode(t, "add session", err, charcoal.NotFound)
	wantCode(t, "add token", a.AddToken(t.Context(), newToken(nobody), 100, entry(charcoal.AuditTokenMade)), charcoal.NotFound)
}
