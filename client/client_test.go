package client

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// local sends requests to a handler in this process, so that time in a bubble of
// synctest is the only time there is.
type local struct{ http.Handler }

func (l local) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	w := httptest.NewRecorder()
	in := r.Clone(r.Context())
	if in.Body == nil {
		in.Body = http.NoBody
	}
	l.ServeHTTP(w, in)
	return w.Result(), nil
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// talkTo returns a client of a handler.
func talkTo(t *testing.T, h http.HandlerFunc, o Options) *Client {
	t.Helper()
	o.HTTPClient = &http.Client{Transport: local{h}}
	c, err := New("http://charcoal.example", o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"status":%d,"code":%q,"detail":"No."}`, status, code)
}

func TestNewRefusesAddresses(t *testing.T) {
	for _, address := range []string{"", "charcoal.example", "ftp://charcoal.example", "http://", "http://u:secret@h", "http://h?x=1", "http://h#x", "http://h:x", "\x00"} {
		if _, err := New(address, Options{}); err == nil {
			t.Errorf("%q: got no error", address)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error shows the password: %v", address, err)
		}
	}
	if _, err := New("http://h", Options{Token: "a\r\nX: b"}); err == nil {
		t.Error("a token that breaks the header: got no error")
	}
}

func TestRequests(t *testing.T) {
	tests := []struct {
		name    string
		address string
		options Options
		do      func(context.Context, *Client) error
		want    string // method, address, and headers that matter
	}{
		{
			"a token", "http://h", Options{Token: "chr_x", Name: "ann", UserAgent: "test"},
			func(ctx context.Context, c *Client) error { _, err := c.Image(ctx, "1"); return err },
			"GET http://h/v2/images/1 Bearer chr_x test",
		},
		{
			"name and password", "https://h/charcoal/", Options{Name: "ann", Password: "pw"},
			func(ctx context.Context, c *Client) error { _, err := c.Cancel(ctx, "2"); return err },
			"POST https://h/charcoal/v2/renderings/2/cancel Basic YW5uOnB3 charcoal-client",
		},
		{
			"a search", "http://h", Options{},
			func(ctx context.Context, c *Client) error {
				for _, err := range c.Search(ctx, Query{
					Text: "a & b", States: []State{Ready, Failed}, Tags: []string{"x"}, WidthMin: 5, Ascending: true,
					CreatedFrom: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC),
				}) {
					return err
				}
				return nil
			},
			"GET http://h/v2/images?created_from=2026-01-02T03%3A04%3A05.000006Z&order=asc&q=a+%26+b&state=ready&state=failed&tag=x&width_min=5  charcoal-client",
		},
		{
			"art with options", "http://h", Options{},
			func(ctx context.Context, c *Client) error {
				_, err := c.Art(ctx, "3", "text", DrawOptions{
					Cols: 80, CellAspect: 0.5, Crop: &Rectangle{0.25, 0, 0.5, 1}, Palette: []string{"#000000", "#ffffff"}, Set: map[string]any{"invert": false},
				})
				return err
			},
			"GET http://h/v2/images/3/art.txt?cell_aspect=0.5&cols=80&crop=0.25%2C0%2C0.5%2C1&invert=false&palette=%23000000%2C%23ffffff  charcoal-client",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			tt.options.HTTPClient = &http.Client{Transport: transportFunc(func(r *http.Request) (*http.Response, error) {
				got = fmt.Sprintf("%s %s %s %s", r.Method, r.URL, r.Header.Get("Authorization"), r.UserAgent())
				w := httptest.NewRecorder()
				answer(w, 200, `{}`)
				return w.Result(), nil
			})}
			c, err := New(tt.address, tt.options)
			if err == nil {
				err = tt.do(t.Context(), c)
			}
			if err != nil || got != tt.want {
				t.Errorf("got %v and\n %s, want\n %s", err, got, tt.want)
			}
		})
	}
}

// Ids and formats become part of the address, and must not become another one.
func TestIDsAndFormatsAreNoPaths(t *testing.T) {
	c := talkTo(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") }, Options{})
	for _, id := range []string{"", ".", "../users", "a/b", "a?b", "a%2fb", "é", strings.Repeat("a", 65)} {
		if _, err := c.Image(t.Context(), id); err == nil {
			t.Errorf("id %q: got no error", id)
		}
	}
	for _, format := range []string{"", "../x", "TXT", "a.b", "txt?x"} {
		if _, err := c.RenderingArt(t.Context(), "1", format); err == nil {
			t.Errorf("format %q: got no error", format)
		}
	}
}

func TestErrors(t *testing.T) {
	tests := []struct {
		name   string
		answer func(w http.ResponseWriter)
		want   Error
		text   string
	}{
		{
			"problem details", func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusRequestEntityTooLarge)
				_, _ = io.WriteString(w, `{"type":"/docs/problems#too_large","title":"Over a limit","status":999,"detail":"The file is over the limit.","code":"too_large","request_id":"r1","limit":10,"actual":11,"unit":"bytes","errors":[{"pointer":"/file","detail":"Is too large."}]}`)
			},
			Error{
				Type: "/docs/problems#too_large", Title: "Over a limit", Status: 413, Detail: "The file is over the limit.", Code: "too_large",
				RequestID: "r1", Limit: 10, Actual: 11, Unit: "bytes", Errors: []FieldError{{"/file", "Is too large."}},
			},
			"The file is over the limit.",
		},
		{
			"a proxy's page", func(w http.ResponseWriter) {
				w.Header().Set("X-Request-Id", "p1")
				w.WriteHeader(http.StatusMethodNotAllowed)
				_, _ = io.WriteString(w, "<html>")
			},
			Error{Status: 405, RequestID: "p1"}, "the server answers 405 Method Not Allowed",
		},
		{
			"broken details", func(w http.ResponseWriter) {
				w.Header().Set("Content-Type", "application/problem+json")
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"title":`)
			},
			Error{Status: 400}, "the server answers 400 Bad Request",
		},
		{
			"a redirect, which is not followed", func(w http.ResponseWriter) {
				w.Header().Set("Location", "https://elsewhere.example/")
				w.WriteHeader(http.StatusTemporaryRedirect)
			},
			Error{Status: 307, Location: "https://elsewhere.example/"}, `the server redirects to "https://elsewhere.example/"; use the address that is right`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) { tt.answer(w) }, Options{Token: "chr_x"})
			_, err := c.Image(t.Context(), "1")
			got, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("got %v, want an *Error", err)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if got.Error() != tt.text {
				t.Errorf("text: got %q, want %q", got.Error(), tt.text)
			}
		})
	}
}

