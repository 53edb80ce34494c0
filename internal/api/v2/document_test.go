package v2_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// document is the OpenAPI document as a client reads it. It checks answers by its
// own reading of JSON Schema, not by ours.
type document struct {
	tree  map[string]any
	paths []documentPath
	mu    sync.Mutex
	seen  map[string]bool // operations that were asked
}

type documentPath struct {
	template string
	re       *regexp.Regexp
}

func loadDocument(t testing.TB, base string) *document {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/openapi.json", nil)
	noError(t, err)
	res, err := http.DefaultTransport.RoundTrip(req)
	noError(t, err)
	defer res.Body.Close()
	d := &document{seen: make(map[string]bool)}
	noError(t, json.NewDecoder(res.Body).Decode(&d.tree))
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	braces := regexp.MustCompile(`\\\{[a-z]+\\\}`)
	for template := range d.tree["paths"].(map[string]any) {
		re := braces.ReplaceAllString(regexp.QuoteMeta(template), `[^/.]+`)
		re = strings.Replace(re, "/art[^/.]+", `/art\.[a-z]+`, 1)
		d.paths = append(d.paths, documentPath{template, regexp.MustCompile("^" + re + "$")})
	}
	slices.SortFunc(d.paths, func(a, b documentPath) int { // without parameters first
		return strings.Count(a.template, "{") - strings.Count(b.template, "{")
	})
	return d
}

// operation finds what the document says of a request, nil for nothing.
func (d *document) operation(method, path string) map[string]any {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for _, p := range d.paths {
		if p.re.MatchString(path) {
			item := d.tree["paths"].(map[string]any)[p.template].(map[string]any)
			op, _ := item[strings.ToLower(method)].(map[string]any)
			if op != nil {
				d.mu.Lock()
				d.seen[method+" "+p.template] = true
				d.mu.Unlock()
				return op
			}
		}
	}
	return nil
}

// routes are all operations, as "GET /v2/images".
func (d *document) routes() (all []string) {
	for _, p := range d.paths {
		for method := range d.tree["paths"].(map[string]any)[p.template].(map[string]any) {
			all = append(all, strings.ToUpper(method)+" "+p.template)
		}
	}
	slices.Sort(all)
	return all
}

// check holds an answer against the document.
func (d *document) check(t testing.TB, method, path string, a answer) {
	t.Helper()
	if !strings.HasPrefix(path, "/v2/") {
		return
	}
	op := d.operation(method, path)
	if op == nil {
		if a.status != http.StatusNotFound && a.status != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: got %d, but the document does not know it", method, path, a.status)
		}
		return
	}
	responses := op["responses"].(map[string]any)
	response, known := responses[fmt.Sprint(a.status)].(map[string]any)
	if !known {
		if a.status < 400 {
			t.Errorf("%s %s: the document does not know the status %d", method, path, a.status)
		}
		response = responses["default"].(map[string]any)
	}
	d.checkBody(t, method+" "+path, response, a)
}

func (d *document) checkBody(t testing.TB, what string, response map[string]any, a answer) {
	t.Helper()
	contents, _ := response["content"].(map[string]any)
	if a.body == "" {
		return
	}
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: Content-Type: %v", what, err)
		return
	}
	content, ok := contents[mediaType].(map[string]any)
	if family, _, _ := strings.Cut(mediaType, "/"); !ok {
		content, ok = contents[family+"/*"].(map[string]any)
	}
	if !ok {
		t.Errorf("%s: %d has the type %s, which the document does not know", what, a.status, mediaType)
		return
	}
	if !strings.HasSuffix(mediaType, "json") {
		return
	}
	var value any
	if err := json.Unmarshal([]byte(a.body), &value); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	for _, issue := range d.validate(content["schema"].(map[string]any), "", value) {
		t.Errorf("%s: %d: %s", what, a.status, issue)
	}
}

// validate is JSON Schema as far as the document uses it.
func (d *document) validate(s map[string]any, at string, value any) (issues []string) {
	if ref, ok := s["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		return d.validate(d.tree["components"].(map[string]any)["schemas"].(map[string]any)[name].(map[string]any), at, value)
	}
	if choices, ok := s["anyOf"].([]any); ok {
		for _, one := range choices {
			issues = d.validate(one.(map[string]any), at, value)
			if len(issues) == 0 {
				return nil
			}
		}
		return issues
	}
	if kinds := typesOf(s); len(kinds) > 0 && !slices.ContainsFunc(kinds, func(k string) bool { return isA(k, value) }) {
		return []string{fmt.Sprintf("%s is %T, want %v", at, value, kinds)}
	}
	switch v := value.(type) {
	case map[string]any:
		return d.validateObject(s, at, v)
	case []any:
		if items, ok := s["items"].(map[string]any); ok {
			for i, item := range v {
				issues = append(issues, d.validate(items, fmt.Sprintf("%s/%d", at, i), item)...)
			}
		}
	case string:
		return validateText(s, at, v)
	}
	return issues
}

func typesOf(s map[string]any) (kinds []string) {
	switch t := s["type"].(type) {
	case string:
		return []string{t}
	case []any:
		for _, k := range t {
			kinds = append(kinds, k.(string))
		}
	}
	return kinds
}

func isA(kind string, value any) bool {
	switch v := value.(type) {
	case nil:
		return kind == "null"
	case bool:
		return kind == "boolean"
	case string:
		return kind == "string"
	case float64:
		return kind == "number" || kind == "integer" && v == float64(int64(v))
	case []any:
		return kind == "array"
	}
	return kind == "object"
}

func (d *document) validateObject(s map[string]any, at string, v map[string]any) (issues []string) {
	properties, _ := s["properties"].(map[string]any)
	required, _ := s["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			issues = append(issues, fmt.Sprintf("%s/%s is missing", at, name))
		}
	}
	for name, value := range v {
		if p, ok := properties[name].(map[string]any); ok {
			issues = append(issues, d.validate(p, at+"/"+name, value)...)
		} else if s["additionalProperties"] == false {
			issues = append(issues, fmt.Sprintf("%s/%s is not in the document", at, name))
		}
	}
	return issues
}

func validateText(s map[string]any, at, v string) (issues []string) {
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, any(v)) {
		issues = append(issues, fmt.Sprintf("%s is %q, want one of %v", at, v, enum))
	}
	if pattern, ok := s["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
		issues = append(issues, fmt.Sprintf("%s is %q, want %s", at, v, pattern))
	}
	switch s["format"] {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			issues = append(issues, fmt.Sprintf("%s is %q, want a time", at, v))
		}
	case "uuid":
		if _, err := uuid.Parse(v); err != nil {
			issues = append(issues, fmt.Sprintf("%s is %q, want a UUID", at, v))
		}
	}
	return issues
}
