package convert

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// Waiters look at the store by themselves, in case another process finished the job:
// more and more seldom, so that thousands who wait for long are little work.
const (
	minPoll = 500 * time.Millisecond
	maxPoll = 4 * time.Second
)

// Find returns an image with its first rendering, or NotFound. The rendering is
// read first: what a ready one taught about the image is then in the image.
func (s *Service) Find(ctx context.Context, actor charcoal.Actor, image charcoal.ID) (charcoal.Image, charcoal.Rendering, error) {
	r, err := s.store.FirstRendering(ctx, image)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, notFound(err, image)
	}
	img, err := s.visible(ctx, actor, image)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, err
	}
	return img, r, nil
}

// visible returns an image that the actor may see.
func (s *Service) visible(ctx context.Context, actor charcoal.Actor, image charcoal.ID) (charcoal.Image, error) {
	img, err := s.store.Image(ctx, image)
	if err != nil {
		return charcoal.Image{}, notFound(err, image)
	}
	return img, actor.MayRead(img)
}

// editable returns an image that the actor may change.
func (s *Service) editable(ctx context.Context, actor charcoal.Actor, image charcoal.ID) (charcoal.Image, error) {
	img, err := s.store.Image(ctx, image)
	if err != nil {
		return charcoal.Image{}, notFound(err, image)
	}
	return img, actor.MayEdit(img)
}

// Image returns an image with its newest rendering, or NotFound.
func (s *Service) Image(ctx context.Context, actor charcoal.Actor, image charcoal.ID) (charcoal.Image, charcoal.Rendering, error) {
	newest, err := s.Renderings(ctx, actor, image, charcoal.ID{}, 1)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, err
	}
	img, err := s.visible(ctx, actor, image)
	if err != nil || len(newest) == 0 { // it was removed for good between the two
		return charcoal.Image{}, charcoal.Rendering{}, cmp.Or(err, noImage(image))
	}
	return img, newest[0], nil
}

// Rendering returns a rendering with its image, or NotFound.
func (s *Service) Rendering(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Image, charcoal.Rendering, error) {
	r, err := s.store.Rendering(ctx, id)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, noRendering(err, id)
	}
	img, err := s.visible(ctx, actor, r.ImageID)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, noRendering(err, id)
	}
	return img, r, nil
}

// Renderings returns up to limit renderings of an image, newest first, from
// before an id when that is not zero.
func (s *Service) Renderings(ctx context.Context, actor charcoal.Actor, image, before charcoal.ID, limit int) ([]charcoal.Rendering, error) {
	if _, err := s.visible(ctx, actor, image); err != nil {
		return nil, err
	}
	return s.store.Renderings(ctx, image, before, limit)
}

// noRendering is about a rendering that is not there, or not for the actor to see:
// the two look the same.
func noRendering(err error, id charcoal.ID) error {
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return charcoal.Errorf(charcoal.NotFound, "no rendering has the id %q", id).Because(err)
	}
	return fmt.Errorf("reading rendering %s: %w", id, err)
}

func noImage(id charcoal.ID) error {
	return charcoal.Errorf(charcoal.NotFound, "no image has the id %q", id)
}

// notFound gives a NotFound of the store the sentence that people read.
func notFound(err error, image charcoal.ID) error {
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return charcoal.Errorf(charcoal.NotFound, "no image has the id %q", image).Because(err)
	}
	return fmt.Errorf("reading image %s: %w", image, err)
}

// Await is [Service.Find] that waits until the rendering is final or the patience
// is over; it then returns what is there. When ctx ends first it is Canceled.
func (s *Service) Await(ctx context.Context, actor charcoal.Actor, image charcoal.ID, patience time.Duration) (charcoal.Image, charcoal.Rendering, error) {
	return s.await(ctx, image, patience, func() (charcoal.Image, charcoal.Rendering, error) { return s.Find(ctx, actor, image) })
}

// AwaitRendering is [Service.Rendering] that waits like [Service.Await].
func (s *Service) AwaitRendering(ctx context.Context, actor charcoal.Actor, id charcoal.ID, patience time.Duration) (charcoal.Image, charcoal.Rendering, error) {
	img, r, err := s.Rendering(ctx, actor, id)
	if err != nil || r.State.Final() {
		return img, r, err
	}
	return s.await(ctx, img.ID, patience, func() (charcoal.Image, charcoal.Rendering, error) { return s.Rendering(ctx, actor, id) })
}

// await reads again whenever something happened to the image.
func (s *Service) await(ctx context.Context, image charcoal.ID, patience time.Duration, read func() (charcoal.Image, charcoal.Rendering, error)) (charcoal.Image, charcoal.Rendering, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	changed, done := s.changes.watch(image)
	defer done()
	for poll := minPoll; ; {
		img, r, err := read()
		if err != nil || r.State.Final() || waiting.Err() != nil {
			return img, r, err
		}
		select {
		case <-changed:
		case <-time.After(poll):
			poll = min(2*poll, maxPoll)
		case <-waiting.Done():
		}
	}
}

// Art returns the drawing of a ready rendering.
func (s *Service) Art(ctx context.Context, r charcoal.Rendering) (*ascii.Art, error) {
	blob, err := s.blobs.Open(ctx, charcoal.ArtKey(r.ID, r.Attempt))
	if err != nil {
		return nil, missing(err, "art", r.ID)
	}
	raw, err := io.ReadAll(blob)
	if err := errors.Join(err, blob.Close()); err != nil {
		return nil, fmt.Errorf("reading the art of %s: %w", r.ID, err)
	}
	art := new(ascii.Art)
	if err := art.UnmarshalBinary(raw); err != nil {
		return nil, fmt.Errorf("decoding the art of %s: %w", r.ID, err)
	}
	return art, nil
}

// Original opens the bytes of an image as uploaded. The caller closes them.
func (s *Service) Original(ctx context.Context, img charcoal.Image) (charcoal.Blob, error) {
	blob, err := s.blobs.Open(ctx, charcoal.OriginalKey(img.ID))
	if err != nil {
		return nil, missing(err, "original", img.ID)
	}
	return blob, nil
}

// missing is about a blob that its row says is there: whatever the storage
// calls that, it is our fault, not a wrong address.
func missing(err error, what string, id charcoal.ID) error {
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return charcoal.Errorf(charcoal.Internal, "the %s is missing from storage", what).Because(err)
	}
	return fmt.Errorf("opening the %s of %s: %w", what, id, err)
}

// List returns up to limit ids of the actor's images (an admin's are all), newest
// first, from before an id when that is not zero.
func (s *Service) List(ctx context.Context, actor charcoal.Actor, before charcoal.ID, limit int) ([]charcoal.ID, error) {
	if err := actor.Need(charcoal.ScopeRead); err != nil {
		return nil, err
	}
	return s.store.ListImages(ctx, actor.User, actor.Admin(), before, limit)
}

// Counts returns the totals.
func (s *Service) Counts(ctx context.Context) (charcoal.Counts, error) { return s.store.Counts(ctx) }

// Ping reports whether the store answers.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }
