package execengine

import (
	"fmt"
	"syscall"
	"unsafe"
)

// limitMemory bounds the address space of a process that has just been started. It
// has run for some microseconds by then; what it did not yet map it cannot
// map beyond the limit any more.
func limitMemory(pid int, bytes int64) error {
	if bytes <= 0 {
		return nil
	}
	limit := syscall.Rlimit{Cur: uint64(bytes), Max: uint64(bytes)}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), syscall.RLIMIT_AS,
		uintptr(unsafe.Pointer(&limit)), 0, 0, 0) //nolint:gosec // the system call takes the address of the limit
	if errno != 0 && errno != syscall.ESRCH { // it may have ended already
		return fmt.Errorf("limit the memory of the engine: %w", errno)
	}
	return nil
}
