package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/internal/testservers"
)

// patience is how long a command may take that talks to servers which do not answer.
const patience = 30 * time.Second

// command runs the program to its end within patience and returns what it said on both outputs.
func command(t testing.TB, args ...string) (said string, code int) {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	if ctx.Err() != nil {
		t.Fatalf("charcoal %s did not end within %v", args[0], patience)
	}
	return out.String(), cmd.ProcessState.ExitCode()
}

// problems runs the doctor and returns the names of what it finds wrong.
func problems(t *testing.T, flags ...string) string {
	t.Helper()
	said, code := command(t, append([]string{"doctor", "--json"}, flags...)...)
	var wrong []string
	for line := range strings.Lines(said) {
		var f struct {
			Name, Found, Advice string
			OK                  bool
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			t.Fatalf("the doctor said %q: %v", line, err)
		}
		if !f.OK {
			wrong = append(wrong, f.Name)
			t.Log(line)
		}
		if f.Found == "" || !f.OK && f.Advice == "" {
			t.Errorf("the doctor says too little: %s", line)
		}
	}
	if want := min(len(wrong), 1); code != want {
		t.Errorf("exit status: got %d, want %d", code, want)
	}
	if strings.Contains(said, "hunter22") {
		t.Errorf("the doctor tells a password: %s", said)
	}
	return strings.Join(wrong, ", ")
}

// TestDoctorFindsNothing wrong with what a fleet stands on, before and after it is migrated.
func TestDoctorFindsNothing(t *testing.T) {
	for _, queue := range []string{"postgres", "kafka"} {
		t.Run(queue, func(t *testing.T) {
			flags := append(places(t, queue), "--data", t.TempDir())
			if got, want := problems(t, flags...), "database"; got != want {
				t.Errorf("without a schema: got problems with %q, want %q", got, want)
			}
			if said, code := command(t, append([]string{"migrate"}, flags...)...); code != 0 {
				t.Fatalf("migrate: got %d, %s", code, said)
			}
			if got := problems(t, flags...); got != "" {
				t.Errorf("got problems with %q, want none", got)
			}
		})
	}
	t.Run("one machine", func(t *testing.T) {
		if got := problems(t, "--data", t.TempDir()+"/new"); got != "" {
			t.Errorf("before the first start: got problems with %q, want none", got)
		}
		s := start(t, t.TempDir())
		if got := problems(t, "--data", s.cmd.Args[5]); got != "" {
			t.Errorf("beside a server: got problems with %q, want none", got)
		}
	})
}

// TestDoctorFindsWhatIsAway: servers that refuse, servers that say nothing, and a
// password that is wrong.
func TestDoctorFindsWhatIsAway(t *testing.T) {
	flags := places(t, "kafka")
	if said, code := command(t, append([]string{"migrate"}, flags...)...); code != 0 {
		t.Fatalf("migrate: got %d, %s", code, said)
	}
	through := func(t *testing.T, frozen bool, at, target string) string {
		p := testservers.NewProxy(t, target)
		if frozen {
			p.Freeze()
			t.Cleanup(p.Thaw)
		} else {
			p.Away()
		}
		return strings.Replace(at, target, p.Addr, 1)
	}
	db := fmt.Sprintf("127.0.0.1:%d", postgres.Port(t))
	with := func(i int, value string) []string {
		changed := append([]string{"--data", t.TempDir()}, flags...)
		changed[2+i] = value
		return changed
	}
	for _, frozen := range []bool{false, true} {
		kind := map[bool]string{false: "away", true: "silent"}[frozen]
		t.Run("database "+kind, func(t *testing.T) {
			store := through(t, frozen, strings.Replace(flags[1], "localhost", "127.0.0.1", 1), db)
			if got, want := problems(t, with(1, store)...), "database, clock"; got != want {
				t.Errorf("got problems with %q, want %q", got, want)
			}
		})
		t.Run("S3 "+kind, func(t *testing.T) {
			if got, want := problems(t, with(3, through(t, frozen, flags[3], bucket.Addr(t)))...), "pictures"; got != want {
				t.Errorf("got problems with %q, want %q", got, want)
			}
		})
		t.Run("Kafka "+kind, func(t *testing.T) {
			if got, want := problems(t, with(5, through(t, frozen, flags[5], kafka.Broker(t)))...), "queue"; got != want {
				t.Errorf("got problems with %q, want %q", got, want)
			}
		})
	}
	t.Run("a wrong password", func(t *testing.T) {
		if got, want := problems(t, with(1, "postgres://nobody:hunter22@"+db+"/none")...), "database, clock"; got != want {
			t.Errorf("got problems with %q, want %q", got, want)
		}
	})
	t.Run("no such bucket", func(t *testing.T) {
		t.Setenv("AWS_SECRET_ACCESS_KEY", "hunter22")
		if got, want := problems(t, with(3, "s3://no-such-bucket?endpoint=http://"+bucket.Addr(t))...), "pictures"; got != want {
			t.Errorf("got problems with %q, want %q", got, want)
		}
	})
	t.Run("no program", func(t *testing.T) {
		if got, want := problems(t, "--data", t.TempDir(), "--engine-name", "none", "--engine-command", "no-such-program {file}", "--engine-version", "no-such-program"), "engine none"; got != want {
			t.Errorf("got problems with %q, want %q", got, want)
		}
	})
}

// TestMigrateAtOnce: many bring an empty store up to date at the same time.
func TestMigrateAtOnce(t *testing.T) {
	for name, flags := range map[string][]string{
		"sqlite":   {"--data", t.TempDir()},
		"postgres": {"--store", postgres.NewDatabase(t, ""), "--data", t.TempDir()},
	} {
		t.Run(name, func(t *testing.T) {
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() {
					if said, code := command(t, append([]string{"migrate"}, flags...)...); code != 0 {
						t.Errorf("migrate: got %d, %s", code, said)
					}
				})
			}
			all.Wait()
			if said, _ := command(t, append([]string{"migrate"}, flags...)...); !strings.HasPrefix(said, "the schema is up to date") {
				t.Errorf("migrate again: got %q", said)
			}
		})
	}
}

// TestMigrateBesideAServer is refused, and says why.
func TestMigrateBesideAServer(t *testing.T) {
	s := start(t, t.TempDir())
	if said, code := command(t, "migrate", "--data", s.cmd.Args[5]); code != 1 || !strings.Contains(said, "another charcoal uses the data directory") {
		t.Errorf("migrate: got %d, %s", code, said)
	}
}
