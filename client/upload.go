package client

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// UploadOptions are what is said about a picture that is uploaded, and how it is
// drawn first.
type UploadOptions struct {
	Filename   string // UploadFile takes that of the file when it is ""
	Title      string
	Tags       []string
	Visibility Visibility // "": private
	Expires    time.Time  // when it is deleted by itself; zero: never
	Draw       DrawOptions

	// SHA256 is the digest of the picture, for those who know it already. nil: the
	// picture is read for it, where it can be read twice.
	SHA256 []byte

	// Wait is how long the answer may take so that the rendering in it is final:
	// up to a minute, in whole seconds. 0 does not wait.
	Wait time.Duration

	// IdempotencyKey names this upload: for a day, the same upload with the same
	// key is carried out once and answered the same. "" makes one at random, so
	// that repeating a call stores the picture once, but each call is an upload.
	IdempotencyKey string

	// Progress is told how many bytes of the picture were read to be sent, by
	// another goroutine. It begins at 0 anew when they have to be sent again. It
	// must be quick, and may still be called shortly after the upload has returned.
	Progress func(sent int64)
}

// Upload stores a picture and has it drawn. The image is durable when it returns;
// its Rendering may still be queued. The same bytes uploaded twice by one account
// are stored once: the second answer is the first image, as a Duplicate.
//
// A reader that is an [io.ReaderAt] and an [io.Seeker], such as a file or a
// [bytes.Reader], is read twice, to announce its digest, and more often when the
// connection fails. Any other is sent once and not announced.
func (c *Client) Upload(ctx context.Context, picture io.Reader, o UploadOptions) (*Image, error) {
	k, err := uploadCall(sourceOf(picture, o.Filename), o)
	if err != nil {
		return nil, err
	}
	img := new(Image)
	if err := c.json(ctx, k, img); err != nil {
		return nil, err
	}
	return img, nil
}

// UploadFile is [Client.Upload] of a file. It must not change meanwhile.
func (c *Client) UploadFile(ctx context.Context, path string, o UploadOptions) (*Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if o.Filename == "" {
		o.Filename = filepath.Base(path)
	}
	return c.Upload(ctx, file, o)
}

// UploadURL has the server fetch a picture, where it does that, and store it as
// [Client.Upload] does. Progress and SHA256 mean nothing here.
func (c *Client) UploadURL(ctx context.Context, source string, o UploadOptions) (*Image, error) {
	body, err := o.object(source)
	if err != nil {
		return nil, err
	}
	k := call{method: http.MethodPost, path: "images", header: http.Header{}}
	k.header.Set("Idempotency-Key", keyOf(o))
	if err := setWait(k.header, o.Wait); err != nil {
		return nil, err
	}
	if k, err = k.withJSON(body); err != nil {
		return nil, err
	}
	img := new(Image)
	if err := c.json(ctx, k, img); err != nil {
		return nil, err
	}
	return img, nil
}

// object is what is said of a picture that the server fetches.
func (o UploadOptions) object(source string) (map[string]any, error) {
	body := map[string]any{"source_url": source}
	for name, text := range map[string]string{"filename": o.Filename, "title": o.Title, "visibility": string(o.Visibility)} {
		if text != "" {
			body[name] = text
		}
	}
	if len(o.Tags) > 0 {
		body["tags"] = o.Tags
	}
	if !o.Expires.IsZero() {
		body["expires_at"] = o.Expires.UTC()
	}
	options, err := o.Draw.object()
	if len(options) > 0 {
		body["options"] = options
	}
	return body, err
}

func uploadCall(file source, o UploadOptions) (call, error) {
	k := call{method: http.MethodPost, path: "images", header: http.Header{}}
	k.header.Set("Idempotency-Key", keyOf(o))
	if err := setWait(k.header, o.Wait); err != nil {
		return k, err
	}
	said, err := o.fields()
	if err != nil {
		return k, err
	}
	digest := o.SHA256
	if file.again() && digest == nil {
		if digest, err = file.digest(); err != nil {
			return k, err
		}
	}
	f, err := newForm(said, file, digest)
	if err != nil {
		return k, fmt.Errorf("make the form: %w", err)
	}
	return f.on(k, o.Progress), nil
}

func keyOf(o UploadOptions) string {
	if o.IdempotencyKey != "" {
		return o.IdempotencyKey
	}
	return rand.Text()
}

func (o UploadOptions) fields() (all fields, err error) {
	for _, tag := range o.Tags {
		if strings.Contains(tag, ",") {
			return nil, fmt.Errorf("the tag %.60q has a comma, which separates tags", tag)
		}
		all.add("tags", tag)
	}
	all.add("title", o.Title)
	all.add("visibility", string(o.Visibility))
	if !o.Expires.IsZero() {
		all.add("expires_at", o.Expires.UTC().Format(time.RFC3339Nano))
	}
	return all, all.options(o.Draw)
}

// maxWait is the longest that a server waits before it answers.
const maxWait = time.Minute

// setWait asks the server to answer once there is a result (RFC 7240, section 4.3).
func setWait(h http.Header, wait time.Duration) error {
	if wait < 0 || wait > maxWait {
		return errors.New("a server waits for up to a minute")
	}
	if wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		h.Set("Prefer", "wait="+strconv.Itoa(seconds))
	}
	return nil
}
