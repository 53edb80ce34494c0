package convert

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// probeBytes is how much of a file the header probe sees. It is what each
// upload under way costs in memory, besides the copy buffer.
const probeBytes = 64 << 10

// Upload is a picture on its way in.
type Upload struct {
	Actor    charcoal.Actor // whose it will be
	Filename string
	Body     io.Reader // hostile; read to its end at most once
	Options  ascii.Options
	Engine   string // which is to draw it, by name; "" for the default one

	Title      string
	Tags       []string
	Visibility charcoal.Visibility // "" for private
	Expires    time.Time           // zero: never
	Callback   string              // a URL to tell when the rendering is final
	SHA256     *[32]byte           // what the bytes are announced to be; nil: nothing was said
	Size       int64               // how many there are at most, as announced; 0: nothing was said
	Join       bool                // to the image that the actor may have of the same bytes
}

// Submitted is what an upload became.
type Submitted struct {
	Image     charcoal.Image
	Rendering charcoal.Rendering
	Duplicate bool // the image was there already
}

// Submit stores a picture and queues its first rendering. When it returns nil,
// the image and its job survive a crash and a power loss.
//
// The row is written before the bytes, so whatever a crash leaves behind can be
// found from a row: see [Service.Sweep].
func (s *Service) Submit(ctx context.Context, up Upload) (Submitted, error) {
	if err := up.Actor.Need(charcoal.ScopeWrite); err != nil {
		return Submitted{}, err
	}
	img, err := describe(up, s.now())
	if err != nil {
		return Submitted{}, err
	}
	job, engine, err := s.job(img, Drawing{up.Options, up.Engine, up.Callback})
	if err != nil {
		return Submitted{}, err
	}
	body := newIntake(up.Body, s.cfg.UploadBytes)
	if img.Picture, err = probe(engine, body); err != nil {
		return Submitted{}, err
	}
	if err := s.roomFor(ctx, img.Owner); err != nil {
		return Submitted{}, err
	}
	settle, err := s.admit(ctx, up.Actor, 1, s.mostBytes(up), pixels(img.Picture))
	if err != nil {
		return Submitted{}, err
	}
	defer settle(0, 0, false)
	done, err := s.place(ctx, img, job, body, up)
	// A duplicate that is drawn anew counts, too: otherwise the limit on pixels would be none.
	settle(done.Image.Size, pixels(done.Image.Picture), err == nil && done.Rendering.ID == job.ID)
	return done, err
}

// roomFor is Overloaded when an owner has as many renderings waiting as one may: the
// rest of the queue is for others. Many at once may go a little over that.
func (s *Service) roomFor(ctx context.Context, owner charcoal.ID) error {
	if s.cfg.OwnBacklog == 0 {
		return nil
	}
	waiting, err := s.store.Waiting(ctx, owner, s.cfg.OwnBacklog)
	if err != nil || waiting < s.cfg.OwnBacklog {
		return err
	}
	e := charcoal.Errorf(charcoal.Overloaded, "%d pictures of yours are waiting to be drawn already, which is as many as one account may have; try again later", waiting)
	e.Limit, e.Actual, e.Unit = s.cfg.OwnBacklog, waiting+1, "renderings"
	return s.paced(e)
}

// mostBytes is how many an upload may turn out to have.
func (s *Service) mostBytes(up Upload) int64 {
	if up.Size > 0 {
		return min(up.Size, s.cfg.UploadBytes)
	}
	return s.cfg.UploadBytes
}

// place reserves the row, stores the bytes, and makes both visible.
func (s *Service) place(ctx context.Context, img charcoal.Image, job charcoal.Rendering, body *intake, up Upload) (Submitted, error) {
	if err := s.store.BeginUpload(ctx, img, s.cfg.Backlog); err != nil {
		return Submitted{}, fmt.Errorf("reserving the image: %w", s.paced(err))
	}
	done, err := s.keep(ctx, img, job, body, up)
	if err != nil || done.Duplicate {
		s.abandon(ctx, img.ID) // its bytes are not needed
	}
	if err != nil {
		return Submitted{}, err
	}
	s.announce(done.Image.ID)
	return done, nil
}

