package v2_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/charcoal-art/charcoal/ascii/format"
)

func TestArtForms(t *testing.T) {
	s := newSite(t, options{})
	up := s.upload(nil, picture(t, 60, 40), value("cols", "20"), value("title", `<script>alert(1)</script>`))
	art := up.text("rendering.links.art")
	for _, f := range format.All() {
		t.Run(f.Name, func(t *testing.T) {
			got := s.get(art + f.Extension).want(http.StatusOK)
			h := got.header
			if h.Get("Content-Type") != f.MediaType || h.Get("Etag") == "" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers: got %v", h)
			}
			if markup := f.Name == "html" || f.Name == "svg"; markup && strings.Contains(got.body, "<script>") {
				t.Error("the title is not escaped")
			}
			if again := s.get(art+f.Extension, "If-None-Match", h.Get("Etag")); again.status != http.StatusNotModified || again.body != "" {
				t.Errorf("again: got %d %q, want 304", again.status, again.body)
			}
		})
	}
	tests := []struct {
		name, path, accept string
		status             int
		mediaType          string
	}{
		{"anything", art, "*/*", 200, "text/plain; charset=utf-8"},
		{"nothing said", art, "", 200, "text/plain; charset=utf-8"},
		{"what a browser says", art, "text/html,application/xhtml+xml,*/*;q=0.8", 200, "text/html; charset=utf-8"},
		{"a picture", art, "image/*", 200, "image/svg+xml"},
		{"the extension counts more", art + ".json", "text/html", 200, "application/json"},
		{"nothing that there is", art, "video/mp4", 406, "application/problem+json"},
		{"no such extension", art + ".doc", "", 404, "application/problem+json"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.get(tt.path, "Accept", tt.accept).want(tt.status)
			if got.header.Get("Content-Type") != tt.mediaType {
				t.Errorf("type: got %s, want %s", got.header.Get("Content-Type"), tt.mediaType)
			}
			if tt.status >= 400 && got.text("available.0.href") != art+".txt" {
				t.Errorf("available: got %s", got.body)
			}
		})
	}
}

func TestArtInParts(t *testing.T) {
	s := newSite(t, options{})
	up := s.upload(nil, picture(t, 200, 150), value("cols", "100"))
	art := up.text("rendering.links.art") + ".txt"
	whole := s.get(art).want(http.StatusOK)
	tests := []struct {
		name, asked string
		status      int
		want        string
	}{
		{"the beginning", "bytes=0-9", 206, whole.body[:10]},
		{"from the middle", "bytes=100-", 206, whole.body[100:]},
		{"the end", "bytes=-7", 206, whole.body[len(whole.body)-7:]},
		{"beyond the end", "bytes=5000000-", 416, ""},
		{"more than one part", "bytes=0-1,3-4", 200, whole.body},
		{"nonsense", "bytes=9-1", 200, whole.body},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := s.get(art, "Range", tt.asked).want(tt.status)
			if tt.status < 400 && got.body != tt.want {
				t.Errorf("part: got %d bytes, want %d", len(got.body), len(tt.want))
			}
			if tt.status != 200 && got.header.Get("Content-Range") == "" {
				t.Errorf("headers: got %v, want Content-Range", got.header)
			}
		})
	}
	if got := s.get(art, "Range", "bytes=0-9", "If-Range", `"another"`); got.status != 200 {
		t.Errorf("If-Range of another: got %d, want 200", got.status)
	}
	for encoding, open := range map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) },
	} {
		t.Run(encoding, func(t *testing.T) {
			got := s.get(art, "Accept-Encoding", encoding).want(http.StatusOK)
			if got.header.Get("Content-Encoding") != encoding || got.header.Get("Etag") == whole.header.Get("Etag") {
				t.Fatalf("headers: got %v", got.header)
			}
			r, err := open(strings.NewReader(got.body))
			noError(t, err)
			plain, err := io.ReadAll(r)
			noError(t, err)
			if string(plain) != whole.body || len(got.body) >= len(plain) {
				t.Errorf("body: got %d bytes of %d", len(plain), len(got.body))
			}
		})
	}
}

func TestArtOfImage(t *testing.T) {
	s := newSite(t, options{})
	up := s.upload(nil, picture(t, 60, 40), value("cols", "20"))
	art := up.text("links.art")
	width := func(a answer) int { return strings.IndexByte(a.body, '\n') }
	if got := s.get(art + ".txt").want(http.StatusOK); width(got) > 20 {
		t.Errorf("newest rendering: got %d columns, want 20", width(got))
	}
	drawn := s.get(art + ".txt?rows=5&glyphs=braille").want(http.StatusOK)
	if rows := strings.Count(drawn.body, "\n"); rows != 5 {
		t.Errorf("drawn: got %d rows, want 5", rows)
	}
	all := s.get(up.text("links.renderings")).want(http.StatusOK)
	if n := len(all.at("renderings").([]any)); n != 2 {
		t.Errorf("renderings: got %d, want 2", n)
	}
	again := s.send("POST", up.text("links.renderings"), `{"rows":5,"glyphs":"braille"}`).want(http.StatusOK)
	if again.text("id") != all.text("renderings.0.id") {
		t.Errorf("the same options: got %s", again.body)
	}
	got := s.get(art + ".txt?download=1").want(http.StatusOK)
	if d := got.header.Get("Content-Disposition"); d != `attachment; filename=a.txt` {
		t.Errorf("download: got %q", d)
	}
	s.get(art+".txt?glyph=braille").wantProblem(http.StatusUnprocessableEntity, "invalid")
}

