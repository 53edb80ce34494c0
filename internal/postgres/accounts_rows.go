package postgres

import (
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/charcoal-art/charcoal"
)

const (
	userColumns    = `id, name, role, created, disabled`
	sessionColumns = `sessions.id, user_id, secret, sessions.created, used, expires, address, agent`
	tokenColumns   = `tokens.id, user_id, secret, tokens.name, scopes, tokens.created, expires, used` //nolint:gosec // names, no secrets
	inviteColumns  = `id, secret, role, made_by, created, expires, used, used_by`
	auditColumns   = `id, at, action, actor, name, address, user_id, details`
)

// storedUser is a row of users, or the part of another row that is one.
type storedUser struct {
	charcoal.User
	created, disabled int64
}

func (u *storedUser) into() []any {
	return []any{&u.ID, &u.Name, &u.Role, &u.created, &u.disabled}
}

func (u *storedUser) user() charcoal.User {
	u.Created, u.Disabled = instant(u.created), instant(u.disabled)
	return u.User
}

// scanUser reads userColumns, and what follows them into more.
func scanUser(row scanner, more ...any) (charcoal.User, error) {
	var u storedUser
	if err := row.Scan(append(u.into(), more...)...); err != nil {
		return charcoal.User{}, err
	}
	return u.user(), nil
}

func scanSession(row scanner, more ...any) (charcoal.Session, error) {
	var s charcoal.Session
	var secret []byte
	var created, used, expires int64
	var address string
	into := []any{&s.ID, &s.User, &secret, &created, &used, &expires, &address, &s.Agent}
	if err := row.Scan(append(into, more...)...); err != nil {
		return charcoal.Session{}, err
	}
	s.Created, s.Used, s.Expires = instant(created), instant(used), instant(expires)
	s.Address = loadedAddress(address)
	return s, loadSecret(&s.Secret, secret)
}

func scanToken(row scanner, more ...any) (charcoal.Token, error) {
	var t charcoal.Token
	var secret []byte
	var created, expires, used int64
	into := []any{&t.ID, &t.User, &secret, &t.Name, &t.Scopes, &created, &expires, &used}
	if err := row.Scan(append(into, more...)...); err != nil {
		return charcoal.Token{}, err
	}
	t.Created, t.Expires, t.Used = instant(created), instant(expires), instant(used)
	return t, loadSecret(&t.Secret, secret)
}

func scanInvite(row scanner) (charcoal.Invite, error) {
	var i charcoal.Invite
	var secret []byte
	var created, expires, used int64
	err := row.Scan(&i.ID, &secret, &i.Role, &i.By, &created, &expires, &used, &i.UsedBy)
	if err != nil {
		return charcoal.Invite{}, err
	}
	i.Created, i.Expires, i.Used = instant(created), instant(expires), instant(used)
	return i, loadSecret(&i.Secret, secret)
}

func loadSecret(into *charcoal.Secret, stored []byte) error {
	if copy(into[:], stored) != len(into) || len(stored) != len(into) {
		return fmt.Errorf("the hash of a secret has %d bytes", len(stored))
	}
	return nil
}

func scanAudit(row scanner) (charcoal.AuditEntry, error) {
	var e charcoal.AuditEntry
	var at int64
	var address, details string
	err := row.Scan(&e.ID, &at, &e.Action, &e.Actor, &e.Name, &address, &e.User, &details)
	if err != nil {
		return charcoal.AuditEntry{}, err
	}
	e.At, e.Address = instant(at), loadedAddress(address)
	if details == noDetails {
		return e, nil
	}
	if err := json.Unmarshal([]byte(details), &e.Details); err != nil {
		return e, fmt.Errorf("decode details of entry %s of the audit log: %w", e.ID, err)
	}
	return e, nil
}

// noDetails is the stored form of none.
const noDetails = "{}"

func storedDetails(details map[string]string) (string, error) {
	if len(details) == 0 {
		return noDetails, nil
	}
	b, err := json.Marshal(details)
	return string(b), err
}

// storedAddress is "" for none.
func storedAddress(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func loadedAddress(stored string) netip.Addr {
	a, err := netip.ParseAddr(stored)
	if err != nil {
		return netip.Addr{} // none; nothing else is ever stored
	}
	return a
}
