package v2_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal/internal/api/problem"
)

// TestDocument holds that the document is sound: references lead somewhere, and
// no two operations have one name.
func TestDocument(t *testing.T) {
	s := newSite(t, options{idle: true})
	raw := s.get("/openapi.json").want(http.StatusOK)
	schemas := s.doc.tree["components"].(map[string]any)["schemas"].(map[string]any)
	for _, ref := range regexp.MustCompile(`"\$ref": "([^"]*)"`).FindAllStringSubmatch(raw.body, -1) {
		name, ok := strings.CutPrefix(ref[1], "#/components/schemas/")
		if _, there := schemas[name]; !ok || !there {
			t.Errorf("the reference %s leads nowhere", ref[1])
		}
	}
	var ids []string
	for path, item := range s.doc.tree["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			op := op.(map[string]any)
			ids = append(ids, op["operationId"].(string))
			if op["summary"] == "" || op["responses"] == nil {
				t.Errorf("%s %s is not described", method, path)
			}
			checkPathParameters(t, path, op)
		}
	}
	slices.Sort(ids)
	if n := len(slices.Compact(slices.Clone(ids))); n != len(ids) {
		t.Errorf("two operations have one id: %v", ids)
	}
	var asYAML any
	noError(t, yaml.Unmarshal([]byte(s.get("/openapi.yaml").want(http.StatusOK).body), &asYAML))
	again, err := json.Marshal(asYAML)
	noError(t, err)
	var fromYAML any
	noError(t, json.Unmarshal(again, &fromYAML))
	if diff := cmp.Diff(any(s.doc.tree), fromYAML); diff != "" {
		t.Errorf("the YAML says something else (-JSON +YAML):\n%s", diff)
	}
}

func checkPathParameters(t *testing.T, path string, op map[string]any) {
	t.Helper()
	for _, name := range regexp.MustCompile(`\{([a-z]+)\}`).FindAllStringSubmatch(path, -1) {
		described := slices.ContainsFunc(op["parameters"].([]any), func(p any) bool {
			p2 := p.(map[string]any)
			return p2["in"] == "path" && p2["name"] == name[1]
		})
		if !described {
			t.Errorf("%s: the parameter %s is not described", path, name[1])
		}
	}
}

// TestPages holds that the pages work without any other server and without scripts,
// and that their links lead somewhere.
func TestPages(t *testing.T) {
	s := newSite(t, options{idle: true, required: true})
	docs := s.get("/docs").want(http.StatusOK)
	problems := s.get("/docs/problems").want(http.StatusOK)
	for name, page := range map[string]answer{"docs": docs, "problems": problems} {
		if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self';") {
			t.Errorf("%s: policy: got %q", name, policy)
		}
		if strings.Contains(page.body, "<script") || strings.Contains(page.body, "style=") || strings.Contains(page.body, "//cdn") {
			t.Errorf("%s: a script, a style, or another server", name)
		}
		for _, link := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(page.body, -1) {
			if anchor, ok := strings.CutPrefix(link[1], "#"); ok {
				if !strings.Contains(page.body, `id="`+anchor+`"`) {
					t.Errorf("%s: the link #%s leads nowhere", name, anchor)
				}
				continue
			}
			s.get(link[1]).want(http.StatusOK)
		}
	}
	for _, code := range problem.Codes() {
		if !strings.Contains(problems.body, `id="`+string(code.Name)+`"`) {
			t.Errorf("the page of problems lacks %s", code.Name)
		}
	}
	for _, op := range []string{"uploadImage", "searchImages", "convert"} {
		if !strings.Contains(docs.body, `id="`+op+`"`) {
			t.Errorf("the page lacks %s", op)
		}
	}
	if want := "<td>number, -1 to 1</td>"; !strings.Contains(docs.body, want) {
		t.Errorf("the page lacks %s, the range of brightness", want)
	}
	if again := s.get("/docs", "If-None-Match", docs.header.Get("Etag")); again.status != http.StatusNotModified {
		t.Errorf("again: got %d, want 304", again.status)
	}
}

// TestNames sends file names and titles that want to be more than that.
func TestNames(t *testing.T) {
	s := newSite(t, options{})
	tests := []struct{ name, filename, want string }{
		{"a header", "a\r\nSet-Cookie: x=1.png", "a%0D%0ASet-Cookie: x=1.png"},
		{"a folder", "../../etc/passwd.png", "passwd.png"},
		{"another system's folder", `..\..\a.png`, "a.png"},
		{"quotes", `a".png`, `a".png`},
		{"markup", "<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"},
		{"letters turned around", "a\u202egnp.exe", "agnp.exe"},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := s.on(t)
			got := s.post("/v2/images", []string{"Prefer", "wait=20"}, value("title", "x\r\nSet-Cookie: y"), file(tt.filename, picture(t, 20+i, 20))).want(http.StatusOK)
			if got.text("filename") != tt.want || got.text("title") != "x Set-Cookie: y" {
				t.Errorf("names: got %q %q", got.text("filename"), got.text("title"))
			}
			original := s.get(got.text("links.original")).want(http.StatusOK)
			art := s.get(got.text("links.art") + ".html?download=1").want(http.StatusOK)
			if original.header.Get("Set-Cookie") != "" || art.header.Get("Set-Cookie") != "" || strings.Contains(art.body, "<img") {
				t.Errorf("headers: got %v, %v", original.header, art.header)
			}
			if d := art.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment; filename") {
				t.Errorf("disposition: got %q", d)
			}
		})
	}
	for _, path := range []string{"/v2/images/../../healthz", "/v2/images/%2e%2e/%2e%2e", "/v2/images/%00", "/v2//images", "/v2/images/" + strings.Repeat("a", 10_000)} {
		if got := s.get(path); got.status != http.StatusNotFound {
			t.Errorf("%.40s: got %d", path, got.status)
		}
	}
}
