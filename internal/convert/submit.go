package convert

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// probeBytes is how much of a file the header probe sees. It is what each
// upload under way costs in memory, besides the copy buffer.
const probeBytes = 64 << 10

// Upload is a picture on its way in.
type Upload struct {
	Filename string
	Body     io.Reader // hostile; read to its end at most once
	Options  ascii.Options
	Engine   string // which is to draw it, by name; "" for the default one
}

// Submit stores a picture and queues its first rendering. When it returns nil,
// the image and its job survive a crash and a power loss.
//
// The row is written before the bytes, so whatever a crash leaves behind can be
// found from a row: see [Service.Sweep].
func (s *Service) Submit(ctx context.Context, up Upload) (charcoal.Image, error) {
	if err := up.Options.Validate(); err != nil {
		return charcoal.Image{}, charcoal.Errorf(charcoal.Invalid, "%v", err)
	}
	engine, err := s.engines.named(up.Engine)
	if err != nil {
		return charcoal.Image{}, err
	}
	up.Engine = charcoal.EngineName(engine.Engine()) // a default that changes is for those who come after
	body := newIntake(up.Body, s.cfg.UploadBytes)
	picture, err := probe(engine, body)
	if err != nil {
		return charcoal.Image{}, err
	}
	img := charcoal.Image{
		ID: charcoal.NewID(), Created: s.now(),
		Filename: charcoal.CleanFilename(up.Filename), Picture: picture,
	}
	if err := s.store.BeginUpload(ctx, img, s.cfg.Backlog); err != nil {
		return charcoal.Image{}, fmt.Errorf("reserving the image: %w", err)
	}
	if img, err = s.keep(ctx, img, body, up); err != nil {
		s.abandon(ctx, img.ID)
		return charcoal.Image{}, err
	}
	return img, nil
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
func (s *Service) keep(ctx context.Context, img charcoal.Image, body *intake, up Upload) (charcoal.Image, error) {
	size, err := s.blobs.Put(ctx, charcoal.OriginalKey(img.ID), body)
	if err != nil {
		if cause := body.failure(); cause != nil {
			err = cause
		}
		return img, fmt.Errorf("storing the original: %w", err)
	}
	img.Size, img.SHA256 = size, body.sum()
	job := charcoal.Rendering{
		ID: charcoal.NewID(), ImageID: img.ID, Options: up.Options, Engine: up.Engine,
		State: charcoal.Queued, Created: s.now(),
	}
	if err := s.store.CommitUpload(ctx, img, job); err != nil {
		return img, fmt.Errorf("committing the upload: %w", outlived(err))
	}
	if err := s.queue.Enqueue(ctx, job.ID); err != nil { // costs a delay, no more
		s.log.WarnContext(ctx, "doorbell failed", "rendering", job.ID, "err", err)
	}
	return img, nil
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
