package nearest_test

import (
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal/internal/nearest"
)

func TestName(t *testing.T) {
	known := []string{"addr", "data", "workers", "log.level", "limits.columns", "limits.pixels"}
	tests := []struct {
		name, give, want string
	}{
		{"one letter left out", "adr", "addr"},
		{"one letter too many", "workerss", "workers"},
		{"two letters swapped", "dtaa", "data"},
		{"two mistakes in a short name", "dtat", ""},
		{"two mistakes in a long name", "limit.pixesl", "limits.pixels"},
		{"the wrong separator", "limits_columns", "limits.columns"},
		{"the group forgotten", "pixels", "limits.pixels"},
		{"only the beginning", "work", "workers"},
		{"too short to guess from", "s", ""},
		{"something else", "frobnicate", ""},
		{"nothing", "", ""},
		{"an attack on the time it takes", strings.Repeat("a", 1<<20), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := nearest.Name(tt.give, known); got != tt.want {
				t.Errorf("Name(%.70q) = %q, want %q", tt.give, got, tt.want)
			}
		})
	}
}
