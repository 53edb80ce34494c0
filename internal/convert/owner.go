package convert

import (
	"context"

	"github.com/charcoal-art/charcoal"
)

// BinOwned puts every image of an owner into the bin, as when the account is
// deleted.
func (s *Service) BinOwned(ctx context.Context, owner charcoal.ID) error {
	for before := (charcoal.ID{}); ; {
		ids, err := s.store.ListImages(ctx, owner, false, before, tidyBatch)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := s.catalogue.BinImage(ctx, id, s.now()); err != nil && charcoal.CodeOf(err) != charcoal.NotFound {
				return err
			}
			before = id
		}
		if len(ids) < tidyBatch {
			s.announce(charcoal.ID{})
			return nil
		}
	}
}
