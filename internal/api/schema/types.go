package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// RefPrefix is where named schemas stand in an OpenAPI document.
const RefPrefix = "#/components/schemas/"

// Registry holds the schemas of named types. It is built by one goroutine and
// only read afterwards, which any number may do.
type Registry struct {
	Schemas map[string]*Schema // by name
	made    map[reflect.Type]*Schema
}

// NewRegistry returns one without schemas, except for those given by type; which
// are named when they have a title.
func NewRegistry(known map[reflect.Type]*Schema) *Registry {
	r := &Registry{Schemas: make(map[string]*Schema), made: make(map[reflect.Type]*Schema)}
	for t, s := range known {
		r.made[t] = s
		if s.Title != "" {
			r.Schemas[s.Title] = s
			r.made[t] = &Schema{Ref: RefPrefix + s.Title}
		}
	}
	return r
}

// Resolve follows a reference.
func (r *Registry) Resolve(s *Schema) *Schema {
	for s.Ref != "" {
		s = r.Schemas[strings.TrimPrefix(s.Ref, RefPrefix)]
	}
	return s
}

// Of returns the schema of a type: a reference when it is a named struct. It
// panics for what JSON has not, and for a wrong tag: those are written by us.
func (r *Registry) Of(t reflect.Type) *Schema {
	if s, ok := r.made[t]; ok {
		return s
	}
	if s := wellKnown(t); s != nil {
		return s
	}
	switch t.Kind() {
	case reflect.Pointer:
		return r.Of(t.Elem())
	case reflect.Struct:
		return r.structure(t)
	case reflect.Slice:
		return &Schema{Type: "array", Items: r.Of(t.Elem())}
	case reflect.Map:
		return &Schema{Type: "object", Values: r.Of(t.Elem())}
	case reflect.Interface:
		return &Schema{}
	}
	return scalar(t)
}

func wellKnown(t reflect.Type) *Schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return &Schema{Type: "string", Format: "date-time"}
	case reflect.TypeFor[uuid.UUID]():
		return &Schema{Type: "string", Format: "uuid"}
	case reflect.TypeFor[json.RawMessage]():
		return &Schema{}
	}
	if t.Kind() != reflect.Pointer && reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) {
		return &Schema{Type: "string"}
	}
	return nil
}

func scalar(t reflect.Type) *Schema {
	switch t.Kind() {
	case reflect.String:
		return &Schema{Type: "string"}
	case reflect.Bool:
		return &Schema{Type: "boolean"}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &Schema{Type: "integer"}
	case reflect.Float32, reflect.Float64:
		return &Schema{Type: "number"}
	}
	panic(fmt.Sprintf("schema: JSON has no %s", t))
}

func (r *Registry) structure(t reflect.Type) *Schema {
	if t.Name() == "" {
		return &Schema{Type: "object", Properties: r.properties(t)}
	}
	ref := &Schema{Ref: RefPrefix + t.Name()}
	if r.Schemas[t.Name()] != nil {
		panic("schema: two types are called " + t.Name())
	}
	r.made[t] = ref // before its fields, which may lead back to it
	whole := &Schema{Type: "object", Title: t.Name()}
	r.Schemas[t.Name()] = whole
	whole.Properties = r.properties(t)
	return ref
}

func (r *Registry) properties(t reflect.Type) []Property {
	var all []Property
	for f := range t.Fields() {
		name, opts, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "-":
		case f.Anonymous && name == "":
			all = append(all, r.properties(indirect(f.Type))...)
		default:
			all = append(all, Property{
				Name: name, Required: !strings.Contains(opts, "omit"), Schema: Tagged(r.Of(f.Type), f.Tag),
			})
		}
	}
	return all
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// Tagged returns a copy of a schema with what the tags of a field add.
func Tagged(s *Schema, tag reflect.StructTag) *Schema {
	c := *s
	c.Description = or(tag.Get("doc"), c.Description)
	c.Format = or(tag.Get("format"), c.Format)
	c.Null = c.Null || tag.Get("null") == "true"
	if c.Ref != "" && c.Null {
		return &Schema{Description: c.Description, AnyOf: []*Schema{{Type: "null"}, {Ref: c.Ref}}}
	}
	if enum := tag.Get("enum"); enum != "" {
		c.inner(func(s *Schema) { s.Enum = strings.Split(enum, ",") })
	}
	if pattern := tag.Get("pattern"); pattern != "" {
		c.inner(func(s *Schema) { s.Pattern = regexp.MustCompile(pattern) })
	}
	if most := count(tag, "itemlen", nil); most != nil {
		c.inner(func(s *Schema) { s.MaxLen = most })
	}
	c.Min, c.Max = number(tag, "min", c.Min), number(tag, "max", c.Max)
	c.MinLen, c.MaxLen = count(tag, "minlen", c.MinLen), count(tag, "maxlen", c.MaxLen)
	if v, ok := tag.Lookup("default"); ok {
		c.Default = c.value(v)
	}
	if v, ok := tag.Lookup("example"); ok {
		c.Example = c.value(v)
	}
	return &c
}

// inner changes what a value is, or each item of a list.
func (s *Schema) inner(change func(*Schema)) {
	if s.Type != "array" {
		change(s)
		return
	}
	items := *s.Items
	change(&items)
	s.Items = &items
}

// value reads the text of a tag as what the schema says.
func (s *Schema) value(text string) any {
	if s.Type == "string" {
		return text
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		panic(fmt.Sprintf("schema: the tag %q: %v", text, err))
	}
	return v
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func number(tag reflect.StructTag, name string, otherwise *float64) *float64 {
	text, ok := tag.Lookup(name)
	if !ok {
		return otherwise
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("schema: the tag %s:%q: %v", name, text, err))
	}
	return &v
}

func count(tag reflect.StructTag, name string, otherwise *int) *int {
	v := number(tag, name, nil)
	if v == nil {
		return otherwise
	}
	n := int(*v)
	return &n
}

// Fields returns the schema of a struct as it is, whatever its name.
func (r *Registry) Fields(t reflect.Type) *Schema {
	return &Schema{Type: "object", Properties: r.properties(t)}
}