// What is made again, and what is not.
func TestRetries(t *testing.T) {
	get := func(ctx context.Context, c *Client) error { _, err := c.Image(ctx, "1"); return err }
	token := func(ctx context.Context, c *Client) error { _, err := c.CreateToken(ctx, TokenRequest{}); return err }
	upload := func(ctx context.Context, c *Client) error {
		_, err := c.Upload(ctx, strings.NewReader("picture"), UploadOptions{})
		return err
	}
	pipe := func(ctx context.Context, c *Client) error {
		_, err := c.Upload(ctx, iotest.OneByteReader(strings.NewReader("picture")), UploadOptions{})
		return err
	}
	tests := []struct {
		name   string
		do     func(context.Context, *Client) error
		status int
		code   string
		after  string
		want   int // requests, when all fail
	}{
		{"reading", get, 503, "unavailable", "", 5},
		{"reading what is refused", get, 404, "not_found", "", 1},
		{"reading what is broken", get, 500, "internal", "", 1},
		{"reading, and told to wait for long", get, 429, "quota_spent", "3600", 1},
		{"a quota that does not come back", get, 429, "quota_spent", "", 1},
		{"uploading", upload, 502, "", "", 5},
		{"uploading while the first attempt is under way", upload, 409, "conflict", "1", 5},
		{"uploading what was damaged", upload, 400, "mismatch", "", 5},
		{"uploading what can be read once", pipe, 503, "unavailable", "", 1},
		{"making a token", token, 503, "unavailable", "", 1},
		{"making a token when busy", token, 429, "rate_limited", "1", 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, keys := 0, map[string]bool{}
				c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
					n++
					keys[r.Header.Get("Idempotency-Key")] = true
					_, _ = io.Copy(io.Discard, r.Body)
					w.Header().Set("Retry-After", tt.after)
					refuse(w, tt.status, tt.code)
				}, Options{})
				if err := tt.do(t.Context(), c); err == nil || n != tt.want {
					t.Errorf("got %d requests and %v, want %d", n, err, tt.want)
				}
				if len(keys) != 1 {
					t.Errorf("the attempts have %d keys, want one", len(keys))
				}
			})
		})
	}
}

