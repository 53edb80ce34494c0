package buildinfo

import (
	"runtime/debug"
	"testing"
)

func TestCommitOf(t *testing.T) {
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "4a1b568"}
	modified := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	clean := debug.BuildSetting{Key: "vcs.modified", Value: "false"}
	tests := []struct {
		name     string
		settings []debug.BuildSetting
		want     string
	}{
		{"a clean checkout", []debug.BuildSetting{revision, clean}, "4a1b568"},
		{"changes on top", []debug.BuildSetting{modified, revision}, "4a1b568+dirty"},
		{"no checkout", nil, ""},
		{"a checkout without a commit", []debug.BuildSetting{modified}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := commitOf(tt.settings); got != tt.want {
				t.Errorf("commitOf = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestVersionIsNeverEmpty(t *testing.T) {
	if got := Version(); got == "" {
		t.Error("Version() is empty; want a version or devel")
	}
}
