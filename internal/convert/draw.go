package convert

import (
	"context"
	"fmt"
	"math"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// Drawing says how an image is to be drawn.
type Drawing struct {
	Options  ascii.Options
	Engine   string // by name; "" for the default one
	Callback string // a URL to tell when it is final; "" for none
}

// Draw queues another rendering of an image. When there is one that asks for the
// same and did not fail, that is returned instead, and added is false.
func (s *Service) Draw(ctx context.Context, actor charcoal.Actor, image charcoal.ID, d Drawing) (r charcoal.Rendering, added bool, err error) {
	img, err := s.editable(ctx, actor, image)
	if err != nil {
		return r, false, err
	}
	job, _, err := s.job(img, d)
	if err != nil {
		return r, false, err
	}
	if err := s.roomFor(ctx, img.Owner); charcoal.CodeOf(err) == charcoal.Overloaded {
		return s.drawn(ctx, actor, image, d, err)
	} else if err != nil {
		return r, false, err
	}
	settle, err := s.admit(ctx, actor, 0, 0, pixels(img.Picture))
	if charcoal.CodeOf(err) == charcoal.QuotaSpent {
		return s.drawn(ctx, actor, image, d, err)
	}
	if err != nil {
		return r, false, err
	}
	defer settle(0, 0, false)
	r, added, err = s.store.AddRendering(ctx, job, s.cfg.Backlog)
	settle(0, pixels(img.Picture), added)
	if err != nil {
		return r, false, fmt.Errorf("adding a rendering: %w", s.paced(notFound(err, image)))
	}
	if added {
		s.ring(ctx, r.ID)
		s.announce(image)
	}
	return r, added, nil
}

// drawn answers who may draw no more for now with what is there already: it costs nothing.
func (s *Service) drawn(ctx context.Context, actor charcoal.Actor, image charcoal.ID, d Drawing, spent error) (charcoal.Rendering, bool, error) {
	r, err := s.Existing(ctx, actor, image, d)
	if err != nil || d.Callback != "" && !r.State.Final() { // nobody would call it
		return charcoal.Rendering{}, false, spent
	}
	return r, false, nil
}

// Existing returns the rendering of an image that asks for the same and did
// not fail, or NotFound.
func (s *Service) Existing(ctx context.Context, actor charcoal.Actor, image charcoal.ID, d Drawing) (charcoal.Rendering, error) {
	img, err := s.visible(ctx, actor, image)
	if err != nil {
		return charcoal.Rendering{}, err
	}
	want, _, err := s.job(img, d)
	if err != nil {
		return charcoal.Rendering{}, err
	}
	r, err := s.store.SameRendering(ctx, want)
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return charcoal.Rendering{}, charcoal.Errorf(charcoal.NotFound, "the image %s was not drawn like this yet", image)
	}
	return r, err
}

// Cancel takes a rendering out of the queue, or stops who draws it.
func (s *Service) Cancel(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Rendering, error) {
	return s.change(ctx, actor, id, func(charcoal.Image) (charcoal.Rendering, error) {
		r, err := s.store.CancelRendering(ctx, id, s.now())
		if err == nil {
			s.running.lose(id, r.Attempt)
		}
		return r, err
	})
}

// Retry queues a failed or canceled rendering again. It counts like another one.
func (s *Service) Retry(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Rendering, error) {
	r, err := s.change(ctx, actor, id, func(img charcoal.Image) (charcoal.Rendering, error) {
		settle, err := s.admit(ctx, actor, 0, 0, pixels(img.Picture))
		if err != nil {
			return charcoal.Rendering{}, err
		}
		defer settle(0, 0, false)
		r, err := s.store.RestartRendering(ctx, id)
		settle(0, pixels(img.Picture), err == nil)
		return r, err
	})
	if err == nil {
		s.ring(ctx, id)
	}
	return r, err
}

// DeleteRendering removes a rendering for good.
func (s *Service) DeleteRendering(ctx context.Context, actor charcoal.Actor, id charcoal.ID) error {
	_, err := s.change(ctx, actor, id, func(charcoal.Image) (charcoal.Rendering, error) {
		err := s.store.DeleteRendering(ctx, id)
		if err == nil {
			s.running.lose(id, math.MaxInt)
		}
		return charcoal.Rendering{}, err
	})
	return err
}

// change does something to a rendering of an image that the actor may change.
func (s *Service) change(ctx context.Context, actor charcoal.Actor, id charcoal.ID, do func(charcoal.Image) (charcoal.Rendering, error)) (charcoal.Rendering, error) {
	img, _, err := s.Rendering(ctx, actor, id)
	if err != nil {
		return charcoal.Rendering{}, err
	}
	if err := actor.MayEdit(img); err != nil {
		return charcoal.Rendering{}, err
	}
	r, err := do(img)
	if err != nil {
		return charcoal.Rendering{}, noRendering(err, id)
	}
	s.announce(img.ID)
	return r, nil
}
