package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// openTerminal makes a terminal: what is written to screen is shown, and what was
// shown can be read from user, who types by writing there.
func openTerminal(t *testing.T, cols, rows uint16) (user, screen *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("there are no terminals here: %v", err)
	}
	t.Cleanup(func() { _ = user.Close() })
	fd := int(user.Fd())
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Col: cols, Row: rows})
	}
	if err != nil {
		t.Fatal(err)
	}
	screen, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	return user, screen
}

// blinking writes a GIF that is black and white in turn, for ever.
func blinking(t *testing.T) (file string) {
	t.Helper()
	g := &gif.GIF{}
	for _, c := range []color.Color{color.Black, color.White} {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, 8, 8), color.Palette{c}))
		g.Delay = append(g.Delay, 2)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "blink.gif")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// onTerminal starts the program with a terminal of its own.
func onTerminal(t *testing.T, screen *os.File, args ...string) *exec.Cmd {
	t.Helper()
	return onTerminalAs(t, screen, []string{"TERM=xterm"}, args...)
}

// onTerminalAs is [onTerminal] with an environment.
func onTerminalAs(t *testing.T, screen *os.File, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{
		Path: self, Args: append([]string{"charcoal"}, args...), Env: env,
		Stdin: screen, Stdout: screen, Stderr: screen,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// readUntil reads what a terminal shows until enough of it is there.
func readUntil(t *testing.T, user *os.File, enough func(shown string) bool) string {
	t.Helper()
	timeout := time.AfterFunc(time.Minute, func() { _ = user.Close() })
	defer timeout.Stop()
	var shown strings.Builder
	buf := make([]byte, 4096)
	for !enough(shown.String()) {
		n, err := user.Read(buf)
		shown.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v after %q", err, shown.String())
		}
	}
	return shown.String()
}

// An animation plays on a terminal until somebody presses Ctrl-C, which is a good
// end and leaves the cursor as it was.
func TestAnAnimationPlaysUntilCtrlC(t *testing.T) {
	for name, args := range map[string][]string{
		"when asked to":        {"draw", "--play", blinking(t)},
		"when there are two":   {"draw", "--frames=2", blinking(t)},
		"one after the other":  {"draw", "--play", blinking(t), "no-such-file"},
		"as large as it wants": {"draw", "--play", "--cols=8", blinking(t)},
	} {
		t.Run(name, func(t *testing.T) {
			user, screen := openTerminal(t, 20, 11)
			cmd := onTerminal(t, screen, args...)
			const up = "A\r"
			shown := readUntil(t, user, func(shown string) bool { return strings.Count(shown, up) >= 3 })
			if !strings.HasPrefix(shown, "\x1b[?25l") {
				t.Errorf("the cursor is not hidden: %q", shown[:20])
			}
			if _, err := user.WriteString("\x03"); err != nil {
				t.Fatal(err)
			}
			readUntil(t, user, func(shown string) bool { return strings.Contains(shown, "\x1b[?25h") })
			if err := cmd.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// A still picture, and an animation of which one frame is asked for, are drawn.
func TestOneFrameIsDrawn(t *testing.T) {
	user, screen := openTerminal(t, 20, 11)
	cmd := onTerminal(t, screen, "draw", blinking(t))
	// Besides ten lines of art there is the warning that this is one frame of two.
	shown := readUntil(t, user, func(shown string) bool { return strings.Count(shown, "\n") >= 10 })
	if err := cmd.Wait(); err != nil || strings.Contains(shown, "\x1b[?25l") {
		t.Errorf("got %v and %q", err, shown)
	}
}

// Without a terminal there is nothing to play on.
func TestTheFirstFrameIsDrawnElsewhere(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := &exec.Cmd{Path: self, Args: []string{"charcoal", "draw", "--play", "--cols=8", blinking(t)}, Env: []string{"TERM=xterm"}}
	out, err := cmd.Output()
	if want := strings.Repeat("        \n", 4); err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}
