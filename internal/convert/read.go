package convert

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// pollInterval is how often a waiter looks at the store by itself, in case
// another process finished the job.
const pollInterval = 500 * time.Millisecond

// Find returns an image with its first rendering, or NotFound. The rendering is
// read first: what a ready one taught about the image is then in the image.
func (s *Service) Find(ctx context.Context, image charcoal.ID) (charcoal.Image, charcoal.Rendering, error) {
	r, err := s.store.FirstRendering(ctx, image)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, notFound(err, image)
	}
	img, err := s.store.Image(ctx, image)
	if err != nil {
		return charcoal.Image{}, charcoal.Rendering{}, notFound(err, image)
	}
	return img, r, nil
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
func (s *Service) Await(ctx context.Context, image charcoal.ID, patience time.Duration) (charcoal.Image, charcoal.Rendering, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	changed, done := s.changes.watch(image)
	defer done()
	poll := time.NewTicker(pollInterval)
	defer poll.Stop()
	for {
		img, r, err := s.Find(ctx, image)
		if err != nil || r.State.Final() || waiting.Err() != nil {
			return img, r, err
		}
		select {
		case <-changed:
		case <-poll.C:
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

// List returns up to limit ids of images, newest first, from before an id when
// that is not zero.
func (s *Service) List(ctx context.Context, before charcoal.ID, limit int) ([]charcoal.ID, error) {
	return s.store.ListImages(ctx, before, limit)
}

// Counts returns the totals.
func (s *Service) Counts(ctx context.Context) (charcoal.Counts, error) { return s.store.Counts(ctx) }

// Ping reports whether the store answers.
func (s *Service) Ping(ctx context.Context) error { return s.store.Ping(ctx) }
