package sqlite

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/search"
)

const selectFound = `SELECT seq, ` + imageColumns + ` FROM images WHERE seq IN (SELECT value FROM json_each(?))`

// Search implements [charcoal.Catalogue]. The index in memory says which images,
// the database what they are. In between they may have changed, so what was read is
// held against the query once more: nobody gets an image that became private.
func (s *Store) Search(ctx context.Context, q charcoal.Query) (charcoal.Page, error) {
	found, err := s.follower.find(ctx, q)
	if err != nil {
		return charcoal.Page{}, wrap("search", classify(err))
	}
	images, err := s.readFound(ctx, found.Seqs)
	if err != nil {
		return charcoal.Page{}, wrap("read what was found", classify(err))
	}
	images, err = stillFound(images, q)
	return charcoal.Page{Images: images, Next: found.Next}, err
}

// readFound reads images in the order of their numbers. Those that were purged
// meanwhile are left out.
func (s *Store) readFound(ctx context.Context, seqs []int64) ([]charcoal.Image, error) {
	if len(seqs) == 0 {
		return nil, nil
	}
	list, err := json.Marshal(seqs)
	if err != nil {
		return nil, err
	}
	bySeq := make(map[int64]charcoal.Image, len(seqs))
	err = s.readers.each(ctx, func(row scanner) error {
		var seq int64
		img, err := scanImage(behind{row, []any{&seq}})
		bySeq[seq] = img
		return err
	}, selectFound, string(list))
	images := make([]charcoal.Image, 0, len(seqs))
	for _, seq := range seqs {
		if img, ok := bySeq[seq]; ok {
			images = append(images, img)
		}
	}
	return images, err
}

// behind is a row with some columns before those that are known.
type behind struct {
	scanner
	first []any
}

func (r behind) Scan(into ...any) error { return r.scanner.Scan(append(r.first, into...)...) }

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
