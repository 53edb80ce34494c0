package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/config"
)

// The scripts in cmd/charcoal run the real program. Here is what they cannot
// reach: signals, terminals, and faults that are hard to cause.

type serveFunc = func(ctx context.Context, cfg config.Config, log *slog.Logger) error

// run runs a command line whose server is serve.
func run(t *testing.T, serve serveFunc, args ...string) (status int, stderr string) {
	t.Helper()
	var out, errOut bytes.Buffer
	status = Main(t.Context(), Process{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errOut, Serve: serve,
	})
	return status, errOut.String()
}

func TestServeGetsTheConfiguration(t *testing.T) {
	serve := func(ctx context.Context, cfg config.Config, log *slog.Logger) error {
		if cfg.Addr != "127.0.0.1:0" || cfg.Limits.Columns != 80 {
			t.Errorf("serving with addr %q and %d columns, want what the flags say", cfg.Addr, cfg.Limits.Columns)
		}
		log.InfoContext(ctx, "serving")
		return nil
	}
	status, stderr := run(t, serve, "serve", "--addr=127.0.0.1:0", "--limits-columns=80", "--log-format=json")
	if status != 0 {
		t.Errorf("status = %d, want 0", status)
	}
	if !strings.Contains(stderr, `"msg":"serving"`) {
		t.Errorf("the log is %q, want it on standard error as JSON", stderr)
	}
}

func TestASignalEndsServing(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			serve := func(ctx context.Context, _ config.Config, _ *slog.Logger) error {
				if err := syscall.Kill(os.Getpid(), sig); err != nil {
					return fmt.Errorf("sending a signal to myself: %w", err)
				}
				<-ctx.Done() // forever, if the signal did not get here
				return nil
			}
			if status, stderr := run(t, serve, "serve"); status != 0 {
				t.Errorf("status = %d, want 0; stderr: %s", status, stderr)
			}
		})
	}
}

func TestHowErrorsAreShown(t *testing.T) {
	onDisk := &fs.PathError{Op: "open", Path: "charcoal.db", Err: errors.New("permission denied")}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{
			"the system is at fault: the cause is shown",
			charcoal.Errorf(charcoal.Unavailable, "the database is away").Because(onDisk),
			"charcoal: the database is away: open charcoal.db: permission denied\n",
		},
		{
			"the picture is at fault: its sentence says all",
			charcoal.Errorf(charcoal.Unprocessed, "the PNG is cut off").Because(errors.New("png: unexpected EOF")),
			"charcoal: the PNG is cut off\n",
		},
		{
			"several errors are on one line",
			errors.Join(errors.New("first"), errors.New("second")),
			"charcoal: first; second\n",
		},
		{
			"nothing steers the terminal",
			errors.New("a\x1b[31mb\r\u009bc"),
			"charcoal: a\uFFFD[31mb\uFFFD\uFFFDc\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			serve := func(context.Context, config.Config, *slog.Logger) error { return tt.err }
			status, stderr := run(t, serve, "serve")
			if status != 1 || stderr != tt.want {
				t.Errorf("got %d, %q; want 1, %q", status, stderr, tt.want)
			}
		})
	}
}

func TestDrawReportsAnOutputThatFails(t *testing.T) {
	var errOut bytes.Buffer
	status := Main(t.Context(), Process{
		Args: []string{"draw", "-"}, Stdin: strings.NewReader(onePixelBMP),
		Stdout: fullDisk{}, Stderr: &errOut,
	})
	if status != 1 || !strings.Contains(errOut.String(), "no space left") {
		t.Errorf("got %d, %q; want 1 and the cause", status, errOut.String())
	}
}

