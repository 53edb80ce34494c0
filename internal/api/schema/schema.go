// Package schema makes JSON Schemas of Go types, as OpenAPI 3.1 holds them (JSON
// Schema draft 2020-12), and holds values against them. So the document that
// clients read and the checks of what they send cannot differ.
//
// A field of a struct says more by tags:
//
//	doc      what it is, for people
//	enum     the words it may be, separated by commas
//	min, max the range of a number
//	minlen, maxlen  characters of a string, or items of a list
//	itemlen  characters of each item of a list at most
//	pattern  a regular expression for a string, of what Go and ECMA 262 share
//	format   as in the standard: "uri", "date-time"
//	example  a value
//	null     "true": it may be null
//	default  what its absence means
//
// A field with omitempty or omitzero may be absent.
package schema

import (
	"bytes"
	"encoding/json"
	"regexp"
	"slices"
)

// Schema is what a value may be. The zero value allows everything.
type Schema struct {
	Ref         string // of a named one: see [Registry]; then nothing else counts
	Type        string // "object", "array", "string", "integer", "number", "boolean"
	Null        bool   // it may be null, too
	Title       string
	Description string
	Format      string
	Enum        []string
	Pattern     *regexp.Regexp
	Min, Max    *float64
	MinLen      *int // characters, or items
	MaxLen      *int
	Default     any
	Example     any

	Items      *Schema // of an array
	Properties []Property
	Values     *Schema // of an object whose names are free, in place of Properties

	AnyOf []*Schema
}

// Property is a field of an object.
type Property struct {
	Name     string
	Required bool
	*Schema
}

// Names returns those of the properties, in their order.
func (s *Schema) Names() []string {
	names := make([]string, len(s.Properties))
	for i, p := range s.Properties {
		names[i] = p.Name
	}
	return names
}

// Property returns the property of a name, nil when there is none.
func (s *Schema) Property(name string) *Schema {
	i := slices.IndexFunc(s.Properties, func(p Property) bool { return p.Name == name })
	if i < 0 {
		return nil
	}
	return s.Properties[i].Schema
}

// Object makes the schema of an object.
func Object(properties ...Property) *Schema {
	return &Schema{Type: "object", Properties: properties}
}

// MarshalJSON implements [json.Marshaler].
func (s *Schema) MarshalJSON() ([]byte, error) {
	if s.Ref != "" {
		m := map[string]string{"$ref": s.Ref}
		if s.Description != "" {
			m["description"] = s.Description
		}
		return plain(m)
	}
	m := make(map[string]any)
	s.words(m)
	s.bounds(m)
	s.parts(m)
	return plain(m)
}

// plain marshals without escaping for HTML.
func plain(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return out.Bytes(), err
}

func (s *Schema) words(m map[string]any) {
	switch {
	case s.Type != "" && s.Null:
		m["type"] = []string{s.Type, "null"}
	case s.Type != "":
		m["type"] = s.Type
	}
	for name, value := range map[string]string{"title": s.Title, "description": s.Description, "format": s.Format} {
		if value != "" {
			m[name] = value
		}
	}
	if s.Default != nil {
		m["default"] = s.Default
	}
	if s.Example != nil {
		m["examples"] = []any{s.Example}
	}
}

func (s *Schema) bounds(m map[string]any) {
	if len(s.Enum) > 0 {
		m["enum"] = s.Enum
		if s.Null {
			m["enum"] = append(anySlice(s.Enum), nil)
		}
	}
	if s.Pattern != nil {
		m["pattern"] = s.Pattern.String()
	}
	if s.Min != nil {
		m["minimum"] = *s.Min
	}
	if s.Max != nil {
		m["maximum"] = *s.Max
	}
	least, most := "minLength", "maxLength"
	if s.Type == "array" {
		least, most = "minItems", "maxItems"
	}
	if s.MinLen != nil {
		m[least] = *s.MinLen
	}
	if s.MaxLen != nil {
		m[most] = *s.MaxLen
	}
}

func (s *Schema) parts(m map[string]any) {
	if s.Items != nil {
		m["items"] = s.Items
	}
	if len(s.AnyOf) > 0 {
		m["anyOf"] = s.AnyOf
	}
	if s.Type != "object" {
		return
	}
	if s.Values != nil {
		m["additionalProperties"] = s.Values
		return
	}
	properties, required := make(map[string]*Schema), []string{}
	for _, p := range s.Properties {
		properties[p.Name] = p.Schema
		if p.Required {
			required = append(required, p.Name)
		}
	}
	m["properties"], m["additionalProperties"] = properties, false
	if len(required) > 0 {
		m["required"] = required
	}
}

func anySlice(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}
