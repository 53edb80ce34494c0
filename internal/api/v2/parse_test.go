package v2

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/problem"
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// TestOptionDocs holds that every option is described, and nothing else.
func TestOptionDocs(t *testing.T) {
	types := optionTypes()
	for _, d := range optionDocs() {
		if types[d.name] == nil || d.doc == "" {
			t.Errorf("%s is no option, or has no words", d.name)
		}
		delete(types, d.name)
	}
	for name := range types {
		t.Errorf("the option %s is not described", name)
	}
}

func TestParseRange(t *testing.T) {
	tests := []struct {
		header      string
		first, last int64
		kind        int
	}{
		{"bytes=0-9", 0, 9, rangeGiven},
		{"bytes=5-", 5, 99, rangeGiven},
		{"bytes=-3", 97, 99, rangeGiven},
		{"bytes=-300", 0, 99, rangeGiven},
		{"bytes=90-1000", 90, 99, rangeGiven},
		{"bytes=100-", 0, 0, rangeBeyond},
		{"bytes=-0", 0, 0, rangeBeyond},
		{"bytes=9-5", 0, 0, rangeIgnored},
		{"bytes=-", 0, 0, rangeIgnored},
		{"bytes=0-1,4-5", 0, 0, rangeIgnored},
		{"lines=0-1", 0, 0, rangeIgnored},
		{"bytes=0-99999999999999999999", 0, 0, rangeIgnored},
	}
	for _, tt := range tests {
		first, last, kind := parseRange(tt.header, 100)
		if kind != tt.kind || kind == rangeGiven && (first != tt.first || last != tt.last) {
			t.Errorf("%s: got %d-%d %d, want %d-%d %d", tt.header, first, last, kind, tt.first, tt.last, tt.kind)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	f.Add("bytes=0-9", int64(100))
	f.Add("bytes=-3", int64(0))
	f.Fuzz(func(t *testing.T, header string, total int64) {
		total = max(total, 0)
		first, last, kind := parseRange(header, total)
		if kind == rangeGiven && (first < 0 || last < first || last >= total) {
			t.Errorf("got %d-%d of %d", first, last, total)
		}
	})
}

func TestChooseEncoding(t *testing.T) {
	for accept, want := range map[string]string{
		"": "", "gzip": "gzip", "gzip, deflate, br, zstd": "zstd", "gzip;q=1, zstd;q=0.5": "gzip",
		"identity": "", "*": "zstd", "zstd;q=0, *": "gzip", "br": "", "gzip;q=0": "",
	} {
		if got := chooseEncoding(accept); got != want {
			t.Errorf("%q: got %q, want %q", accept, got, want)
		}
	}
}

func TestParseDigest(t *testing.T) {
	const sum = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	for line, ok := range map[string]bool{
		"sha-256=:" + sum + ":": true, "sha-512=:AAAA:, sha-256=:" + sum + ":": true,
		"sha-256=" + sum: false, "sha-256=:AAAA:": false, "sha-512=:AAAA:": false, "": false, "sha-256": false,
	} {
		got, err := parseDigest([]string{line})
		if ok != (err == nil) || ok && got[0] != 0xe3 {
			t.Errorf("%q: got %v, %v", line, got, err)
		}
	}
	if got, err := parseDigest(nil); got != nil || err != nil {
		t.Errorf("none: got %v, %v", got, err)
	}
}

func TestParseJSON(t *testing.T) {
	for text, code := range map[string]charcoal.Code{
		`{"a":[1,{"b":null}]}`: "", `{`: charcoal.Malformed, `{} {}`: charcoal.Malformed, `{"a":1,"a":2}`: charcoal.Malformed,
		`[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]`: charcoal.Malformed, ``: charcoal.Malformed, `{"a":01}`: charcoal.Malformed, "\xff": charcoal.Malformed,
	} {
		_, err := parseJSON([]byte(text))
		if err == nil && code != "" || err != nil && charcoal.CodeOf(err) != code {
			t.Errorf("%q: got %v, want %q", text, err, code)
		}
	}
}

// FuzzParseJSON holds that what is taken is JSON, and what is refused is the
// caller's fault.
func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(`{"cols":3,"crop":{"x":0.5}}`))
	f.Add([]byte(`[[[[`))
	registry := schema.NewRegistry(knownSchemas())
	draw := registry.Of(typeOf[DrawRequest]())
	f.Fuzz(func(t *testing.T, raw []byte) {
		value, err := parseJSON(raw)
		if err != nil {
			if code := charcoal.CodeOf(err); code != charcoal.Malformed {
				t.Errorf("code: got %s", code)
			}
			return
		}
		if !json.Valid(raw) {
			t.Errorf("%q was taken", raw)
		}
		registry.Check(draw, value)
	})
}

// FuzzFromText holds that whatever stands in a query becomes a value that JSON has.
func FuzzFromText(f *testing.F) {
	f.Add("cols=3&crop=0,0,1,1&palette=%23000000,%23ffffff&invert=yes")
	f.Add("cols=0x10&gamma=NaN&crop=1,,&cols=")
	a := &API{schemas: schema.NewRegistry(knownSchemas())}
	a.sets = newSets(a.schemas)
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		object, err := a.fromText(values, a.sets.upload, "query:")
		if err != nil {
			return
		}
		if _, err := json.Marshal(object); err != nil {
			t.Errorf("%q: %v", query, err)
		}
		if issues := a.schemas.Check(a.sets.upload, object); len(issues) > 0 && slices.Contains(issues, schema.Issue{}) {
			t.Errorf("%q: an issue without words", query)
		}
	})
}

// FuzzForm reads bodies of any kind as forms: every file ends, and what is refused
// is the caller's fault.
func FuzzForm(f *testing.F) {
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=cols\r\n\r\n3\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nx\r\n--b--\r\n"))
	f.Add([]byte("--b\r\nContent-Disposition: form-data; name=file\r\n\r\n--b\r\nContent-Disposition: form-data; name=file\r\n\r\n"))
	f.Add([]byte("--b\r\n\r\n--b--"))
	a := &API{schemas: schema.NewRegistry(knownSchemas())}
	a.sets = newSets(a.schemas)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v2/images", bytes.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		if err := readForm(r, a.sets.form); err != nil && problem.Status(err) >= http.StatusInternalServerError {
			t.Errorf("%q: %v", body, err)
		}
	})
}

// readForm reads all of a form.
func readForm(r *http.Request, known *schema.Schema) error {
	f, err := openForm(r, known)
	if err != nil {
		return err
	}
	for {
		file, err := f.file()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, file); err != nil {
			return err
		}
	}
}
