package v2

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/charcoal-art/charcoal/internal/api/schema"
)

// fromText makes of the words of a query or form the value that JSON would have
// said, as a schema tells. Lists are repeated or separated by commas; a rectangle
// is x,y,width,height. What cannot be read as its kind stays text, which the
// schema then refuses.
func (a *API) fromText(values url.Values, s *schema.Schema, prefix string) (map[string]any, error) {
	object := make(map[string]any)
	for name, words := range values {
		property := s.Property(name)
		if property == nil {
			object[name] = words[0] // for the schema to refuse
			continue
		}
		property = a.schemas.Resolve(property)
		if len(words) > 1 && property.Type != "array" {
			return nil, invalid(prefix+name, "%s is given %d times", name, len(words))
		}
		object[name] = textValue(property, words)
	}
	return object, nil
}

func textValue(s *schema.Schema, words []string) any {
	switch s.Type {
	case "array":
		return splitList(words)
	case "object":
		return textRectangle(words[0])
	case "integer", "number":
		if _, err := strconv.ParseFloat(words[0], 64); err == nil && isNumber(words[0]) {
			return json.Number(words[0])
		}
	case "boolean":
		if slices.Contains([]string{"true", "1", "yes", "on"}, words[0]) {
			return true
		}
		if slices.Contains([]string{"false", "0", "no", "off"}, words[0]) {
			return false
		}
	}
	return words[0]
}

// isNumber holds that JSON would take it: no hexadecimal, no NaN.
func isNumber(word string) bool { return json.Valid([]byte(word)) }

func splitList(words []string) []any {
	list := []any{}
	for _, w := range words {
		for item := range strings.SplitSeq(w, ",") {
			list = append(list, strings.TrimSpace(item))
		}
	}
	return list
}

// textRectangle reads "x,y,width,height".
func textRectangle(word string) any {
	parts := strings.Split(word, ",")
	names := []string{"x", "y", "width", "height"}
	if len(parts) != len(names) {
		return word
	}
	object := make(map[string]any)
	for i, name := range names {
		if p := strings.TrimSpace(parts[i]); isNumber(p) {
			object[name] = json.Number(p)
		} else {
			object[name] = p
		}
	}
	return object
}

func unknownNames(names map[string]any, known []string) []schema.Issue {
	var all []schema.Issue
	for name := range names {
		all = append(all, schema.Issue{Pointer: "/" + clip(name), Message: schema.Unknown(name, known)})
	}
	slices.SortFunc(all, func(a, b schema.Issue) int { return strings.Compare(a.Pointer, b.Pointer) })
	return all
}

// oneValue is the only value of a name, "" when there is none.
func oneValue(values url.Values, name, prefix string) (string, error) {
	all := values[name]
	if len(all) > 1 {
		return "", invalid(prefix+name, "%s is given %d times", name, len(all))
	}
	if len(all) == 0 {
		return "", nil
	}
	return all[0], nil
}
