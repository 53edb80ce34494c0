package s3blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

func TestServerAwayAndBack(t *testing.T) {
	t.Parallel()
	loc := newBucket(t, &s3)
	proxy := testservers.NewProxy(t, s3.Addr(t))
	b := open(t, at(loc, proxy.Addr))
	key := newKey()
	put(t, b, key, "kept")

	proxy.Away()
	for name, do := range map[string]func() error{
		"put":    func() error { _, err := b.Put(t.Context(), newKey(), strings.NewReader("x")); return err },
		"open":   func() error { _, err := b.Open(t.Context(), key); return err },
		"delete": func() error { return b.Delete(t.Context(), key) },
		"check":  func() error { return b.Check(t.Context()) },
	} {
		wantCode(t, name+" while the server is away", do(), charcoal.Unavailable)
	}
	proxy.Back()
	wantContent(t, b, key, "kept")
	if err := b.Check(t.Context()); err != nil {
		t.Errorf("check after the server is back: %v", err)
	}
}

func TestServerRestarts(t *testing.T) {
	t.Parallel()
	var own testservers.S3
	t.Cleanup(own.Stop)
	b := open(t, newBucket(t, &own))
	key := newKey()
	put(t, b, key, "kept")
	own.Halt(t)
	_, err := b.Open(t.Context(), key)
	wantCode(t, "open while the server is stopped", err, charcoal.Unavailable)
	own.Resume(t)
	wantContent(t, b, key, "kept")
}

// TestContextEndsRequests has a server that never answers, and a caller who gives
// up.
func TestContextEndsRequests(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := through(t, newBucket(t, &s3), func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		cancel()
		<-r.Context().Done()
	})
	_, err := b.Put(ctx, newKey(), strings.NewReader(""))
	wantCode(t, "put", err, charcoal.Canceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("put: got %v, want %v in the chain", err, context.Canceled)
	}
}

// signal calls read at its end.
type signal struct {
	io.Reader
	read func()
}

func (s *signal) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil {
		s.read()
	}
	return n, err
}

func TestSlowServer(t *testing.T) {
	t.Parallel()
	loc := newBucket(t, &s3)
	proxy := testservers.NewProxy(t, s3.Addr(t))
	b := open(t, at(loc, proxy.Addr))
	proxy.Slow(10 * time.Millisecond)
	key, data := newKey(), randomText(3*ahead)
	put(t, b, key, data)
	wantContent(t, b, key, data)
}

// TestAnswersCutHalfWay cuts the connection at many places of answers.
func TestAnswersCutHalfWay(t *testing.T) {
	t.Parallel()
	loc := newBucket(t, &s3)
	proxy := testservers.NewProxy(t, s3.Addr(t))
	b := open(t, at(loc, proxy.Addr))
	key, data := newKey(), randomText(3*ahead+12_345)
	put(t, b, key, data)
	for _, after := range []int64{1, 100, 5_000, ahead, ahead + 1, 2 * ahead} {
		proxy.CutAnswer(after)
		wantContent(t, b, key, data)
	}
	proxy.CutAnswer(1)
	other := newKey()
	put(t, b, other, data)
	wantContent(t, b, other, data)
}

// gateway is a server in front of the real one that breaks some requests.
type gateway struct {
	forward http.Handler
	fault   func(w http.ResponseWriter, r *http.Request, forward http.Handler)
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) { g.fault(w, r, g.forward) }

// through makes blobs behind a gateway.
func through(t *testing.T, loc Location, fault func(http.ResponseWriter, *http.Request, http.Handler)) *Blobs {
	t.Helper()
	forward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(loc.Endpoint)
		r.Out.Host = r.In.Host // it is signed
	}, ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }}
	server := httptest.NewServer(&gateway{forward, fault})
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return open(t, at(loc, u.Host))
}

// first breaks the first n requests that match.
func first(n int64, match func(*http.Request) bool, broken http.HandlerFunc) func(http.ResponseWriter, *http.Request, http.Handler) {
	var seen atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
		if match(r) && seen.Add(1) <= n {
			broken(w, r)
			return
		}
		forward.ServeHTTP(w, r)
	}
}

func every(*http.Request) bool { return true }

func method(name string) func(*http.Request) bool {
	return func(r *http.Request) bool { return r.Method == name }
}

func answer(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		if code != "" {
			_, _ = io.WriteString(w, "<Error><Code>"+code+"</Code><Message>no</Message></Error>")
		}
	}
}