func TestConnectionsThatFail(t *testing.T) {
	reset := &net.OpError{Op: "read", Err: errors.New("reset")}
	dial := &net.OpError{Op: "dial", Err: errors.New("refused")}
	tests := []struct {
		name string
		err  error
		do   func(context.Context, *Client) error
		want int
	}{
		{"reading", reset, func(ctx context.Context, c *Client) error { _, err := c.Image(ctx, "1"); return err }, 5},
		{"a retry that may have been carried out", reset, func(ctx context.Context, c *Client) error { _, err := c.Retry(ctx, "1"); return err }, 1},
		{"a retry that was not", dial, func(ctx context.Context, c *Client) error { _, err := c.Retry(ctx, "1"); return err }, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				c, err := New("http://h", Options{HTTPClient: &http.Client{Transport: transportFunc(func(*http.Request) (*http.Response, error) {
					n++
					return nil, tt.err
				})}})
				if err != nil {
					t.Fatal(err)
				}
				if err := tt.do(t.Context(), c); !errors.Is(err, tt.err) || n != tt.want || !strings.Contains(err.Error(), "http://h: ") {
					t.Errorf("got %d requests and %v, want %d, and the server named", n, err, tt.want)
				}
			})
		})
	}
}

func TestRetryAfterIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		first := true
		c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) {
			if first {
				first = false
				w.Header().Set("Retry-After", "7")
				refuse(w, 429, "rate_limited")
				return
			}
			answer(w, 200, `{"id":"1"}`)
		}, Options{})
		if _, err := c.Image(t.Context(), "1"); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(begin); waited < 7*time.Second || waited > 10*time.Second {
			t.Errorf("waited %v, want 7 s and a little", waited)
		}
	})
}

func TestACanceledContextEndsThePause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) {
			cancel()
			w.Header().Set("Retry-After", "10")
			refuse(w, 503, "unavailable")
		}, Options{})
		begin := time.Now()
		if _, err := c.Image(ctx, "1"); err == nil || time.Since(begin) > 0 {
			t.Errorf("got %v after %v, want an error at once", err, time.Since(begin))
		}
	})
}

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"5":                             5 * time.Second,
		"-5":                            0,
		"soon":                          0,
		"4294967295":                    365 * 24 * time.Hour,
		"Tue, 24 Nov 2026 12:00:09 GMT": 9 * time.Second,
		"Tue, 24 Nov 2026 11:00:00 GMT": 0,
	} {
		if got := retryAfter(value, now); got != want {
			t.Errorf("%q: got %v, want %v", value, got, want)
		}
	}
}

