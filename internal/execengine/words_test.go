package execengine

import (
	"strings"
	"testing"
)

func TestWords(t *testing.T) {
	got, err := Words(`  sh -c 'echo "$1"' "" x'y z'  `)
	if want := []string{"sh", "-c", `echo "$1"`, "", "xy z"}; err != nil || strings.Join(got, "\x00") != strings.Join(want, "\x00") {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := Words(`sh -c 'echo`); err == nil {
		t.Error("an open quote is taken")
	}
}
