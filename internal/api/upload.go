package api

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"time"

	"github.com/charcoal-art/charcoal"
)

// envelope is what a multipart body may hold besides the file.
const envelope = 1 << 20

// admit takes a place for an upload and returns how to give it back.
func (a *API) admit() (leave func(), err error) {
	if a.stopping() {
		return nil, errDraining
	}
	select {
	case a.uploads <- struct{}{}:
		return func() { <-a.uploads }, nil
	default:
		return nil, charcoal.Errorf(charcoal.Overloaded,
			"%d uploads are under way, which is the limit; try again shortly", a.cfg.Uploads)
	}
}

// body returns the request's body, bounded in size and time.
func (a *API) body(w http.ResponseWriter, r *http.Request) (*timedBody, error) {
	limit := a.cfg.UploadBytes + envelope
	if r.ContentLength > limit {
		return nil, charcoal.OverLimit("the upload", a.cfg.UploadBytes, r.ContentLength, "bytes")
	}
	return &timedBody{
		ReadCloser: http.MaxBytesReader(w, r.Body, limit),
		control:    http.NewResponseController(w), idle: a.cfg.ReadIdle,
		end: time.Now().Add(a.cfg.UploadTime),
	}, nil
}

// timedBody moves the read deadline along with the data: a client may be slow,
// but not silent, and not for ever.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
	idle    time.Duration
	end     time.Time
	set     time.Time // when the deadline was moved last
	err     error     // how reading ended
}

func (b *timedBody) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(b.set) > b.idle/8 { // not a system call for each read
		b.set = now
		_ = b.control.SetReadDeadline(earlier(now.Add(b.idle), b.end)) // not every connection has one
	}
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = charcoal.Errorf(charcoal.Malformed, "the upload was too slow: nothing came for %s, or it took too long altogether", b.idle)
	}
	b.err = err
	return n, err
}

// finish lifts the deadline of a body that was read to its end. Of one that was
// refused it takes in what still comes, within reason: a client that is still
// sending would otherwise see a broken connection in place of the answer. There
// the deadline stays, since the server itself reads on before it answers.
func (b *timedBody) finish(refused bool) {
	if !refused {
		_ = b.control.SetReadDeadline(time.Time{})
		return
	}
	_ = b.control.SetReadDeadline(time.Now().Add(lingerTime))
	if b.err == nil { // there may be more
		_, _ = io.CopyN(io.Discard, b.ReadCloser, lingerBytes)
	}
}

const (
	lingerTime  = 5 * time.Second
	lingerBytes = 16 << 20
)

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// formFile is the multipart field "file", as a stream. Reading it to its end
// proves that the whole form arrived and held no second file, so nothing is
// kept of a body that was cut off anywhere.
type formFile struct {
	form *multipart.Reader
	part *multipart.Part
	err  error // how it ended: the form cannot be asked twice
}

const fileField = "file"

// openForm finds the file in a form.
func openForm(body io.Reader, r *http.Request) (*formFile, error) {
	r.Body = io.NopCloser(body)
	form, err := r.MultipartReader()
	if err != nil {
		return nil, errNoFile.Because(err)
	}
	part, err := nextFile(form)
	if errors.Is(err, io.EOF) {
		return nil, errNoFile
	}
	if err != nil {
		return nil, err
	}
	return &formFile{form: form, part: part}, nil
}

var (
	errNoFile   = charcoal.Errorf(charcoal.Invalid, `no file: send the picture as the multipart field "file", as in curl -F file=@cat.jpg`)
	errTwoFiles = charcoal.Errorf(charcoal.Invalid, `more than one field "file": send one picture a request`)
)

// nextFile skips to the next part of the name, io.EOF when there is none.
func nextFile(form *multipart.Reader) (*multipart.Part, error) {
	for {
		part, err := form.NextRawPart()
		if err != nil {
			return nil, broken(err)
		}
		if part.FormName() == fileField {
			return part, nil
		}
	}
}

// broken classifies an error of the form: limits and deadlines say so
// themselves; the rest is a form that is no form.
func broken(err error) error {
	if _, ok := errors.AsType[*charcoal.Error](err); ok || err == io.EOF { //nolint:errorlint // a wrapped EOF is a form cut off
		return err
	}
	if tooBig, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return charcoal.OverLimit("the upload", tooBig.Limit-envelope, tooBig.Limit+1, "bytes")
	}
	return charcoal.Errorf(charcoal.Malformed, "the multipart form is broken or was cut off").Because(err)
}

func (f *formFile) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.part.Read(p)
	switch {
	case errors.Is(err, io.EOF):
		f.err = f.finish()
	case err != nil:
		f.err = broken(err)
	}
	return n, f.err
}

// finish reads the form to its end: io.EOF when all is well.
func (f *formFile) finish() error {
	_, err := nextFile(f.form)
	if err == nil {
		return errTwoFiles
	}
	return err
}

func (f *formFile) name() string { return f.part.FileName() }
