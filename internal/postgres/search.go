package postgres

import (
	"context"
	"fmt"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/search"
)

// Search implements [charcoal.Catalogue]. The index in memory says which images,
// the database what they are. In between they may have changed, so what was read is
// held against the query once more: nobody gets an image that became private.
func (s *Store) Search(ctx context.Context, q charcoal.Query) (charcoal.Page, error) {
	ids, next, err := s.find(ctx, q)
	if err != nil {
		return charcoal.Page{}, wrap("search", err)
	}
	images, err := s.readFound(ctx, ids)
	if err != nil {
		return charcoal.Page{}, err
	}
	images, err = stillFound(images, q)
	return charcoal.Page{Images: images, Next: next}, err
}

// selectFound keeps the order of the ids. Images that were purged meanwhile are left out.
const selectFound = `SELECT ` + imageColumns + ` FROM unnest($1::uuid[]) WITH ORDINALITY AS f (id, place)
	JOIN images AS i ON i.id = f.id ORDER BY f.place`

func (s *Store) readFound(ctx context.Context, ids []charcoal.ID) (images []charcoal.Image, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	err = s.read(ctx, func(t *tx) error {
		images, err = all(t, scanImage, selectFound, ids)
		return wrap("read what was found", err)
	})
	return images, err
}

// stillFound keeps those of a page that the query finds as they are now.
func stillFound(images []charcoal.Image, q charcoal.Query) ([]charcoal.Image, error) {
	if len(images) == 0 {
		return nil, nil
	}
	now := search.New()
	for i := range images {
		now.Put(int64(i), &images[i])
	}
	q.After = ""
	found, err := now.Find(q)
	if err != nil {
		return nil, fmt.Errorf("search what was read: %w", err)
	}
	kept := make([]charcoal.Image, len(found.Seqs))
	for n, i := range found.Seqs {
		kept[n] = images[i]
	}
	return kept, nil
}
