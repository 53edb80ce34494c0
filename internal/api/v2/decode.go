package v2

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/url"
	"path"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// The bounds of JSON that is sent, against bombs: what it may take before it is
// looked at, and how deep a reader may have to go.
const (
	maxJSON  = 1 << 20 // bytes
	maxDepth = 16
)

// decodeBody reads the JSON body into a pointer to what the operation takes.
func (c *call) decodeBody(to any) error {
	if err := c.wantType("application/json"); err != nil {
		return err
	}
	raw, err := readAll(c.r.Body, maxJSON)
	if err != nil {
		return err
	}
	value, err := parseJSON(raw)
	if err != nil {
		return err
	}
	return c.api.fill(to, c.op.bodySchema, value, "")
}

// wantType refuses a body of another type than JSON.
func (c *call) wantType(want string) error {
	got, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && got == want {
		return nil
	}
	return charcoal.Errorf(charcoal.Unsupported, "send the body as Content-Type: %s, not %q", want, clip(c.r.Header.Get("Content-Type")))
}

// readAll reads a body that has to be in memory as a whole.
func readAll(r io.Reader, limit int64) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, interrupted(err)
	case int64(len(raw)) > limit:
		return nil, charcoal.OverLimit("the JSON", limit, int64(len(raw)), "bytes")
	}
	return raw, nil
}

// interrupted is about a body that ended before its time. Limits and deadlines
// say so themselves.
func interrupted(err error) error {
	if _, ok := errors.AsType[*charcoal.Error](err); ok {
		return err
	}
	return charcoal.Errorf(charcoal.Malformed, "the body was cut off").Because(err)
}

// parseJSON reads one value, refusing what is nested deeper than any request is,
// and names that come twice, which readers take in different ways.
func parseJSON(raw []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	value, err := parseValue(dec, 0)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, charcoal.Errorf(charcoal.Malformed, "something follows the JSON")
	}
	return value, nil
}

func parseValue(dec *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, charcoal.OverLimitAs(charcoal.Malformed, "the nesting of the JSON", maxDepth, int64(depth), "levels")
	}
	token, err := dec.Token()
	if err != nil {
		return nil, notJSON(err)
	}
	switch token {
	case json.Delim('{'):
		return parseObject(dec, depth)
	case json.Delim('['):
		return parseArray(dec, depth)
	}
	return token, nil
}

func parseObject(dec *json.Decoder, depth int) (any, error) {
	object := make(map[string]any)
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, notJSON(err)
		}
		key, _ := name.(string) // the decoder takes nothing else
		if _, twice := object[key]; twice {
			return nil, charcoal.Errorf(charcoal.Malformed, "the JSON has the name %q twice in one object", clip(key))
		}
		if object[key], err = parseValue(dec, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return object, notJSON(err)
}

func parseArray(dec *json.Decoder, depth int) (any, error) {
	array := []any{}
	for dec.More() {
		v, err := parseValue(dec, depth+1)
		if err != nil {
			return nil, err
		}
		array = append(array, v)
	}
	_, err := dec.Token()
	return array, notJSON(err)
}

func notJSON(err error) error {
	if err == nil {
		return nil
	}
	return charcoal.Errorf(charcoal.Malformed, "the body is no JSON: %v", unexpected(err)).Because(err)
}

func unexpected(err error) string {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("%v at byte %d", e, e.Offset)
	}
	return "it cannot be read"
}

// fill checks a value that was parsed and reads it into a pointer. Where prefix
// is not "", pointers begin with it in place of "/".
func (a *API) fill(to any, s *schema.Schema, value any, prefix string) error {
	if err := issuesError(a.schemas.Check(s, value), prefix); err != nil {
		return err
	}
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, to); err != nil {
		return charcoal.Errorf(charcoal.Invalid, "a value cannot be read").Because(err)
	}
	return nil
}

// issuesError makes one error of everything that is wrong.
func issuesError(issues []schema.Issue, prefix string) error {
	if len(issues) == 0 {
		return nil
	}
	var fields []charcoal.Field
	for _, i := range issues {
		pointer := i.Pointer
		if prefix != "" {
			pointer = prefix + strings.TrimPrefix(pointer, "/")
		}
		fields = append(fields, charcoal.Field{Pointer: pointer, Message: i.Message})
	}
	e := charcoal.Errorf(charcoal.Invalid, "%s", summary(fields))
	e.Fields = fields
	return e
}

// summary is a sentence about the first field, and how many there are.
func summary(fields []charcoal.Field) string {
	first := fields[0]
	text := first.Message
	if !strings.HasPrefix(text, `"`) { // an unknown name stands for itself
		text = nameOf(first.Pointer) + " " + text
	}
	if n := len(fields) - 1; n > 0 {
		text += fmt.Sprintf("; %d more under errors", n)
	}
	return text
}

// nameOf is what people call the place of a pointer.
func nameOf(pointer string) string {
	if pointer == "" {
		return "the body"
	}
	name := pointer[strings.LastIndexByte(pointer, ':')+1:]
	return strings.TrimPrefix(name, "/")
}

// The query of an address.

func (c *call) knownQuery() error {
	if strings.Contains(c.r.URL.RawQuery, tokenPrefix) || c.r.URL.Query().Has("access_token") {
		return charcoal.Errorf(charcoal.Invalid,
			"a token does not belong into a URL, where logs and histories keep it: send Authorization: Bearer, and make a new token in place of this one")
	}
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return charcoal.Errorf(charcoal.Invalid, "the query of the address cannot be read").Because(err)
	}
	known := c.op.querySet.Names()
	if c.op.openQuery {
		return nil
	}
	strange := make(map[string]any)
	for name := range values {
		if c.op.querySet.Property(name) == nil {
			strange[name] = true
		}
	}
	if len(strange) == 0 {
		return nil
	}
	if strange["format"] != nil && c.op.files {
		return invalid("query:format", "the format of art is the extension of its address, as in %s.svg", strings.TrimSuffix(c.r.URL.Path, path.Ext(c.r.URL.Path)))
	}
	return issuesError(unknownNames(strange, known), "query:")
}

// tokenPrefix begins every token that an account makes.
const tokenPrefix = "chr_"

func (c *call) decodeQuery(to any) error {
	values := c.r.URL.Query()
	if c.op.openQuery {
		maps.DeleteFunc(values, func(name string, _ []string) bool { return c.op.querySet.Property(name) == nil })
	}
	value, err := c.api.fromText(values, c.op.querySet, "query:")
	if err != nil {
		return err
	}
	return c.api.fill(to, c.op.querySet, value, "query:")
}
