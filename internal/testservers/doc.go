// Package testservers starts the servers that adapters are tested with: real ones, each
// private to the tests of one package, on a free port and with its files in a temporary
// folder, and ended by its own process id. It is imported by tests only.
//
// A server whose programs are not installed skips the test with one line that says
// what to install. With CI=true that is a failure: what is to be tested there must
// not be left out in silence.
package testservers

import (
	"os"
	"testing"
)

// missing skips the test, or fails it where nothing may be skipped.
func missing(tb testing.TB, what, install string) {
	tb.Helper()
	const why = "%s is not installed: %s"
	if os.Getenv("CI") == "true" { //nolint:forbidigo // a helper of tests is configured like "go test"
		tb.Fatalf(why, what, install)
	}
	tb.Skipf(why, what, install)
}