// describe makes the image of an upload, but for what its bytes tell.
func describe(up Upload, now time.Time) (charcoal.Image, error) {
	title, err := charcoal.CleanTitle(up.Title)
	if err != nil {
		return charcoal.Image{}, err
	}
	tags, err := charcoal.CleanTags(up.Tags)
	if err != nil {
		return charcoal.Image{}, err
	}
	visibility := cmp.Or(up.Visibility, charcoal.Private)
	if err := charcoal.CheckVisibility(visibility); err != nil {
		return charcoal.Image{}, err
	}
	if err := checkExpiry(up.Expires, now); err != nil {
		return charcoal.Image{}, err
	}
	return charcoal.Image{
		ID: charcoal.NewID(), Owner: up.Actor.User, Created: now, Filename: charcoal.CleanFilename(up.Filename),
		Title: title, Tags: tags, Visibility: visibility, Expires: up.Expires,
	}, nil
}

// checkExpiry refuses a time that is over.
func checkExpiry(expires, now time.Time) error {
	if !expires.IsZero() && !expires.After(now) {
		return charcoal.Errorf(charcoal.Invalid, "the image would expire at %s, which is over; give a time to come", expires.UTC().Format(time.RFC3339))
	}
	return nil
}

// job makes the rendering that a drawing of an image asks for.
func (s *Service) job(img charcoal.Image, d Drawing) (charcoal.Rendering, charcoal.Converter, error) {
	if err := d.Options.Validate(); err != nil {
		return charcoal.Rendering{}, nil, invalidOptions(err)
	}
	engine, err := s.engines.named(d.Engine)
	if err != nil {
		return charcoal.Rendering{}, nil, err
	}
	return charcoal.Rendering{
		ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Options: d.Options, Callback: d.Callback,
		Engine: charcoal.EngineName(engine.Engine()), // a default that changes is for those who come after
		Key:    charcoal.KeyOf(d.Options, engine.Engine()),
		State:  charcoal.Queued, Created: s.now(),
	}, engine, nil
}

// invalidOptions points at the option that is wrong.
func invalidOptions(err error) error {
	e := charcoal.Errorf(charcoal.Invalid, "%v", err)
	if option, ok := errors.AsType[*ascii.OptionError](err); ok {
		e.Fields = []charcoal.Field{{Pointer: "/options/" + option.Option, Message: option.Message}}
	}
	return e
}

// admit reserves room in the actor's quotas. Only the first call of settle does anything, so
// giving everything back is deferred: a panic must not leave it reserved.
func (s *Service) admit(ctx context.Context, actor charcoal.Actor, images int, bytes, pixels int64) (settle func(bytes, pixels int64, ok bool), err error) {
	if s.quotas == nil {
		return func(int64, int64, bool) {}, nil
	}
	end, err := s.quotas.Admit(ctx, actor, images, bytes, pixels)
	if err != nil {
		return nil, err
	}
	settled := false
	return func(bytes, pixels int64, ok bool) {
		if settled {
			return
		}
		settled = true
		ctx, cancel := detached(ctx)
		defer cancel()
		if err := end(ctx, bytes, pixels, ok); err != nil {
			s.log.WarnContext(ctx, "a quota could not be settled", "err", err)
		}
	}, nil
}

func pixels(p charcoal.Picture) int64 { return int64(p.Width) * int64(p.Height) }

// paced says of a full queue when there will be room.
func (s *Service) paced(err error) error {
	e, ok := errors.AsType[*charcoal.Error](err)
	if !ok || e.Code != charcoal.Overloaded || s.pace == nil {
		return err
	}
	later := *e
	later.RetryAfter = s.pace.Estimate(max(1, s.cfg.Backlog/10)) // until there is room for more than one
	return &later
}

