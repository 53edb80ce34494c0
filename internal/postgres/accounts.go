package postgres

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

var _ charcoal.Accounts = (*Store)(nil)

const (
	selectUser = `SELECT ` + userColumns + ` FROM users WHERE id = $1`

	selectUserByName = `SELECT ` + userColumns + `, password FROM users WHERE folded = $1`

	selectUserByIdentity = `SELECT ` + userColumns + ` FROM users
		WHERE id = (SELECT user_id FROM identities WHERE issuer = $1 AND subject = $2)`

	selectUsers = `SELECT ` + userColumns + ` FROM users WHERE folded > $1 ORDER BY folded LIMIT $2`
)

// change does something with accounts, and adds its entry to the audit log, in one
// step.
func (s *Store) change(ctx context.Context, e charcoal.AuditEntry, do func(*tx) error) error {
	return s.write(ctx, func(t *tx) error {
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
		n, err := t.change(`INSERT INTO users (id, name, folded, role, password, created, disabled) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (folded) DO NOTHING`,
			u.ID, u.Name, charcoal.FoldName(u.Name), string(u.Role), u.Password, micros(u.Created), micros(u.Disabled))
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
	n, err := t.change(`INSERT INTO identities (issuer, subject, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		[]byte(u.Identity.Issuer), []byte(u.Identity.Subject), u.ID)
	return must(n, err, "link identity", charcoal.Errorf(charcoal.Conflict, "this identity belongs to another account"))
}

// User implements [charcoal.Accounts].
func (s *Store) User(ctx context.Context, id charcoal.ID) (u charcoal.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		u, err = readUser(t, id)
		return err
	})
	return u, err
}

func readUser(t *tx, id charcoal.ID) (charcoal.User, error) {
	u, err := scanUser(t.row(selectUser, id))
	return u, found("read user", err, noUser(id))
}

// UserByName implements [charcoal.Accounts].
func (s *Store) UserByName(ctx context.Context, name string) (u charcoal.User, password string, err error) {
	err = s.read(ctx, func(t *tx) error {
		u, err = scanUser(t.row(selectUserByName, charcoal.FoldName(name)), &password)
		return found("read user", err, charcoal.Errorf(charcoal.NotFound, "no user has the name %q", name))
	})
	return u, password, err
}

// UserByIdentity implements [charcoal.Accounts].
func (s *Store) UserByIdentity(ctx context.Context, i charcoal.Identity) (u charcoal.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		u, err = scanUser(t.row(selectUserByIdentity, []byte(i.Issuer), []byte(i.Subject)))
		return found("read user", err, charcoal.Errorf(charcoal.NotFound, "no user has this identity"))
	})
	return u, err
}

// Users implements [charcoal.Accounts].
func (s *Store) Users(ctx context.Context, after string, limit int) (users []charcoal.User, err error) {
	err = s.read(ctx, func(t *tx) error {
		users, err = all(t, func(row scanner) (charcoal.User, error) { return scanUser(row) }, selectUsers, charcoal.FoldName(after), limit)
		return wrap("list users", err)
	})
	return users, err
}

// UserNames implements [charcoal.Accounts].
func (s *Store) UserNames(ctx context.Context, ids []charcoal.ID) (map[charcoal.ID]string, error) {
	names := make(map[charcoal.ID]string)
	err := s.read(ctx, func(t *tx) error {
		return wrap("read names of users", t.each(func(row scanner) error {
			var id charcoal.ID
			var name string
			err := row.Scan(&id, &name)
			names[id] = name
			return err
		}, `SELECT id, name FROM users WHERE id = ANY($1)`, ids))
	})
	if err != nil {
		return nil, err
	}
	return names, nil
}

// ChangeUser implements [charcoal.Accounts].
func (s *Store) ChangeUser(ctx context.Context, id charcoal.ID, c charcoal.UserChange, e charcoal.AuditEntry) (u charcoal.User, err error) {
	err = s.change(ctx, e, func(t *tx) error {
		if err := lockAdmins(t); err != nil {
			return err
		}
		before, err := readUser(t, id)
		if err != nil {
			return err
		}
		if err := changeUser(t, id, c); err != nil {
			return err
		}
		if err := keepAnAdmin(t, before); err != nil {
			return err
		}
		u, err = readUser(t, id)
		return err
	})
	return u, err
}

// lockAdmins has those who may take an admin away wait for each other.
func lockAdmins(t *tx) error { return t.lock("admins") }

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
	err := t.exec(`UPDATE users SET role = coalesce($1, role), disabled = coalesce($2, disabled), password = coalesce($3, password)
		WHERE id = $4`, role, disabled, password, id)
	if err == nil && c.EndSessions {
		err = t.exec(`DELETE FROM sessions WHERE user_id = $1 AND id <> $2`, id, c.Keep)
	}
	return wrap("change user", err)
}

// keepAnAdmin is Conflict when the user was an admin who can sign in and now nobody is.
func keepAnAdmin(t *tx, before charcoal.User) error {
	if before.Role != charcoal.RoleAdmin || !before.Disabled.IsZero() {
		return nil
	}
	left, err := one(t, scanValue[bool], `SELECT EXISTS (SELECT 1 FROM users WHERE role = 'admin' AND disabled = 0)`)
	if err == nil && !left {
		return charcoal.Errorf(charcoal.Conflict, "%s is the only admin; make another one first", before.Name)
	}
	return wrap("look for admins", err)
}

// RehashPassword implements [charcoal.Accounts].
func (s *Store) RehashPassword(ctx context.Context, id charcoal.ID, old, hash string) error {
	return s.alone(ctx, func(t *tx) error {
		return wrap("change hash", t.exec(`UPDATE users SET password = $1 WHERE id = $2 AND password = $3`, hash, id, old))
	})
}

// DeleteUser implements [charcoal.Accounts].
func (s *Store) DeleteUser(ctx context.Context, id charcoal.ID, e charcoal.AuditEntry) error {
	return s.change(ctx, e, func(t *tx) error {
		if err := lockAdmins(t); err != nil {
			return err
		}
		before, err := readUser(t, id)
		if err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM users WHERE id = $1`, id); err != nil {
			return wrap("delete user", err)
		}
		return keepAnAdmin(t, before)
	})
}

// PurgeAccounts implements [charcoal.Accounts].
func (s *Store) PurgeAccounts(ctx context.Context, expired, audit time.Time, limit int) (removed int64, err error) {
	err = s.write(ctx, func(t *tx) error {
		removed = 0
		for _, part := range []struct {
			query  string
			before time.Time
		}{
			{`DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`, expired},
			{`DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE expires > 0 AND expires < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`, expired},
			{`DELETE FROM invites WHERE id IN (SELECT id FROM invites WHERE expires < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`, expired},
			{`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`, audit},
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

func noUser(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no user has the id %q", id)
}
