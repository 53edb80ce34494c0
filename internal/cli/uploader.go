package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/charcoal-art/charcoal/client"
)

// uploader uploads pictures one by one. It is safe for concurrent use.
type uploader struct {
	client  *client.Client
	options client.UploadOptions
	wait    bool
	again   bool
	journal *journal // nil: nothing is remembered
	stdin   io.Reader
	meter   *meter
	tell    *teller
}

// uploaded is what became of one picture.
type uploaded struct {
	image *client.Image
	sent  bool // its bytes were not there
	err   error
}

func (u *uploader) one(ctx context.Context, c candidate) uploaded {
	file, err := openPicture(c.name, u.stdin)
	if err != nil {
		return uploaded{err: err}
	}
	defer file.Close()
	done := u.put(ctx, c, file)
	if done.err == nil {
		done.err = u.settle(ctx, &done)
	}
	return done
}

// put sees to it that the server has the bytes.
func (u *uploader) put(ctx context.Context, c candidate, file io.ReadSeeker) (done uploaded) {
	e, err := u.identify(c, file)
	if err != nil {
		return uploaded{err: err}
	}
	if done.image, done.err = u.stored(ctx, e); done.image != nil || done.err != nil {
		u.meter.sent(c.size)
	} else {
		done = u.send(ctx, c, e, file)
	}
	if done.err == nil {
		e.Image = done.image.ID
		done.err = u.journal.add(e)
	}
	return done
}

// identify describes a file for the journal: by its digest, which is computed unless
// the file is known not to have changed.
func (u *uploader) identify(c candidate, file io.ReadSeeker) (entry, error) {
	e := entry{Path: c.path}
	if onDisk, ok := file.(*os.File); ok {
		info, err := onDisk.Stat()
		if err != nil {
			return e, err
		}
		e.Size, e.Time, e.SHA256 = info.Size(), info.ModTime(), u.journal.digest(c.path, info)
	}
	if e.SHA256 != "" {
		return e, nil
	}
	sum := sha256.New()
	_, err := io.Copy(sum, file)
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	e.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return e, err
}

// stored returns the image of bytes that were uploaded before, if it is still there.
func (u *uploader) stored(ctx context.Context, e entry) (*client.Image, error) {
	id := u.journal.image(e.SHA256)
	if id == "" || u.again {
		return nil, nil
	}
	img, err := u.client.Image(ctx, id)
	if absent(err) {
		return nil, nil
	}
	return img, err
}

func (u *uploader) send(ctx context.Context, c candidate, e entry, file io.Reader) uploaded {
	o := u.options
	if c.name != "-" {
		o.Filename = filepath.Base(c.name)
	}
	o.SHA256, _ = hex.DecodeString(e.SHA256) // we encoded it, or checked it
	var told atomic.Int64                    // an attempt that was given up may still be read from
	o.Progress = func(sent int64) { u.meter.sent(sent - told.Swap(sent)) }
	img, err := u.client.Upload(ctx, file, o)
	o.Progress(max(c.size, told.Load()))
	if err != nil {
		return uploaded{err: err}
	}
	return uploaded{image: img, sent: !img.Duplicate}
}

// settle says and draws what is asked for of an image that was there before, and
// waits for the drawing.
func (u *uploader) settle(ctx context.Context, done *uploaded) (err error) {
	rendering := done.image.Rendering
	if !done.sent {
		if rendering, err = u.amend(ctx, done); err != nil {
			return err
		}
	}
	if !u.wait || rendering == nil {
		return nil
	}
	if !rendering.State.Final() {
		if rendering, err = u.client.Await(ctx, rendering.ID); err != nil {
			return err
		}
	}
	done.image.Rendering, done.image.State = rendering, rendering.State
	return rendering.Err()
}

