//go:build !linux

package testservers

import "os/exec"

// dieWithParent has no twin outside Linux: a killed test leaves its servers.
func dieWithParent(cmd *exec.Cmd) *exec.Cmd { return cmd }
