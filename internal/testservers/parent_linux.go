package testservers

import (
	"os/exec"
	"syscall"
)

// dieWithParent has the kernel end the process when this one dies, so that a
// test which is killed leaves no server behind.
func dieWithParent(cmd *exec.Cmd) *exec.Cmd {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return cmd
}
