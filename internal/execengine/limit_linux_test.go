package execengine

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/charcoal-art/charcoal/ascii"
)

// The limit is there before the program is: not even its loader escapes it.
func TestMemoryIsLimitedFromTheStart(t *testing.T) {
	const limit = 512 << 20
	c := Config{Command: []string{"cat", "/proc/self/limits"}, Memory: limit}
	drawing, err := newEngine(t, c).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines(drawing.Art) {
		if f := strings.Fields(line); len(f) > 4 && f[1] == "address" {
			if want := fmt.Sprint(limit); f[3] != want || f[4] != want {
				t.Errorf("got %q, want %s", line, want)
			}
			return
		}
	}
	t.Errorf("no limit in %q", lines(drawing.Art))
}

// Nothing is left open for a program but its three streams.
func TestNoFilesAreLeftOpen(t *testing.T) {
	c := with(script(`ls /proc/self/fd | wc -l`), func(c *Config) { c.Memory = 1 << 30 })
	drawing, err := newEngine(t, c).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(lines(drawing.Art)[0]); got != "4" { // with the folder that ls reads
		t.Errorf("got %s files, want 4", got)
	}
}

// A program and all it started are gone when it ends, or is ended, and nobody is
// left to be waited for.
func TestNobodyIsLeftBehind(t *testing.T) {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil { // as the first process of a container
		t.Skip(err)
	}
	t.Cleanup(func() { _ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) })
	for name, c := range map[string]Config{
		"ends":     script(`sleep 600 >/dev/null 2>&1 & sleep 600 >/dev/null 2>&1 & echo done`),
		"is ended": with(script(`sleep 600 & sleep 600 & wait`), func(c *Config) { c.Time = 50 * time.Millisecond }),
	} {
		for _, c.Memory = range []int64{0, 1 << 30} {
			_, _ = newEngine(t, c).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
			if got := children(t); len(got) > 0 {
				t.Errorf("%s: %q are left", name, got)
			}
		}
	}
}

// children are the processes, zombies too, that this one has.
func children(t *testing.T) (names []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range all {
		pids, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for pid := range strings.FieldsSeq(string(pids)) {
			stat, _ := os.ReadFile("/proc/" + pid + "/stat")
			names = append(names, string(stat))
		}
	}
	return names
}
