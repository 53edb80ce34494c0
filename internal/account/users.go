package account

import (
	"context"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Registration is what somebody makes an account with.
type Registration struct {
	Name, Password string
	Invite         string // the secret of one; "" for none
}

// Register makes an account: with an invite always, without one where strangers may.
// It is [charcoal.Conflict] when the name is taken, and signs nobody in.
func (s *Service) Register(ctx context.Context, c Caller, r Registration) (charcoal.User, error) {
	invite, err := s.admission(ctx, c, r.Invite)
	if err != nil {
		return charcoal.User{}, err
	}
	return s.add(ctx, c, r.Name, r.Password, invite)
}

// admission returns the invite, or one to be a user for who needs none. Who makes
// account after account, to have the quotas of all of them, is slowed down.
func (s *Service) admission(ctx context.Context, c Caller, secret string) (charcoal.Invite, error) {
	if secret != "" {
		return s.invite(ctx, secret)
	}
	if !s.options.Register {
		return charcoal.Invite{}, charcoal.Errorf(charcoal.Forbidden, "an account on this server takes an invitation; ask an admin for one")
	}
	if wait := s.throttle.register(c.Address, s.options.Now()); wait > 0 {
		return charcoal.Invite{}, later("too many accounts were made from here", wait)
	}
	return charcoal.Invite{Role: charcoal.RoleUser}, nil
}

func (s *Service) add(ctx context.Context, c Caller, name, password string, invite charcoal.Invite) (charcoal.User, error) {
	u, err := s.newUser(name, invite.Role)
	if err != nil {
		return u, err
	}
	if err := CheckPassword(name, password); err != nil {
		return u, err
	}
	hash, err := s.hasher.hash(ctx, password, invite.ID != charcoal.ID{} || c.SignedIn())
	if err != nil {
		return u, err
	}
	n := charcoal.NewUser{User: u, Password: hash, Invite: invite.ID}
	return u, s.addUser(ctx, c, n)
}

func (s *Service) newUser(name string, role charcoal.Role) (charcoal.User, error) {
	if err := charcoal.CheckUserName(name); err != nil {
		return charcoal.User{}, err
	}
	if err := checkRole(role); err != nil {
		return charcoal.User{}, err
	}
	return charcoal.User{ID: charcoal.NewID(), Name: name, Role: role, Created: s.now()}, nil
}

// addUser stores a user. Who makes an account for themselves is who did it.
func (s *Service) addUser(ctx context.Context, c Caller, n charcoal.NewUser) error {
	if !c.SignedIn() {
		c.Actor = charcoal.Actor{User: n.ID, Name: n.Name}
	}
	details := []string{"user", n.Name, "role", string(n.Role)}
	if (n.Invite != charcoal.ID{}) {
		details = append(details, "invite", n.Invite.String())
	}
	if n.Identity != (charcoal.Identity{}) {
		details = append(details, "issuer", n.Identity.Issuer)
	}
	return s.accounts.AddUser(ctx, n, s.entry(c, charcoal.AuditUserAdded, n.ID, details...))
}

// AddUser makes an account for somebody else. For admins.
func (s *Service) AddUser(ctx context.Context, c Caller, name, password string, role charcoal.Role) (charcoal.User, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return charcoal.User{}, err
	}
	return s.add(ctx, c, name, password, charcoal.Invite{Role: role})
}

// Users returns up to limit users in the order of their names, only those after the
// given name when it is not "". For admins.
func (s *Service) Users(ctx context.Context, c Caller, after string, limit int) ([]charcoal.User, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return nil, err
	}
	return s.accounts.Users(ctx, after, page(limit))
}

// User returns a user to themselves and to admins.
func (s *Service) User(ctx context.Context, c Caller, id charcoal.ID) (charcoal.User, error) {
	if c.SignedIn() && id == c.User {
		return s.accounts.User(ctx, id)
	}
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return charcoal.User{}, hide(c, err, id)
	}
	return s.accounts.User(ctx, id)
}

// hide makes what belongs to others not there for who is signed in; who is not is
// told to sign in.
func hide(c Caller, err error, id charcoal.ID) error {
	if c.SignedIn() {
		return charcoal.Errorf(charcoal.NotFound, "no user has the id %q", id)
	}
	return err
}

// UserByName returns a user. For admins.
func (s *Service) UserByName(ctx context.Context, c Caller, name string) (charcoal.User, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return charcoal.User{}, err
	}
	u, _, err := s.accounts.UserByName(ctx, name)
	return u, err
}

// UserNames returns the names of those of the users that exist, to be shown beside
// what they published.
func (s *Service) UserNames(ctx context.Context, ids []charcoal.ID) (map[charcoal.ID]string, error) {
	return s.accounts.UserNames(ctx, ids)
}

// SetRole makes a user an admin, or one of the others. For admins. It is
// [charcoal.Conflict] when it would leave no admin.
func (s *Service) SetRole(ctx context.Context, c Caller, id charcoal.ID, role charcoal.Role) (charcoal.User, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return charcoal.User{}, hide(c, err, id)
	}
	if err := checkRole(role); err != nil {
		return charcoal.User{}, err
	}
	return s.accounts.ChangeUser(ctx, id, charcoal.UserChange{Role: &role},
		s.entry(c, charcoal.AuditUserRole, id, "role", string(role)))
}

