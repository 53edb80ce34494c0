package sqlite

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// scanner is a row: [database/sql.Row] or the current one of its Rows.
type scanner interface{ Scan(into ...any) error }

const imageColumns = `id, owner, filename, created, size, sha256, format, media_type, width, height, frames, hash,
	title, tags, visibility, expires, deleted, state`

func scanImage(row scanner) (charcoal.Image, error) {
	var img charcoal.Image
	var created, hash, expires, deleted int64
	var sum []byte
	var tags string
	err := row.Scan(&img.ID, &img.Owner, &img.Filename, &created, &img.Size, &sum,
		&img.Format, &img.MediaType, &img.Width, &img.Height, &img.Frames, &hash,
		&img.Title, &tags, &img.Visibility, &expires, &deleted, &img.State)
	if err != nil {
		return charcoal.Image{}, err
	}
	if copy(img.SHA256[:], sum) != len(img.SHA256) {
		return charcoal.Image{}, fmt.Errorf("image %s has a SHA-256 of %d bytes", img.ID, len(sum))
	}
	img.Created, img.Expires, img.Deleted = instant(created), instant(expires), instant(deleted)
	img.Hash, img.Tags = charcoal.PerceptualHash(hash), splitTags(tags)
	return img, nil
}

// Tags are stored one a line; they hold no line breaks.
func joinTags(tags []string) string { return strings.Join(tags, "\n") }

func splitTags(stored string) []string {
	if stored == "" {
		return nil
	}
	return strings.Split(stored, "\n")
}

// renderingColumns ends with what its image knows of the picture: each fact is
// kept once.
const renderingColumns = `id, image_id, owner, options, state, created, started, finished, attempt, failures, losses,
	not_before, worker, lease_until, reason, cols, "rows", engine, convert_time, key, callback, learnt,
	(SELECT format FROM images WHERE images.id = image_id),
	(SELECT media_type FROM images WHERE images.id = image_id),
	(SELECT width FROM images WHERE images.id = image_id),
	(SELECT height FROM images WHERE images.id = image_id),
	(SELECT frames FROM images WHERE images.id = image_id),
	(SELECT hash FROM images WHERE images.id = image_id)`

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

func scanRendering(row scanner) (charcoal.Rendering, error) {
	var r charcoal.Rendering
	var options, key, said []byte
	var created, started, finished, notBefore, leaseUntil, hash int64
	res := &r.Result
	err := row.Scan(&r.ID, &r.ImageID, &r.Owner, &options, &r.State, &created, &started, &finished, &r.Attempt, &r.Failures, &r.Losses,
		&notBefore, &r.Worker, &leaseUntil, &r.Reason, &res.Cols, &res.Rows, &res.Engine, &res.ConvertTime, &key, &r.Callback, &said,
		&res.Format, &res.MediaType, &res.Width, &res.Height, &res.Frames, &hash)
	if err != nil {
		return charcoal.Rendering{}, err
	}
	var asked storedOptions
	if err := json.Unmarshal(options, &asked); err != nil {
		return charcoal.Rendering{}, fmt.Errorf("decode options of rendering %s: %w", r.ID, err)
	}
	var more learnt
	if len(said) > 0 {
		if err := json.Unmarshal(said, &more); err != nil {
			return charcoal.Rendering{}, fmt.Errorf("decode what rendering %s said: %w", r.ID, err)
		}
	}
	copy(r.Key[:], key)
	res.Stages, res.Warnings, res.Hash = more.Stages, more.Warnings, charcoal.PerceptualHash(hash)
	r.Options, r.Engine = asked.Options, asked.Engine
	r.Created, r.Started, r.Finished = instant(created), instant(started), instant(finished)
	r.NotBefore, r.LeaseUntil = instant(notBefore), instant(leaseUntil)
	return visible(r), nil
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
