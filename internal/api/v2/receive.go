package v2

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"net/http"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/convert"
)

// received is what became of one file.
type received struct {
	name string
	convert.Submitted
	err error
}

// receive takes in all files. The error is about the request as a whole: that no
// more of it can be read.
func (a *API) receive(b batch, fp fingerprint, take func(convert.Upload) (convert.Submitted, error)) ([]received, error) {
	var all []received
	for {
		in, err := b.next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		one, err := a.takeOne(b.draft, in, fp, take)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
}

func (a *API) takeOne(up convert.Upload, in incoming, fp fingerprint, take func(convert.Upload) (convert.Submitted, error)) (received, error) {
	sum := sha256.New()
	up.Filename, up.SHA256, up.Size, up.Body = or(in.name, up.Filename), in.digest, in.size, io.TeeReader(in.body, sum)
	done, err := take(up)
	switch {
	case in.source != "":
	case errors.Is(err, errNotWanted), err != nil && in.more:
		if err := passOver(in.body, sum, a.cfg.UploadBytes, err); err != nil {
			return received{}, err
		}
	}
	fp.add([]any{up.Filename, in.source})
	if in.source == "" {
		fp.add(sum.Sum(nil))
	}
	return received{charcoal.CleanFilename(up.Filename), done, err}, nil
}

// passOver reads the rest of a file that was not taken, to get at the next and
// to know its digest. What ended the whole body, or is too long, ends the request.
func passOver(body io.Reader, sum hash.Hash, limit int64, cause error) error {
	switch charcoal.CodeOf(cause) {
	case charcoal.TooSlow, charcoal.Malformed, charcoal.Canceled:
		return cause
	}
	n, err := io.CopyN(sum, body, limit+1)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return interrupted(err)
	case errors.Is(cause, errNotWanted):
		return charcoal.OverLimit("the file", limit, n, "bytes")
	}
	return cause
}

// store submits all files and says what became of them.
func (a *API) store(c *call, b batch, fp fingerprint, patience time.Duration) (reply, error) {
	all, err := a.receive(b, fp, func(up convert.Upload) (convert.Submitted, error) {
		return a.Images.Submit(c.r.Context(), up)
	})
	if err != nil {
		return reply{}, err
	}
	b.leave() // who waits does not keep others from sending
	until := time.Now().Add(patience)
	final, stored := true, 0
	for i := range all {
		if all[i].err != nil {
			continue
		}
		stored++
		if err := a.awaitStored(c, &all[i].Submitted, time.Until(until)); err != nil {
			return reply{}, err
		}
		final = final && all[i].Rendering.State.Final()
	}
	status := http.StatusAccepted
	if final && stored > 0 {
		status = http.StatusOK
	}
	if len(all) == 1 {
		return a.oneStored(c, all[0], status)
	}
	return a.manyStored(c, all, status)
}

// awaitStored waits for the rendering of an upload, and takes over what drawing it
// taught of the image.
func (a *API) awaitStored(c *call, s *convert.Submitted, patience time.Duration) error {
	before := s.Rendering.State
	after, err := a.await(c, s.Rendering, patience)
	if err != nil || after.State == before {
		return err
	}
	s.Rendering = after
	img, _, err := a.Images.Image(c.r.Context(), c.actor, s.Image.ID)
	if charcoal.CodeOf(err) == charcoal.NotFound || charcoal.CodeOf(err) == charcoal.Forbidden {
		return nil // deleted meanwhile, or sent with a token that may only write
	}
	if err == nil {
		s.Image = img
	}
	return err
}

func (a *API) oneStored(c *call, one received, status int) (reply, error) {
	if one.err != nil {
		return reply{}, one.err
	}
	view, err := a.view(c.r.Context(), one.Image, one.Rendering)
	view.Duplicate = one.Duplicate
	return reply{status, map[string]string{"Location": imagePath(one.Image.ID)}, view}, err
}

func (a *API) manyStored(c *call, all []received, status int) (reply, error) {
	results := UploadResults{Images: []UploadResult{}}
	for _, one := range all {
		result := UploadResult{Filename: one.name}
		if one.err != nil {
			p := problem.Of(one.err)
			if p.Status >= http.StatusInternalServerError {
				a.Log.ErrorContext(c.r.Context(), "an upload failed", "request_id", requestID(c.w), "err", one.err)
			}
			result.Problem = &p
		} else {
			view, err := a.view(c.r.Context(), one.Image, one.Rendering)
			if err != nil {
				return reply{}, err
			}
			view.Duplicate = one.Duplicate
			result.Image = &view
		}
		results.Images = append(results.Images, result)
	}
	return reply{status: status, value: results}, nil
}
