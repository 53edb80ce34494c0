package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// home is somebody at a terminal with a home folder and a server.
type home struct {
	t      *testing.T
	folder string
	env    []string
}

func newHome(t *testing.T, server string) *home {
	t.Helper()
	folder := t.TempDir()
	return &home{t, folder, []string{"HOME=" + folder, serverVariable + "=" + server}}
}

func (h *home) file(name, content string) (path string) {
	h.t.Helper()
	path = filepath.Join(h.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		h.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		h.t.Fatal(err)
	}
	return path
}

// run runs a command and returns what it wrote, with the home folder as ~.
func (h *home) run(stdin string, args ...string) (status int, stdout, stderr string) {
	h.t.Helper()
	var out, errOut bytes.Buffer
	status = Main(h.t.Context(), Process{Args: args, Env: h.env, Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &errOut})
	tilde := func(b bytes.Buffer) string { return strings.ReplaceAll(b.String(), h.folder, "~") }
	return status, tilde(out), tilde(errOut)
}

func (h *home) want(status int, stdout, stderr string, args ...string) {
	h.t.Helper()
	got, out, errOut := h.run("", args...)
	if got != status || out != stdout || !strings.Contains(errOut, stderr) || stderr == "" && errOut != "" {
		h.t.Errorf("%q:\ngot  %d %q %q\nwant %d %q %q", args, got, out, errOut, status, stdout, stderr)
	}
}

func TestUploadSendsNothingTwice(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	a := h.file("a.png", "picture a")
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)

	b := h.file("copies/b.png", "picture a")
	h.want(0, "id-1  ~/copies/b.png\n", "", "upload", b)
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)

	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(a, later, later); err != nil {
		t.Fatal(err)
	}
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)
	h.file("a.png", "another picture")
	h.want(0, "id-2  ~/a.png\n", "", "upload", a)

	want := []string{"POST /v2/images", "GET /v2/images/id-1", "GET /v2/images/id-1", "GET /v2/images/id-1", "POST /v2/images"}
	if diff := cmp.Diff(want, s.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if s.requests = nil; true {
		h.want(0, "id-2  ~/a.png\n", "", "upload", "--again", a)
		h.want(0, "", "", "rm", "id-2")
		h.want(0, "id-2  ~/a.png\n", "", "upload", a) // gone there, so it is sent
	}
	want = []string{"POST /v2/images", "DELETE /v2/images/id-2", "GET /v2/images/id-2", "POST /v2/images"}
	if diff := cmp.Diff(want, s.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Two accounts do not share what was uploaded, nor do two servers.
func TestWhatWasUploadedIsOfAnAccount(t *testing.T) {
	s, other := newFakeServer(t), newFakeServer(t)
	h := newHome(t, s.URL)
	a := h.file("a.png", "picture a")
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)
	h.want(0, "id-1  ~/a.png\n", "", "upload", "--server", other.URL, a)
	s.token = "chr_x"
	h.env = append(h.env, tokenVariable+"=chr_x")
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)
	for name, s := range map[string]*fakeServer{"the server": s, "the other server": other} {
		if n := strings.Count(strings.Join(s.requests, " "), "POST"); n != map[string]int{"the server": 2, "the other server": 1}[name] {
			t.Errorf("%s was sent the picture %d times", name, n)
		}
	}
}

func TestWhatIsThereIsAmended(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	a := h.file("a.png", "picture a")
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)
	h.want(0, "id-1  ~/a.png\n", "", "upload", "--title", "A", "--tag", "x,y", "--visibility=public", "--cols=40", "--invert=false", "--crop=0,0,50%,1", "--wait", a)
	img := s.images[0]
	want := map[string]any{"cols": 40.0, "invert": false, "crop": map[string]any{"x": 0.0, "y": 0.0, "width": 0.5, "height": 1.0}}
	if diff := cmp.Diff(want, img["drawn"]); diff != "" {
		t.Errorf("drawn with (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"A", []any{"x", "y"}, "public"}, []any{img["title"], img["tags"], img["visibility"]}); diff != "" {
		t.Errorf("said (-want +got):\n%s", diff)
	}
}