func (u *uploader) amend(ctx context.Context, done *uploaded) (*client.Rendering, error) {
	rendering := done.image.Rendering
	if edit, some := u.edit(); some {
		img, err := u.client.Edit(ctx, done.image.ID, edit)
		if err != nil {
			return nil, err
		}
		done.image = img
	}
	if given(u.options.Draw) {
		var err error
		if rendering, err = u.client.Draw(ctx, done.image.ID, u.options.Draw); err != nil {
			return nil, err
		}
	}
	if done.image.Rendering = rendering; rendering != nil {
		done.image.State = rendering.State
	}
	return rendering, nil
}

// edit is what is said about all pictures.
func (u *uploader) edit() (e client.Edit, some bool) {
	if u.options.Title != "" {
		e.Title, some = &u.options.Title, true
	}
	if len(u.options.Tags) > 0 {
		e.Tags, some = u.options.Tags, true
	}
	if u.options.Visibility != "" {
		e.Visibility, some = &u.options.Visibility, true
	}
	if !u.options.Expires.IsZero() {
		e.Expires, some = &u.options.Expires, true
	}
	return e, some
}

// teller tells what becomes of pictures, and counts. It is safe for concurrent use.
type teller struct {
	meter       *meter
	json, quiet bool
	of          int // pictures

	mu                         sync.Mutex
	tried, sent, there, faults int   // pictures; faults may be of what is none
	hopeless                   bool  // the server will take no other either
	output                     error // of writing what was told
}

// uploadReport is a line of JSON.
type uploadReport struct {
	File   string        `json:"file"`
	Status string        `json:"status"` // "uploaded", "stored" (it was there before) or "failed"
	Image  *client.Image `json:"image,omitempty"`
	Error  string        `json:"error,omitempty"`
}

func (t *teller) result(ctx context.Context, c candidate, done uploaded) {
	if ctx.Err() != nil && done.err != nil {
		return // it was broken off, which is told once
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.tried++
	t.meter.finish()
	r := uploadReport{File: c.name, Status: "uploaded", Image: done.image}
	switch {
	case done.err != nil:
		r.Status, r.Error = "failed", errorText(done.err)
		t.faults++
		t.hopeless = t.hopeless || refusesAll(done.err)
		complain(t.meter.stderr, c.name+": "+r.Error)
	case done.sent:
		t.sent++
	default:
		r.Status = "stored"
		t.there++
	}
	t.write(r)
}

// refusesAll reports whether a server that answered so will take no other picture
// either: for lack of rights, or for today.
func refusesAll(err error) bool {
	e, ok := errors.AsType[*client.Error](err)
	return ok && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden || e.Code == "quota_spent")
}

func (t *teller) isHopeless() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.hopeless
}

// fault tells of what could not even be tried.
func (t *teller) fault(err error) {
	t.faults++
	complain(t.meter.stderr, explain(err))
}

func (t *teller) write(r uploadReport) {
	var line string
	switch {
	case t.json:
		raw, err := json.Marshal(r)
		if err != nil {
			t.output = err
		}
		line = string(raw) + "\n"
	case t.quiet, r.Status == "failed":
		return
	default:
		line = r.Image.ID + "  " + oneLine(r.File) + "\n"
	}
	if _, err := io.WriteString(t.meter.stdout, line); err != nil && t.output == nil {
		t.output = fmt.Errorf("write the result: %w", err)
	}
}

// left is how many pictures were not tried.
func (t *teller) left() int { return t.of - t.tried }

// end sums up, and returns an error when not all went well.
func (t *teller) end(ctx context.Context, stderr io.Writer) error {
	if !t.quiet && (t.of > 1 || t.sent+t.there+t.faults > 1) {
		complain(stderr, fmt.Sprintf("%d uploaded, %d there before, %d failed", t.sent, t.there, t.faults))
	}
	if ctx.Err() != nil || t.hopeless && t.left() > 0 {
		return fmt.Errorf("stopped, with %d left; the same command goes on from here", t.left())
	}
	if t.faults > 0 {
		return errors.Join(errReported, t.output)
	}
	return t.output
}
