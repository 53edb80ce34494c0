package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// program is the program as a command.
func program(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &exec.Cmd{Path: self, Args: append([]string{"charcoal"}, args...), Env: env}
}

// A password is asked for without showing it, and the terminal is as before.
func TestLoginAsksOnATerminal(t *testing.T) {
	data, home := t.TempDir(), t.TempDir()
	add := program(t, nil, "user", "add", "ann", "--data", data, "--password-file", "-")
	add.Stdin = strings.NewReader("correct horse battery staple\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	url := serverOf(t, data, "--auth-mode", "required")
	tests := []struct {
		name, password, want string
		ok                   bool
	}{
		{"the right one", "correct horse battery staple\r", "signed in to " + url + " as ann", true},
		{"Ctrl-C", "corr\x03", "no password was given", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			user, screen := openTerminal(t, 200, 24)
			before := mode(t, screen)
			cmd := onTerminalAs(t, screen, []string{"TERM=xterm", "HOME=" + home}, "login", "--server", url)
			readUntil(t, user, func(shown string) bool { return strings.Contains(shown, "Name: ") })
			_, _ = user.WriteString("ann\r")
			readUntil(t, user, func(shown string) bool { return strings.Contains(shown, "Password: ") })
			_, _ = user.WriteString(tt.password)
			shown := readUntil(t, user, func(shown string) bool { return strings.Contains(shown, tt.want) })
			if strings.Contains(shown, "corr") {
				t.Errorf("the password is shown: %q", shown)
			}
			if err := cmd.Wait(); (err == nil) != tt.ok {
				t.Errorf("it ended with %v", err)
			}
			if after := mode(t, screen); after != before {
				t.Errorf("the terminal is in the mode %+v, and was in %+v", after, before)
			}
		})
	}
}

func mode(t *testing.T, screen *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(screen.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

// An upload shows on a terminal how far it is, and its lines above that.
func TestAnUploadShowsItsProgress(t *testing.T) {
	home := t.TempDir()
	url := serverOf(t, filepath.Join(home, "data"))
	name := blinking(t)
	user, screen := openTerminal(t, 200, 24)
	cmd := onTerminalAs(t, screen, []string{"TERM=xterm", "HOME=" + home, "CHARCOAL_SERVER=" + url}, "upload", name)
	shown := readUntil(t, user, func(shown string) bool {
		return strings.Contains(shown, name+"\r\n") && strings.Contains(shown, "1/1 ")
	})
	if err := cmd.Wait(); err != nil {
		t.Errorf("it ended with %v after %q", err, shown)
	}
}

// Ctrl-C breaks an upload off, and the same command goes on from there.
func TestAnUploadGoesOnAfterCtrlC(t *testing.T) {
	home := t.TempDir()
	url := serverOf(t, filepath.Join(home, "data"))
	album := filepath.Join(home, "album")
	const pictures = 200
	if err := os.Mkdir(album, 0o700); err != nil {
		t.Fatal(err)
	}
	for i := range pictures {
		picture := fmt.Sprintf("P1\n%d 8\n%s", i+1, strings.Repeat("0 1 ", 4*(i+1)))
		if err := os.WriteFile(filepath.Join(album, fmt.Sprintf("%03d.pbm", i)), []byte(picture), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"TERM=dumb", "HOME=" + home, "CHARCOAL_SERVER=" + url}
	user, screen := openTerminal(t, 200, 24)
	cmd := onTerminalAs(t, screen, env, "upload", "--jobs=1", album)
	readUntil(t, user, func(shown string) bool { return strings.Count(shown, ".pbm") >= 3 })
	_, _ = user.WriteString("\x03")
	readUntil(t, user, func(shown string) bool {
		return strings.Contains(shown, " left; the same command goes on from here")
	})
	if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("it ended with %v, want the status 1", err)
	}
	out, err := program(t, env, "upload", album).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var sent, there, failed int
	for line := range strings.Lines(string(out)) {
		_, _ = fmt.Sscanf(line, "charcoal: %d uploaded, %d there before, %d failed", &sent, &there, &failed)
	}
	if there < 3 || sent+there != pictures || failed != 0 {
		t.Errorf("%d were sent after the break and %d were there, of %d", sent, there, pictures)
	}
}
