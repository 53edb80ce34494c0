package postgres

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

const (
	selectSession = `SELECT ` + sessionColumns + `, users.id, users.name, users.role, users.created, users.disabled
		FROM sessions JOIN users ON users.id = sessions.user_id WHERE secret = $1`

	selectSessions = `SELECT ` + sessionColumns + ` FROM sessions WHERE user_id = $1 ORDER BY id DESC`

	selectToken = `SELECT ` + tokenColumns + `, users.id, users.name, users.role, users.created, users.disabled
		FROM tokens JOIN users ON users.id = tokens.user_id WHERE secret = $1`

	selectTokens = `SELECT ` + tokenColumns + ` FROM tokens WHERE user_id = $1 ORDER BY id DESC`

	selectInvite = `SELECT ` + inviteColumns + ` FROM invites WHERE secret = $1`

	selectInvites = `SELECT ` + inviteColumns + ` FROM invites WHERE id < $1 ORDER BY id DESC LIMIT $2`

	selectAudit = `SELECT ` + auditColumns + ` FROM audit WHERE id < $1 ORDER BY id DESC LIMIT $2`
)

// AddSession implements [charcoal.Accounts].
func (s *Store) AddSession(ctx context.Context, n charcoal.Session, terms charcoal.SessionTerms, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		if err := checkSignIn(t, n.User, terms.Password); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM sessions WHERE id = $1`, terms.Replaces); err != nil {
			return wrap("replace session", err)
		}
		err := t.exec(`INSERT INTO sessions (id, user_id, secret, created, used, expires, address, agent)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			n.ID, n.User, n.Secret[:], micros(n.Created), micros(n.Used), micros(n.Expires), storedAddress(n.Address), n.Agent)
		if err != nil {
			return wrap("add session", err)
		}
		return wrap("end old sessions", t.exec(`DELETE FROM sessions WHERE user_id = $1 AND id IN
			(SELECT id FROM sessions WHERE user_id = $1 ORDER BY used DESC, id DESC OFFSET $2)`, n.User, terms.Keep))
	})
}

// checkSignIn makes sure that a user may still sign in as they just did. With the row locked,
// a change of the user comes before or after all of it.
func checkSignIn(t *tx, user charcoal.ID, password string) error {
	var stored string
	var disabled int64
	err := t.row(`SELECT password, disabled FROM users WHERE id = $1 FOR NO KEY UPDATE`, user).Scan(&stored, &disabled)
	if err != nil {
		return found("read user", err, noUser(user))
	}
	if disabled != 0 || password != "" && password != stored {
		return charcoal.Errorf(charcoal.Conflict, "the account was changed meanwhile; sign in again")
	}
	return nil
}

// SessionBySecret implements [charcoal.Accounts].
func (s *Store) SessionBySecret(ctx context.Context, secret charcoal.Secret) (session charcoal.Session, u charcoal.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		var user storedUser
		session, err = scanSession(t.row(selectSession, secret[:]), user.into()...)
		u = user.user()
		return found("read session", err, charcoal.Errorf(charcoal.NotFound, "there is no such session"))
	})
	return session, u, err
}

// Sessions implements [charcoal.Accounts].
func (s *Store) Sessions(ctx context.Context, user charcoal.ID) (sessions []charcoal.Session, err error) {
	err = s.read(ctx, func(t *tx) error {
		sessions, err = all(t, func(row scanner) (charcoal.Session, error) { return scanSession(row) }, selectSessions, user)
		return wrap("list sessions", err)
	})
	return sessions, err
}

// EndSession implements [charcoal.Accounts].
func (s *Store) EndSession(ctx context.Context, user, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		n, err := t.change(`DELETE FROM sessions WHERE id = $1 AND user_id = $2`, id, user)
		return must(n, err, "end session", charcoal.Errorf(charcoal.NotFound, "no session has the id %q", id))
	})
}

// TouchSession implements [charcoal.Accounts].
func (s *Store) TouchSession(ctx context.Context, id charcoal.ID, used time.Time) error {
	return s.alone(ctx, func(t *tx) error {
		return wrap("touch session", t.exec(`UPDATE sessions SET used = greatest(used, $1) WHERE id = $2`, micros(used), id))
	})
}

