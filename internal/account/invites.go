package account

import (
	"context"
	"time"

	"github.com/charcoal-art/charcoal"
)

// How long an invite can be used.
const (
	DefaultInviteTime = 7 * 24 * time.Hour
	MaxInviteTime     = 365 * 24 * time.Hour
)

// MakeInvite makes an invite for one person to be of a role and returns its secret,
// which is told only now. It is of use while who made it is an admin who can sign in:
// nobody keeps a way back in. For admins.
func (s *Service) MakeInvite(ctx context.Context, c Caller, role charcoal.Role, lasts time.Duration) (secret string, i charcoal.Invite, err error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return "", i, err
	}
	if err := checkRole(role); err != nil {
		return "", i, err
	}
	if lasts <= 0 || lasts > MaxInviteTime {
		return "", i, wrong("/expires_at", "an invite expires in the future, after at most %d days", MaxInviteTime/(24*time.Hour))
	}
	secret = newSecret(invitePrefix)
	hash, _ := hashSecret(invitePrefix, secret)
	now := s.now()
	i = charcoal.Invite{ID: charcoal.NewID(), Secret: hash, Role: role, By: c.User, Created: now, Expires: now.Add(lasts).Truncate(time.Microsecond)}
	if c.User == commandLine {
		i.By = charcoal.ID{}
	}
	e := s.entry(c, charcoal.AuditInviteMade, charcoal.ID{}, "invite", i.ID.String(), "role", string(role))
	if err := s.accounts.AddInvite(ctx, i, e); err != nil {
		return "", i, err
	}
	return secret, i, nil
}

// invite returns one that can be used now. Whether it still can when the account is
// made is for the store to say.
func (s *Service) invite(ctx context.Context, secret string) (charcoal.Invite, error) {
	useless := charcoal.Errorf(charcoal.Forbidden, "this invitation is not valid: it was used, has expired, or is not complete")
	hash, ok := hashSecret(invitePrefix, secret)
	if !ok {
		return charcoal.Invite{}, useless
	}
	i, err := s.accounts.InviteBySecret(ctx, hash)
	if err != nil {
		return charcoal.Invite{}, unlessNotFound(err, useless)
	}
	admin, err := s.isAdmin(ctx, i.By)
	if err != nil {
		return charcoal.Invite{}, err
	}
	if !admin || !i.Used.IsZero() || !s.now().Before(i.Expires) {
		return charcoal.Invite{}, useless
	}
	return i, nil
}

// isAdmin reports whether a user is an admin who can sign in. The zero id is
// somebody at the server itself.
func (s *Service) isAdmin(ctx context.Context, id charcoal.ID) (bool, error) {
	if id == (charcoal.ID{}) {
		return true, nil
	}
	u, err := s.accounts.User(ctx, id)
	return u.Role == charcoal.RoleAdmin && u.Disabled.IsZero(), unlessNotFound(err, nil)
}

// Invites returns up to limit invites, used ones too, newest first, only those before
// the given id when it is not zero. For admins.
func (s *Service) Invites(ctx context.Context, c Caller, before charcoal.ID, limit int) ([]charcoal.Invite, error) {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return nil, err
	}
	return s.accounts.Invites(ctx, before, page(limit))
}

// RevokeInvite removes an invite, used or not. For admins.
func (s *Service) RevokeInvite(ctx context.Context, c Caller, id charcoal.ID) error {
	if err := c.Need(charcoal.ScopeAdmin); err != nil {
		return err
	}
	return s.accounts.RemoveInvite(ctx, id, s.entry(c, charcoal.AuditInviteRevoked, charcoal.ID{}, "invite", id.String()))
}
