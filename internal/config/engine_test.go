package config_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal/internal/config"
)

func TestEngineNeedsItsProgram(t *testing.T) {
	chafa := config.Program{Command: "chafa {file}"}
	tests := []struct {
		name   string
		engine config.Engine
		want   string // in the error; "" for none
	}{
		{"native", config.Engine{Name: "native"}, ""},
		{"nothing", config.Engine{}, ""},
		{"a program", config.Engine{Name: "chafa", Program: chafa}, ""},
		{"a name alone", config.Engine{Name: "chafa"}, `the engine is "chafa" and has no program`},
		{"a name that is none", config.Engine{Name: "a/b", Program: chafa}, "cannot be a name"},
		{"a command alone", config.Engine{Name: "native", Program: chafa}, "give the program a name"},
	}
	for _, tt := range tests {
		c := config.Default()
		c.Engine = tt.engine
		err := c.Validate()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
}

const twoEngines = `
engine:
  name: jp2a
engines:
  chafa:
    command: chafa {file}
    version: chafa --version
  jp2a:
    command: jp2a {file}
    decoded: true
`

func TestEnginesHaveNames(t *testing.T) {
	got, err := sources{file: twoEngines, env: []string{"CHARCOAL_ENGINES_CHAFA_VERSION=chafa -v"}}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]config.Program{
		"chafa": {Command: "chafa {file}", Version: "chafa -v"},
		"jp2a":  {Command: "jp2a {file}", Decoded: true},
	}
	if diff := cmp.Diff(want, got.Programs()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.DefaultEngine() != "jp2a" {
		t.Errorf("the default is %s, want jp2a", got.DefaultEngine())
	}
}

// What a server runs with can be printed and run with again.
func TestEnginesArePrinted(t *testing.T) {
	first, err := sources{file: twoEngines}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	if err := first.WriteYAML(&printed); err != nil {
		t.Fatal(err)
	}
	again, err := sources{file: printed.String()}.load(t)
	if err != nil {
		t.Fatalf("%v in\n%s", err, printed.String())
	}
	if diff := cmp.Diff(first.Config, again.Config); diff != "" {
		t.Errorf("(-first +again):\n%s", diff)
	}
}

// The engine of before there were several is one of them.
func TestTheOneEngineIsOneOfSeveral(t *testing.T) {
	got, err := sources{file: "engine: {name: chafa, command: chafa}\nengines: {jp2a: {command: jp2a}}"}.load(t)
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(got.Programs())); !slices.Equal(names, []string{"chafa", "jp2a"}) || got.DefaultEngine() != "chafa" {
		t.Errorf("got %v, of which %s is the default", names, got.DefaultEngine())
	}
}

func TestEnginesThatCannotBe(t *testing.T) {
	for _, tt := range []struct{ name, file, want string }{
		{"no command", "engines: {chafa: {version: chafa}}", `the engine "chafa" has no program`},
		{"nothing", "engines: {chafa: }", `the engine "chafa" has no program`},
		{"the native one", "engines: {native: {command: x}}", "built in"},
		{"a name that is none", "engines: {Big Engine: {command: x}}", "cannot be a name"},
		{"a setting that is none", "engines: {chafa: {comand: x}}", "did you mean engines.chafa.command?"},
		{"a word", "engines: chafa", "engines is a group of engines"},
		{"a word for an engine", "engines: {chafa: chafa}", "is a group of settings, such as engines.chafa.command"},
		{"two programs of one name", "engine: {name: a, command: x}\nengines: {a: {command: y}}", "two programs"},
		{"a default that is not there", "engine: {name: b}\nengines: {a: {command: y}}", `the engine is "b" and has no program`},
	} {
		if _, err := (sources{file: tt.file}).load(t); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	if _, err := (sources{file: "engines:\n"}).load(t); err != nil {
		t.Errorf("an empty group: %v", err)
	}
}
