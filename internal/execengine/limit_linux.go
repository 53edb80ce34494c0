package execengine

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// Executable is the running program, also after its file was replaced. Where it is
// empty, memory is not limited.
const Executable = "/proc/self/exe"

// launcherName is what this program is called when it is to become an engine:
// launcherName BYTES PROGRAM NAME [ARGUMENT]...
const launcherName = "charcoal-engine-launcher"

// reportFD is where the launcher writes why it could not start the engine.
const reportFD = 3

// RunLimited becomes an engine, under its limit on memory, if that is what args
// (those of the process) ask for; otherwise it returns. Whatever program makes
// engines with such a limit calls it before anything else. No other way sets the
// limit before the engine runs: a parent could only do it a moment later.
func RunLimited(args []string) {
	if len(args) < 4 || args[0] != launcherName {
		return
	}
	report := os.NewFile(reportFD, "report")
	err := becomeEngine(args[1], args[2], args[3:])
	_, _ = fmt.Fprint(report, err) // without a reader, the status has to do
	syscall.Exit(1)
}

// becomeEngine returns only when it cannot.
func becomeEngine(limit, program string, words []string) error {
	bytes, err := strconv.ParseUint(limit, 10, 63)
	if err != nil {
		return fmt.Errorf("read the limit on memory: %w", err)
	}
	// Everything but the three streams closes: ours, and what we got from who started us.
	if err := unix.CloseRange(reportFD, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		syscall.CloseOnExec(reportFD) // Linux before 5.11
	}
	environment := syscall.Environ()
	if err := unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: bytes, Max: bytes}); err != nil {
		return fmt.Errorf("limit the memory: %w", err)
	}
	return syscall.Exec(program, words, environment) //nolint:gosec // the operator names the program; no outside text is in its words but numbers
}

// limitMemory makes cmd start by way of the launcher. When it has run, launched
// says whether the engine was started.
func limitMemory(cmd *exec.Cmd, self string, bytes int64) (launched func() error, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("make a pipe: %w", err)
	}
	cmd.Args = append([]string{launcherName, strconv.FormatInt(bytes, 10), cmd.Path}, cmd.Args...)
	cmd.Path = self
	cmd.ExtraFiles = []*os.File{write}
	return func() error {
		_ = write.Close()
		defer read.Close()
		why, err := io.ReadAll(read) // nobody holds the other end any more
		if err == nil && len(why) > 0 {
			err = errors.New(string(why))
		}
		return err
	}, nil
}
