package config_test

import (
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/internal/config"
)

func TestEngineNeedsItsProgram(t *testing.T) {
	tests := []struct {
		name   string
		engine config.Engine
		want   string // in the error; "" for none
	}{
		{"native", config.Engine{Name: "native"}, ""},
		{"nothing", config.Engine{}, ""},
		{"a program", config.Engine{Name: "chafa", Command: "chafa {file}"}, ""},
		{"a name alone", config.Engine{Name: "chafa"}, `the engine is "chafa" and has no program`},
		{"a command alone", config.Engine{Name: "native", Command: "chafa {file}"}, "give the program a name"},
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
