package app

import (
	"context"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
)

// belongings is what goes with an account that is deleted.
type belongings struct {
	images account.Images
	hooks  charcoal.Webhooks
}

// BinOwned puts the owner's images into the bin and removes their webhooks.
func (b belongings) BinOwned(ctx context.Context, owner charcoal.ID) error {
	endpoints, err := b.hooks.Endpoints(ctx, owner)
	if err != nil {
		return err
	}
	for _, e := range endpoints {
		if err := b.hooks.DeleteEndpoint(ctx, e.ID); err != nil && charcoal.CodeOf(err) != charcoal.NotFound {
			return err
		}
	}
	return b.images.BinOwned(ctx, owner)
}
