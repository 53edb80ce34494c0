package deploy_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/dotenv"
)

// units are the units, with the instance that a template is tried with.
var units = []struct{ file, instance, role string }{
	{"charcoal.service", "", "all"},
	{"charcoal-api@.service", "8080", "api"},
	{"charcoal-worker@.service", "9001", "worker"},
}

func TestUnitProcesses(t *testing.T) {
	for _, unit := range units {
		t.Run(unit.file, func(t *testing.T) {
			directives := readUnit(t, unit.file)
			command := strings.Fields(strings.ReplaceAll(directives["ExecStart"], "%i", unit.instance))
			p := process{args: command[1:], file: example(t, directives["ExecStart"])}
			if file := directives["EnvironmentFile"]; file != "" {
				p.env = readEnv(t, filepath.Join("examples", filepath.Base(file)))
			}
			cfg := p.settings(t)
			checkRole(t, cfg, unit.role)
			state := "/var/lib/" + strings.ReplaceAll(directives["StateDirectory"], "%i", unit.instance)
			if cfg.Data != state {
				t.Errorf("data: got %s, want the folder that systemd makes, %s", cfg.Data, state)
			}
			if user := directives["User"]; user != "charcoal" {
				t.Errorf("user: got %q, want charcoal", user)
			}
		})
	}
}

// TestUnitsBySystemd asks systemd itself what is wrong with them, and how much they may do.
func TestUnitsBySystemd(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		const missing = "systemd-analyze is not here; on Debian: apt-get install systemd"
		if os.Getenv("CI") == "true" { // there, not run must not look like passed
			t.Fatal(missing)
		}
		t.Skip(missing) // other systems have none, and the units are not for them
	}
	for _, unit := range units {
		t.Run(unit.file, func(t *testing.T) {
			path := withProgram(t, unit.file, unit.instance)
			if out := run(t, ".", "systemd-analyze", "verify", "--man=no", path); out != "" {
				t.Error(out)
			}
			run(t, ".", "systemd-analyze", "security", "--offline=true", "--threshold=20", path) // of 100
		})
	}
}

// withProgram copies a unit, for a program that is there: the test's own.
func withProgram(t *testing.T, file, instance string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("systemd", file))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), strings.Replace(file, "@", "@"+instance, 1))
	changed := strings.ReplaceAll(string(text), "/usr/local/bin/charcoal", program)
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// readUnit returns the directives of a unit; of several of a name, the last.
func readUnit(t *testing.T, file string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("systemd", file))
	if err != nil {
		t.Fatal(err)
	}
	directives := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(name, "#") {
			directives[name] = value
		}
	}
	return directives
}

// example is the example of the file that a command names with --config.
func example(t *testing.T, command string) string {
	t.Helper()
	_, rest, ok := strings.Cut(command, "--config ")
	if !ok {
		t.Fatalf("%s names no file", command)
	}
	return filepath.Join("examples", filepath.Base(strings.Fields(rest)[0]))
}

func readEnv(t *testing.T, file string) (env []string) {
	t.Helper()
	values, err := dotenv.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range values {
		env = append(env, name+"="+value)
	}
	return env
}
