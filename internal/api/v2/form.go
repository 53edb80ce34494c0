package v2

import (
	"errors"
	"io"
	"math"
	"mime/multipart"
	"net/http"
	"net/url"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// What a form may hold, against those that are made to cost memory or time.
const (
	envelope  = 64 << 10 // bytes besides the files: before the first one, and again after each
	maxFields = 64
	maxFiles  = 100
	maxField  = 32 << 10 // bytes of one field
)

const fileField = "file"

// form reads a multipart form as a stream: fields first, then files. The stream
// of a file ends well only when what follows it could be read, so that nothing
// is kept of a file after which the form was cut off.
type form struct {
	parts  *multipart.Reader
	around *allowance
	known  *schema.Schema // its properties are the fields there may be
	fields url.Values
	count  int // of fields
	files  int
	next   *multipart.Part // the file that comes next
	err    error           // how it ended: io.EOF when all is well
}

// allowance is a reader that may only read so much more.
type allowance struct {
	io.Reader
	left int64
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, charcoal.Errorf(charcoal.TooLarge, "the form holds more than %d kB besides the files", envelope/1000)
	}
	n, err := a.Reader.Read(p[:min(int64(len(p)), a.left)])
	a.left -= int64(n)
	return n, err
}

// openForm reads the fields of a form up to its first file.
func openForm(r *http.Request, known *schema.Schema) (*form, error) {
	f := &form{around: &allowance{Reader: r.Body, left: envelope}, known: known, fields: make(url.Values)}
	r.Body = io.NopCloser(f.around)
	var err error
	if f.parts, err = r.MultipartReader(); err != nil {
		return nil, charcoal.Errorf(charcoal.Malformed, "the multipart form has no boundary").Because(err)
	}
	f.advance()
	switch {
	case errors.Is(f.err, io.EOF):
		return nil, errNoFile()
	case f.err != nil:
		return nil, f.err
	}
	return f, nil
}

func errNoFile() error {
	return invalid("form:file", `no file: send the picture as the multipart field "file", as in curl -F file=@cat.jpg`)
}

// advance goes to the next file, reading the fields before it.
func (f *form) advance() {
	f.next = nil
	for f.err == nil {
		part, err := f.parts.NextRawPart()
		if err != nil {
			f.err = brokenForm(err)
			return
		}
		if part.FormName() == fileField {
			f.err = f.begin(part)
			return
		}
		f.err = f.field(part)
	}
}

func (f *form) begin(part *multipart.Part) error {
	if f.files++; f.files > maxFiles {
		return charcoal.OverLimit("the number of files in one request", maxFiles, int64(f.files), "files")
	}
	f.next = part
	return nil
}

func (f *form) field(part *multipart.Part) error {
	name := part.FormName()
	if f.count++; f.count > maxFields {
		return charcoal.OverLimit("the number of fields in the form", maxFields, int64(f.count), "fields")
	}
	if f.known.Property(name) == nil {
		return issuesError(unknownNames(map[string]any{name: true}, append([]string{fileField}, f.known.Names()...)), "form:")
	}
	if f.files > 0 {
		return invalid("form:"+name, "the field %s comes after a file; send the fields before the files", name)
	}
	value, err := io.ReadAll(io.LimitReader(part, maxField+1))
	switch {
	case err != nil:
		return brokenForm(err)
	case len(value) > maxField:
		return charcoal.OverLimit("the field "+name, maxField, int64(len(value)), "bytes")
	}
	f.fields.Add(name, string(value))
	return nil
}

// where is how pointers to options begin: in the query when the form has none.
func (f *form) where() string {
	if f.count == 0 {
		return "query:"
	}
	return "form:"
}

// brokenForm classifies an error of the form: limits and deadlines say so
// themselves; the rest is a form that is no form.
func brokenForm(err error) error {
	if _, ok := errors.AsType[*charcoal.Error](err); ok || err == io.EOF { //nolint:errorlint // a wrapped EOF is a form cut off
		return err
	}
	return charcoal.Errorf(charcoal.Malformed, "the multipart form is broken or was cut off").Because(err)
}

// file hands out the next file, or io.EOF. The one before was read to its end, or
// as far as was of interest.
func (f *form) file() (*formFile, error) {
	if f.next == nil {
		return nil, f.err
	}
	f.around.left = math.MaxInt64 // who reads the file bounds it
	return &formFile{form: f, part: f.next}, nil
}

// formFile is one file of a form.
type formFile struct {
	form *form
	part *multipart.Part
	only bool  // there must be no other
	err  error // how it ended
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
		f.err = brokenForm(err)
		f.form.next, f.form.err = nil, f.err
	}
	return n, f.err
}

// finish looks at what follows: io.EOF when all is well so far.
func (f *formFile) finish() error {
	f.form.around.left = envelope
	f.form.advance()
	switch {
	case f.form.next != nil && f.only:
		return invalid("form:file", `more than one field "file": send one picture a request`)
	case f.form.next != nil:
		return io.EOF
	}
	return f.form.err
}
