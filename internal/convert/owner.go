package convert

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/charcoal-art/charcoal"
)

// binAtOnce is how many images are put into the bin at a time: the store commits
// those together.
const binAtOnce = 100

// BinOwned puts every image of an owner into the bin, as when the account is
// deleted. It goes on when its caller goes away: who is deleted cannot come back to
// ask again, and what they had must not stay visible.
func (s *Service) BinOwned(ctx context.Context, owner charcoal.ID) error {
	ctx = context.WithoutCancel(ctx)
	defer s.announce(charcoal.ID{})
	for {
		ids, err := s.store.ListImages(ctx, owner, false, charcoal.ID{}, binAtOnce) // the others are in the bin by then
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := s.binAll(ctx, ids); err != nil {
			return err
		}
	}
}

func (s *Service) binAll(ctx context.Context, ids []charcoal.ID) error {
	var all errgroup.Group
	for _, id := range ids {
		all.Go(func() error {
			err := s.catalogue.BinImage(ctx, id, s.now())
			if charcoal.CodeOf(err) == charcoal.NotFound { // removed for good meanwhile
				return nil
			}
			return err
		})
	}
	return all.Wait()
}
