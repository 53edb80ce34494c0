// Package deploy_test holds the files of this folder against the program: that they are
// what their readers (Docker, Compose, Helm, Kubernetes, systemd) take, that every process
// they start has settings that it takes, and that none of it runs as root.
package deploy_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/kafkaqueue"
	"github.com/charcoal-art/charcoal/internal/s3blob"
)

// exampleKey is a key for webhooks.
const exampleKey = "ZXhhbXBsZSBleGFtcGxlIGV4YW1wbGUgZXhhbXBsZSE="

// process is a charcoal that a file of this folder starts.
type process struct {
	args []string // after the program's name
	env  []string
	file string // the one that --config means
}

// settings reads the settings of a process as it would itself, which refuses those
// that are not there.
func (p process) settings(t *testing.T) config.Config {
	t.Helper()
	if len(p.args) == 0 || p.args[0] != "serve" {
		t.Fatalf("the process does not serve: %q", p.args)
	}
	flags := pflag.NewFlagSet("serve", pflag.ContinueOnError)
	config.AddFlags(flags)
	named := flags.String("config", "", "")
	if err := flags.Parse(p.args[1:]); err != nil {
		t.Fatalf("charcoal %s: %v", strings.Join(p.args, " "), err)
	}
	if (*named != "") != (p.file != "") {
		t.Fatalf("--config is %q, and the file that comes with it %q", *named, p.file)
	}
	loaded, err := config.Load(config.Sources{File: p.file, Env: p.env, Flags: flags})
	if err != nil {
		t.Fatalf("charcoal %s: %v", strings.Join(p.args, " "), err)
	}
	checkPlaces(t, loaded.Config)
	return loaded.Config
}

// checkPlaces reads the locations as the adapters do.
func checkPlaces(t *testing.T, cfg config.Config) {
	t.Helper()
	if cfg.InS3() {
		if _, err := s3blob.ParseURL(cfg.Blobs); err != nil {
			t.Errorf("blobs: %v", err)
		}
	}
	if cfg.ByKafka() {
		if _, err := kafkaqueue.ParseURL(cfg.Queue); err != nil {
			t.Errorf("queue: %v", err)
		}
	}
}

// checkRole fails unless cfg is that of a process of a fleet that keeps strangers out.
func checkRole(t *testing.T, cfg config.Config, role string) {
	t.Helper()
	if cfg.Role != role {
		t.Errorf("role: got %q, want %q", cfg.Role, role)
	}
	if !cfg.SignIn() {
		t.Error("nobody has to sign in")
	}
}

// TestServes asks the program what probes and health checks ask.
func TestServes(t *testing.T) {
	program := filepath.Join(t.TempDir(), "charcoal")
	run(t, "..", "go", "build", "-o", program, "./cmd/charcoal")
	base := serve(t, program)
	for _, path := range []string{livenessPath, readinessPath} {
		if status := get(t, base+path); status != http.StatusOK {
			t.Errorf("%s: got %d, want 200", path, status)
		}
	}
}

var listening = regexp.MustCompile(`msg=listening url=(\S+)`)

// serve starts the program on an empty folder, waits until it is ready, and returns its
// URL. It is stopped, and waited for, when the test ends.
func serve(t *testing.T, program string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, "serve", "--addr", "127.0.0.1:0", "--data", t.TempDir())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	logged := bufio.NewScanner(stderr)
	t.Cleanup(func() {
		_, _ = io.Copy(io.Discard, stderr)
		if err := cmd.Wait(); err != nil && !errors.Is(err, context.Canceled) {
			t.Errorf("the server ended with: %v", err)
		}
	})
	url := ""
	for logged.Scan() {
		if match := listening.FindStringSubmatch(logged.Text()); match != nil {
			url = match[1]
		}
		if strings.Contains(logged.Text(), "msg=ready") {
			return url
		}
	}
	t.Fatal("the server did not become ready")
	return ""
}

func get(t *testing.T, url string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

// run runs a command, which must succeed, and returns what it wrote.
func run(t *testing.T, folder, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
