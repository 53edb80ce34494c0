package execengine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/charcoal-art/charcoal"
)

var errTooMuch = errors.New("too much output")

// invocation is one run of a program.
type invocation struct {
	command []string
	stdin   io.Reader
	both    bool // output is what it writes on standard error, too
}

// run runs a program to its end and returns what it wrote. Whatever it started in
// its process group is gone when run returns.
func (e *Engine) run(ctx context.Context, i invocation) ([]byte, error) {
	program, err := e.find(i.command[0])
	if err != nil {
		return nil, e.unavailable(err)
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	out := &capped{left: e.config.Output, full: func() { stop(errTooMuch) }}
	complaint := &tail{}
	cmd, launched, err := e.command(running, program, i.command)
	if err != nil {
		return nil, e.unavailable(err)
	}
	// Wrapped, so that it is a pipe: a file itself could be opened again for writing.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = struct{ io.Reader }{i.stdin}, out, complaint
	if i.both {
		cmd.Stderr = out
	}
	err = runGroup(cmd)
	if launchErr := launched(); launchErr != nil {
		return nil, e.unavailable(launchErr)
	}
	if err := e.outcome(ctx, running, err, complaint); err != nil {
		return nil, err
	}
	return out.b.Bytes(), nil
}

// command prepares a program to run in a process group of its own, under the limit
// on memory. When it has run, launched says whether it could be.
func (e *Engine) command(ctx context.Context, program string, words []string) (cmd *exec.Cmd, launched func() error, err error) {
	cmd = exec.CommandContext(ctx, program)
	cmd.Args = words
	launched = func() error { return nil }
	if e.config.Memory > 0 && e.config.Self != "" {
		if launched, err = limitMemory(cmd, e.config.Self, e.config.Memory); err != nil {
			return nil, nil, err
		}
	}
	cmd.Env = []string{"PATH=" + e.config.Path}
	cmd.Dir = os.TempDir()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = time.Second // for pipes that a child of it holds
	return cmd, launched, nil
}

// errNotStarted is about a program that never ran.
var errNotStarted = errors.New("it cannot be started")

// runGroup runs a command and ends what it left behind; there is rarely anything.
func runGroup(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return errors.Join(errNotStarted, err)
	}
	err := cmd.Wait()
	_ = killGroup(cmd.Process.Pid)
	reapGroup(cmd.Process.Pid)
	return err
}

// outcome tells apart who is at fault.
func (e *Engine) outcome(ctx, running context.Context, err error, complaint *tail) error {
	switch {
	case ctx.Err() != nil:
		return fmt.Errorf("run the engine %s: %w", e.config.Name, ctx.Err())
	case errors.Is(context.Cause(running), errTooMuch):
		return charcoal.OverLimit("what the engine "+e.config.Name+" wrote", e.config.Output, e.config.Output+1, "bytes")
	case errors.Is(err, errNotStarted):
		return e.unavailable(err)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return e.failure(err, complaint)
	}
	return nil
}

func (e *Engine) unavailable(cause error) error {
	return charcoal.Errorf(charcoal.Unavailable, "the engine %s cannot be run", e.config.Name).Because(cause)
}

// failure is about a program that ended badly. What it says of that may hold paths
// and whatever was in the picture, so it is for the log alone.
func (e *Engine) failure(err error, complaint *tail) error {
	failure := charcoal.Errorf(charcoal.Unprocessed, "the engine %s failed with %s", e.config.Name, err)
	failure.Logged = true
	if last := complaint.lastLine(); last != "" {
		return failure.Because(errors.New(last))
	}
	return failure.Because(errors.New("it wrote nothing on standard error"))
}

// find looks a program up in the configured path, not in that of this process.
func (e *Engine) find(name string) (string, error) {
	if strings.ContainsRune(name, filepath.Separator) {
		return filepath.Abs(name)
	}
	for _, folder := range filepath.SplitList(e.config.Path) {
		file := filepath.Join(folder, name)
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return filepath.Abs(file)
		}
	}
	return "", fmt.Errorf("there is no program %q in %q", name, e.config.Path)
}

// killGroup ends a process and all it started. None left is no error.
func killGroup(pid int) error {
	err := syscall.Kill(-pid, syscall.SIGKILL)
	if errors.Is(err, syscall.ESRCH) || errors.Is(err, syscall.EPERM) { // gone; zombies on some systems
		return os.ErrProcessDone
	}
	return err
}

// reapGroup waits for killed processes whose parent is gone. They are ours to wait
// for where this process is the first one of a container; elsewhere there are none.
func reapGroup(pid int) {
	for {
		_, err := syscall.Wait4(-pid, nil, 0, nil)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return
		}
	}
}

// capped keeps output up to a limit.
type capped struct {
	b    bytes.Buffer
	left int64
	full func()
}

func (c *capped) Write(p []byte) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		c.full()
		return 0, errTooMuch
	}
	return c.b.Write(p)
}

// tail keeps the end of what is written.
type tail struct{ b []byte }

const tailSize = 512

func (t *tail) Write(p []byte) (int, error) {
	t.b = append(t.b, p[max(0, len(p)-tailSize):]...)
	t.b = t.b[max(0, len(t.b)-tailSize):]
	return len(p), nil
}

// lastLine is the last line of what was written, without what steers terminals.
func (t *tail) lastLine() string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(t.b), ""))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