func checkRole(role charcoal.Role) error {
	if role == charcoal.RoleUser || role == charcoal.RoleAdmin {
		return nil
	}
	return wrong("/role", "there is no role %q; there are %s and %s", clip(string(role), 40), charcoal.RoleUser, charcoal.RoleAdmin)
}

// SetDisabled keeps a user from signing in and ends their sessions, or lets them in
// again; what they made to sign in with otherwise is kept meanwhile. For admins. It
// is [charcoal.Conflict] when it would leave no admin.
func (s *Service) SetDisabled(ctx context.Context, c Caller, id charcoal.ID, disabled bool) (charcoal.User, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return charcoal.User{}, hide(c, err, id)
	}
	change, action := charcoal.UserChange{Disabled: &time.Time{}}, charcoal.AuditUserEnabled
	if disabled {
		change, action = disable(s.now()), charcoal.AuditUserDisabled
	}
	return s.accounts.ChangeUser(ctx, id, change, s.entry(c, action, id))
}

// ChangePassword changes the caller's own password, and ends all their other
// sessions. Who guesses the current one is slowed down as at a login. Tokens are
// kept: they are revoked one by one.
func (s *Service) ChangePassword(ctx context.Context, c Caller, current, next string) error {
	if err := own(c); err != nil {
		return err
	}
	if err := CheckPassword(c.Name, next); err != nil {
		return err
	}
	if err := s.confirm(ctx, c, current); err != nil {
		return err
	}
	session, u, err := s.cookie(ctx, c)
	if err != nil {
		return err
	}
	keep := charcoal.ID{}
	if u.ID == c.User {
		keep = session.ID
	}
	return s.setPassword(ctx, c, c.User, next, keep)
}

// confirm makes sure that it is the caller themselves, and not somebody at their
// desk or with a token of theirs.
func (s *Service) confirm(ctx context.Context, c Caller, password string) error {
	u, hash, err := s.userByName(ctx, c.Name)
	if err != nil {
		return err
	}
	if u.ID != c.User {
		return charcoal.Errorf(charcoal.NotFound, "no user has the id %q", c.User)
	}
	if hash == "" {
		return charcoal.Errorf(charcoal.Conflict, "this account has no password, since it signs in elsewhere; an admin can set one")
	}
	_, err = s.verify(ctx, attempt{Caller: c, name: u.Name, password: password, user: u, hash: hash})
	if charcoal.CodeOf(err) == charcoal.Unauthenticated {
		return charcoal.Errorf(charcoal.Forbidden, "the current password is wrong")
	}
	return err
}

func (s *Service) setPassword(ctx context.Context, c Caller, id charcoal.ID, password string, keep charcoal.ID) error {
	hash, err := s.hasher.hash(ctx, password, true)
	if err != nil {
		return err
	}
	_, err = s.accounts.ChangeUser(ctx, id, charcoal.UserChange{Password: &hash, EndSessions: true, Keep: keep},
		s.entry(c, charcoal.AuditPasswordChanged, id))
	return err
}

// SetPassword gives a user another password, and ends all their sessions. For admins.
func (s *Service) SetPassword(ctx context.Context, c Caller, id charcoal.ID, password string) error {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return hide(c, err, id)
	}
	u, err := s.accounts.User(ctx, id)
	if err != nil {
		return err
	}
	if err := CheckPassword(u.Name, password); err != nil {
		return err
	}
	return s.setPassword(ctx, c, id, password, charcoal.ID{})
}

// DeleteUser removes an account for good and puts its images in the bin: the
// caller's own, confirmed by the password when it has one, or anybody's for admins.
// It is [charcoal.Conflict] when it would leave no admin.
func (s *Service) DeleteUser(ctx context.Context, c Caller, id charcoal.ID, password string) error {
	u, err := s.mayDelete(ctx, c, id, password)
	if err != nil {
		return err
	}
	// Disabled first, nothing is added while the images go; and that no admin would
	// be left is found out before they do.
	if _, err := s.accounts.ChangeUser(ctx, id, disable(s.now()), s.entry(c, charcoal.AuditUserDisabled, id)); err != nil {
		return err
	}
	if s.options.Images != nil {
		if err := s.options.Images.BinOwned(ctx, id); err != nil {
			return fmt.Errorf("put the images of a user in the bin: %w", err)
		}
	}
	return s.accounts.DeleteUser(ctx, id, s.entry(c, charcoal.AuditUserDeleted, id, "user", u.Name))
}

func disable(since time.Time) charcoal.UserChange {
	return charcoal.UserChange{Disabled: &since, EndSessions: true}
}

func (s *Service) mayDelete(ctx context.Context, c Caller, id charcoal.ID, password string) (charcoal.User, error) {
	if id != c.User || !c.SignedIn() {
		if err := c.Need(charcoal.ScopeAdmin); err != nil {
			return charcoal.User{}, hide(c, err, id)
		}
		return s.accounts.User(ctx, id)
	}
	if err := own(c); err != nil {
		return charcoal.User{}, err
	}
	u, hash, err := s.accounts.UserByName(ctx, c.Name)
	switch {
	case err != nil:
	case hash != "":
		err = s.confirm(ctx, c, password)
	case c.Via == "token":
		err = charcoal.Errorf(charcoal.Forbidden, "this account has no password to confirm it with; delete it where you sign in, not with a token")
	}
	return u, err
}
