package format_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// schema is a JSON Schema of the keywords that docs/art.schema.json needs.
type schema struct{ root map[string]any }

func readSchema(t *testing.T) schema {
	t.Helper()
	data, err := os.ReadFile("../../docs/art.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(data, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

// validate returns what in a document breaks the schema.
func (s schema) validate(document []byte) error {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		return err
	}
	return s.check("$", s.root, v)
}

func (s schema) check(path string, rules map[string]any, v any) error {
	for keyword, rule := range rules {
		if err := s.checkOne(path, rules, keyword, rule, v); err != nil {
			return err
		}
	}
	return nil
}

func (s schema) checkOne(path string, rules map[string]any, keyword string, rule, v any) error {
	fail := func() error { return fmt.Errorf("%s: %.60v breaks %s %v", path, v, keyword, rule) }
	list, _ := v.([]any)
	object, isObject := v.(map[string]any)
	number, isNumber := v.(float64)
	var broken bool
	switch keyword {
	case "$schema", "$defs", "title", "description", "prefixItems", "properties":
	case "$ref":
		def := strings.TrimPrefix(rule.(string), "#/$defs/")
		return s.check(path, s.root["$defs"].(map[string]any)[def].(map[string]any), v)
	case "type":
		broken = !hasType(rule.(string), v)
	case "const":
		broken = !reflect.DeepEqual(v, rule)
	case "enum":
		broken = !slices.Contains(rule.([]any), v)
	case "minimum":
		broken = isNumber && number < rule.(float64)
	case "maximum":
		broken = isNumber && number > rule.(float64)
	case "minItems":
		broken = len(list) < int(rule.(float64))
	case "maxItems":
		broken = len(list) > int(rule.(float64))
	case "pattern":
		text, _ := v.(string)
		broken = !regexp.MustCompile(rule.(string)).MatchString(text)
	case "required":
		for _, name := range rule.([]any) {
			_, has := object[name.(string)]
			broken = broken || isObject && !has
		}
	case "items":
		for i, item := range list {
			if err := s.check(fmt.Sprintf("%s[%d]", path, i), rule.(map[string]any), item); err != nil {
				return err
			}
		}
	case "oneOf":
		n := 0
		for _, option := range rule.([]any) {
			if s.check(path, option.(map[string]any), v) == nil {
				n++
			}
		}
		broken = n != 1
	case "additionalProperties":
		known := rules["properties"].(map[string]any)
		for name, value := range object {
			rule, ok := known[name]
			if !ok {
				return fmt.Errorf("%s: %s is not known", path, name)
			}
			if err := s.check(path+"."+name, rule.(map[string]any), value); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("the test does not know the keyword %s", keyword)
	}
	if broken {
		return fail()
	}
	if items, ok := rules["prefixItems"].([]any); ok && keyword == "prefixItems" {
		for i, item := range items[:min(len(items), len(list))] {
			if err := s.check(fmt.Sprintf("%s[%d]", path, i), item.(map[string]any), list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func hasType(name string, v any) bool {
	switch v := v.(type) {
	case nil:
		return name == "null"
	case string:
		return name == "string"
	case float64:
		return name == "number" || name == "integer" && v == math.Trunc(v)
	case []any:
		return name == "array"
	case map[string]any:
		return name == "object"
	}
	return false
}

// TestSchemaRefuses shows that the schema can fail.
func TestSchemaRefuses(t *testing.T) {
	s := readSchema(t)
	valid := string(write(t, "json", hostile()))
	for _, change := range [][2]string{
		{`"version": 1`, `"version": 2`},
		{`"cols": 8`, `"cols": 0`},
		{`"rows": 4,`, ``},
		{`"#ffffff"`, `"white"`},
		{`"loops"`, `"loop"`},
		{`[1,null,null]`, `[0,null,null]`},
		{`"#ff8000"`, `-1`},
	} {
		broken := strings.Replace(valid, change[0], change[1], 1)
		if broken == valid {
			t.Errorf("there is no %s in\n%s", change[0], valid)
		} else if err := s.validate([]byte(broken)); err == nil {
			t.Errorf("%s instead of %s is valid", change[1], change[0])
		}
	}
}
