package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A setting is one leaf of a configuration struct. It reads and writes its
// field as text and is a [github.com/spf13/pflag.Value].
type setting struct {
	key    string
	usage  string
	allow  string
	show   string
	secret bool
	origin string // what gave the present value: "default", "--addr", …

	kind  kind
	field reflect.Value
}

// A kind is a type of setting and the ways to read and write it.
type kind struct {
	noun    string // "a size": what the type is called in a sentence
	example string
	name    string // "size": what help shows for the value
	parse   func(string) (any, error)
	format  func(any) string
}

// kinds is every type that a field of a configuration may have.
var kinds = map[reflect.Type]kind{
	reflect.TypeFor[string](): {
		noun: "a text", name: "text",
		parse:  func(s string) (any, error) { return s, nil },
		format: func(v any) string { return v.(string) },
	},
	reflect.TypeFor[bool](): {
		noun: "true or false", name: "bool",
		parse:  func(s string) (any, error) { return parseBool(s) },
		format: func(v any) string { return strconv.FormatBool(v.(bool)) },
	},
	reflect.TypeFor[int](): {
		noun: "a whole number", name: "number",
		parse:  func(s string) (any, error) { return parseInt(s) },
		format: func(v any) string { return formatCount(int64(v.(int))) },
	},
	reflect.TypeFor[int64](): {
		noun: "a whole number", name: "number",
		parse:  func(s string) (any, error) { return parseCount(s) },
		format: func(v any) string { return formatCount(v.(int64)) },
	},
	reflect.TypeFor[Size](): {
		noun: "a size", name: "size", example: "64MiB",
		parse:  func(s string) (any, error) { return ParseSize(s) },
		format: func(v any) string { return v.(Size).String() },
	},
	reflect.TypeFor[time.Duration](): {
		noun: "a duration", name: "duration", example: "30s",
		parse:  func(s string) (any, error) { return time.ParseDuration(s) },
		format: func(v any) string { return formatDuration(v.(time.Duration)) },
	},
}

// settingsOf returns the settings of the struct that config points to, in
// order, each set to its default. It panics when a tag makes no sense, which is
// a mistake in this program and found by any test.
func settingsOf(config any) []*setting {
	return settingsIn(reflect.ValueOf(config).Elem(), "")
}

func settingsIn(group reflect.Value, prefix string) []*setting {
	var all []*setting
	for i := range group.NumField() {
		declared, field := group.Type().Field(i), group.Field(i)
		key := prefix + declared.Tag.Get("key")
		switch {
		case declared.Anonymous:
			all = append(all, settingsIn(field, prefix)...)
		case field.Kind() == reflect.Struct:
			all = append(all, settingsIn(field, key+".")...)
		case field.Kind() != reflect.Map: // which the file fills
			all = append(all, newSetting(key, declared.Tag, field))
		}
	}
	return all
}

func newSetting(key string, tag reflect.StructTag, field reflect.Value) *setting {
	kind, ok := kinds[field.Type()]
	if !ok {
		panic(fmt.Sprintf("config: %s has the type %s, which no setting can have", key, field.Type()))
	}
	s := &setting{
		key:    key,
		usage:  tag.Get("usage"),
		allow:  tag.Get("allow"),
		show:   tag.Get("show"),
		secret: tag.Get("secret") == "true",
		origin: "default",
		kind:   kind,
		field:  field,
	}
	if err := s.Set(tag.Get("default")); err != nil {
		panic(fmt.Sprintf("config: the default of %s: %v", key, err))
	}
	return s
}

// Set reads text into the field. Its error tells what is allowed and, unless it
// is a secret, what was given.
func (s *setting) Set(text string) error {
	v, err := s.kind.parse(text)
	if err != nil || !s.allows(v) {
		return s.refuse(text)
	}
	s.field.Set(reflect.ValueOf(v))
	return nil
}

func (s *setting) refuse(text string) error {
	given := strconv.Quote(text)
	if s.secret {
		given = "the value"
	}
	return fmt.Errorf("%s is not allowed; give %s", given, s.allowed())
}

func (s *setting) allows(v any) bool {
	low, high, isRange := strings.Cut(s.allow, "..")
	switch {
	case isRange:
		n := reflect.ValueOf(v).Int()
		return s.number(low) <= n && n <= s.number(high)
	case s.allow != "":
		return slices.Contains(s.words(), v.(string))
	}
	return true
}

// words returns what a setting takes that takes only certain words.
func (s *setting) words() []string {
	if !strings.Contains(s.allow, "|") {
		return nil
	}
	return strings.Split(s.allow, "|")
}

// number reads an end of a range.
func (s *setting) number(end string) int64 {
	v, err := s.kind.parse(end)
	if err != nil {
		panic(fmt.Sprintf("config: the range of %s: %q is not %s", s.key, end, s.kind.noun))
	}
	return reflect.ValueOf(v).Int()
}

// allowed tells in words what values the setting takes.
func (s *setting) allowed() string {
	low, high, isRange := strings.Cut(s.allow, "..")
	switch {
	case isRange:
		text := fmt.Sprintf("%s from %s to %s", s.kind.noun, low, high)
		if s.kind.example != "" {
			text += ", such as " + s.kind.example
		}
		return text
	case s.allow != "":
		words := s.words()
		last := len(words) - 1
		return strings.Join(words[:last], ", ") + " or " + words[last]
	}
	return s.kind.noun
}

// String writes the value so that Set reads it again. It is not for display:
// see redacted.
func (s *setting) String() string { return s.kind.format(s.field.Interface()) }

// redacted is String for everybody's eyes. Defaults are no secrets.
func (s *setting) redacted() string {
	if s.secret && s.origin != "default" && s.String() != "" {
		return "REDACTED"
	}
	return s.String()
}

// Type names the value in help texts. pflag gives "bool" a meaning of its own.
func (s *setting) Type() string { return cmp.Or(s.show, s.kind.name) }

// name, flag and env are the three spellings of a setting: in the file, on the
// command line, in the environment.
func (s *setting) name() string { return s.key }
func (s *setting) flag() string { return hyphens.Replace(s.key) }
func (s *setting) env() string  { return envPrefix + strings.ToUpper(underscores.Replace(s.key)) }

var (
	hyphens     = strings.NewReplacer(".", "-", "_", "-")
	underscores = strings.NewReplacer(".", "_", "-", "_")
)

// parseBool takes the two words and nothing else: with more spellings, "no"
// would be one people expect and "n" one they try.
func parseBool(s string) (bool, error) {
	if s != "true" && s != "false" {
		return false, errors.New("not true or false")
	}
	return s == "true", nil
}

// parseCount reads a whole number in decimal, with underscores between groups
// of three digits where they help: 100_000_000.
func parseCount(s string) (int64, error) {
	n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
	if err != nil {
		return 0, err
	}
	if s != strconv.FormatInt(n, 10) && s != formatCount(n) {
		return 0, errors.New("not a whole number")
	}
	return n, nil
}

// parseInt is parseCount for numbers that fit an int, which is smaller than an
// int64 on some machines.
func parseInt(s string) (int, error) {
	n, err := parseCount(s)
	if err == nil && int64(int(n)) != n {
		err = strconv.ErrRange
	}
	return int(n), err
}

func formatCount(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "_" + s[i:]
	}
	return s
}

// formatDuration leaves out the zeros that [time.Duration.String] ends in.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
