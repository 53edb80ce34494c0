package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A password is asked for twice and never shown, and Ctrl-C changes nothing.
func TestAPasswordIsAskedFor(t *testing.T) {
	for name, tt := range map[string]struct {
		first, second string
		status        int
		shown         string
	}{
		"twice the same":   {"correct horse\r", "correct horse\r", 0, ""},
		"two others":       {"correct horse\r", "wrong horse\r", 1, "not the same"},
		"a short one":      {"horse\r", "horse\r", 1, "8 to 256 bytes"},
		"Ctrl-C at second": {"correct horse\r", "\x03", 1, "no password was given"},
	} {
		t.Run(name, func(t *testing.T) {
			user, screen := openTerminal(t, 80, 25)
			cmd := onTerminal(t, screen, "user", "add", "ada", "--admin", "--data", filepath.Join(t.TempDir(), "data"))
			shown := readUntil(t, user, func(shown string) bool { return strings.Contains(shown, "Password: ") })
			write(t, user, tt.first)
			shown += readUntil(t, user, func(shown string) bool { return strings.Contains(shown, "Again: ") })
			write(t, user, tt.second)
			if tt.shown != "" {
				shown += readUntil(t, user, func(shown string) bool { return strings.Contains(shown, tt.shown) })
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != tt.status {
				t.Errorf("status: got %d, want %d; shown: %q", got, tt.status, shown)
			}
			if strings.Contains(shown, "horse") {
				t.Errorf("the password is shown: %q", shown)
			}
		})
	}
}

func write(t *testing.T, w interface{ WriteString(string) (int, error) }, s string) {
	t.Helper()
	if _, err := w.WriteString(s); err != nil {
		t.Fatal(err)
	}
}