// probe looks at the first bytes and leaves them to be read.
func probe(engine charcoal.Converter, body *intake) (charcoal.Picture, error) {
	prefix, err := body.Peek(probeBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return charcoal.Picture{}, interrupted(err)
	}
	return engine.Probe(prefix)
}

// keep stores the bytes, then makes image and job visible in one step.
func (s *Service) keep(ctx context.Context, img charcoal.Image, job charcoal.Rendering, body *intake, up Upload) (Submitted, error) {
	size, err := s.blobs.Put(ctx, charcoal.OriginalKey(img.ID), body)
	if err != nil {
		if cause := body.failure(); cause != nil {
			err = cause
		}
		return Submitted{}, fmt.Errorf("storing the original: %w", err)
	}
	img.Size, img.SHA256 = size, body.sum()
	if up.SHA256 != nil && *up.SHA256 != img.SHA256 {
		return Submitted{}, charcoal.Errorf(charcoal.Mismatch, "the bytes that arrived have the SHA-256 %x, not %x as announced; send them again", img.SHA256, *up.SHA256)
	}
	stands, drawn, err := s.store.CommitUpload(ctx, img, job, up.Join)
	if err != nil {
		return Submitted{}, fmt.Errorf("committing the upload: %w", outlived(err))
	}
	if drawn.ID == job.ID {
		s.ring(ctx, job.ID)
	}
	return Submitted{Image: stands, Rendering: drawn, Duplicate: stands.ID != img.ID}, nil
}

// ring wakes a worker. That it fails costs a delay, no more.
func (s *Service) ring(ctx context.Context, rendering charcoal.ID) {
	if err := s.queue.Enqueue(ctx, rendering); err != nil {
		s.log.WarnContext(ctx, "doorbell failed", "rendering", rendering, "err", err)
	}
}

// outlived is about an upload whose row is gone: a sweep took it for dead. A
// NotFound would tell the caller that an address is wrong.
func outlived(err error) error {
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return charcoal.Errorf(charcoal.Unavailable, "the upload took so long that it was given up; send it again").Because(err)
	}
	return err
}

// abandon removes what a failed upload left. Where that fails too, as on a full
// disk, the next sweep tries again.
func (s *Service) abandon(ctx context.Context, image charcoal.ID) {
	ctx, cancel := detached(ctx)
	defer cancel()
	if err := s.discard(ctx, image); err != nil {
		s.log.WarnContext(ctx, "a failed upload is left to the sweep", "image", image, "err", err)
		s.leftovers.add(image)
	}
}

// intake is the body of an upload: bounded, hashed, and with its own errors
// told from those of the storage it is copied to.
type intake struct {
	*bufio.Reader
	src *source
}

type source struct {
	r    io.Reader
	hash hash.Hash
	left int64
	max  int64
	err  error
}

func newIntake(r io.Reader, limit int64) *intake {
	src := &source{r: r, hash: sha256.New(), left: limit, max: limit}
	return &intake{Reader: bufio.NewReaderSize(src, probeBytes), src: src}
}

// Read counts and hashes; one byte over the limit ends it.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.hash.Write(p[:n])
	if s.left -= int64(n); s.left < 0 {
		err = charcoal.OverLimit("the file", s.max, s.max-s.left, "bytes")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// failure returns why the body could not be read to its end, nil when it could.
func (b *intake) failure() error {
	if b.src.err == nil {
		return nil
	}
	return interrupted(b.src.err)
}

func (b *intake) sum() [32]byte { return [32]byte(b.src.hash.Sum(nil)) }

// interrupted classifies an error of the body: one that has a code keeps it,
// the rest is a caller who stopped sending.
func interrupted(err error) error {
	if _, ok := errors.AsType[*charcoal.Error](err); ok {
		return err
	}
	return charcoal.Errorf(charcoal.Malformed, "the body ended before the file was complete").Because(err)
}
