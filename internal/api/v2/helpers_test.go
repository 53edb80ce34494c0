package v2_test

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
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/api"
	"github.com/charcoal-art/charcoal/internal/api/room"
	v2 "github.com/charcoal-art/charcoal/internal/api/v2"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/events"
	"github.com/charcoal-art/charcoal/internal/fairuse"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/hooks"
	"github.com/charcoal-art/charcoal/internal/memqueue"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/internal/outbound"
	"github.com/charcoal-art/charcoal/internal/sqlite"
	"github.com/charcoal-art/charcoal/internal/worker"
	"github.com/charcoal-art/charcoal/raster"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// site is the whole service over the real adapters, in this process.
type site struct {
	t        testing.TB
	http     *httptest.Server
	accounts *account.Service
	store    *sqlite.Store
	stop     context.CancelFunc // begins to stop
	doc      *document
	offset   *atomic.Int64 // of the clock of accounts
	hash     *string       // of the password of all
}

// options changes how a site is set up.
type options struct {
	required bool // everybody has to sign in
	register bool // anybody may make an account
	idle     bool // nothing draws
	quiet    bool // nothing is logged
	fetch    bool // pictures are fetched from URLs, private ones too
	requests int64
	uploads  int // under way at once; 0: 128
	streams  int // of events of one client at once; 0: any number
	quota    charcoal.Quota
}

// limits of the sites: small, so that they are reached.
var limits = raster.Limits{Bytes: 1 << 20, Pixels: 1_000_000}

func newSite(t testing.TB, o options) *site {
	t.Helper()
	s := &site{t: t, offset: new(atomic.Int64), hash: new(string)}
	stopping, stop := context.WithCancel(context.Background())
	s.stop = stop
	log := slog.New(slog.DiscardHandler)
	if !o.quiet {
		log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	data := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(data, "test.db"))
	noError(t, err)
	s.store = store
	blobs, err := fileblob.Open(filepath.Join(data, "blobs"))
	noError(t, err)
	queue := memqueue.New(8)

	hub, err := events.New(t.Context(), events.Config{
		Poll: 100 * time.Millisecond, Buffer: 100, MaxStreams: 10, Retain: time.Hour, Keep: 10_000, Purge: time.Hour, Encode: v2.EncodeEvent,
	}, store, log, time.Now)
	noError(t, err)
	key, err := hooks.OpenKey(filepath.Join(data, "key"))
	noError(t, err)
	client := outbound.New(outbound.Config{Timeout: 5 * time.Second, MaxBytes: limits.Bytes, AllowPrivate: o.fetch})
	webhooks := hooks.New(hooks.Config{Attempts: 1, RetryMin: time.Second, RetryMax: time.Second, Time: time.Second, Slots: 1, Poll: time.Second, Retain: time.Hour, MaxEndpoints: 5},
		hooks.Ports{Store: store, Client: client, Key: key, Log: log, Now: time.Now})
	quotas := fairuse.NewQuotas(store, o.quota, time.Now)
	service := convert.New(convert.Config{
		UploadBytes: limits.Bytes, Backlog: 1000, Lease: time.Minute, MaxFailures: 3, MaxLosses: 3,
		BackoffMin: time.Millisecond, BackoffMax: time.Second, OneShots: 4, BinTime: time.Hour, OnceTime: time.Hour, OnceLease: time.Minute,
	}, convert.Ports{
		Store: store, Catalogue: store, Presets: store, Onces: store, Blobs: blobs, Queue: queue, Log: log, Now: time.Now,
		Quotas: admission{quotas}, Changed: hub.Poke, Converter: nativeengine.New(nativeengine.Config{Raster: limits}),
	})
	s.accounts, err = account.New(account.Options{
		Accounts: store, Open: !o.required, Register: o.register, SessionIdle: time.Hour, SessionTime: time.Hour, AuditTime: time.Hour, Log: log,
		Now: func() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) },
	})
	noError(t, err)
	rates := fairuse.NewLimiter(o.requests, max(o.requests, 1), time.Now)
	space := room.New(stopping, room.Limits{Uploads: cmp.Or(o.uploads, 128), StreamsEach: o.streams, Cells: 4_000_000})
	parts := v2.Parts{
		Images: service, Accounts: s.accounts, Events: hub, Webhooks: webhooks, Quotas: quotas, Rates: rates, Room: space, Log: log,
	}
	if o.fetch {
		parts.Fetcher = client
	}
	proxies, err := clientaddr.ParseProxies("127.0.0.1")
	noError(t, err)
	version := v2.New(v2.Config{
		Version: "v2.0.0", Grid: ascii.Limits{Cols: 2000}, Effort: 1, UploadBytes: limits.Bytes, FetchTime: 5 * time.Second,
		ReadIdle: 10 * time.Second, Features: v2.Features{AuthRequired: o.required, Engines: []string{"native"}},
	}, parts)
	s.http = httptest.NewServer(api.New(api.Config{
		Version: "v2.0.0", Grid: ascii.Limits{Cols: 2000}, UploadBytes: limits.Bytes, UploadTime: time.Minute,
		ReadIdle: 10 * time.Second, WriteTime: time.Minute, Requests: o.requests,
	}, api.Parts{Service: service, Accounts: s.accounts, Limiter: rates, Room: space, V2: version, Log: log, Proxies: proxies}))
	s.http.Client().Transport.(*http.Transport).DisableCompression = true // answers as they are sent
	s.doc = loadDocument(t, s.http.URL)

	working, stopWork := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { hub.Run(working) })
	if !o.idle {
		drawer := worker.New(worker.Config{Name: "w", Slots: 2, Heartbeat: time.Second, Poll: time.Second, Sweep: time.Second, UploadTTL: time.Hour}, service, queue, log, time.Now)
		work.Go(func() { drawer.Run(working, context.Background()) })
	}
	t.Cleanup(func() {
		stop()
		s.http.Close()
		stopWork()
		work.Wait()
		for _, c := range []io.Closer{client, queue, blobs, store} {
			noError(t, c.Close())
		}
	})
	return s
}

