package api

import (
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/http"

	"github.com/charcoal-art/charcoal"
)

// envelope bounds what a form may hold before the file, and again after it: the
// reader of forms keeps it in memory.
const envelope = 64 << 10

// checkLength refuses what is too long by its own word.
func (a *API) checkLength(r *http.Request) error {
	if r.ContentLength > a.cfg.UploadBytes+2*envelope {
		return charcoal.OverLimit("the upload", a.cfg.UploadBytes, r.ContentLength, "bytes")
	}
	return nil
}

// formFile is the multipart field "file", as a stream. Reading it to its end
// proves that the whole form arrived and held no second file, so nothing is
// kept of a body that was cut off anywhere.
type formFile struct {
	form     *multipart.Reader
	part     *multipart.Part
	envelope *allowance
	err      error // how it ended: the form cannot be asked twice
}

// allowance is a reader that may only read so much more.
type allowance struct {
	io.Reader
	left int64
}

var errEnvelope = charcoal.Errorf(charcoal.TooLarge, "the form holds more than %d kB besides the file", envelope/1000)

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errEnvelope
	}
	n, err := a.Reader.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}

const fileField = "file"

// openForm finds the file in a form. The file itself is bounded by who reads it.
func openForm(r *http.Request) (*formFile, error) {
	around := &allowance{Reader: r.Body, left: envelope}
	r.Body = io.NopCloser(around)
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
	around.left = math.MaxInt64
	return &formFile{form: form, part: part, envelope: around}, nil
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
		if _, _, err := mime.ParseMediaType(part.Header.Get("Content-Disposition")); err != nil {
			return nil, charcoal.Errorf(charcoal.Malformed, "a field of the form has a broken Content-Disposition header").Because(err)
		}
	}
}

// broken classifies an error of the form: limits and deadlines say so
// themselves; the rest is a form that is no form.
func broken(err error) error {
	if _, ok := errors.AsType[*charcoal.Error](err); ok || err == io.EOF { //nolint:errorlint // a wrapped EOF is a form cut off
		return err
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
	f.envelope.left = envelope
	_, err := nextFile(f.form)
	if err == nil {
		return errTwoFiles
	}
	return err
}

func (f *formFile) name() string { return f.part.FileName() }
