package sqlite

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

const (
	selectSession = `SELECT ` + sessionColumns + `, users.id, users.name, users.role, users.created, users.disabled
		FROM sessions JOIN users ON users.id = sessions.user_id WHERE secret = ?`

	selectSessions = `SELECT ` + sessionColumns + ` FROM sessions WHERE user_id = ? ORDER BY id DESC`

	selectToken = `SELECT ` + tokenColumns + `, users.id, users.name, users.role, users.created, users.disabled
		FROM tokens JOIN users ON users.id = tokens.user_id WHERE secret = ?`

	selectTokens = `SELECT ` + tokenColumns + ` FROM tokens WHERE user_id = ? ORDER BY id DESC`

	selectInvite = `SELECT ` + inviteColumns + ` FROM invites WHERE secret = ?`

	selectInvites = `SELECT ` + inviteColumns + ` FROM invites WHERE id < ? ORDER BY id DESC LIMIT ?`

	selectAudit = `SELECT ` + auditColumns + ` FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?`
)

// AddSession implements [charcoal.Accounts].
func (s *Store) AddSession(ctx context.Context, n charcoal.Session, terms charcoal.SessionTerms, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		if err := checkSignIn(t, n.User, terms.Password); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM sessions WHERE id = ?`, terms.Replaces[:]); err != nil {
			return wrap("replace session", err)
		}
		err := t.exec(`INSERT INTO sessions (id, user_id, secret, created, used, expires, address, agent)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			n.ID[:], n.User[:], n.Secret[:], micros(n.Created), micros(n.Used), micros(n.Expires), storedAddress(n.Address), n.Agent)
		if err != nil {
			return wrap("add session", err)
		}
		return wrap("end old sessions", t.exec(`DELETE FROM sessions WHERE user_id = ?1 AND id IN
			(SELECT id FROM sessions WHERE user_id = ?1 ORDER BY used DESC, id DESC LIMIT -1 OFFSET ?2)`, n.User[:], terms.Keep))
	})
}

// checkSignIn makes sure that a user may still sign in as they just did.
func checkSignIn(t *tx, user charcoal.ID, password string) error {
	var stored string
	var disabled int64
	err := t.row(`SELECT password, disabled FROM users WHERE id = ?`, user[:]).Scan(&stored, &disabled)
	if err != nil {
		return found("read user", err, noUser(user))
	}
	if disabled != 0 || password != "" && password != stored {
		return charcoal.Errorf(charcoal.Conflict, "the account was changed meanwhile; sign in again")
	}
	return nil
}

// SessionBySecret implements [charcoal.Accounts].
func (s *Store) SessionBySecret(ctx context.Context, secret charcoal.Secret) (charcoal.Session, charcoal.User, error) {
	var u storedUser
	session, err := scanSession(s.readers.row(ctx, selectSession, secret[:]), u.into()...)
	return session, u.user(), found("read session", err, charcoal.Errorf(charcoal.NotFound, "there is no such session"))
}

// Sessions implements [charcoal.Accounts].
func (s *Store) Sessions(ctx context.Context, user charcoal.ID) ([]charcoal.Session, error) {
	var all []charcoal.Session
	err := s.readers.each(ctx, func(row scanner) error {
		session, err := scanSession(row)
		all = append(all, session)
		return err
	}, selectSessions, user[:])
	return all, wrap("list sessions", classify(err))
}

// EndSession implements [charcoal.Accounts].
func (s *Store) EndSession(ctx context.Context, user, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		n, err := t.change(`DELETE FROM sessions WHERE id = ? AND user_id = ?`, id[:], user[:])
		return must(n, err, "end session", charcoal.Errorf(charcoal.NotFound, "no session has the id %q", id))
	})
}

// TouchSession implements [charcoal.Accounts].
func (s *Store) TouchSession(ctx context.Context, id charcoal.ID, used time.Time) error {
	return s.writer.write(ctx, func(t *tx) error {
		return wrap("touch session", t.exec(`UPDATE sessions SET used = max(used, ?) WHERE id = ?`, micros(used), id[:]))
	})
}

// AddToken implements [charcoal.Accounts].
func (s *Store) AddToken(ctx context.Context, n charcoal.Token, limit int, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		var have int64
		if err := t.row(`SELECT count(*) FROM tokens WHERE user_id = ?`, n.User[:]).Scan(&have); err != nil {
			return wrap("count tokens", err)
		}
		if have >= int64(limit) {
			return charcoal.OverLimitAs(charcoal.QuotaSpent, "the number of your tokens", int64(limit), have+1, "tokens")
		}
		added, err := t.change(`INSERT INTO tokens (id, user_id, secret, name, scopes, created, expires, used)
			SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE EXISTS (SELECT 1 FROM users WHERE id = ?2)`,
			n.ID[:], n.User[:], n.Secret[:], n.Name, storedScopes(n.Scopes), micros(n.Created), micros(n.Expires), micros(n.Used))
		return must(added, err, "add token", noUser(n.User))
	})
}