func TestPassingFaultsAreRetried(t *testing.T) {
	for _, test := range []struct {
		name   string
		broken http.HandlerFunc
	}{
		{"500", answer(500, "InternalError")},
		{"500 without a body", answer(500, "")},
		{"503", answer(503, "SlowDown")},
		{"429", answer(429, "")},
		{"502 of a proxy between", answer(502, "")},
		{"a damaged body", answer(400, "XAmzContentSHA256Mismatch")},
		{"a body that came too slowly", answer(400, "RequestTimeout")},
		{"no answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			loc := newBucket(t, &s3)
			for _, m := range []string{http.MethodPut, http.MethodPost, http.MethodGet, http.MethodDelete} {
				b := through(t, loc, first(2, method(m), test.broken))
				key, data := newKey(), randomText(partSize+1)
				put(t, b, key, data)
				wantContent(t, b, key, data)
				if err := b.Delete(t.Context(), key); err != nil {
					t.Errorf("delete with a broken %s: %v", m, err)
				}
			}
		})
	}
}

func TestLastingFaults(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		code   string
		want   charcoal.Code
	}{
		{"out of order", 500, "InternalError", charcoal.Unavailable},
		{"overloaded", 503, "SlowDown", charcoal.Unavailable},
		{"not for us", 403, "AccessDenied", charcoal.Unavailable},
		{"no bucket", 404, "NoSuchBucket", charcoal.Unavailable},
		{"a full disk", 507, "InsufficientStorage", charcoal.StorageFull},
		{"a quota", 403, "QuotaExceeded", charcoal.StorageFull},
		{"a fault of ours", 400, "InvalidArgument", charcoal.Internal},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			loc := newBucket(t, &s3)
			broken := through(t, loc, first(1<<40, every, answer(test.status, test.code)))
			key := newKey()
			_, err := broken.Put(t.Context(), key, strings.NewReader("x"))
			wantCode(t, "put", err, test.want)
			if strings.Contains(charcoal.Message(err), loc.Bucket) {
				t.Errorf("the message %q tells people about the bucket", charcoal.Message(err))
			}
			_, err = open(t, loc).Open(t.Context(), key)
			wantCode(t, "open", err, charcoal.NotFound)
		})
	}
}

