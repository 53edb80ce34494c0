package conformance

import (
	"fmt"
	"os"
	"syscall"
	"testing"
)

// SmallDisk returns a folder on a file system of its own, in memory, with room
// for size bytes. Mounting needs root: without it the test is skipped, except
// in CI, where a skip would hide that nobody tests a full disk.
func SmallDisk(t *testing.T, size int64) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("charcoal-test", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		noSmallDisk(t, err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount the small disk: %v", err)
		}
	})
	return dir
}

func noSmallDisk(t *testing.T, reason error) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("CI must test a full disk, but mounting a small one failed: %v", reason)
	}
	t.Skipf("a full disk is not tested: mounting a small one failed: %v", reason)
}