// TokenBySecret implements [charcoal.Accounts].
func (s *Store) TokenBySecret(ctx context.Context, secret charcoal.Secret) (charcoal.Token, charcoal.User, error) {
	var u storedUser
	token, err := scanToken(s.readers.row(ctx, selectToken, secret[:]), u.into()...)
	return token, u.user(), found("read token", err, charcoal.Errorf(charcoal.NotFound, "there is no such token"))
}

// Tokens implements [charcoal.Accounts].
func (s *Store) Tokens(ctx context.Context, user charcoal.ID) ([]charcoal.Token, error) {
	var all []charcoal.Token
	err := s.readers.each(ctx, func(row scanner) error {
		token, err := scanToken(row)
		all = append(all, token)
		return err
	}, selectTokens, user[:])
	return all, wrap("list tokens", classify(err))
}

// RemoveToken implements [charcoal.Accounts].
func (s *Store) RemoveToken(ctx context.Context, user, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		n, err := t.change(`DELETE FROM tokens WHERE id = ? AND user_id = ?`, id[:], user[:])
		return must(n, err, "remove token", charcoal.Errorf(charcoal.NotFound, "no token has the id %q", id))
	})
}

// TouchToken implements [charcoal.Accounts].
func (s *Store) TouchToken(ctx context.Context, id charcoal.ID, used time.Time) error {
	return s.writer.write(ctx, func(t *tx) error {
		return wrap("touch token", t.exec(`UPDATE tokens SET used = max(used, ?) WHERE id = ?`, micros(used), id[:]))
	})
}

// AddInvite implements [charcoal.Accounts].
func (s *Store) AddInvite(ctx context.Context, i charcoal.Invite, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		return wrap("add invite", t.exec(`INSERT INTO invites (id, secret, role, made_by, created, expires, used, used_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			i.ID[:], i.Secret[:], string(i.Role), i.By[:], micros(i.Created), micros(i.Expires), micros(i.Used), i.UsedBy[:]))
	})
}

// useInvite uses up the invite of a new user, if it has one.
func useInvite(t *tx, u charcoal.NewUser) error {
	if (u.Invite == charcoal.ID{}) {
		return nil
	}
	now := micros(u.Created)
	n, err := t.change(`UPDATE invites SET used = ?, used_by = ? WHERE id = ? AND used = 0 AND expires > ? AND role = ?`,
		now, u.ID[:], u.Invite[:], now, string(u.Role))
	return must(n, err, "use invite", charcoal.Errorf(charcoal.NotFound, "this invitation was used, has expired or was revoked"))
}

// InviteBySecret implements [charcoal.Accounts].
func (s *Store) InviteBySecret(ctx context.Context, secret charcoal.Secret) (charcoal.Invite, error) {
	i, err := scanInvite(s.readers.row(ctx, selectInvite, secret[:]))
	return i, found("read invite", err, charcoal.Errorf(charcoal.NotFound, "there is no such invite"))
}

// Invites implements [charcoal.Accounts].
func (s *Store) Invites(ctx context.Context, before charcoal.ID, limit int) ([]charcoal.Invite, error) {
	before = orLast(before)
	var all []charcoal.Invite
	err := s.readers.each(ctx, func(row scanner) error {
		i, err := scanInvite(row)
		all = append(all, i)
		return err
	}, selectInvites, before[:], limit)
	return all, wrap("list invites", classify(err))
}

// RemoveInvite implements [charcoal.Accounts].
func (s *Store) RemoveInvite(ctx context.Context, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		n, err := t.change(`DELETE FROM invites WHERE id = ?`, id[:])
		return must(n, err, "remove invite", charcoal.Errorf(charcoal.NotFound, "no invite has the id %q", id))
	})
}

// RecordAudit implements [charcoal.Accounts].
func (s *Store) RecordAudit(ctx context.Context, e charcoal.AuditEntry) error {
	return s.writer.write(ctx, func(t *tx) error { return addAudit(t, e) })
}

func addAudit(t *tx, e charcoal.AuditEntry) error {
	details, err := storedDetails(e.Details)
	if err != nil {
		return wrap("encode details of the audit log", err)
	}
	return wrap("add to the audit log", t.exec(`INSERT INTO audit (id, at, action, actor, name, address, user_id, details)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID[:], micros(e.At), string(e.Action), e.Actor[:], e.Name, storedAddress(e.Address), e.User[:], details))
}

// AuditLog implements [charcoal.Accounts].
func (s *Store) AuditLog(ctx context.Context, before charcoal.ID, limit int) ([]charcoal.AuditEntry, error) {
	before = orLast(before)
	var all []charcoal.AuditEntry
	err := s.readers.each(ctx, func(row scanner) error {
		e, err := scanAudit(row)
		all = append(all, e)
		return err
	}, selectAudit, before[:], limit)
	return all, wrap("read the audit log", classify(err))
}