// An upload is a form with what is said before the file, and the digest on its part.
func TestUpload(t *testing.T) {
	const picture = "the bytes of a picture"
	path := filepath.Join(t.TempDir(), "cat \"1\"\x1b\n.png")
	if err := os.WriteFile(path, []byte(picture), 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
		_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil {
			t.Error(err)
		}
		whole, _ := io.ReadAll(r.Body)
		if int64(len(whole)) != r.ContentLength {
			t.Errorf("the body has %d bytes, and %d were announced", len(whole), r.ContentLength)
		}
		form := multipart.NewReader(strings.NewReader(string(whole)), params["boundary"])
		for {
			part, err := form.NextPart()
			if err != nil {
				break
			}
			content, _ := io.ReadAll(part)
			got = append(got, fmt.Sprintf("%s|%s|%s|%s", part.FormName(), part.FileName(), part.Header.Get("Content-Digest"), content))
		}
		got = append(got, r.Header.Get("Prefer"), r.Header.Get("Idempotency-Key"))
		answer(w, 202, `{"id":"1","state":"queued","rendering":{"id":"2","options":{"cols":40,"palette":["#000000","#ffffff"]}},"new_field":1}`)
	}, Options{})
	var sent int64
	img, err := c.UploadFile(t.Context(), path, UploadOptions{
		Title: "A cat", Tags: []string{"pets", "cats"}, Visibility: Public, Expires: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
		Draw: DrawOptions{Cols: 40}, Wait: 1500 * time.Millisecond, IdempotencyKey: "k",
		Progress: func(n int64) { sent = n },
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(picture))
	want := []string{
		"tags|||pets", "tags|||cats", "title|||A cat", "visibility|||public", "expires_at|||2027-01-01T00:00:00Z", `options|||{"cols":40}`,
		`file|cat "1".png|sha-256=:` + base64.StdEncoding.EncodeToString(sum[:]) + ":|" + picture,
		"wait=2", "k",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("request (-want +got):\n%s", diff)
	}
	if img.ID != "1" || img.Rendering.Options.Cols != 40 || sent != int64(len(picture)) {
		t.Errorf("got %+v with %d bytes told", img, sent)
	}
}

// Each attempt sends the whole picture, from where the reader stood.
func TestAnUploadIsRepeatedWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
			n++
			whole, _ := io.ReadAll(r.Body)
			if !strings.Contains(string(whole), "\r\n\r\npicture\r\n--") {
				t.Errorf("attempt %d sends %q", n, whole)
			}
			if n < 3 {
				refuse(w, 503, "unavailable")
				return
			}
			answer(w, 202, `{"id":"1"}`)
		}, Options{})
		r := strings.NewReader("skip picture")
		_, _ = r.Seek(5, io.SeekStart)
		if _, err := c.Upload(t.Context(), r, UploadOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func TestUploadRefusesWhatCannotBeSaid(t *testing.T) {
	c := talkTo(t, func(http.ResponseWriter, *http.Request) { t.Error("a request was made") }, Options{})
	for name, o := range map[string]UploadOptions{
		"a tag with a comma": {Tags: []string{"a,b"}}, "a long wait": {Wait: time.Hour}, "a number that JSON has not": {Draw: DrawOptions{Set: map[string]any{"x": func() {}}}},
	} {
		if _, err := c.Upload(t.Context(), strings.NewReader("x"), o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

func TestSearchGoesThroughPages(t *testing.T) {
	pages := map[string]string{
		"":  `{"images":[{"id":"1"},{"id":"2"}],"next":"/v2/images?cursor=b&q=x"}`,
		"b": `{"images":[{"id":"3"}],"next":"https://evil.example/v2/images?cursor=c"}`,
		"c": `{"images":[]}`,
	}
	c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host != "charcoal.example" || r.URL.Query().Get("q") != "x" {
			t.Errorf("asked for %s%s", r.Host, r.URL)
		}
		answer(w, 200, pages[r.URL.Query().Get("cursor")])
	}, Options{})
	found := c.Search(t.Context(), Query{Text: "x"})
	for range 2 { // a sequence can be gone through again
		var got []string
		for img, err := range found {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, img.ID)
		}
		if diff := cmp.Diff([]string{"1", "2", "3"}, got); diff != "" {
			t.Errorf("ids (-want +got):\n%s", diff)
		}
	}
}

func TestACircleOfPagesEnds(t *testing.T) {
	c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, `{"images":[],"next":"/v2/images?cursor=same"}`)
	}, Options{})
	var got error
	for _, err := range c.Search(t.Context(), Query{}) {
		got = err
	}
	if got == nil {
		t.Error("got no error")
	}
}

func TestEdit(t *testing.T) {
	title, public, never := "", Public, time.Time{}
	tests := []struct {
		edit Edit
		want string
	}{
		{Edit{}, `{}`},
		{Edit{Title: &title, Tags: []string{}, Visibility: &public}, `{"tags":[],"title":"","visibility":"public"}`},
		{Edit{Expires: &never}, `{"expires_at":null}`},
	}
	for _, tt := range tests {
		got, err := json.Marshal(tt.edit)
		if err != nil || string(got) != tt.want {
			t.Errorf("got %s, %v, want %s", got, err, tt.want)
		}
	}
}

