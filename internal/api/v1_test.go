package api_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charcoal-art/charcoal/internal/convert"
)

func TestUploadAndFetch(t *testing.T) {
	s := newSite(t, options{})
	original := picture(t, 200, 100)
	for _, route := range []string{"/ascii", "/upload"} {
		t.Run(route, func(t *testing.T) {
			id := s.upload(route+"?size=40", "test.png", original)

			art := s.get("/image/" + id + "/ascii?wait=30s")
			if art.status != http.StatusOK || art.header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Fatalf("art: got %d %s %s", art.status, art.header, art.body)
			}
			lines := strings.Split(strings.TrimSuffix(art.body, "\n"), "\n")
			if len(lines) != 10 || utf8.RuneCountInString(lines[0]) != 40 {
				t.Errorf("grid: got %d lines of %d, want 10 of 40:\n%s", len(lines), len(lines[0]), art.body)
			}

			for _, path := range []string{"/image/" + id, "/image/" + id + "/meta"} {
				meta := s.get(path).json(t)
				created, took := meta["created"].(float64), meta["convert_time"].(float64)
				if age := time.Since(time.UnixMicro(int64(created * 1e6))); age < 0 || age > time.Hour || took <= 0 || took > 30 {
					t.Errorf("%s: created %v and convert_time %v are not plausible", path, created, took)
				}
				delete(meta, "created")
				delete(meta, "convert_time")
				want := "map[filename:test.png image_size:[200 100] image_type:PNG state:ready]"
				if got := fmt.Sprint(meta); got != want {
					t.Errorf("%s: got %s, want %s", path, got, want)
				}
			}

			asJSON := s.get("/image/"+id+"/ascii", "Accept", "application/json")
			if asJSON.json(t)["state"] != "ready" || asJSON.header.Get("Content-Type") != "application/json" {
				t.Errorf("art as JSON: got %d %s", asJSON.status, asJSON.body)
			}

			back := s.get("/image/" + id + "/original")
			if back.body != string(original) {
				t.Error("the original is not what was uploaded")
			}
			for name, want := range map[string]string{
				"Content-Type": "image/png", "X-Content-Type-Options": "nosniff",
				"Content-Disposition": `inline; filename=test.png`, "Content-Security-Policy": "default-src 'none'; sandbox",
			} {
				if got := back.header.Get(name); got != want {
					t.Errorf("original, %s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

// The shapes of version 1 do not change, so that a header says who drew.
func TestEngineIsChosen(t *testing.T) {
	s := newSite(t, options{})
	for query, want := range map[string]string{"": "native/1", "&engine=native": "native/1", "&engine=painter": "painter/2.1"} {
		id := s.upload("/ascii?size=8"+query, "test.png", picture(t, 20, 10))
		for _, path := range []string{"/ascii?wait=30s", "/meta", ""} {
			if got := s.get("/image/" + id + path).header.Get("Charcoal-Engine"); got != want {
				t.Errorf("%s: %s says %q, want %q", query, path, got, want)
			}
		}
	}
	got := s.post("/ascii?engine=etcher", file("test.png", picture(t, 20, 10)))
	if want := `There is no engine "etcher" here; there are: native, painter.`; got.status != http.StatusUnprocessableEntity || got.json(t)["detail"] != want {
		t.Errorf("an engine that is not there: got %d %s", got.status, got.body)
	}
}

func TestGridFollowsSizeAndAspect(t *testing.T) {
	s := newSite(t, options{})
	tests := []struct {
		query      string
		cols, rows int
	}{
		{"", 100, 25},
		{"?size=1", 1, 1},
		{"?size=80", 80, 20},
		{"?size=80&aspect=1", 80, 40},
		{"?size=80&aspect=0.25", 80, 10},
		{"?size=1000&aspect=0.1", 1000, 50},
	}
	for _, tt := range tests {
		t.Run(tt.query, func(t *testing.T) {
			id := s.upload("/ascii"+tt.query, "a.png", picture(t, 200, 100))
			lines := strings.Split(strings.TrimSuffix(s.get("/image/"+id+"/ascii?wait=30s").body, "\n"), "\n")
			if len(lines) != tt.rows || len(lines[0]) != tt.cols {
				t.Errorf("grid: got %d×%d, want %d×%d", len(lines[0]), len(lines), tt.cols, tt.rows)
			}
		})
	}
}

func TestNotReadyYet(t *testing.T) {
	s := newSite(t, options{idle: true})
	id := s.upload("/ascii", "a.png", picture(t, 20, 10))
	for _, query := range []string{"", "?wait=0s", "?wait=20ms"} {
		res := s.get("/image/" + id + "/ascii" + query)
		if res.status != http.StatusConflict || res.json(t)["state"] != "queued" || res.header.Get("Retry-After") == "" {
			t.Errorf("art%s: got %d %v %s, want 409, the state and Retry-After", query, res.status, res.header, res.body)
		}
	}
	meta := s.get("/image/" + id).json(t)
	if meta["state"] != "queued" || meta["convert_time"] != nil || fmt.Sprint(meta["image_size"]) != "[20 10]" {
		t.Errorf("metadata while queued: got %v", meta)
	}
}

func TestBrokenPictureEndsAsError(t *testing.T) {
	s := newSite(t, options{})
	whole := picture(t, 300, 300)
	id := s.upload("/ascii", "cut.png", whole[:len(whole)/2])
	art := s.get("/image/" + id + "/ascii?wait=30s")
	if art.status != http.StatusUnprocessableEntity || art.json(t)["state"] != "error" || art.json(t)["detail"] == "" {
		t.Errorf("art of half a picture: got %d %s", art.status, art.body)
	}
	meta := s.get("/image/" + id).json(t)
	if meta["state"] != "error" || meta["error"] == nil {
		t.Errorf("metadata of half a picture: got %v", meta)
	}
	if status := s.get("/status").json(t); status["errors"] != 1.0 || status["uploaded_count"] != 1.0 {
		t.Errorf("status: got %v", status)
	}
}

// TestRefusals is the table of what can be wrong with a request. Every refusal
// is JSON with one sentence, and stores nothing.
func TestRefusals(t *testing.T) {
	s := newSite(t, options{idle: true})
	good := picture(t, 20, 10)
	huge := append(slices.Clone(good), make([]byte, 1<<20)...)
	tests := []struct {
		name   string
		do     func() answer
		status int
		detail string // part of it
	}{
		{"size zero", func() answer { return s.post("/ascii?size=0", file("a.png", good)) }, 422, "from 1 to 2000"},
		{"size negative", func() answer { return s.post("/ascii?size=-1", file("a.png", good)) }, 422, "from 1 to 2000"},
		{"size too large", func() answer { return s.post("/ascii?size=2001", file("a.png", good)) }, 422, "from 1 to 2000"},
		{"size no number", func() answer { return s.post("/ascii?size=big", file("a.png", good)) }, 422, `not "big"`},
		{"size fraction", func() answer { return s.post("/ascii?size=1.5", file("a.png", good)) }, 422, `not "1.5"`},
		{"size 10 kB", func() answer { return s.post("/ascii?size="+strings.Repeat("9", 10000), file("a.png", good)) }, 422, "…"},
		{"aspect no number", func() answer { return s.post("/ascii?aspect=wide", file("a.png", good)) }, 422, `not "wide"`},
		{"aspect NaN", func() answer { return s.post("/ascii?aspect=NaN", file("a.png", good)) }, 422, "aspect"},
		{"aspect out of range", func() answer { return s.post("/ascii?aspect=1000", file("a.png", good)) }, 422, "aspect"},
		{"no body", func() answer { return s.do("POST", "/ascii", nil) }, 422, "no file"},
		{"no form", func() answer {
			return s.do("POST", "/ascii", bytes.NewReader(good), "Content-Type", "image/png")
		}, 422, "no file"},
		{"no file in the form", func() answer { return s.post("/ascii", field{"image", nil, good}) }, 422, "no file"},
		{"two files", func() answer { return s.post("/ascii", file("a.png", good), file("b.png", good)) }, 422, "more than one"},
		{"broken query", func() answer { return s.post("/ascii?size=0;x=1", file("a.png", good)) }, 422, "query"},
		{"too much around the file", func() answer {
			return s.post("/ascii", field{"note", nil, make([]byte, 100<<10)}, file("a.png", good))
		}, 413, "besides the file"},
		{"too much after the file", func() answer {
			return s.post("/ascii", file("a.png", good), field{"note", nil, make([]byte, 200<<10)})
		}, 413, "besides the file"},
		{"a path that is not clean", func() answer { return s.get("//nope") }, 404, "no such address"},
		{"empty file", func() answer { return s.post("/ascii", file("a.png", nil)) }, 415, "empty"},
		{"text", func() answer { return s.post("/ascii", file("a.png", []byte("hello, I am no picture"))) }, 415, ""},
		{"page", func() answer { return s.post("/ascii", file("a.png", []byte("<html><script>alert(1)</script>"))) }, 415, ""},
		{"SVG", func() answer {
			return s.post("/ascii", file("a.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)))
		}, 415, "SVG"},
		{"too large a file", func() answer { return s.post("/ascii", file("a.png", huge)) }, 413, "1,048,576"},
		{"too many pixels", func() answer { return s.post("/ascii", file("a.png", picture(t, 1001, 1000))) }, 413, "1,001,000 of at most 1,000,000"},
		{"unknown image", func() answer { return s.get("/image/0190163d-8694-739b-aea5-966c26f8ad91/ascii") }, 404, "no image"},
		{"unknown image, metadata", func() answer { return s.get("/image/0190163d-8694-739b-aea5-966c26f8ad91") }, 404, "no image"},
		{"unknown image, original", func() answer { return s.get("/image/0190163d-8694-739b-aea5-966c26f8ad91/original") }, 404, "no image"},
		{"no id", func() answer { return s.get("/image/..%2f..%2fetc/ascii") }, 404, "no image"},
		{"bad wait", func() answer { return s.get("/image/0190163d-8694-739b-aea5-966c26f8ad91/ascii?wait=forever") }, 422, "wait"},
		{"long wait", func() answer { return s.get("/image/0190163d-8694-739b-aea5-966c26f8ad91/ascii?wait=1h") }, 422, "wait"},
		{"bad cursor", func() answer { return s.get("/list?cursor=x") }, 422, "cursor"},
		{"no such route", func() answer { return s.get("/nothing") }, 404, "no such address"},
		{"wrong method", func() answer { return s.do("DELETE", "/list", nil) }, 405, "GET"},
		{"wrong method for an upload", func() answer { return s.get("/upload") }, 405, "POST"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			res := tt.do()
			if res.status != tt.status {
				t.Errorf("status: got %d, want %d: %s", res.status, tt.status, res.body)
			}
			detail, _ := res.json(t)["detail"].(string)
			if !strings.Contains(strings.ToLower(detail), strings.ToLower(tt.detail)) || !strings.HasSuffix(detail, ".") || strings.Contains(detail, "\n") {
				t.Errorf("detail: got %q, want one sentence with %q", detail, tt.detail)
			}
		})
	}
	if status := s.get("/status").json(t); status["uploaded_count"] != 0.0 || status["queue_depth"] != 0.0 {
		t.Errorf("status after refusals: got %v, want nothing stored", status)
	}
	checkNoBlobs(t, s)
}

func TestHostileFilenames(t *testing.T) {
	s := newSite(t, options{idle: true})
	content := picture(t, 4, 4)
	tests := []struct{ name, sent, want string }{
		{"path", "../../../etc/passwd", "passwd"},
		{"quotes", `a"b.png`, `a"b.png`},
		{"line break", "a\r\nX-Evil: 1.png", "a%0D%0AX-Evil: 1.png"}, // as browsers escape it
		{"10 kB", strings.Repeat("x", 10000) + ".png", strings.Repeat("x", 251) + ".png"},
		{"not UTF-8", "caf\xe9.png", "caf\uFFFD.png"},
		{"other scripts", "猫 и кот.png", "猫 и кот.png"},
		{"empty", "", ""},
		{"markup", "<script>alert(1)</script>.png", "script>.png"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id := s.upload("/ascii", tt.sent, content)
			if got := s.get("/image/" + id).json(t)["filename"]; got != tt.want {
				t.Errorf("filename: got %q, want %q", got, tt.want)
			}
			res := s.get("/image/" + id + "/original")
			if res.status != http.StatusOK || res.header.Get("X-Evil") != "" || !strings.HasPrefix(res.header.Get("Content-Disposition"), "inline; filename") {
				t.Errorf("original: got %d %v", res.status, res.header)
			}
		})
	}
}

func TestSamePictureTwice(t *testing.T) {
	s := newSite(t, options{})
	content := picture(t, 40, 40)
	first, second := s.upload("/ascii?size=20", "a.png", content), s.upload("/ascii?size=30", "b.png", content)
	a, b := s.get("/image/"+first+"/ascii?wait=30s"), s.get("/image/"+second+"/ascii?wait=30s")
	if first == second || len(strings.SplitN(a.body, "\n", 2)[0]) != 20 || len(strings.SplitN(b.body, "\n", 2)[0]) != 30 {
		t.Errorf("two uploads of one picture: got %q and %q", a.body, b.body)
	}
}

func TestListPages(t *testing.T) {
	s := newSite(t, options{idle: true, convert: func(c *convert.Config) { c.Backlog = 2000 }})
	content := picture(t, 2, 2)
	want := make([]string, 1003)
	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := client; i < len(want); i += 8 {
				want[i] = s.upload("/upload", "a.png", content)
			}
		})
	}
	clients.Wait()
	slices.Sort(want) // ids sort by time
	slices.Reverse(want)
	var got []string
	cursor := ""
	for page := range 3 {
		v := s.get("/list?cursor=" + cursor).json(t)
		for _, id := range v["images"].([]any) {
			got = append(got, id.(string))
		}
		cursor, _ = v["next"].(string)
		if (cursor == "") != (page == 1) {
			t.Fatalf("page %d: next is %q", page, cursor)
		}
		if cursor == "" {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("list: got %d ids, want the %d uploaded, newest first", len(got), len(want))
	}
}

func TestEmptyList(t *testing.T) {
	s := newSite(t, options{idle: true})
	if got := s.get("/list").body; got != "{\"images\":[]}\n" {
		t.Errorf("empty list: got %q", got)
	}
}

func TestStatus(t *testing.T) {
	s := newSite(t, options{idle: true})
	s.upload("/ascii", "a.png", picture(t, 2, 2))
	got := s.get("/status").json(t)
	if up, ok := got["uptime"].(float64); !ok || up < 0 {
		t.Errorf("uptime: got %v", got["uptime"])
	}
	delete(got, "uptime")
	want := "map[errors:0 in_progress:0 queue_depth:1 ready:0 uploaded_count:1 version:v1.2.3]"
	if fmt.Sprint(got) != want {
		t.Errorf("status: got %v, want %v", got, want)
	}
}

func TestFullQueueRefuses(t *testing.T) {
	s := newSite(t, options{idle: true, convert: func(c *convert.Config) { c.Backlog = 2 }})
	content := picture(t, 2, 2)
	s.upload("/ascii", "1.png", content)
	s.upload("/ascii", "2.png", content)
	res := s.post("/ascii", file("3.png", content))
	if res.status != http.StatusTooManyRequests || res.header.Get("Retry-After") == "" {
		t.Errorf("third upload: got %d %s, want 429 with Retry-After", res.status, res.body)
	}
}

func TestTooManyUploadsAtOnce(t *testing.T) {
	s := newSite(t, options{idle: true, uploads: 1})
	contentType, body := form(file("slow.png", picture(t, 2, 2)))
	feed, send := io.Pipe()
	first := make(chan answer)
	go func() { first <- s.do("POST", "/ascii", feed, "Content-Type", contentType) }()
	if _, err := send.Write(body[:len(body)/2]); err != nil { // it is being read: the place is taken
		t.Fatal(err)
	}
	second := s.post("/ascii", file("b.png", picture(t, 2, 2)))
	if second.status != http.StatusTooManyRequests || second.header.Get("Retry-After") == "" {
		t.Errorf("second upload: got %d %s, want 429", second.status, second.body)
	}
	_, _ = send.Write(body[len(body)/2:])
	_ = send.Close()
	if res := <-first; res.status != http.StatusOK {
		t.Errorf("first upload: got %d %s", res.status, res.body)
	}
	s.upload("/ascii", "c.png", picture(t, 2, 2)) // the place is free again
}
