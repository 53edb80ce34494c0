package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Accounts = (*Store)(nil)

const (
	selectUser = `SELECT ` + userColumns + ` FROM users WHERE id = ?`

	selectUserByName = `SELECT ` + userColumns + `, password FROM users WHERE folded = ?`

	selectUserByIdentity = `SELECT ` + userColumns + ` FROM users
		WHERE id = (SELECT user_id FROM identities WHERE issuer = ? AND subject = ?)`

	selectUsers = `SELECT ` + userColumns + ` FROM users WHERE folded > ? ORDER BY folded LIMIT ?`
)

// change does something with accounts, and adds its entry to the audit log, in one
// step.
func (s *Store) change(ctx context.Context, e charcoal.AuditEntry, do func(*tx) error) error {
	return s.writer.write(ctx, func(t *tx) error {
		if err := do(t); err != nil {
			return err
		}
		return addAudit(t, e)
	})
}

// AddUser implements [charcoal.Accounts].
func (s *Store) AddUser(ctx context.Context, u charcoal.NewUser, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		if err := useInvite(t, u); err != nil {
			return err
		}
		n, err := t.change(`INSERT INTO users (id, name, folded, role, password, created, disabled) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (folded) DO NOTHING`,
			u.ID[:], u.Name, charcoal.FoldName(u.Name), string(u.Role), u.Password, micros(u.Created), micros(u.Disabled))
		if err := must(n, err, "add user", charcoal.Errorf(charcoal.Conflict, "the name %s is taken", u.Name)); err != nil {
			return err
		}
		return addIdentity(t, u)
	})
}

func addIdentity(t *tx, u charcoal.NewUser) error {
	if u.Identity == (charcoal.Identity{}) {
		return nil
	}
	n, err := t.change(`INSERT INTO identities (issuer, subject, user_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		u.Identity.Issuer, u.Identity.Subject, u.ID[:])
	return must(n, err, "link identity", charcoal.Errorf(charcoal.Conflict, "this identity belongs to another account"))
}

// User implements [charcoal.Accounts].
func (s *Store) User(ctx context.Context, id charcoal.ID) (charcoal.User, error) {
	u, err := scanUser(s.readers.row(ctx, selectUser, id[:]))
	return u, found("read user", err, noUser(id))
}

// UserByName implements [charcoal.Accounts].
func (s *Store) UserByName(ctx context.Context, name string) (u charcoal.User, password string, err error) {
	u, err = scanUser(s.readers.row(ctx, selectUserByName, charcoal.FoldName(name)), &password)
	return u, password, found("read user", err, charcoal.Errorf(charcoal.NotFound, "no user has the name %q", name))
}

// UserByIdentity implements [charcoal.Accounts].
func (s *Store) UserByIdentity(ctx context.Context, i charcoal.Identity) (charcoal.User, error) {
	u, err := scanUser(s.readers.row(ctx, selectUserByIdentity, i.Issuer, i.Subject))
	return u, found("read user", err, charcoal.Errorf(charcoal.NotFound, "no user has this identity"))
}

// Users implements [charcoal.Accounts].
func (s *Store) Users(ctx context.Context, after string, limit int) ([]charcoal.User, error) {
	var all []charcoal.User
	err := s.readers.each(ctx, func(row scanner) error {
		u, err := scanUser(row)
		all = append(all, u)
		return err
	}, selectUsers, charcoal.FoldName(after), limit)
	return all, wrap("list users", classify(err))
}

// UserNames implements [charcoal.Accounts].
func (s *Store) UserNames(ctx context.Context, ids []charcoal.ID) (map[charcoal.ID]string, error) {
	names := make(map[charcoal.ID]string)
	for _, id := range ids {
		if _, known := names[id]; known || (id == charcoal.ID{}) {
			continue
		}
		u, err := scanUser(s.readers.row(ctx, selectUser, id[:]))
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return nil, wrap("read names of users", classify(err))
		default:
			names[id] = u.Name
		}
	}
	return names, nil
}

// ChangeUser implements [charcoal.Accounts].
func (s *Store) ChangeUser(ctx context.Context, id charcoal.ID, c charcoal.UserChange, e charcoal.AuditEntry) (u charcoal.User, err error) {
	err = s.change(ctx, e, func(t *tx) error {
		before, err := scanUser(t.row(selectUser, id[:]))
		if err != nil {
			return found("read user", err, noUser(id))
		}
		if err := changeUser(t, id, c); err != nil {
			return err
		}
		if err := keepAnAdmin(t, before); err != nil {
			return err
		}
		u, err = scanUser(t.row(selectUser, id[:]))
		return wrap("read user", err)
	})
	return u, err
}

func changeUser(t *tx, id charcoal.ID, c charcoal.UserChange) error {
	var role, disabled, password any // nil: NULL
	if c.Role != nil {
		role = string(*c.Role)
	}
	if c.Disabled != nil {
		disabled = micros(*c.Disabled)
	}
	if c.Password != nil {
		password = *c.Password
	}
	err := t.exec(`UPDATE users SET role = coalesce(?, role), disabled = coalesce(?, disabled), password = coalesce(?, password)
		WHERE id = ?`, role, disabled, password, id[:])
	if err == nil && c.EndSessions {
		err = t.exec(`DELETE FROM sessions WHERE user_id = ? AND id <> ?`, id[:], c.Keep[:])
	}
	return wrap("change user", err)
}

// keepAnAdmin is Conflict when the user was an admin who can sign in and now nobody is.
func keepAnAdmin(t *tx, before charcoal.User) error {
	if before.Role != charcoal.RoleAdmin || !before.Disabled.IsZero() {
		return nil
	}
	var left bool
	err := t.row(`SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND disabled = 0)`).Scan(&left)
	if err == nil && !left {
		return charcoal.Errorf(charcoal.Conflict, "%s is the only admin; make another one first", before.Name)
	}
	return wrap("look for admins", err)
}

// RehashPassword implements [charcoal.Accounts].
func (s *Store) RehashPassword(ctx context.Context, id charcoal.ID, old, hash string) error {
	return s.writer.write(ctx, func(t *tx) error {
		return wrap("change hash", t.exec(`UPDATE users SET password = ? WHERE id = ? AND password = ?`, hash, id[:], old))
	})
}

// DeleteUser implements [charcoal.Accounts].
func (s *Store) DeleteUser(ctx context.Context, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		before, err := scanUser(t.row(selectUser, id[:]))
		if err != nil {
			return found("read user", err, noUser(id))
		}
		if err := t.exec(`DELETE FROM users WHERE id = ?`, id[:]); err != nil {
			return wrap("delete user", err)
		}
		return keepAnAdmin(t, before)
	})
}

// PurgeAccounts implements [charcoal.Accounts].
func (s *Store) PurgeAccounts(ctx context.Context, expired, audit time.Time, limit int) (removed int64, err error) {
	err = s.writer.write(ctx, func(t *tx) error {
		removed = 0
		for _, part := range []struct {
			query  string
			before time.Time
		}{
			{`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires < ? LIMIT ?)`, expired},
			{`DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE expires > 0 AND expires < ? LIMIT ?)`, expired},
			{`DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires < ? LIMIT ?)`, expired},
			{`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? LIMIT ?)`, audit},
		} {
			n, err := t.change(part.query, micros(part.before), limit)
			if err != nil {
				return wrap("purge accounts", err)
			}
			removed += n
		}
		return nil
	})
	return removed, err
}

// found is the error of reading one row, and instead when there is none.
func found(doing string, err, instead error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return instead
	}
	return wrap(doing, classify(err))
}

func noUser(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no user has the id %q", id)
}