func TestAwaitAsksUntilItIsFinal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := []string{"queued", "running", "ready"}
		n := 0
		c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
			if got := r.Header.Get("Prefer"); got != "wait=30" {
				t.Errorf("Prefer: got %q, want wait=30", got)
			}
			if n == 0 {
				<-time.After(30 * time.Second) // a server that waits
			}
			answer(w, 200, fmt.Sprintf(`{"id":"1","state":%q}`, answers[n]))
			n++
		}, Options{})
		r, err := c.Await(t.Context(), "1")
		if err != nil || r.State != Ready || n != 3 {
			t.Errorf("got %+v, %v after %d requests", r, err, n)
		}
	})
}

func TestArtIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) {
			if n++; n < 3 {
				w.Header().Set("Retry-After", "2")
				answer(w, 202, `{"state":"running"}`)
				return
			}
			_, _ = io.WriteString(w, "@@\n")
		}, Options{})
		art, err := c.Art(t.Context(), "1", "text", DrawOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer art.Close()
		if got, err := io.ReadAll(art); err != nil || string(got) != "@@\n" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

// A part of an answer never passes for the whole.
func TestAnswersAreBounded(t *testing.T) {
	c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "12345") }, Options{MaxBody: 4})
	original, err := c.Original(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	defer original.Close()
	if got, err := io.ReadAll(original); !errors.Is(err, errTooLong) || string(got) != "1234" {
		t.Errorf("got %q, %v, want 4 bytes and an error", got, err)
	}
	exact, err := io.ReadAll(&bounded{strings.NewReader("1234"), 4})
	if err != nil || string(exact) != "1234" {
		t.Errorf("as much as the bound: got %q, %v", exact, err)
	}
	endless := talkTo(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, `"`+strings.Repeat(" ", maxJSON)+`"`)
	}, Options{})
	if _, err := endless.Image(t.Context(), "1"); !errors.Is(err, errTooLong) {
		t.Errorf("endless JSON: got %v", err)
	}
}

func TestAnswersThatAreNotCharcoal(t *testing.T) {
	c := talkTo(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<html>")
	}, Options{})
	if _, err := c.Image(t.Context(), "1"); err == nil || !strings.Contains(err.Error(), "is there one at this address?") {
		t.Errorf("got %v", err)
	}
}

func TestUploadURL(t *testing.T) {
	var got string
	c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got = r.Header.Get("Content-Type") + " " + string(raw)
		answer(w, 202, `{"id":"1"}`)
	}, Options{})
	if _, err := c.UploadURL(t.Context(), "https://x/y.png", UploadOptions{Title: "T", Tags: []string{"a"}, Draw: DrawOptions{Cols: 5}}); err != nil {
		t.Fatal(err)
	}
	if want := `application/json {"options":{"cols":5},"source_url":"https://x/y.png","tags":["a"],"title":"T"}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestPresets(t *testing.T) {
	var got []string
	c := talkTo(t, func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		got = append(got, r.Method+" "+r.URL.Path+" "+string(raw))
		answer(w, 200, `{"name":"wide","presets":[{"name":"wide","options":{"cols":200}}]}`)
	}, Options{})
	_, err1 := c.PutPreset(t.Context(), "wide", DrawOptions{Cols: 200})
	list, err2 := c.Presets(t.Context())
	err3 := c.DeletePreset(t.Context(), "wide")
	if _, err := c.PutPreset(t.Context(), "../x", DrawOptions{}); err == nil {
		t.Error("a name that is a path: got no error")
	}
	if err := errors.Join(err1, err2, err3); err != nil || len(list) != 1 || list[0].Options.Cols != 200 {
		t.Errorf("got %+v, %v", list, err)
	}
	want := []string{`PUT /v2/presets/wide {"options":{"cols":200}}`, "GET /v2/presets ", "DELETE /v2/presets/wide "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
