package api_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/api/room"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/memqueue"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/internal/sqlite"
	"github.com/charcoal-art/charcoal/internal/worker"
	"github.com/charcoal-art/charcoal/raster"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is the API over the real adapters, in this process.
type site struct {
	t    *testing.T
	http *httptest.Server
	stop context.CancelFunc // begins to stop
	data string
}

// options changes how a site is set up.
type options struct {
	api     func(*api.Config)
	parts   func(*api.Parts)
	convert func(*convert.Config)
	idle    bool // no worker
	uploads int  // under way at once; 0: 8
}

func newSite(t *testing.T, o options) *site {
	t.Helper()
	stopping, stop := context.WithCancel(t.Context())
	s := &site{t: t, stop: stop, data: t.TempDir()}
	store, err := sqlite.Open(t.Context(), filepath.Join(s.data, "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := fileblob.Open(filepath.Join(s.data, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	queue := memqueue.New(4)
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	limits := raster.Limits{Bytes: 1 << 20, Pixels: 1_000_000}
	rules := convert.Config{
		UploadBytes: limits.Bytes, Backlog: 100, Lease: time.Minute,
		MaxFailures: 3, MaxLosses: 3, BackoffMin: time.Millisecond, BackoffMax: time.Second,
	}
	if o.convert != nil {
		o.convert(&rules)
	}
	service := convert.New(rules, convert.Ports{
		Store: store, Catalogue: store, Presets: store, Onces: store, Blobs: blobs, Queue: queue, Log: log, Now: time.Now,
		Converter: nativeengine.New(nativeengine.Config{Raster: limits}),
		Others:    []charcoal.Converter{painter{nativeengine.New(nativeengine.Config{Raster: limits})}},
	})
	serving := api.Config{
		Version: "v1.2.3", Commit: "abc", Grid: ascii.Limits{Cols: 2000}, UploadBytes: limits.Bytes,
		UploadTime: time.Minute, ReadIdle: 10 * time.Second, WriteTime: time.Minute,
	}
	if o.api != nil {
		o.api(&serving)
	}
	parts := api.Parts{Service: service, Room: room.New(stopping, room.Limits{Uploads: cmp.Or(o.uploads, 8), Cells: 4_000_000}), Log: log}
	if o.parts != nil {
		o.parts(&parts)
	}
	s.http = httptest.NewServer(api.New(serving, parts))
	taking, stopTaking := context.WithCancel(context.Background())
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		if !o.idle {
			worker.New(worker.Config{
				Name: "w", Slots: 1, Heartbeat: time.Second, Poll: time.Second, Sweep: time.Second, UploadTTL: time.Hour,
			}, service, queue, log, time.Now).Run(taking, context.Background())
		}
	}()
	t.Cleanup(func() {
		s.http.Close()
		stopTaking()
		<-worked
		for _, c := range []io.Closer{queue, blobs, store} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

// painter is an engine beside the native one, which draws like it.
type painter struct{ charcoal.Converter }

func (painter) Engine() string { return "painter/2.1" }

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("not JSON: %v: %q", err, a.body)
	}
	return v
}

func (s *site) do(method, path string, body io.Reader, header ...string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := s.http.Client().Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(got)}
}

func (s *site) get(path string, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, header...)
}

// field is one part of a form. With a nil filename it is a plain value.
type field struct {
	name     string
	filename *string
	content  []byte
}

func file(filename string, content []byte) field { return field{"file", &filename, content} }

func form(fields ...field) (contentType string, body []byte) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, f := range fields {
		h := textproto.MIMEHeader{}
		disposition := fmt.Sprintf(`form-data; name=%q`, f.name)
		if f.filename != nil {
			escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "%0D", "\n", "%0A").Replace(*f.filename)
			disposition += `; filename="` + escaped + `"`
		}
		h.Set("Content-Disposition", disposition)
		part, _ := w.CreatePart(h) // writing to memory cannot fail
		_, _ = part.Write(f.content)
	}
	_ = w.Close()
	return w.FormDataContentType(), buf.Bytes()
}

func (s *site) post(path string, fields ...field) answer {
	s.t.Helper()
	contentType, body := form(fields...)
	return s.do(http.MethodPost, path, bytes.NewReader(body), "Content-Type", contentType)
}

// upload sends a picture that must be accepted and returns its id.
func (s *site) upload(path, name string, content []byte) string {
	s.t.Helper()
	res := s.post(path, file(name, content))
	if res.status != http.StatusOK {
		s.t.Fatalf("upload: got %d %s", res.status, res.body)
	}
	v := res.json(s.t)
	id, _ := v["image_id"].(string)
	if len(v) != 1 || id == "" {
		s.t.Fatalf("upload: got %s, want only an image_id", res.body)
	}
	return id
}

// picture is a PNG with a slope from black to white.
func picture(t *testing.T, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{Y: uint8(255 * x / width)})
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func newServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}