// onePixelBMP is a white pixel: the file header, a BITMAPINFOHEADER of 24 bits
// a pixel, and one row padded to four bytes.
const onePixelBMP = "BM\x3a\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00" +
	"\x28\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x01\x00\x18\x00\x00\x00\x00\x00\x04\x00\x00\x00" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" +
	"\xff\xff\xff\x00"

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestStandardInputHasALimit(t *testing.T) {
	if _, err := readAll(strings.NewReader("12345"), 5); err != nil {
		t.Errorf("as much as the limit: %v", err)
	}
	endless := readerFunc(func(p []byte) (int, error) { return len(p), nil })
	_, err := readAll(endless, 5)
	if got := charcoal.CodeOf(err); got != charcoal.TooLarge {
		t.Errorf("error = %v with code %s, want code %s", err, got, charcoal.TooLarge)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestADrawingFillsTheScreen(t *testing.T) {
	tests := []struct {
		name          string
		screen        screen
		width, height int
		cols, rows    int
	}{
		{"a wide picture fills the width", screen{80, 23}, 400, 100, 80, 10},
		{"a tall picture fills the height", screen{80, 23}, 100, 100, 46, 23},
		{"one that fits exactly", screen{80, 40}, 100, 100, 80, 40},
		{"a thin line across", screen{80, 23}, 10_000, 1, 80, 1},
		{"a thin line down", screen{80, 23}, 1, 10_000, 1, 23},
		{"a screen wider than any drawing may be", screen{5000, 5000}, 100, 100, 2000, 1000},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := ascii.Defaults()
			o.Cols, o.Rows = tt.screen.room()
			if cols, rows := o.Grid(tt.width, tt.height); cols != tt.cols || rows != tt.rows {
				t.Errorf("got %d by %d, want %d by %d", cols, rows, tt.cols, tt.rows)
			}
		})
	}
}

func TestColoursOfTerminals(t *testing.T) {
	tests := []struct {
		env  []string
		want string
	}{
		{[]string{"TERM=xterm-256color", "COLORTERM=truecolor"}, "true"},
		{[]string{"TERM=xterm", "COLORTERM=24bit"}, "true"},
		{[]string{"TERM=xterm-direct"}, "true"},
		{[]string{"TERM=screen-256color"}, "256"},
		{[]string{"TERM=linux"}, "16"},
		{[]string{"TERM=dumb", "COLORTERM=truecolor"}, "none"},
		{[]string{"COLORTERM=truecolor"}, "none"},
		{[]string{"TERM=xterm-256color", "NO_COLOR=1"}, "none"},
		{[]string{"TERM=xterm-256color", "NO_COLOR="}, "256"},
		{[]string{"TERM=xterm", "TERM=xterm-256color"}, "256"},
		{nil, "none"},
	}
	for _, tt := range tests {
		if got := terminalDepth(tt.env); got != tt.want {
			t.Errorf("%v: got %s, want %s", tt.env, got, tt.want)
		}
	}
}

func TestCropOnTheCommandLine(t *testing.T) {
	tests := []struct {
		value string
		want  ascii.Rectangle
		ok    bool
	}{
		{"0.1,0.2,0.5,0.6", ascii.Rectangle{X: 0.1, Y: 0.2, Width: 0.5, Height: 0.6}, true},
		{"25%, 0, 50%, 100%", ascii.Rectangle{X: 0.25, Width: 0.5, Height: 1}, true},
		{"1,2,3", ascii.Rectangle{}, false},
		{"a,b,c,d", ascii.Rectangle{}, false},
		{"", ascii.Rectangle{}, false},
	}
	for _, tt := range tests {
		var got cropFlag
		if err := got.Set(tt.value); (err == nil) != tt.ok || tt.ok && ascii.Rectangle(got) != tt.want {
			t.Errorf("%q: got %v, %v, want %v", tt.value, got, err, tt.want)
		}
	}
}

func TestWhatIsNoTerminalHasNoScreen(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if got := screenOf(file); got != (screen{}) {
		t.Errorf("a file: got %v, want none", got)
	}
	if got := screenOf(new(bytes.Buffer)); got != (screen{}) {
		t.Errorf("a buffer: got %v, want none", got)
	}
}