// AddToken implements [charcoal.Accounts]. With the row of the user locked, those of one
// user are counted and added one by one.
func (s *Store) AddToken(ctx context.Context, n charcoal.Token, limit int, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		if _, err := one(t, scanValue[charcoal.ID], `SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE`, n.User); err != nil {
			return found("read user", err, noUser(n.User))
		}
		have, err := one(t, scanValue[int64], `SELECT count(*) FROM tokens WHERE user_id = $1`, n.User)
		if err != nil {
			return wrap("count tokens", err)
		}
		if have >= int64(limit) {
			return charcoal.OverLimitAs(charcoal.QuotaSpent, "the number of your tokens", int64(limit), have+1, "tokens")
		}
		return wrap("add token", t.exec(`INSERT INTO tokens (id, user_id, secret, name, scopes, created, expires, used)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			n.ID, n.User, n.Secret[:], n.Name, stored(n.Scopes), micros(n.Created), micros(n.Expires), micros(n.Used)))
	})
}

// TokenBySecret implements [charcoal.Accounts].
func (s *Store) TokenBySecret(ctx context.Context, secret charcoal.Secret) (token charcoal.Token, u charcoal.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		var user storedUser
		token, err = scanToken(t.row(selectToken, secret[:]), user.into()...)
		u = user.user()
		return found("read token", err, charcoal.Errorf(charcoal.NotFound, "there is no such token"))
	})
	return token, u, err
}

// Tokens implements [charcoal.Accounts].
func (s *Store) Tokens(ctx context.Context, user charcoal.ID) (tokens []charcoal.Token, err error) {
	err = s.read(ctx, func(t *tx) error {
		tokens, err = all(t, func(row scanner) (charcoal.Token, error) { return scanToken(row) }, selectTokens, user)
		return wrap("list tokens", err)
	})
	return tokens, err
}

// RemoveToken implements [charcoal.Accounts].
func (s *Store) RemoveToken(ctx context.Context, user, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		n, err := t.change(`DELETE FROM tokens WHERE id = $1 AND user_id = $2`, id, user)
		return must(n, err, "remove token", charcoal.Errorf(charcoal.NotFound, "no token has the id %q", id))
	})
}

// TouchToken implements [charcoal.Accounts].
func (s *Store) TouchToken(ctx context.Context, id charcoal.ID, used time.Time) error {
	return s.alone(ctx, func(t *tx) error {
		return wrap("touch token", t.exec(`UPDATE tokens SET used = greatest(used, $1) WHERE id = $2`, micros(used), id))
	})
}

// AddInvite implements [charcoal.Accounts].
func (s *Store) AddInvite(ctx context.Context, i charcoal.Invite, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		return wrap("add invite", t.exec(`INSERT INTO invites (id, secret, role, made_by, created, expires, used, used_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			i.ID, i.Secret[:], string(i.Role), i.By, micros(i.Created), micros(i.Expires), micros(i.Used), i.UsedBy))
	})
}

// useInvite uses up the invite of a new user, if it has one.
func useInvite(t *tx, u charcoal.NewUser) error {
	if (u.Invite == charcoal.ID{}) {
		return nil
	}
	n, err := t.change(`UPDATE invites SET used = $1, used_by = $2 WHERE id = $3 AND used = 0 AND expires > $1 AND role = $4`,
		micros(u.Created), u.ID, u.Invite, string(u.Role))
	return must(n, err, "use invite", charcoal.Errorf(charcoal.NotFound, "this invitation was used, has expired or was revoked"))
}

// InviteBySecret implements [charcoal.Accounts].
func (s *Store) InviteBySecret(ctx context.Context, secret charcoal.Secret) (i charcoal.Invite, err error) {
	err = s.read(ctx, func(t *tx) error {
		i, err = one(t, scanInvite, selectInvite, secret[:])
		return found("read invite", err, charcoal.Errorf(charcoal.NotFound, "there is no such invite"))
	})
	return i, err
}

// Invites implements [charcoal.Accounts].
func (s *Store) Invites(ctx context.Context, before charcoal.ID, limit int) (invites []charcoal.Invite, err error) {
	err = s.read(ctx, func(t *tx) error {
		invites, err = all(t, scanInvite, selectInvites, orLast(before), limit)
		return wrap("list invites", err)
	})
	return invites, err
}

// RemoveInvite implements [charcoal.Accounts].
func (s *Store) RemoveInvite(ctx context.Context, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		n, err := t.change(`DELETE FROM invites WHERE id = $1`, id)
		return must(n, err, "remove invite", charcoal.Errorf(charcoal.NotFound, "no invite has the id %q", id))
	})
}

// RecordAudit implements [charcoal.Accounts].
func (s *Store) RecordAudit(ctx context.Context, e charcoal.AuditEntry) error {
	return s.alone(ctx, func(t *tx) error { return addAudit(t, e) })
}

func addAudit(t *tx, e charcoal.AuditEntry) error {
	details, err := storedDetails(e.Details)
	if err != nil {
		return wrap("encode details of the audit log", err)
	}
	return wrap("add to the audit log", t.exec(`INSERT INTO audit (id, at, action, actor, name, address, user_id, details)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.ID, micros(e.At), string(e.Action), e.Actor, e.Name, storedAddress(e.Address), e.User, details))
}

// AuditLog implements [charcoal.Accounts].
func (s *Store) AuditLog(ctx context.Context, before charcoal.ID, limit int) (entries []charcoal.AuditEntry, err error) {
	err = s.read(ctx, func(t *tx) error {
		entries, err = all(t, scanAudit, selectAudit, orLast(before), limit)
		return wrap("read the audit log", err)
	})
	return entries, err
}