// Of folders, what looks like a picture is taken, but nothing hidden and no link.
func TestUploadOfFolders(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	h.file("album/a.PNG", "a")
	h.file("album/deep/er/b", "P1\n1 1\n0\n")
	h.file("album/notes.txt", "no picture")
	h.file("album/empty", "")
	h.file("album/.hidden.png", "hidden")
	h.file("album/.git/c.png", "hidden")
	secret := h.file("secret.png", "secret")
	if err := os.Symlink(secret, filepath.Join(h.folder, "album", "link.png")); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(h.folder, "to-album")
	if err := os.Symlink(filepath.Join(h.folder, "album"), link); err != nil {
		t.Fatal(err)
	}
	status, out, stderr := h.run("", "upload", "--jobs=1", link, link)
	want := "id-1  ~/to-album/a.PNG\nid-2  ~/to-album/deep/er/b\n"
	if status != 0 || out != want || stderr != "charcoal: 2 uploaded, 0 there before, 0 failed\n" {
		t.Errorf("got %d, %q, %q, want %q", status, out, stderr, want)
	}
}

func TestUploadTellsWhatFailed(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	good, bad := h.file("good.png", "good"), h.file("b\x1b[2Jad.png", "broken")
	status, out, stderr := h.run("", "upload", "--json", "--jobs=1", bad, good, filepath.Join(h.folder, "none.png"))
	if status != 1 {
		t.Errorf("the status is %d, want 1", status)
	}
	for _, line := range []string{
		"charcoal: ~/none.png: no such file or directory\n", "charcoal: ~/b\uFFFD[2Jad.png: This is no picture\n", "charcoal: 1 uploaded, 0 there before, 2 failed\n",
	} {
		if !strings.Contains(stderr, line) {
			t.Errorf("standard error lacks %q:\n%s", line, stderr)
		}
	}
	var got []uploadReport
	for line := range strings.Lines(out) {
		var r uploadReport
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	want := []uploadReport{
		{File: "~/b\x1b[2Jad.png", Status: "failed", Error: "This is no picture"},
		{File: "~/good.png", Status: "uploaded"},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(uploadReport{}, "Image")); diff != "" {
		t.Errorf("reports (-want +got):\n%s", diff)
	}
}

// Where nobody is let in, one picture is enough to find out.
func TestUploadStopsWhenItIsNotSignedIn(t *testing.T) {
	s := newFakeServer(t)
	s.token = "chr_x"
	h := newHome(t, s.URL)
	album := filepath.Dir(h.file("album/a.png", "a"))
	h.file("album/b.png", "b")
	status, out, stderr := h.run("", "upload", "--jobs=1", album)
	want := `charcoal: ~/album/a.png: Sign in; "charcoal login" signs in
charcoal: 0 uploaded, 0 there before, 1 failed
charcoal: stopped, with 1 left; the same command goes on from here
`
	if status != 1 || out != "" || stderr != want {
		t.Errorf("got %d, %q,\n%s\nwant\n%s", status, out, stderr, want)
	}
}

func TestUploadOfStandardInput(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	if status, out, stderr := h.run("picture", "upload", "-"); status != 0 || out != "id-1  -\n" {
		t.Errorf("got %d, %q, %q", status, out, stderr)
	}
}

// Without a place to remember uploads, they are made all the same.
func TestUploadWithoutAHome(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	a := h.file("a.png", "a")
	h.env = h.env[1:]
	h.want(0, "id-1  ~/a.png\n", "charcoal: what is uploaded will not be remembered: there is no home folder", "upload", a)
}

func TestAJournalThatWasCutOff(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	a, b := h.file("a.png", "a"), h.file("b.png", "b")
	h.want(0, "id-1  ~/a.png\n", "", "upload", a)
	journals, err := filepath.Glob(filepath.Join(h.folder, ".local/state/charcoal/uploads/*"))
	if err != nil || len(journals) != 1 {
		t.Fatalf("journals: %q, %v", journals, err)
	}
	raw, err := os.ReadFile(journals[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journals[0], append(raw, `{"path":"/x","sha2`...), 0o600); err != nil {
		t.Fatal(err)
	}
	h.want(0, "id-2  ~/b.png\n", "", "upload", b)
	h.want(0, "id-1  ~/a.png\nid-2  ~/b.png\n", "0 uploaded, 2 there before", "upload", "--jobs=1", a, b)
}

func TestListWritesLines(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	h.env = append(h.env, "TZ=UTC")
	s.images = []map[string]any{
		{"id": "id-1", "state": "ready", "width": 640, "height": 480, "created": "2026-11-24T12:00:00Z", "title": "T\x1b]0;owned\x07", "filename": "f.png"},
		{"id": "id-2", "state": "queued", "created": "2026-11-24T12:00:00Z", "filename": "f.png"},
	}
	_, out, _ := h.run("", "list")
	if !strings.Contains(out, "id-1") || !strings.Contains(out, "640×480") || !strings.Contains(out, "T\uFFFD]0;owned\uFFFD\n") || !strings.Contains(out, "?  20") {
		t.Errorf("got %q", out)
	}
	if strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("a title steers the terminal: %q", out)
	}
	if _, out, _ = h.run("", "search", "--limit=1", "--json", "t"); strings.Count(out, "\n") != 1 || !json.Valid([]byte(out)) {
		t.Errorf("got %q, want one line of JSON", out)
	}
}

func TestGet(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	h.want(0, "\x1b[31mart.txt\x1b[0m of cols=40&invert=true\x1b]0;owned\x07\n", "", "get", "--cols=40", "--invert", "id-1")
	output := filepath.Join(h.folder, "art.svg")
	h.want(0, "", "", "get", "-o", output, "id-1")
	if raw, err := os.ReadFile(output); err != nil || !strings.Contains(string(raw), "art.svg") {
		t.Errorf("the output is %q, %v", raw, err)
	}
	h.want(0, "", "", "get", "--format=text", "-o", os.DevNull, "id-1")
	s.refuse = func(*http.Request) (int, string) { return 404, "No image has this id." }
	h.want(1, "", "charcoal: No image has this id\n", "get", "-o", output, "id-1")
	if raw, err := os.ReadFile(output); err != nil || len(raw) == 0 {
		t.Errorf("what was there before is %q, %v", raw, err)
	}
}

func TestWatchOfAnImage(t *testing.T) {
	s := newFakeServer(t)
	h := newHome(t, s.URL)
	s.images = []map[string]any{{"id": "id-1", "state": "running", "rendering": map[string]any{"state": "running"}}}
	s.events = `data: {"seq":1,"type":"rendering.running","image_id":"id-1","state":"running","at":"2026-11-24T12:00:00Z"}` + "\n\n"
	reads := 0
	s.refuse = func(r *http.Request) (int, string) {
		if r.URL.Path != "/v2/images/id-1" {
			return 0, ""
		}
		if reads++; reads > 1 {
			s.images[0]["state"] = "failed"
			s.images[0]["rendering"] = map[string]any{"state": "failed", "reason": "it is cut off"}
		}
		return 0, ""
	}
	s.events += strings.ReplaceAll(strings.ReplaceAll(s.events, `"seq":1`, `"seq":2`), "running", "failed")
	status, out, stderr := h.run("", "watch", "id-1")
	if status != 1 || strings.Count(out, "\n") != 2 || stderr != "charcoal: the picture could not be drawn: it is cut off\n" {
		t.Errorf("got %d, %q, %q", status, out, stderr)
	}
}

func TestLoginKeepsATokenToItself(t *testing.T) {
	s, other := newFakeServer(t), newFakeServer(t)
	s.token, other.token = "chr_secret", "chr_other"
	h := newHome(t, "")
	if status, out, stderr := h.run("chr_secret\n", "login", "--server", s.URL+"/", "--token-stdin"); status != 0 || out != "signed in to "+s.URL+" as ann\n" {
		t.Fatalf("got %d, %q, %q", status, out, stderr)
	}
	info, err := os.Stat(filepath.Join(h.folder, ".config/charcoal/client.yaml"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file has the mode %v, %v, want 0600", info.Mode(), err)
	}
	h.want(0, "", "", "list") // the server of the login, with its token
	other.refuse = func(r *http.Request) (int, string) {
		if got := r.Header.Get("Authorization"); got != "" {
			t.Errorf("another server is told %q", got)
		}
		return 0, ""
	}
	h.want(1, "", `charcoal: Sign in; "charcoal login" signs in`, "list", "--server", other.URL)
	h.want(0, "signed out of "+s.URL+"\n", "", "logout")
	h.want(1, "", "not signed in", "logout", "--server", s.URL)
}

func TestLoginRefusesWhatIsNoToken(t *testing.T) {
	s := newFakeServer(t)
	s.token = "chr_x"
	h := newHome(t, s.URL)
	for _, stdin := range []string{"wrong\n", "\n", "", "a\rb\n"} {
		if status, _, stderr := h.run(stdin, "login", "--token-stdin"); status == 0 || stderr == "" {
			t.Errorf("%q: got %d, %q", stdin, status, stderr)
		}
	}
	if _, _, stderr := h.run("wrong\n", "login", "--token-stdin"); strings.Contains(stderr, "charcoal login") {
		t.Errorf("got %q, which advises what was just done", stderr)
	}
	if _, err := os.Stat(filepath.Join(h.folder, ".config")); err == nil {
		t.Error("a file was written")
	}
	h.want(2, "", "no terminal to ask for a password at", "login")
}

func TestTimesOnTheCommandLine(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"36h": "2026-11-23T00:00:00Z", "7d": "2026-11-17T12:00:00Z", "2w": "2026-11-10T12:00:00Z",
		"2026-01-31": "2026-01-31T00:00:00Z", "2026-01-31T06:00": "2026-01-31T06:00:00Z", "2026-01-31T06:00:00+02:00": "2026-01-31T04:00:00Z",
		"soon": "", "-5d": "", "0d": "", "99999w": "", "": "", "d": "",
	} {
		got, err := parsePast(text, now)
		if want == "" && err == nil || want != "" && got.UTC().Format(time.RFC3339) != want {
			t.Errorf("%q: got %v, %v, want %q", text, got, err, want)
		}
	}
	if got, err := parseFuture("1d", now); err != nil || !got.Equal(now.Add(24*time.Hour)) {
		t.Errorf("tomorrow: got %v, %v", got, err)
	}
}

func TestArtIsTame(t *testing.T) {
	for in, want := range map[string]string{
		"plain ☃\n":                              "plain ☃\n",
		"\x1b[38;2;1;2;3mx\x1b[m":                "\x1b[38;2;1;2;3mx\x1b[m",
		"\x1b[4:3m":                              "\x1b[4:3m",
		"\x1b]0;title\x07":                       "\uFFFD]0;title\uFFFD",
		"\x1b[2J\x1b[H":                          "\uFFFD[2J\uFFFD[H",
		"\x1b\x1b[31m":                           "\uFFFD\x1b[31m",
		"\u009b2J\r\b\x7f":                       "\uFFFD2J\uFFFD\uFFFD\uFFFD",
		"\u202eabc":                              "\uFFFDabc",
		"a\xffb":                                 "a\uFFFDb",
		"\x1b[" + strings.Repeat("1;", 50) + "m": "\uFFFD[" + strings.Repeat("1;", 50) + "m",
	} {
		var whole, single strings.Builder
		_, _ = (&tame{w: &whole}).Write([]byte(in))
		t1 := &tame{w: &single}
		for i := range len(in) {
			_, _ = t1.Write([]byte{in[i]})
		}
		if whole.String() != want || single.String() != want {
			t.Errorf("%q: got %q at once and %q byte by byte, want %q", in, whole.String(), single.String(), want)
		}
	}
}

// FuzzTame holds that nothing but colours and line ends gets to the terminal, however the
// text is cut.
func FuzzTame(f *testing.F) {
	for _, s := range []string{"\x1b[31mx\x1b[0m\n", "\x1b]0;t\x07", "\u009b", "\x1b[1;", "a\xe2\x98"} {
		f.Add(s, 1)
	}
	f.Fuzz(func(t *testing.T, in string, cut int) {
		var whole, parts strings.Builder
		_, _ = (&tame{w: &whole}).Write([]byte(in))
		p := &tame{w: &parts}
		cut = min(max(cut, 0), len(in))
		_, _ = p.Write([]byte(in[:cut]))
		_, _ = p.Write([]byte(in[cut:]))
		if whole.String() != parts.String() {
			t.Errorf("got %q at once and %q in parts", whole.String(), parts.String())
		}
		for i, rest := range strings.Split(whole.String(), "\x1b") {
			if i == 0 {
				continue
			}
			sequence, _, ok := strings.Cut(rest, "m")
			if !ok || !strings.HasPrefix(sequence, "[") || strings.Trim(sequence[1:], "0123456789;:") != "" {
				t.Errorf("a sequence gets through: %q", rest)
			}
		}
	})
}
