package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/charcoal-art/charcoal/internal/nearest"
)

// Issue is something wrong with a value.
type Issue struct {
	Pointer string // JSON pointer (RFC 6901) to it: "/options/cols"
	Message string // a clause for people
}

// maxIssues is how many issues are worth telling.
const maxIssues = 20

// Check holds a value against a schema and returns what is wrong, in the order of
// the schema. The value is as encoding/json decodes it into any, with numbers as
// [json.Number]. An unknown name is an issue that names the nearest known one.
func (r *Registry) Check(s *Schema, value any) []Issue {
	c := &checker{registry: r}
	c.check(s, "", value)
	return c.issues
}

type checker struct {
	registry *Registry
	issues   []Issue
}

func (c *checker) add(pointer, format string, args ...any) {
	if len(c.issues) < maxIssues {
		c.issues = append(c.issues, Issue{pointer, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) check(s *Schema, at string, value any) {
	s = c.registry.Resolve(s)
	if len(s.AnyOf) > 0 {
		c.anyOf(s, at, value)
		return
	}
	if value == nil {
		if !s.Null && s.Type != "" && s.Type != "null" {
			c.add(at, "is null, but must be %s", article(s.Type))
		}
		return
	}
	switch v := value.(type) {
	case map[string]any:
		c.kind(s, at, "object", func() { c.object(s, at, v) })
	case []any:
		c.kind(s, at, "array", func() { c.array(s, at, v) })
	case string:
		c.kind(s, at, "string", func() { c.text(s, at, v) })
	case bool:
		c.kind(s, at, "boolean", func() {})
	case json.Number:
		c.number(s, at, v)
	}
}

// anyOf takes the first that fits, and complains about the last otherwise.
func (c *checker) anyOf(s *Schema, at string, value any) {
	var last *checker
	for _, one := range s.AnyOf {
		last = &checker{registry: c.registry}
		if last.check(one, at, value); len(last.issues) == 0 {
			return
		}
	}
	c.issues = append(c.issues, last.issues...)
}

func article(kind string) string {
	if strings.ContainsAny(kind[:1], "aio") {
		return "an " + kind
	}
	return "a " + kind
}

func (c *checker) kind(s *Schema, at, kind string, further func()) {
	switch s.Type {
	case "": // anything
	case kind:
		further()
	default:
		c.add(at, "is %s, but must be %s", article(kind), article(s.Type))
	}
}

func (c *checker) object(s *Schema, at string, v map[string]any) {
	if s.Values != nil {
		for name, value := range v {
			c.check(s.Values, at+"/"+escape(name), value)
		}
		return
	}
	for _, p := range s.Properties {
		value, ok := v[p.Name]
		switch {
		case ok:
			c.check(p.Schema, at+"/"+escape(p.Name), value)
		case p.Required:
			c.add(at+"/"+escape(p.Name), "is missing")
		}
	}
	c.unknown(s, at, v)
}

func (c *checker) unknown(s *Schema, at string, v map[string]any) {
	names := s.Names()
	var strange []string
	for name := range v {
		if !slices.Contains(names, name) {
			strange = append(strange, name)
		}
	}
	slices.Sort(strange)
	for _, name := range strange {
		c.add(at+"/"+escape(clip(name)), "%s", Unknown(name, names))
	}
}

// Unknown says that a name is not known, and which is near.
func Unknown(name string, known []string) string {
	if near := nearest.Name(name, known); near != "" {
		return fmt.Sprintf("%q is not known here; did you mean %q?", clip(name), near)
	}
	return fmt.Sprintf("%q is not known here", clip(name))
}

// escape makes a name fit for a JSON pointer.
func escape(name string) string {
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func clip(s string) string {
	const longest = 40
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}

func (c *checker) array(s *Schema, at string, v []any) {
	if s.MaxLen != nil && len(v) > *s.MaxLen {
		c.add(at, "has %d items, but may have %d at most", len(v), *s.MaxLen)
		return
	}
	if s.MinLen != nil && len(v) < *s.MinLen {
		c.add(at, "has %d items, but must have %d at least", len(v), *s.MinLen)
	}
	for i, item := range v {
		c.check(s.Items, at+"/"+strconv.Itoa(i), item)
	}
}

func (c *checker) text(s *Schema, at, v string) {
	n := utf8.RuneCountInString(v)
	switch {
	case s.MaxLen != nil && n > *s.MaxLen:
		c.add(at, "has %d characters, but may have %d at most", n, *s.MaxLen)
	case s.MinLen != nil && n < *s.MinLen:
		c.add(at, "has %d characters, but must have %d at least", n, *s.MinLen)
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, v):
		c.add(at, "%s", NotOneOf(v, s.Enum))
	case s.Pattern != nil && !s.Pattern.MatchString(v):
		c.add(at, "is %q, but must match %s", clip(v), s.Pattern)
	}
	c.format(s.Format, at, v)
}

// NotOneOf says which words there are, and which is near.
func NotOneOf(word string, words []string) string {
	message := fmt.Sprintf("is %q, but must be one of: %s", clip(word), strings.Join(words, ", "))
	if near := nearest.Name(word, words); near != "" {
		message += fmt.Sprintf(" (did you mean %q?)", near)
	}
	return message
}

func (c *checker) format(format, at, v string) {
	switch format {
	case "date-time":
		if _, err := time.Parse(time.RFC3339, v); err != nil {
			c.add(at, "is %q, but must be a time such as 2026-11-24T12:30:00Z", clip(v))
		}
	case "uuid":
		if id, err := uuid.Parse(v); err != nil || id.String() != v {
			c.add(at, "is %q, but must be an id such as 0190163d-8694-739b-aea5-966c26f8ad91", clip(v))
		}
	case "uri":
		if u, err := url.Parse(v); err != nil || !u.IsAbs() {
			c.add(at, "is %q, but must be a URL such as https://example.com/cat.png", clip(v))
		}
	}
}

func (c *checker) number(s *Schema, at string, v json.Number) {
	if s.Type != "" && s.Type != "integer" && s.Type != "number" {
		c.add(at, "is a number, but must be %s", article(s.Type))
		return
	}
	n, err := v.Float64()
	if s.Type == "integer" && err == nil && (n != math.Trunc(n) || math.Abs(n) > 1<<53) {
		c.add(at, "is %s, but must be a whole number", clip(v.String()))
		return
	}
	switch {
	case err != nil:
		c.add(at, "is %s, which is too large", clip(v.String()))
	case s.Min != nil && n < *s.Min, s.Max != nil && n > *s.Max:
		c.add(at, "is %s, but must be %s", clip(v.String()), span(s.Min, s.Max))
	}
}

func span(least, most *float64) string {
	switch {
	case most == nil:
		return fmt.Sprintf("at least %v", *least)
	case least == nil:
		return fmt.Sprintf("at most %v", *most)
	}
	return fmt.Sprintf("from %v to %v", *least, *most)
}
