//go:build !linux

package execengine

import "os/exec"

// Executable is empty: only Linux has a limit that holds for any program.
const Executable = ""

// RunLimited does nothing here.
func RunLimited([]string) {}

func limitMemory(*exec.Cmd, string, int64) (launched func() error, err error) {
	return func() error { return nil }, nil
}
