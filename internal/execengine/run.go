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

var (
	errTooSlow = errors.New("time for a conversion is over")
	errTooMuch = errors.New("too much output")
)

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
		return nil, charcoal.Errorf(charcoal.Unavailable, "the engine %s cannot be run", e.config.Name).Because(err)
	}
	limited, cancel := context.WithTimeoutCause(ctx, e.config.Time, errTooSlow)
	defer cancel()
	limited, stop := context.WithCancelCause(limited)
	defer stop(nil)

	out := &capped{left: e.config.Output, full: func() { stop(errTooMuch) }}
	complaint := &tail{}
	cmd := exec.CommandContext(limited, program, i.command[1:]...) //nolint:gosec // the operator names the program; no outside text is in its words but numbers
	cmd.Env = []string{"PATH=" + e.config.Path}
	cmd.Dir = os.TempDir()
	// Wrapped, so that it is a pipe: a file itself could be opened again for writing.
	cmd.Stdin, cmd.Stdout, cmd.Stderr = struct{ io.Reader }{i.stdin}, out, complaint
	if i.both {
		cmd.Stderr = out
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return killGroup(cmd.Process.Pid) }
	cmd.WaitDelay = time.Second // for pipes that a child of it holds
	if err := cmd.Start(); err != nil {
		return nil, charcoal.Errorf(charcoal.Unavailable, "the engine %s cannot be run", e.config.Name).Because(err)
	}
	limitErr := limitMemory(cmd.Process.Pid, e.config.Memory)
	if limitErr != nil {
		stop(limitErr)
	}
	err = cmd.Wait()
	_ = killGroup(cmd.Process.Pid) // what it left behind; there is rarely anything
	return e.outcome(ctx, limited, err, out, complaint)
}

// outcome tells apart who is at fault.
func (e *Engine) outcome(ctx, limited context.Context, err error, out *capped, complaint *tail) ([]byte, error) {
	cause := context.Cause(limited)
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("run the engine %s: %w", e.config.Name, ctx.Err())
	case errors.Is(cause, errTooSlow):
		return nil, charcoal.Errorf(charcoal.Unprocessed, "the engine %s took longer than the limit of %s", e.config.Name, e.config.Time)
	case errors.Is(cause, errTooMuch):
		return nil, charcoal.OverLimit("what the engine "+e.config.Name+" wrote", e.config.Output, e.config.Output+1, "bytes")
	case cause != nil:
		return nil, charcoal.Errorf(charcoal.Unavailable, "the engine %s cannot be run", e.config.Name).Because(cause)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return nil, charcoal.Errorf(charcoal.Unprocessed, "the engine %s failed: %s", e.config.Name, complaint.or(err)).Because(err)
	}
	return out.b.Bytes(), nil
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

// or is the last line of what was written, or the error where there is none.
func (t *tail) or(err error) string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(t.b), ""))
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if last := strings.TrimSpace(lines[len(lines)-1]); last != "" {
		return last
	}
	return err.Error()
}
