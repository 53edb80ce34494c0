package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"unicode"
)

// source is a picture to be sent. With an io.ReaderAt it can be sent again, by
// another reader, while a connection that was given up may still read the one before.
type source struct {
	name string
	r    io.Reader   // when it can be read once
	at   io.ReaderAt // otherwise
	from int64
	size int64 // -1: not known
}

// sourceOf finds out what a reader can do. What begins in the middle is sent from
// there.
func sourceOf(r io.Reader, name string) source {
	s := source{name: name, r: r, size: -1}
	at, ok := r.(io.ReaderAt)
	seeker, seeks := r.(io.Seeker)
	if !ok || !seeks {
		return s
	}
	from, err := seeker.Seek(0, io.SeekCurrent)
	if err != nil { // a pipe
		return s
	}
	end, err := seeker.Seek(0, io.SeekEnd)
	if err != nil || end < from {
		return s
	}
	if _, err = seeker.Seek(from, io.SeekStart); err != nil {
		return s
	}
	s.at, s.from, s.size = at, from, end-from
	return s
}

func (s source) again() bool { return s.at != nil }

func (s source) open() io.Reader {
	if s.at == nil {
		return s.r
	}
	return io.NewSectionReader(s.at, s.from, s.size)
}

// digest is the SHA-256 of a source that can be read again.
func (s source) digest() ([]byte, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, s.open())
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the picture: %w", err)
	case n != s.size:
		return nil, errors.New("the picture changed while it was read")
	}
	return sum.Sum(nil), nil
}

// form is a multipart form whose last part is a picture.
type form struct {
	head, tail  []byte
	contentType string
	file        source
}

// fields are names and values, in their order.
type fields [][2]string

func (f *fields) add(name, value string) {
	if value != "" {
		*f = append(*f, [2]string{name, value})
	}
}

func (f *fields) options(o DrawOptions) error {
	object, err := o.object()
	if err != nil || len(object) == 0 {
		return err
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return fmt.Errorf("encode the options: %w", err)
	}
	f.add("options", string(raw))
	return nil
}

// newForm lays out a form. The digest, where there is one, is on the part of the
// file (RFC 9530, section 2).
func newForm(all fields, file source, digest []byte) (*form, error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, f := range all {
		if err := w.WriteField(f[0], f[1]); err != nil {
			return nil, err
		}
	}
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", multipart.FileContentDisposition("file", headerText(file.name)))
	h.Set("Content-Type", "application/octet-stream") // the server looks at the content
	if digest != nil {
		h.Set("Content-Digest", "sha-256=:"+base64.StdEncoding.EncodeToString(digest)+":")
	}
	if _, err := w.CreatePart(h); err != nil {
		return nil, err
	}
	f := &form{head: bytes.Clone(b.Bytes()), contentType: w.FormDataContentType(), file: file}
	b.Reset()
	if err := w.Close(); err != nil {
		return nil, err
	}
	f.tail = b.Bytes()
	return f, nil
}

// headerText leaves out what a header cannot hold, which the server would leave
// out of a file name anyway.
func headerText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// on gives a call the form as its body.
func (f *form) on(k call, progress func(sent int64)) call {
	if k.header == nil {
		k.header = http.Header{}
	}
	k.header.Set("Content-Type", f.contentType)
	k.once = !f.file.again()
	k.length = -1
	if f.file.size >= 0 {
		k.length = int64(len(f.head)) + f.file.size + int64(len(f.tail))
	}
	k.body = func() io.Reader {
		file := f.file.open()
		if progress != nil {
			file = &counted{r: file, tell: progress}
		}
		return io.MultiReader(bytes.NewReader(f.head), file, bytes.NewReader(f.tail))
	}
	return k
}

// counted tells how much of it was read.
type counted struct {
	r    io.Reader
	n    int64
	tell func(int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if n > 0 {
		c.tell(c.n)
	}
	return n, err
}

// joined is how lists stand in forms and queries.
func joined(list []string) string { return strings.Join(list, ",") }
