//go:build linux || darwin

package app

import (
	"fmt"
	"math"
	"syscall"
)

// roomIn returns the bytes that may still be written to the disk of a folder.
func roomIn(folder string) (free int64, known bool, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, false, fmt.Errorf("ask for the room on the disk: %w", err)
	}
	blocks := min(s.Bavail, math.MaxInt64/uint64(s.Bsize))
	return int64(blocks) * int64(s.Bsize), true, nil //nolint:unconvert // it is an uint32 on macOS
}

// mostOpenFiles returns how many files and connections this process may have open.
func mostOpenFiles() (most uint64, known bool, err error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, false, fmt.Errorf("ask for the limit on open files: %w", err)
	}
	return limit.Cur, true, nil
}