func TestRenderings(t *testing.T) {
	s := newSite(t, options{idle: true})
	up := s.post("/v2/images", nil, file("a.png", picture(t, 60, 40))).want(http.StatusAccepted)
	id := up.text("rendering.links.self")
	s.get(id+"/art.txt").wantProblem(http.StatusConflict, "conflict")
	if got := s.get(up.text("links.art")+".txt", "Prefer", "wait=0").want(http.StatusAccepted); got.header.Get("Retry-After") == "" || got.text("state") != "queued" {
		t.Errorf("not ready: got %v %s", got.header, got.body)
	}
	if got := s.do("POST", id+"/cancel", nil).want(http.StatusOK); got.text("state") != "canceled" || got.text("links.retry") == "" {
		t.Errorf("canceled: got %s", got.body)
	}
	s.get(id+"/art.txt").wantProblem(http.StatusConflict, "conflict")
	if got := s.do("POST", id+"/retry", nil).want(http.StatusAccepted); got.text("state") != "queued" {
		t.Errorf("retried: got %s", got.body)
	}
	s.do("DELETE", id, nil).wantProblem(http.StatusConflict, "conflict")
	more := s.send("POST", up.text("links.renderings"), `{"cols":7}`).want(http.StatusAccepted)
	page := s.get(up.text("links.renderings") + "?limit=1").want(http.StatusOK)
	next := s.get(page.text("next")).want(http.StatusOK)
	if page.text("renderings.0.id") != more.text("id") || next.text("renderings.0.id") != up.text("rendering.id") || next.at("next") != nil {
		t.Errorf("pages: got %s, then %s", page.body, next.body)
	}
	s.do("DELETE", id, nil).want(http.StatusNoContent)
	s.get(id).wantProblem(http.StatusNotFound, "not_found")
}

func TestConvert(t *testing.T) {
	s := newSite(t, options{})
	content := picture(t, 60, 40)
	got := s.post("/v2/convert", nil, value("cols", "20"), file("a.png", content)).want(http.StatusOK)
	if strings.Contains(got.body, "\x1b") || strings.Count(got.body, "\n") == 0 || got.header.Get("Charcoal-Engine") == "" {
		t.Errorf("text: got %v %q", got.header, got.body)
	}
	got = s.do("POST", "/v2/convert?format=ansi", bytes.NewReader(content), "Content-Type", "image/png").want(http.StatusOK)
	if !strings.Contains(got.body, "\x1b[38;2;") && !strings.Contains(got.body, "\x1b[48;2;") {
		t.Errorf("for a terminal: got %q, want colours", got.body)
	}
	got = s.post("/v2/convert?format=html", []string{"Accept", "text/plain"}, file("a.png", content)).want(http.StatusOK)
	if !strings.HasPrefix(got.header.Get("Content-Type"), "text/html") {
		t.Errorf("type: got %v", got.header)
	}
	dry := s.post("/v2/convert?dry_run=1&cols=30", nil, file("a.png", content)).want(http.StatusOK)
	if dry.at("width") != 60.0 || dry.at("cols") != 30.0 || dry.at("options.cols") != 30.0 || dry.at("bytes") != float64(len(content)) {
		t.Errorf("dry run: got %s", dry.body)
	}
	s.post("/v2/convert", nil, file("a.png", content), file("b.png", content)).wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.post("/v2/convert?format=doc", nil, file("a.png", content)).wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.post("/v2/convert", []string{"Accept", "video/mp4"}, file("a.png", content)).wantProblem(http.StatusNotAcceptable, "not_acceptable")
	if found := s.get("/v2/images"); found.at("images.0") != nil {
		t.Errorf("something was stored: %s", found.body)
	}
}

func TestPresets(t *testing.T) {
	s := newSite(t, options{})
	s.send("PUT", "/v2/presets/mine", `{"options":{"cols":11,"glyphs":"blocks","engine":"native"}}`).want(http.StatusOK)
	if got := s.get("/v2/presets").want(http.StatusOK); got.text("presets.0.name") != "mine" || got.at("presets.0.options.cols") != 11.0 {
		t.Errorf("presets: got %s", got.body)
	}
	got := s.post("/v2/images", nil, value("preset", "mine"), value("invert", "true"), file("a.png", picture(t, 60, 40))).want(http.StatusAccepted)
	if got.at("rendering.options.cols") != 11.0 || got.at("rendering.options.invert") != true {
		t.Errorf("options: got %v", got.at("rendering.options"))
	}
	s.post("/v2/images", nil, value("preset", "other"), file("a.png", picture(t, 60, 40))).wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.send("PUT", "/v2/presets/Not%20a%20name", `{"options":{}}`).wantProblem(http.StatusUnprocessableEntity, "invalid")
	s.do("DELETE", "/v2/presets/mine", nil).want(http.StatusNoContent)
	s.get("/v2/presets/mine").wantProblem(http.StatusNotFound, "not_found")
}