// TestLostAnswers does what is asked and then cuts the connection, as a server does
// that dies at the wrong moment.
func TestLostAnswers(t *testing.T) {
	for _, m := range []string{http.MethodPut, http.MethodPost, http.MethodDelete} {
		t.Run(m, func(t *testing.T) {
			t.Parallel()
			loc := newBucket(t, &s3)
			var lost atomic.Int64
			b := through(t, loc, func(w http.ResponseWriter, r *http.Request, forward http.Handler) {
				if r.Method == m && lost.Add(1)%2 == 1 { // every request the first time it is made
					forward.ServeHTTP(httptest.NewRecorder(), r)
					panic(http.ErrAbortHandler)
				}
				forward.ServeHTTP(w, r)
			})
			for _, size := range []int{1000, 2*partSize + 1} {
				key, data := newKey(), randomText(size)
				put(t, b, key, data)
				wantContent(t, b, key, data)
				if err := b.Delete(t.Context(), key); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestFailedUploadsLeaveNoParts(t *testing.T) {
	cut := errors.New("cut off")
	for _, test := range []struct {
		name string
		r    io.Reader
		want error
	}{
		{"in the second part", io.MultiReader(strings.NewReader(randomText(partSize+1000)), iotest.ErrReader(cut)), cut},
		{"after two whole parts", io.MultiReader(strings.NewReader(randomText(2*partSize)), iotest.ErrReader(cut)), cut},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := open(t, newBucket(t, &s3))
			key := newKey()
			if _, err := b.Put(t.Context(), key, test.r); !errors.Is(err, test.want) || charcoal.CodeOf(err) != charcoal.Internal {
				t.Errorf("got %v, want the reader's error and no code", err)
			}
			wantNothing(t, b, key)
		})
	}
	t.Run("the context ends", func(t *testing.T) {
		t.Parallel()
		b := open(t, newBucket(t, &s3))
		ctx, cancel := context.WithCancel(t.Context())
		key := newKey()
		_, err := b.Put(ctx, key, io.MultiReader(strings.NewReader(randomText(partSize+1000)), &signal{strings.NewReader(""), cancel}, neverEnding{}))
		wantCode(t, "put", err, charcoal.Canceled)
		wantNothing(t, b, key)
	})
	t.Run("the server fails in the middle", func(t *testing.T) {
		t.Parallel()
		loc := newBucket(t, &s3)
		secondPart := func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" }
		b := through(t, loc, first(1<<40, secondPart, answer(503, "SlowDown")))
		key := newKey()
		_, err := b.Put(t.Context(), key, strings.NewReader(randomText(partSize+1)))
		wantCode(t, "put", err, charcoal.Unavailable)
		wantNothing(t, open(t, loc), key)
	})
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) { return len(p), nil }

// TestAbortStale finds the parts of a process that died.
func TestAbortStale(t *testing.T) {
	t.Parallel()
	loc := newBucket(t, &s3)
	loc.Prefix = "below/"
	b := open(t, loc)
	m := &multipart{Blobs: b, key: b.prefix + newKey(), name: "x"}
	if err := m.begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name   string
		before time.Time
		want   int
	}{
		{"young", time.Now().Add(-time.Hour), 0},
		{"old", time.Now().Add(time.Hour), 1},
		{"gone", time.Now().Add(time.Hour), 0},
	} {
		if got, err := b.AbortStale(t.Context(), test.before); err != nil || got != test.want {
			t.Errorf("%s: got %d uploads aborted and error %v, want %d", test.name, got, err, test.want)
		}
	}
}

func TestFullStorage(t *testing.T) {
	own := testservers.S3{Dir: conformance.SmallDisk(t, 4<<20)}
	t.Cleanup(own.Stop)
	conformance.FullBlobs(t, open(t, newBucket(t, &own)))
}

func TestFullScratch(t *testing.T) {
	b := open(t, newBucket(t, &s3))
	b.scratch = conformance.SmallDisk(t, 1<<20)
	key := newKey()
	_, err := b.Put(t.Context(), key, strings.NewReader(randomText(2<<20)))
	wantCode(t, "put", err, charcoal.StorageFull)
	wantNothing(t, b, key)
	small := randomText(500_000)
	put(t, b, key, small) // fits only when nothing was left behind
	wantContent(t, b, key, small)
}

// TestStoredAgainWhileRead holds that a large blob is never read as a mixture.
func TestStoredAgainWhileRead(t *testing.T) {
	t.Parallel()
	b := open(t, newBucket(t, &s3))
	key, old := newKey(), randomText(3*ahead)
	put(t, b, key, old)
	blob, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, b, key, randomText(3*ahead))
	got, err := io.ReadAll(blob)
	wantCode(t, "read", err, charcoal.Unavailable)
	if string(got) != old[:len(got)] {
		t.Error("got a mixture of old and new bytes")
	}
}

// TestServersThatLie has answers that no honest server gives. None may be taken
// for the blob, or reserve what it announces.
func TestServersThatLie(t *testing.T) {
	const modified = "Mon, 02 Jan 2006 15:04:05 GMT"
	for _, test := range []struct {
		name, contentRange, length string
		status                     int
	}{
		{"another range", "bytes 5-9/10", "5", 206},
		{"no range", "nonsense", "5", 206},
		{"a size below its range", "bytes 0-9/-1", "5", 206},
		{"a size of exabytes", "bytes 0-9/9223372036854775807", "5", 206},
		{"a length of exabytes", "", "9223372036854775807", 200},
		{"no length", "", "", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := through(t, Location{Bucket: "bucket", Endpoint: &url.URL{}, Region: "x", PathStyle: true},
				func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
					w.Header().Set("Last-Modified", modified)
					if test.contentRange != "" {
						w.Header().Set("Content-Range", test.contentRange)
					}
					if test.length != "" {
						w.Header().Set("Content-Length", test.length)
					}
					w.WriteHeader(test.status)
					_, _ = io.WriteString(w, "12345")
					_ = http.NewResponseController(w).Flush()
					panic(http.ErrAbortHandler)
				})
			_, err := b.Open(t.Context(), newKey())
			wantCode(t, "open", err, charcoal.Unavailable)
		})
	}
}

func newKey() string { return charcoal.OriginalKey(charcoal.NewID()) }

// randomText is n bytes that repeat nowhere.
func randomText(n int) string {
	text := make([]byte, n)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(charcoal.NewID().String()))).Read(text)
	return string(text)
}

func put(t *testing.T, b *Blobs, key, data string) {
	t.Helper()
	if n, err := b.Put(t.Context(), key, strings.NewReader(data)); err != nil || n != int64(len(data)) {
		t.Fatalf("put: got %d bytes stored and error %v, want %d", n, err, len(data))
	}
}

func wantContent(t *testing.T, b *Blobs, key, want string) {
	t.Helper()
	blob, err := b.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(blob)
	if err != nil || string(got) != want || blob.Size() != int64(len(want)) {
		t.Fatalf("got %d bytes of %d and error %v, want the %d that were put", len(got), blob.Size(), err, len(want))
	}
}

// wantNothing fails the test when anything of a key is visible, or parts of it
// are left.
func wantNothing(t *testing.T, b *Blobs, key string) {
	t.Helper()
	_, err := b.Open(t.Context(), key)
	wantCode(t, "open", err, charcoal.NotFound)
	for upload := range b.core.ListIncompleteUploads(t.Context(), b.bucket, "", true) {
		t.Errorf("got an unfinished upload of %s (error %v), want none", upload.Key, upload.Err)
	}
}

func wantCode(t *testing.T, doing string, err error, want charcoal.Code) {
	t.Helper()
	if err == nil || charcoal.CodeOf(err) != want {
		t.Errorf("%s: got %v, want code %q", doing, err, want)
	}
}
