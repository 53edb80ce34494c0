package postgres

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// imageColumns are those of an image that is called i. Its state is that of its newest
// rendering, which is looked up: so drawing an image does not touch its row.
const imageColumns = storedImageColumns + `, ` + newestState

const storedImageColumns = `i.id, i.owner, i.filename, i.created, i.size, i.sha256, i.format, i.media_type, i.width, i.height, i.frames, i.hash,
	i.title, i.tags, i.visibility, i.expires, i.deleted`

const newestState = `coalesce((SELECT n.state FROM renderings AS n WHERE n.image_id = i.id ORDER BY n.id DESC LIMIT 1), 'queued')`

// storedImage is where a row of imageColumns is read into.
type storedImage struct {
	charcoal.Image
	sum                             []byte
	created, hash, expires, deleted int64
}

func (s *storedImage) into() []any {
	return []any{
		&s.ID, &s.Owner, &s.Filename, &s.created, &s.Size, &s.sum, &s.Format, &s.MediaType, &s.Width, &s.Height, &s.Frames, &s.hash,
		&s.Title, &s.Tags, &s.Visibility, &s.expires, &s.deleted, &s.State,
	}
}

func (s *storedImage) image() (charcoal.Image, error) {
	if copy(s.SHA256[:], s.sum) != len(s.SHA256) {
		return charcoal.Image{}, fmt.Errorf("image %s has a SHA-256 of %d bytes", s.ID, len(s.sum))
	}
	s.Created, s.Expires, s.Deleted = instant(s.created), instant(s.expires), instant(s.deleted)
	s.Hash = charcoal.PerceptualHash(s.hash)
	if len(s.Tags) == 0 {
		s.Tags = nil
	}
	return s.Image, nil
}

func scanImage(row scanner) (charcoal.Image, error) {
	var s storedImage
	if err := row.Scan(s.into()...); err != nil {
		return charcoal.Image{}, err
	}
	return s.image()
}

// renderingColumns are those of a rendering that is called r, and end with what its
// image, i, knows of the picture: each fact is kept once.
const renderingColumns = `r.id, r.image_id, r.owner, r.options, r.state, r.created, r.started, r.finished, r.attempt, r.failures, r.losses,
	r.not_before, r.worker, r.lease_until, r.reason, r.cols, r."rows", r.engine, r.convert_time, r.key, r.callback, r.learnt,
	i.format, i.media_type, i.width, i.height, i.frames, i.hash`

// storedOptions is all that was asked for. (The column engine is who drew it.)
type storedOptions struct {
	ascii.Options
	Engine string `json:"engine,omitempty"`
}

// learnt is what a result says besides its columns.
type learnt struct {
	Stages   charcoal.Stages `json:"stages,omitzero"`
	Warnings []string        `json:"warnings,omitempty"`
}

// storedRendering is where a row of renderingColumns is read into.
type storedRendering struct {
	charcoal.Rendering
	options, key, said                                               []byte
	created, started, finished, notBefore, leaseUntil, convert, hash int64
}

func (s *storedRendering) into() []any {
	res := &s.Result
	return []any{
		&s.ID, &s.ImageID, &s.Owner, &s.options, &s.State, &s.created, &s.started, &s.finished, &s.Attempt, &s.Failures, &s.Losses,
		&s.notBefore, &s.Worker, &s.leaseUntil, &s.Reason, &res.Cols, &res.Rows, &res.Engine, &s.convert, &s.key, &s.Callback, &s.said,
		&res.Format, &res.MediaType, &res.Width, &res.Height, &res.Frames, &s.hash,
	}
}

func (s *storedRendering) rendering() (charcoal.Rendering, error) {
	var asked storedOptions
	if err := json.Unmarshal(s.options, &asked); err != nil {
		return charcoal.Rendering{}, fmt.Errorf("decode options of rendering %s: %w", s.ID, err)
	}
	var more learnt
	if err := json.Unmarshal(s.said, &more); err != nil {
		return charcoal.Rendering{}, fmt.Errorf("decode what rendering %s said: %w", s.ID, err)
	}
	copy(s.Key[:], s.key)
	s.Options, s.Engine = asked.Options, asked.Engine
	s.Created, s.Started, s.Finished = instant(s.created), instant(s.started), instant(s.finished)
	s.NotBefore, s.LeaseUntil = instant(s.notBefore), instant(s.leaseUntil)
	res := &s.Result
	res.Stages, res.Warnings = more.Stages, more.Warnings
	res.Hash, res.ConvertTime = charcoal.PerceptualHash(s.hash), time.Duration(s.convert)
	return visible(s.Rendering), nil
}

func scanRendering(row scanner) (charcoal.Rendering, error) {
	var s storedRendering
	if err := row.Scan(s.into()...); err != nil {
		return charcoal.Rendering{}, err
	}
	return s.rendering()
}

// visible hides what a row keeps but its state gives no meaning to: who made
// the newest attempt (to know the answer to a repeated Finish) and why an
// earlier one failed (to give it back with a Release).
func visible(r charcoal.Rendering) charcoal.Rendering {
	if r.State != charcoal.Running {
		r.Worker, r.LeaseUntil = "", time.Time{}
	}
	if r.State == charcoal.Running || r.State == charcoal.Ready {
		r.Reason = ""
	}
	if r.State != charcoal.Ready {
		r.Result = charcoal.Result{}
	}
	return r
}

// stored is a list for a column without NULL.
func stored[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = string(v)
	}
	return texts
}

// micros is the stored form of a time; none is 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
