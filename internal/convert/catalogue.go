package convert

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Edit changes what is said about an image.
func (s *Service) Edit(ctx context.Context, actor charcoal.Actor, image charcoal.ID, edit charcoal.ImageEdit) (charcoal.Image, error) {
	if _, err := s.editable(ctx, actor, image); err != nil {
		return charcoal.Image{}, err
	}
	edit, err := s.clean(edit)
	if err != nil {
		return charcoal.Image{}, err
	}
	img, err := s.catalogue.EditImage(ctx, image, edit)
	if err != nil {
		return charcoal.Image{}, notFound(err, image)
	}
	s.announce(image)
	return img, nil
}

func (s *Service) clean(edit charcoal.ImageEdit) (charcoal.ImageEdit, error) {
	if edit.Title != nil {
		title, err := charcoal.CleanTitle(*edit.Title)
		if err != nil {
			return edit, err
		}
		edit.Title = &title
	}
	if edit.Tags != nil {
		tags, err := charcoal.CleanTags(*edit.Tags)
		if err != nil {
			return edit, err
		}
		edit.Tags = &tags
	}
	if edit.Visibility != nil {
		if err := charcoal.CheckVisibility(*edit.Visibility); err != nil {
			return edit, err
		}
	}
	if edit.Expires != nil {
		if err := checkExpiry(*edit.Expires, s.now()); err != nil {
			return edit, err
		}
	}
	return edit, nil
}

// Delete puts an image into the bin, from where [Service.Restore] takes it for a
// while.
func (s *Service) Delete(ctx context.Context, actor charcoal.Actor, image charcoal.ID) error {
	if _, err := s.editable(ctx, actor, image); err != nil {
		return err
	}
	if err := s.catalogue.BinImage(ctx, image, s.now()); err != nil {
		return notFound(err, image)
	}
	s.announce(image)
	return nil
}

// Restore takes an image out of the bin, and away the time to expire that is over.
// Only those who would find it there learn that it is in it.
func (s *Service) Restore(ctx context.Context, actor charcoal.Actor, image charcoal.ID) (charcoal.Image, error) {
	if err := actor.Need(charcoal.ScopeWrite); err != nil {
		return charcoal.Image{}, err
	}
	binned, err := s.catalogue.BinnedImage(ctx, image)
	if err != nil {
		return charcoal.Image{}, notFound(err, image)
	}
	if !actor.Admin() && !actor.Owns(binned.Owner) {
		return charcoal.Image{}, noImage(image)
	}
	img, err := s.catalogue.RestoreImage(ctx, image)
	if err == nil && checkExpiry(img.Expires, s.now()) != nil { // else it would go right back
		img, err = s.catalogue.EditImage(ctx, image, charcoal.ImageEdit{Expires: new(time.Time)})
	}
	if err != nil {
		return charcoal.Image{}, notFound(err, image)
	}
	s.announce(image)
	return img, nil
}

// Search returns a page of what the viewer of the query may find.
func (s *Service) Search(ctx context.Context, q charcoal.Query) (charcoal.Page, error) {
	if q.Viewer.SignedIn() || q.Viewer.Open {
		if err := q.Viewer.Need(charcoal.ScopeRead); err != nil {
			return charcoal.Page{}, err
		}
	}
	return s.catalogue.Search(ctx, q)
}

// Tidy puts images into the bin whose time has come, removes for good what is in it
// for long enough, with the blobs, and forgets old idempotency keys.
func (s *Service) Tidy(ctx context.Context) error {
	now := s.now()
	return errors.Join(
		untilDone(ctx, func() (int, error) { return s.catalogue.BinExpired(ctx, now, sweepBatch) }),
		untilDone(ctx, func() (int, error) { return s.catalogue.PurgeImages(ctx, now.Add(-s.cfg.BinTime), sweepBatch) }),
		s.removeGarbage(ctx),
		untilDone(ctx, func() (int, error) { return s.onces.PurgeOnces(ctx, now, sweepBatch) }),
	)
}

// untilDone repeats a step of up to sweepBatch things while it finds that many.
func untilDone(ctx context.Context, step func() (int, error)) error {
	for turn := 0; turn < sweepTurns && ctx.Err() == nil; turn++ {
		n, err := step()
		if err != nil {
			return fmt.Errorf("tidying up: %w", err)
		}
		if n < sweepBatch {
			break
		}
	}
	return nil
}

// removeGarbage deletes blobs, then the rows that lead to them.
func (s *Service) removeGarbage(ctx context.Context) error {
	list := func(limit int) ([]string, error) { return s.catalogue.Garbage(ctx, limit) }
	return removeAll(ctx, list, func(keys []string) (left []string, err error) {
		gone := make([]string, 0, len(keys))
		var errs []error
		for _, key := range keys {
			if err := s.blobs.Delete(ctx, key); err != nil {
				left, errs = append(left, key), append(errs, err)
				continue
			}
			gone = append(gone, key)
		}
		if err := s.catalogue.ForgetGarbage(ctx, gone); err != nil {
			return keys, err
		}
		return left, errors.Join(errs...)
	})
}
