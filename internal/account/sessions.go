package account

import (
	"context"
	"slices"

	"github.com/charcoal-art/charcoal"
)

// Sessions returns those of the caller's sessions that are in force, newest first,
// and the id of the one of their cookie: zero when it has none.
func (s *Service) Sessions(ctx context.Context, c Caller) (all []charcoal.Session, current charcoal.ID, err error) {
	if err := own(c); err != nil {
		return nil, current, err
	}
	all, err = s.accounts.Sessions(ctx, c.User)
	if err != nil {
		return nil, current, err
	}
	all = slices.DeleteFunc(all, s.ended)
	session, u, err := s.cookie(ctx, c)
	if u.ID == c.User {
		current = session.ID
	}
	return all, current, err
}

// EndSession ends one of the caller's sessions.
func (s *Service) EndSession(ctx context.Context, c Caller, id charcoal.ID) error {
	if err := own(c); err != nil {
		return err
	}
	return s.accounts.EndSession(ctx, c.User, id, s.entry(c, charcoal.AuditSessionRevoked, c.User, "session", id.String()))
}
