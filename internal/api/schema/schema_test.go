package schema_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal/internal/api/schema"
)

type cat struct {
	Name   string    `json:"name" minlen:"1" maxlen:"10"`
	Color  string    `json:"color,omitempty" enum:"black,white"`
	Lives  int       `json:"lives,omitempty" min:"0" max:"9" default:"9"`
	Weight *float64  `json:"weight,omitempty" null:"true"`
	Born   time.Time `json:"born,omitzero"`
	Tags   []string  `json:"tags,omitempty" maxlen:"2" pattern:"^[a-z]+$"`
	Kitten *cat      `json:"kitten,omitempty"`
	Hidden string    `json:"-"`
}

func TestCheck(t *testing.T) {
	registry := schema.NewRegistry(nil)
	of := registry.Of(reflect.TypeFor[cat]())
	tests := []struct {
		name, value string
		want        string // pointer and message, one after the other
	}{
		{"all of it", `{"name":"Tom","color":"black","lives":9,"weight":4.5,"born":"2026-01-02T03:04:05Z","tags":["a"],"kitten":{"name":"x"}}`, ""},
		{"null where it may be", `{"name":"Tom","weight":null}`, ""},
		{"null where it may not", `{"name":null}`, "/name is null, but must be a string"},
		{"missing", `{}`, "/name is missing"},
		{"unknown", `{"name":"Tom","colour":"black"}`, `/colour "colour" is not known here; did you mean "color"?`},
		{"other case", `{"NAME":"Tom"}`, `/name is missing; /NAME "NAME" is not known here`},
		{"a word", `{"name":"Tom","color":"blak"}`, `/color is "blak", but must be one of: black, white (did you mean "black"?)`},
		{"a range", `{"name":"Tom","lives":10}`, "/lives is 10, but must be from 0 to 9"},
		{"a fraction", `{"name":"Tom","lives":1.5}`, "/lives is 1.5, but must be a whole number"},
		{"a whole number in floating point", `{"name":"Tom","lives":1e0}`, ""},
		{"a huge number", `{"name":"Tom","weight":1e999}`, "/weight is 1e999, which is too large"},
		{"a kind", `{"name":1,"lives":"9","tags":{}}`, "/name is a number, but must be a string; /lives is a string, but must be an integer; /tags is an object, but must be an array"},
		{"a time", `{"name":"Tom","born":"yesterday"}`, `/born is "yesterday", but must be a time such as 2026-11-24T12:30:00Z`},
		{"items", `{"name":"Tom","tags":["a","B"]}`, `/tags/1 is "B", but must match ^[a-z]+$`},
		{"too many items", `{"name":"Tom","tags":["a","b","c"]}`, "/tags has 3 items, but may have 2 at most"},
		{"characters, not bytes", `{"name":"ääääääääää"}`, ""},
		{"inside", `{"name":"Tom","kitten":{"name":""}}`, "/kitten/name has 0 characters, but must have 1 at least"},
		{"a name to escape", `{"name":"Tom","a/b~":1}`, `/a~1b~0 "a/b~" is not known here`},
		{"no object", `[]`, " is an array, but must be an object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dec := json.NewDecoder(strings.NewReader(tt.value))
			dec.UseNumber()
			var value any
			if err := dec.Decode(&value); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, issue := range registry.Check(of, value) {
				got = append(got, issue.Pointer+" "+issue.Message)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, "; ")); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMarshal(t *testing.T) {
	registry := schema.NewRegistry(nil)
	registry.Of(reflect.TypeFor[cat]())
	raw, err := json.Marshal(registry.Schemas["cat"])
	if err != nil {
		t.Fatal(err)
	}
	var got, want any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	const text = `{"type":"object","title":"cat","additionalProperties":false,"required":["name"],"properties":{
		"name":{"type":"string","minLength":1,"maxLength":10},
		"color":{"type":"string","enum":["black","white"]},
		"lives":{"type":"integer","minimum":0,"maximum":9,"default":9},
		"weight":{"type":["number","null"]},
		"born":{"type":"string","format":"date-time"},
		"tags":{"type":"array","maxItems":2,"items":{"type":"string","pattern":"^[a-z]+$"}},
		"kitten":{"$ref":"#/components/schemas/cat"}}}`
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}