// on is the site asked by another test.
func (s *site) on(t testing.TB) *site {
	c := *s
	c.t = t
	return &c
}

// admission lets quotas be what the use cases want of them.
type admission struct{ *fairuse.Quotas }

func (a admission) Admit(ctx context.Context, actor charcoal.Actor, images int, bytes, pixels int64) (func(context.Context, int64, int64, bool) error, error) {
	return a.Quotas.Admit(ctx, actor, images, bytes, pixels)
}

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is a response, read whole.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	body   string
}

// json decodes the body.
func (a answer) json() map[string]any {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("not JSON: %v: %q", err, a.body)
	}
	return v
}

// at returns the value at a path of names and indexes, such as "links.self", or
// "images.0.id"; nil when there is none.
func (a answer) at(path string) any {
	a.t.Helper()
	var v any = a.json()
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

func (a answer) text(path string) string {
	a.t.Helper()
	s, _ := a.at(path).(string)
	return s
}

// want holds a status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status: got %d %.500s, want %d", a.status, a.body, status)
	}
	return a
}

// wantProblem holds a status and the code of a problem.
func (a answer) wantProblem(status int, code string) answer {
	a.t.Helper()
	if a.status != status || a.header.Get("Content-Type") != "application/problem+json" || a.text("code") != code {
		a.t.Fatalf("answer: got %d %s %.500s, want %d %s", a.status, a.header.Get("Content-Type"), a.body, status, code)
	}
	if a.text("request_id") != a.header.Get("X-Request-Id") || a.text("request_id") == "" {
		a.t.Errorf("request_id: got %q, want %q", a.text("request_id"), a.header.Get("X-Request-Id"))
	}
	return a
}

// do asks, and holds the answer against the document.
func (s *site) do(method, path string, body io.Reader, header ...string) answer {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.http.URL+path, body)
	noError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Add(header[i], header[i+1])
	}
	res, err := s.http.Client().Transport.RoundTrip(req) // no redirects, and nothing unpacked that was asked for
	noError(s.t, err)
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	noError(s.t, err)
	a := answer{s.t, res.StatusCode, res.Header, string(got)}
	s.doc.check(s.t, method, req.URL.Path, a)
	return a
}

func (s *site) get(path string, header ...string) answer {
	s.t.Helper()
	return s.do(http.MethodGet, path, nil, header...)
}

// send asks with a JSON body.
func (s *site) send(method, path, body string, header ...string) answer {
	s.t.Helper()
	return s.do(method, path, strings.NewReader(body), append(header, "Content-Type", "application/json")...)
}

// field is one part of a form. With a nil filename it is a plain value.
type field struct {
	name     string
	filename *string
	content  []byte
	header   textproto.MIMEHeader
}

func file(filename string, content []byte) field {
	return field{name: "file", filename: &filename, content: content}
}

func value(name, text string) field { return field{name: name, content: []byte(text)} }

func form(fields ...field) (contentType string, body []byte) {
	var buf bytes.Buffer
	w := multipart.NewWriter(&buf)
	for _, f := range fields {
		h := textproto.MIMEHeader{}
		maps.Copy(h, f.header)
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

func (s *site) post(path string, header []string, fields ...field) answer {
	s.t.Helper()
	contentType, body := form(fields...)
	return s.do(http.MethodPost, path, bytes.NewReader(body), append(header, "Content-Type", contentType)...)
}

// upload sends a picture that must be accepted, waits for its art, and returns its id.
func (s *site) upload(header []string, content []byte, fields ...field) answer {
	s.t.Helper()
	fields = append(fields, file("a.png", content))
	return s.post("/v2/images", append([]string{"Prefer", "wait=30"}, header...), fields...).want(http.StatusOK)
}

// picture is a PNG with a slope from black to white.
func picture(t testing.TB, width, height int) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetGray(x, y, color.Gray{Y: uint8(255 * x / width)})
		}
	}
	var buf bytes.Buffer
	noError(t, png.Encode(&buf, img))
	return buf.Bytes()
}

// user makes an account and returns the header that signs it in.
func (s *site) user(name string, role charcoal.Role) (charcoal.User, []string) {
	s.t.Helper()
	u, err := s.accounts.AddUser(s.t.Context(), account.CommandLine(), name, password, role)
	noError(s.t, err)
	return u, s.token(u, time.Time{}, charcoal.Scopes()[:3+b2i(role == charcoal.RoleAdmin)]...)
}

const password = "correct horse battery"

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// token makes a token of a user and returns the header that brings it.
func (s *site) token(u charcoal.User, expires time.Time, scopes ...charcoal.Scope) []string {
	s.t.Helper()
	who := account.Caller{Actor: charcoal.Actor{User: u.ID, Name: u.Name, Role: u.Role, Scopes: charcoal.Scopes(), Via: "session"}}
	secret, _, err := s.accounts.MakeToken(s.t.Context(), who, account.TokenRequest{Name: "test", Scopes: scopes, Expires: expires})
	noError(s.t, err)
	return []string{"Authorization", "Bearer " + secret}
}

func newServer(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}
