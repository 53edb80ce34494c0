// Package portability tests that the same pixels and options give the same bytes
// on every machine, with and without vector instructions, on one core and many.
package portability

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// printVariable tells the test binary to be the program that prints digests.
const printVariable = "CHARCOAL_TEST_DIGESTS"

func TestMain(m *testing.M) {
	if os.Getenv(printVariable) == "" {
		os.Exit(m.Run())
	}
	if err := digests(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// machine is something to run the engine on.
type machine struct {
	name         string
	goos, goarch string
	env          string // one variable
	runner       string // a program that runs those for the machine; "" for none
}

func TestEveryMachineDrawsTheSame(t *testing.T) {
	host := machine{goos: runtime.GOOS, goarch: runtime.GOARCH}
	want := host.digests(t)
	for _, m := range []machine{
		{"one core", runtime.GOOS, runtime.GOARCH, "GOMAXPROCS=1", ""},
		{"many cores", runtime.GOOS, runtime.GOARCH, "GOMAXPROCS=7", ""},
		{"no vector instructions", runtime.GOOS, runtime.GOARCH, "GODEBUG=cpu.avx2=off", ""},
		{"32 bits", "linux", "386", "", "linux/amd64"},
		{"WebAssembly", "js", "wasm", "", "node"},
		{"fused multiplication and addition", "linux", "arm64", "", "qemu-aarch64"},
	} {
		t.Run(m.name, func(t *testing.T) {
			if diff := cmp.Diff(want, m.digests(t)); diff != "" {
				t.Errorf("on %s/%s (-here +there):\n%s", m.goos, m.goarch, diff)
			}
		})
	}
}

// digests builds this test for a machine and returns what it prints there, in lines.
func (m machine) digests(t *testing.T) []string {
	t.Helper()
	command := append(m.command(t), m.build(t))
	var complaint bytes.Buffer
	run := exec.CommandContext(t.Context(), command[0], command[1:]...)
	run.Env = []string{printVariable + "=1", "PATH=" + os.Getenv("PATH"), m.env} // short, since WebAssembly has little room for it
	run.Stderr = &complaint
	out, err := run.Output()
	if err != nil {
		t.Fatalf("running it: %v\n%s", err, complaint.Bytes())
	}
	return strings.Split(string(out), "\n")
}

func (m machine) build(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "digests")
	build := exec.CommandContext(t.Context(), "go", "test", "-c", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+m.goos, "GOARCH="+m.goarch)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building it: %v\n%s", err, out)
	}
	return program
}

// command is what a program of the machine is run with. Where it cannot be run the
// test is skipped, but in CI, which installs what is missing
// (scripts/need-machines), that is a failure.
func (m machine) command(t *testing.T) []string {
	t.Helper()
	switch m.runner {
	case "":
		return nil
	case "linux/amd64":
		if runtime.GOOS+"/"+runtime.GOARCH != m.runner {
			t.Skipf("only %s runs programs of %s", m.runner, m.goarch)
		}
		return nil
	}
	if m.goos == runtime.GOOS && m.goarch == runtime.GOARCH {
		return nil
	}
	if testing.Short() {
		t.Skip("emulation is slow")
	}
	if _, err := exec.LookPath(m.runner); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is needed: %v", m.runner, err)
		}
		t.Skipf("%s is not installed, see scripts/need-machines: %v", m.runner, err)
	}
	if m.runner == "node" {
		root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
		if err != nil {
			t.Fatal(err)
		}
		return []string{filepath.Join(strings.TrimSpace(string(root)), "lib/wasm/go_js_wasm_exec")}
	}
	return []string{m.runner}
}
