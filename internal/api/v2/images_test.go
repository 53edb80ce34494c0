package v2_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// TestUploadAndRead goes once through everything that one image is for.
func TestUploadAndRead(t *testing.T) {
	s := newSite(t, options{})
	content := picture(t, 60, 40)
	up := s.upload(nil, content, value("title", "A slope"), value("tags", "Grey, test"), value("cols", "20"))
	self := up.text("links.self")
	if up.header.Get("Location") != self || up.header.Get("Preference-Applied") != "wait=30" {
		t.Errorf("headers: got %v, want Location %s", up.header, self)
	}
	for path, want := range map[string]any{
		"title": "A slope", "state": "ready", "type": "image/png", "width": 60.0, "size": float64(len(content)),
		"sha256": fmt.Sprintf("%x", sha256.Sum256(content)), "tags.0": "grey", "owner": nil, "visibility": "private",
		"rendering.options.cols": 20.0, "rendering.options.engine": "native", "rendering.cols": 20.0,
	} {
		if got := up.at(path); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	if got := s.get(self).want(http.StatusOK); got.text("id") != up.text("id") {
		t.Errorf("image: got %s", got.body)
	}
	if got := s.get(self + "/original").want(http.StatusOK); got.body != string(content) {
		t.Error("the original is another")
	}
	art := s.get(up.text("rendering.links.art") + ".txt").want(http.StatusOK)
	if lines := strings.Count(art.body, "\n"); lines == 0 || !strings.Contains(art.header.Get("Content-Type"), "text/plain") {
		t.Errorf("art: got %v %q", art.header, art.body)
	}
	found := s.get("/v2/images?tag=grey&q=slo").want(http.StatusOK)
	if found.text("images.0.id") != up.text("id") {
		t.Errorf("search: got %s", found.body)
	}
	s.send("PATCH", self, `{"title":"Other","visibility":"public","tags":[]}`).want(http.StatusOK)
	s.do("DELETE", self, nil).want(http.StatusNoContent)
	s.get(self).wantProblem(http.StatusNotFound, "not_found")
	if got := s.do("POST", self+"/restore", nil).want(http.StatusOK); got.text("title") != "Other" {
		t.Errorf("restored: got %s", got.body)
	}
}

func TestUploadForms(t *testing.T) {
	s := newSite(t, options{})
	content := picture(t, 30, 30)
	digest := sha256.Sum256(content)
	announced := "sha-256=:" + base64.StdEncoding.EncodeToString(digest[:]) + ":"
	raw := func(path string, header ...string) answer {
		return s.do("POST", path, bytes.NewReader(content), header...)
	}
	t.Run("raw", func(t *testing.T) {
		got := raw("/v2/images?cols=33&filename=b.png", "Content-Type", "image/png", "Content-Digest", announced).want(http.StatusAccepted)
		if got.text("filename") != "b.png" || got.at("rendering.options.cols") != 33.0 {
			t.Errorf("image: got %s", got.body)
		}
	})
	t.Run("the same bytes once more", func(t *testing.T) {
		got := raw("/v2/images?cols=34", "Content-Type", "application/octet-stream").want(http.StatusAccepted)
		if got.at("duplicate") != true {
			t.Errorf("duplicate: got %s", got.body)
		}
	})
	t.Run("options as JSON, and a field over it", func(t *testing.T) {
		got := s.post("/v2/images", nil, value("options", `{"cols":10,"glyphs":"braille"}`), value("cols", "12"), file("x.png", picture(t, 31, 30))).want(http.StatusAccepted)
		if got.at("rendering.options.cols") != 12.0 || got.text("rendering.options.glyphs") != "braille" {
			t.Errorf("options: got %v", got.at("rendering.options"))
		}
	})
	t.Run("many, each with its own result", func(t *testing.T) {
		got := s.post("/v2/images", nil, file("1.png", picture(t, 20, 30)), file("2.txt", []byte("no picture")), file("3.png", picture(t, 21, 30))).want(http.StatusAccepted)
		if got.text("images.0.image.filename") != "1.png" || got.text("images.1.problem.code") != "unsupported" || got.text("images.2.image.filename") != "3.png" {
			t.Errorf("results: got %s", got.body)
		}
	})
	t.Run("a crop as text", func(t *testing.T) {
		got := s.post("/v2/images", nil, value("crop", "0,0,0.5,0.5"), value("palette", "#000000,#ff8000"), value("color", "256"), file("x.png", picture(t, 32, 30))).want(http.StatusAccepted)
		if got.at("rendering.options.crop.width") != 0.5 || got.text("rendering.options.palette.1") != "#ff8000" {
			t.Errorf("options: got %v", got.at("rendering.options"))
		}
	})
}

func TestUploadRefusals(t *testing.T) {
	s := newSite(t, options{idle: true})
	content := picture(t, 30, 30)
	wrong := "sha-256=:" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + ":"
	big := bytes.Repeat([]byte{0}, int(limits.Bytes)+1)
	many := make([]field, 10_000)
	for i := range many {
		many[i] = value("title", "x")
	}
	tests := []struct {
		name    string
		ask     func() answer
		status  int
		code    string
		pointer string
	}{
		{"an unknown field", func() answer { return s.post("/v2/images", nil, value("colums", "3"), file("a", content)) }, 422, "invalid", "form:colums"},
		{"an unknown option in JSON", func() answer {
			return s.post("/v2/images", nil, value("options", `{"colour":"true"}`), file("a", content))
		}, 422, "invalid", "form:options/colour"},
		{"a value", func() answer { return s.post("/v2/images", nil, value("cols", "many"), file("a", content)) }, 422, "invalid", "form:cols"},
		{"over the grid", func() answer { return s.post("/v2/images", nil, value("cols", "2001"), file("a", content)) }, 422, "invalid", "form:cols"},
		{"a value in the query", func() answer { return s.post("/v2/images?cols=many", nil, file("a", content)) }, 422, "invalid", "query:cols"},
		{"a field after the file", func() answer { return s.post("/v2/images", nil, file("a", content), value("cols", "3")) }, 422, "invalid", "form:cols"},
		{"no file", func() answer { return s.post("/v2/images", nil, value("cols", "3")) }, 422, "invalid", "form:file"},
		{"no picture", func() answer { return s.post("/v2/images", nil, file("a", []byte("text"))) }, 415, "unsupported", ""},
		{"too large", func() answer {
			return s.do("POST", "/v2/images", bytes.NewReader(big), "Content-Type", "image/png")
		}, 413, "too_large", ""},
		{"10,000 parts", func() answer { return s.post("/v2/images", nil, many...) }, 413, "too_large", ""},
		{"a huge field", func() answer {
			return s.post("/v2/images", nil, value("title", strings.Repeat("x", 100<<20)), file("a", content))
		}, 413, "too_large", ""},
		{"deep JSON", func() answer {
			return s.post("/v2/images", nil, value("options", strings.Repeat("[", 10_000)), file("a", content))
		}, 400, "malformed", ""},
		{"a form cut off", func() answer {
			contentType, body := form(file("a", content))
			return s.do("POST", "/v2/images", bytes.NewReader(body[:len(body)-8]), "Content-Type", contentType)
		}, 400, "malformed", ""},
		{"a wrong digest", func() answer {
			return s.do("POST", "/v2/images", bytes.NewReader(content), "Content-Type", "image/png", "Content-Digest", wrong)
		}, 400, "mismatch", ""},
		{"another digest", func() answer {
			return s.do("POST", "/v2/images", bytes.NewReader(content), "Content-Type", "image/png", "Content-Digest", "md5=:AAAA:")
		}, 422, "invalid", "header:Content-Digest"},
		{"what curl sends without a type", func() answer {
			return s.do("POST", "/v2/images", bytes.NewReader(content), "Content-Type", "application/x-www-form-urlencoded")
		}, 415, "unsupported", ""},
		{"a URL, where that is off", func() answer {
			return s.send("POST", "/v2/images", `{"source_url":"https://example.com/a.png"}`)
		}, 403, "forbidden", ""},
		{"unknown JSON", func() answer { return s.send("POST", "/v2/images", `{"source":"x"}`) }, 422, "invalid", "/source_url"},
		{"an expiry that is over", func() answer {
			return s.post("/v2/images", nil, value("expires_at", "2020-01-01T00:00:00Z"), file("a", content))
		}, 422, "invalid", ""},
		{"a callback to this machine", func() answer {
			return s.post("/v2/images", nil, value("callback_url", "http://127.0.0.1/"), file("a", content))
		}, 422, "invalid", "form:callback_url"},
		{"a token in the URL", func() answer { return s.get("/v2/images?q=chr_abc") }, 422, "invalid", ""},
		{"an unknown query", func() answer { return s.get("/v2/images?limits=3") }, 422, "invalid", "query:limits"},
		{"a page that is too long", func() answer { return s.get("/v2/images?limit=201") }, 422, "invalid", "query:limit"},
		{"twice", func() answer { return s.get("/v2/images?limit=3&limit=4") }, 422, "invalid", "query:limit"},
		{"no id", func() answer { return s.get("/v2/images/1") }, 404, "not_found", ""},
		{"no address", func() answer { return s.get("/v2/nope") }, 404, "not_found", ""},
		{"no method", func() answer { return s.do("PUT", "/v2/images", nil) }, 405, "method_not_allowed", ""},
		{"another site", func() answer {
			return s.do("POST", "/v2/images", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site")
		}, 403, "forbidden", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := tt.ask().wantProblem(tt.status, tt.code)
			if tt.pointer != "" && got.text("errors.0.pointer") != tt.pointer {
				t.Errorf("pointer: got %s, want %s", got.body, tt.pointer)
			}
		})
	}
	if got := s.get("/v2/images").want(http.StatusOK); got.at("images.0") != nil {
		t.Errorf("something was kept: %s", got.body)
	}
}

// TestBins holds that nobody finds what others deleted, though it was public.
func TestBins(t *testing.T) {
	s := newSite(t, options{required: true})
	_, ada := s.user("ada", charcoal.RoleUser)
	_, bob := s.user("bob", charcoal.RoleUser)
	up := s.upload(ada, picture(t, 20, 20), value("visibility", "public"))
	s.do("DELETE", up.text("links.self"), nil, ada...).want(http.StatusNoContent)
	if got := s.get("/v2/images?deleted=true", ada...).want(http.StatusOK); got.text("images.0.id") != up.text("id") {
		t.Errorf("own bin: got %s", got.body)
	}
	if got := s.get("/v2/images?deleted=true&owner=any", bob...).want(http.StatusOK); got.at("images.0") != nil {
		t.Errorf("the bin of others: got %s", got.body)
	}
	s.get("/v2/images?deleted=true").wantProblem(http.StatusUnauthorized, "unauthenticated")
}

// TestWaitersLeave holds that those who wait for art do not keep others from
// sending: there are fewer places for uploads than requests here.
func TestWaitersLeave(t *testing.T) {
	s := newSite(t, options{idle: true, uploads: 1})
	ctx, cancel := context.WithCancel(t.Context())
	contentType, body := form(file("a.png", picture(t, 20, 20)))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.http.URL+"/v2/images", bytes.NewReader(body))
	noError(t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Prefer", "wait=60")
	done := make(chan error)
	go func() {
		res, err := s.http.Client().Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	for s.get("/v2/images").at("images.0") == nil { // until it is stored, just before it begins to wait
		continue
	}
	for deadline := time.Now().Add(30 * time.Second); ; {
		got := s.post("/v2/images", nil, file("b.png", picture(t, 21, 20)))
		if got.status == http.StatusAccepted {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("while somebody waits: got %d %s, want 202", got.status, got.body)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("who waits: got %v, want %v", err, context.Canceled)
	}
}

// TestIdempotency holds that a request with a key is carried out once.
func TestIdempotency(t *testing.T) {
	s := newSite(t, options{idle: true})
	content := picture(t, 30, 30)
	key := []string{"Idempotency-Key", "k1"}
	first := s.post("/v2/images", key, value("cols", "20"), file("a.png", content)).want(http.StatusAccepted)
	again := s.post("/v2/images", key, value("cols", "20"), file("a.png", content)).want(http.StatusAccepted)
	if again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" || again.header.Get("Location") != first.header.Get("Location") {
		t.Errorf("replayed: got %v %s, want %s", again.header, again.body, first.body)
	}
	for name, fields := range map[string][]field{
		"other options": {value("cols", "21"), file("a.png", content)},
		"other bytes":   {value("cols", "20"), file("a.png", picture(t, 31, 30))},
	} {
		t.Run(name, func(t *testing.T) {
			s.on(t).post("/v2/images", key, fields...).wantProblem(http.StatusUnprocessableEntity, "invalid")
		})
	}
	failed := []string{"Idempotency-Key", "k2"}
	s.post("/v2/images", failed, file("a.txt", []byte("no picture"))).wantProblem(http.StatusUnsupportedMediaType, "unsupported")
	s.post("/v2/images", failed, file("b.png", picture(t, 32, 30))).want(http.StatusAccepted)
	s.post("/v2/images", []string{"Idempotency-Key", strings.Repeat("x", 256)}, file("b.png", content)).wantProblem(http.StatusUnprocessableEntity, "invalid")
}

// TestIdempotencyRace sends one request a hundred times at once: one image.
func TestIdempotencyRace(t *testing.T) {
	s := newSite(t, options{idle: true})
	contentType, body := form(file("a.png", picture(t, 30, 30)))
	statuses := make(chan int, 100)
	for range cap(statuses) {
		go func() {
			statuses <- s.do("POST", "/v2/images", bytes.NewReader(body), "Content-Type", contentType, "Idempotency-Key", "race").status
		}()
	}
	for range cap(statuses) {
		if got := <-statuses; got != http.StatusAccepted && got != http.StatusConflict {
			t.Errorf("status: got %d, want 202 or 409", got)
		}
	}
	found := s.get("/v2/images").want(http.StatusOK)
	if images := found.at("images").([]any); len(images) != 1 {
		t.Errorf("images: got %d, want 1", len(images))
	}
}

// TestMessages holds that what people mistype is met with what they meant.
func TestMessages(t *testing.T) {
	s := newSite(t, options{idle: true})
	content := picture(t, 3, 3)
	tests := []struct {
		name string
		got  answer
		want string
	}{
		{"a field like file", s.post("/v2/convert", nil, field{name: "fil", filename: new("a.png"), content: content}), `did you mean \"file\"?`},
		{"a format for art", s.get("/v2/images/ID/art?format=svg"), "the extension of its address, as in /v2/images/ID/art.svg"},
		{"and another", s.get("/v2/images/ID/art.txt?format=svg"), "the extension of its address, as in /v2/images/ID/art.svg"},
		{"no type", s.do("POST", "/v2/images", bytes.NewReader(content)), "There is no Content-Type; send a form"},
		{"a name with a line", s.send("POST", "/v2/images", `{}`), `"detail":"source_url is missing."`},
	}
	for _, tt := range tests {
		if !strings.Contains(tt.got.body, tt.want) {
			t.Errorf("%s: got %s, want %s in it", tt.name, tt.got.body, tt.want)
		}
	}
}
