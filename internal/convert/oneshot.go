package convert

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// Convert draws a picture without keeping anything. It also returns which engine
// drew it. It is Overloaded when too many are under way.
func (s *Service) Convert(ctx context.Context, actor charcoal.Actor, body io.Reader, d Drawing) (*charcoal.Drawing, string, error) {
	engine, picture, err := s.receive(ctx, actor, body, d)
	if err != nil {
		return nil, "", err
	}
	defer picture.close()
	settle, err := s.admit(ctx, actor, 0, 0, pixels(picture.Picture))
	if err != nil {
		return nil, "", err
	}
	defer settle(0, 0, false)
	drawing, err := engine.Convert(ctx, picture.file, d.Options)
	settle(0, pixels(picture.Picture), err == nil)
	return drawing, engine.Engine(), err
}

// Inspection is what drawing a picture would take.
type Inspection struct {
	charcoal.Picture
	Bytes      int64
	Memory     int64 // bytes; 0 where the engine does not tell
	Cols, Rows int   // 0 where the size of the picture is not known
	Engine     string
}

// Estimator is an engine that knows beforehand what drawing takes.
type Estimator interface {
	Estimate(ctx context.Context, picture io.ReadSeeker, opts ascii.Options) (charcoal.Picture, int64, error)
}

// Inspect says what drawing a picture would take, without drawing it.
func (s *Service) Inspect(ctx context.Context, actor charcoal.Actor, body io.Reader, d Drawing) (Inspection, error) {
	engine, picture, err := s.receive(ctx, actor, body, d)
	if err != nil {
		return Inspection{}, err
	}
	defer picture.close()
	found := Inspection{Picture: picture.Picture, Bytes: picture.size, Engine: engine.Engine()}
	if e, ok := engine.(Estimator); ok {
		if found.Picture, found.Memory, err = e.Estimate(ctx, picture.file, d.Options); err != nil {
			return Inspection{}, err
		}
	}
	if found.Width > 0 {
		found.Cols, found.Rows = d.Options.Grid(found.Width, found.Height)
	}
	return found, nil
}

// received is a picture that is not stored.
type received struct {
	charcoal.Picture
	file  io.ReadSeeker
	size  int64
	close func()
}

// receive takes one of the places for pictures that are not stored, and the whole
// picture with it.
func (s *Service) receive(ctx context.Context, actor charcoal.Actor, body io.Reader, d Drawing) (charcoal.Converter, received, error) {
	if err := actor.Need(charcoal.ScopeWrite); err != nil {
		return nil, received{}, err
	}
	if err := d.Options.Validate(); err != nil {
		return nil, received{}, invalidOptions(err)
	}
	engine, err := s.engines.named(d.Engine)
	if err != nil {
		return nil, received{}, err
	}
	leave, err := s.oneShot()
	if err != nil {
		return nil, received{}, err
	}
	in := newIntake(body, s.cfg.UploadBytes)
	got, err := s.spoolPicture(ctx, engine, in)
	if err != nil {
		leave()
		return nil, received{}, err
	}
	drop := got.close
	got.close = func() { drop(); leave() }
	return engine, got, nil
}

func (s *Service) spoolPicture(ctx context.Context, engine charcoal.Converter, in *intake) (received, error) {
	picture, err := probe(engine, in)
	if err != nil {
		return received{}, err
	}
	file := &spool{dir: s.cfg.Spool}
	drop := func() {
		if err := file.Close(); err != nil {
			s.log.WarnContext(ctx, "a temporary file stays behind", "err", err)
		}
	}
	size, err := io.Copy(file, in)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if cause := in.failure(); err != nil && cause != nil {
		err = cause
	}
	if err != nil {
		drop()
		return received{}, fmt.Errorf("receiving the picture: %w", err)
	}
	return received{Picture: picture, file: file, size: size, close: drop}, nil
}

// Scorer is an engine that can tell how faithful art is to its picture.
type Scorer interface {
	// Score is from 0 to 100.
	Score(ctx context.Context, picture io.ReadSeeker, art *ascii.Art, opts ascii.Options) (float64, error)
}

// Score measures how faithful the art of a ready rendering is, from 0 to 100. It
// takes about as long as drawing, so it is done for those who ask, in the places of
// conversions that store nothing.
func (s *Service) Score(ctx context.Context, actor charcoal.Actor, rendering charcoal.ID) (float64, error) {
	img, r, err := s.Rendering(ctx, actor, rendering)
	if err != nil {
		return 0, err
	}
	if r.State != charcoal.Ready {
		return 0, charcoal.Errorf(charcoal.Conflict, "the rendering is %s: only art that is ready has a score", r.State)
	}
	scorer := s.engines.scorer()
	if scorer == nil {
		return 0, charcoal.Errorf(charcoal.Unsupported, "no engine of this server can score art")
	}
	leave, err := s.oneShot()
	if err != nil {
		return 0, err
	}
	defer leave()
	art, err := s.Art(ctx, r)
	if err != nil {
		return 0, err
	}
	original, err := s.Original(ctx, img)
	if err != nil {
		return 0, err
	}
	defer original.Close()
	return scorer.Score(ctx, original, art, r.Options)
}

// oneShot takes one of the places and returns how to give it back.
func (s *Service) oneShot() (leave func(), err error) {
	select {
	case s.oneShots <- struct{}{}:
		return func() { <-s.oneShots }, nil
	default:
		e := charcoal.Errorf(charcoal.Overloaded, "%d conversions are under way, which is the limit; try again shortly, or upload the picture", s.cfg.OneShots)
		e.RetryAfter = time.Second
		return nil, e
	}
}
