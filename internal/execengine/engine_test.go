package execengine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/raster"
)

func TestMain(m *testing.M) {
	RunLimited(os.Args)
	goleak.VerifyTestMain(m)
}

// halves is a PNG that is black on the left and white on the right.
func halves(t testing.TB) *bytes.Reader {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 40, 20))
	for i := range img.Pix {
		if i%40 >= 20 {
			img.Pix[i] = 255
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

func newEngine(t *testing.T, c Config) *Engine {
	t.Helper()
	c.Path = os.Getenv("PATH")
	if c.Name == "" {
		c.Name = "test"
	}
	native := nativeengine.New(nativeengine.Config{})
	if c.Budget == nil {
		c.Budget = native
	}
	c.Self = Executable
	e, err := New(t.Context(), c, native)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// script is an engine that a shell runs: a shell is a program like any other.
func script(text string, args ...string) Config {
	return Config{Command: append([]string{"sh", "-c", text, "engine"}, args...)}
}

func options(change func(*ascii.Options)) ascii.Options {
	o := ascii.Defaults()
	o.Cols = 10
	change(&o)
	return o
}

func lines(a *ascii.Art) []string {
	var all []string
	for y := range a.Rows {
		var s strings.Builder
		for _, c := range a.Row(0, y) {
			s.WriteRune(c.Rune)
		}
		all = append(all, s.String())
	}
	return all
}

func TestAProgramDraws(t *testing.T) {
	c := script(`echo "$1 by $2"; echo "$3"; wc -c; printf '\033[31mred'`, "{cols}", "{rows}", "{color:mono|few|many|all}")
	size := halves(t).Len()
	drawing, err := newEngine(t, c).Convert(t.Context(), halves(t), options(func(o *ascii.Options) { o.Color = "256" }))
	if err != nil {
		t.Fatal(err)
	}
	got := lines(drawing.Art)
	if strings.TrimSpace(got[0]) != "10 by 3" || strings.TrimSpace(got[1]) != "many" || strings.TrimSpace(got[2]) != fmt.Sprint(size) {
		t.Errorf("got %q", got)
	}
	if drawing.Format != "PNG" || drawing.Width != 40 || drawing.Art.Depth != "16" {
		t.Errorf("got %+v of depth %s", drawing.Picture, drawing.Art.Depth)
	}
}

func TestThePictureCanBeAFile(t *testing.T) {
	c := script(`wc -c < "$1"; wc -c; echo "$1"`, "{file}")
	drawing, err := newEngine(t, c).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if err != nil {
		t.Fatal(err)
	}
	got := lines(drawing.Art)
	if strings.TrimSpace(got[0]) != fmt.Sprint(halves(t).Len()) || strings.TrimSpace(got[1]) != "0" {
		t.Errorf("got %q, want the size of the file, and nothing on standard input", got)
	}
	if _, err := os.Stat(strings.TrimSpace(got[2])); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is still there: %v", err)
	}
}

// Nothing of this process reaches the program.
func TestTheEnvironmentIsEmpty(t *testing.T) {
	t.Setenv("CHARCOAL_SECRET", "do not tell")
	drawing, err := newEngine(t, Config{Command: []string{"env"}}).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(drawing.Art); len(got) != 1 || !strings.HasPrefix(got[0], "PATH=") {
		t.Errorf("the environment is %q", got)
	}
}

// There is no shell: what stands in a command is an argument.
func TestArgumentsAreNoProgram(t *testing.T) {
	drawing, err := newEngine(t, Config{Command: []string{"echo", "$(id)", ";", "{cols}"}}).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if err != nil {
		t.Fatal(err)
	}
	if got := lines(drawing.Art)[0]; got != "$(id) ; 10" {
		t.Errorf("got %q", got)
	}
}

func TestFaults(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name   string
		ctx    context.Context
		config Config
		code   charcoal.Code
		want   string
	}{
		{"fails", t.Context(), script(`echo one >&2; echo 'no such colour' >&2; exit 3`), charcoal.Unprocessed, "the engine test failed with exit status 3: no such colour"},
		{"fails without a word", t.Context(), script(`exit 3`), charcoal.Unprocessed, "exit status 3"},
		{"is killed", t.Context(), script(`kill -9 $$`), charcoal.Unprocessed, "killed"},
		{"steers the terminal", t.Context(), script(`printf 'a\033[31mb\r' >&2; exit 1`), charcoal.Unprocessed, "exit status 1: a[31mb"},
		{"writes nothing", t.Context(), script(`true`), charcoal.Unprocessed, "there is no text"},
		{"is not there", t.Context(), Config{Command: []string{"no-such-engine"}}, charcoal.Unavailable, "cannot be run"},
		{"never ends", t.Context(), with(script(`while :; do :; done`), func(c *Config) { c.Time = 50 * time.Millisecond }), charcoal.Unprocessed, "took longer than the limit of 50ms"},
		{"leaves a child with its output", t.Context(), with(script(`sleep 600 & wait`), func(c *Config) { c.Time = 50 * time.Millisecond }), charcoal.Unprocessed, "took longer"},
		{"writes for ever", t.Context(), with(script(`yes`), func(c *Config) { c.Output = 1000 }), charcoal.TooLarge, "limit"},
		{"draws too much", t.Context(), with(script(`yes | head -n 50`), func(c *Config) { c.Art = ascii.Limits{Cells: 40} }), charcoal.Unprocessed, "drew too much"},
		{"ends with its context", ended, script(`echo hello`), "", "canceled"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newEngine(t, tt.config).Convert(tt.ctx, halves(t), options(func(*ascii.Options) {}))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if got := charcoal.CodeOf(err); tt.code != "" && got != tt.code {
				t.Errorf("got the code %s, want %s", got, tt.code)
			}
		})
	}
}

func with(c Config, change func(*Config)) Config {
	change(&c)
	return c
}

// A picture is refused before any program sees it.
func TestHostilePicturesDoNotReachTheProgram(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "seen")
	e := newEngine(t, script(`touch "$1"`, mark))
	_, err := e.Convert(t.Context(), bytes.NewReader([]byte("#!/bin/sh\nrm -rf /\n")), options(func(*ascii.Options) {}))
	if charcoal.CodeOf(err) != charcoal.Unsupported {
		t.Errorf("got %v, want an unsupported picture", err)
	}
	_, err = e.Convert(t.Context(), halves(t), options(func(o *ascii.Options) { o.Cols = 1 << 30 }))
	if charcoal.CodeOf(err) != charcoal.Invalid {
		t.Errorf("got %v, want invalid options", err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the program ran")
	}
}

func TestVersionIsAsked(t *testing.T) {
	e := newEngine(t, with(script("echo x"), func(c *Config) { c.Version = []string{"echo", "Test engine, version 1.22.3 (beta)"} }))
	if got := e.Engine(); got != "test/1.22.3" {
		t.Errorf("got %s, want test/1.22.3", got)
	}
	_, err := New(t.Context(), Config{Name: "test", Command: []string{"true"}, Version: []string{"no-such-engine"}}, nil)
	if err == nil {
		t.Error("a program that is not there is an engine")
	}
}

func TestPixelsArePPM(t *testing.T) {
	img := image.NewNRGBA(image.Rect(5, 5, 7, 6))
	img.SetNRGBA(5, 5, color.NRGBA{200, 100, 50, 255})
	var b bytes.Buffer
	if _, err := b.ReadFrom(newPPM(img, ascii.RGB{R: 1, G: 2, B: 3})); err != nil {
		t.Fatal(err)
	}
	if got, want := b.String(), "P6\n2 1\n255\n\xc8\x64\x32\x01\x02\x03"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// example reads the command of an example, as the configuration does.
func example(t *testing.T, name string) Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../examples/engines", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Name: name, Raster: raster.DefaultLimits()}
	for line := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value, _, _ = strings.Cut(value, " #")
		words, err := Words(value)
		if err != nil {
			t.Fatal(err)
		}
		switch key {
		case "command":
			c.Command = words
		case "version":
			c.Version = words
		case "decoded":
			c.Pixels = words[0] == "true"
		}
	}
	return c
}

// needProgram returns where a program is. Where it is missing the test is skipped,
// but in CI, which installs it (scripts/need-cc, scripts/need-peers), that is a
// failure: not run must not look like passed.
func needProgram(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is needed: %v", name, err)
	}
	t.Skipf("%s is not installed, see scripts/need-cc and scripts/need-peers: %v", name, err)
	return ""
}

// The examples draw. They are other people's programs: scripts/need-peers
// installs them.
func TestExamples(t *testing.T) {
	for _, name := range []string{"chafa", "jp2a"} {
		t.Run(name, func(t *testing.T) {
			needProgram(t, name)
			e := newEngine(t, example(t, name))
			if version := strings.TrimPrefix(e.Engine(), name+"/"); version == "0" || version == e.Engine() {
				t.Errorf("the engine is %q, want its version", e.Engine())
			}
			drawsHalves(t, e)
		})
	}
}

func TestTinyEngine(t *testing.T) {
	compiler := needProgram(t, "gcc")
	folder := t.TempDir()
	build := exec.CommandContext(t.Context(), compiler, "-O2", "-Wall", "-Wextra", "-Werror", "-o", filepath.Join(folder, "tiny"), "../../examples/engines/tiny/tiny.c")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building it: %v\n%s", err, out)
	}
	c := example(t, "tiny")
	c.Command[0], c.Version[0] = filepath.Join(folder, "tiny"), filepath.Join(folder, "tiny")
	e := newEngine(t, c)
	if got := e.Engine(); got != "tiny/1.0" {
		t.Errorf("the engine is %s, want tiny/1.0", got)
	}
	drawsHalves(t, e)
}

// drawsHalves checks that a drawing is blank on the left and not on the right.
func drawsHalves(t *testing.T, e *Engine) {
	t.Helper()
	drawing, err := e.Convert(t.Context(), halves(t), options(func(o *ascii.Options) { o.Cols = 20 }))
	if err != nil {
		t.Fatal(err)
	}
	if drawing.Art.Cols != 20 || drawing.Art.Rows != 5 || drawing.Art.Depth != "none" {
		t.Errorf("got %d by %d of depth %s, want 20 by 5 of none", drawing.Art.Cols, drawing.Art.Rows, drawing.Art.Depth)
	}
	for _, line := range lines(drawing.Art) {
		if strings.TrimSpace(line[:8]) != "" || strings.Contains(line[12:], " ") {
			t.Errorf("got %q, want it blank on the left and full on the right", line)
		}
	}
}

// What cannot be started is no fault of the picture.
func TestAFileThatIsNoProgram(t *testing.T) {
	file := filepath.Join(t.TempDir(), "engine")
	if err := os.WriteFile(file, []byte("no program\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, memory := range []int64{0, 1 << 30} {
		_, err := newEngine(t, Config{Command: []string{file}, Memory: memory}).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
		if charcoal.CodeOf(err) != charcoal.Unavailable || !strings.Contains(err.Error(), "exec format error") {
			t.Errorf("with a limit of %d: got %v", memory, err)
		}
	}
}

func TestTheLauncherMustBeNamed(t *testing.T) {
	native := nativeengine.New(nativeengine.Config{})
	_, err := New(t.Context(), Config{Command: []string{"true"}, Memory: 1 << 30, Budget: native}, native)
	if (err != nil) != (Executable != "") {
		t.Errorf("got %v", err)
	}
}

// What a program says is for the log. Others get a sentence without it.
func TestComplaintsAreForTheLog(t *testing.T) {
	_, err := newEngine(t, script(`echo 'cannot open /secret/path' >&2; exit 3`)).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if got, want := charcoal.Message(err), "the engine test failed with exit status 3"; got != want {
		t.Errorf("people read %q, want %q", got, want)
	}
	if !strings.Contains(err.Error(), "/secret/path") {
		t.Errorf("the log has %q", err)
	}
	if e, ok := errors.AsType[*charcoal.Error](err); !ok || !e.Logged {
		t.Errorf("the error does not say that the log has more: %v", err)
	}
}

// budget is one that tells what is taken of it.
type budget struct {
	memory   int64
	released bool
	hurried  bool // there was a time limit
}

func (b *budget) Reserve(ctx context.Context, memory int64) (func(), error) {
	_, b.hurried = ctx.Deadline()
	b.memory = memory
	return func() { b.released = true }, nil
}

// Decoding takes from the common budget; a program that gets the file does not. The
// time that a picture may take begins only then.
func TestMemoryIsReserved(t *testing.T) {
	info, err := raster.Inspect(t.Context(), halves(t), raster.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		pixels bool
		want   int64
	}{{true, info.Memory}, {false, 0}} {
		b := &budget{memory: -1}
		c := with(script(`echo done`), func(c *Config) { c.Pixels, c.Budget, c.Raster = tt.pixels, b, raster.DefaultLimits() })
		if _, err := newEngine(t, c).Convert(t.Context(), halves(t), options(func(*ascii.Options) {})); err != nil {
			t.Fatal(err)
		}
		if b.memory != tt.want || !b.released || b.hurried {
			t.Errorf("decoded %v: got %+v, want %d bytes, given back", tt.pixels, b, tt.want)
		}
	}
}

// A picture that takes more than all of the budget is refused, not waited for.
func TestMemoryBeyondTheBudget(t *testing.T) {
	small := nativeengine.New(nativeengine.Config{Memory: 100})
	c := with(script(`echo done`), func(c *Config) { c.Pixels, c.Budget, c.Raster = true, small, raster.DefaultLimits() })
	_, err := newEngine(t, c).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if charcoal.CodeOf(err) != charcoal.TooLarge {
		t.Errorf("got %v, want too large", err)
	}
}

// A program that takes more memory than it may fails, alone.
func TestMemoryIsLimited(t *testing.T) {
	needProgram(t, "awk")
	hungry := Config{Command: []string{"awk", `BEGIN { s = "x"; while (length(s) < 600000000) s = s s; print length(s) }`}, Memory: 256 << 20}
	_, err := newEngine(t, hungry).Convert(t.Context(), halves(t), options(func(*ascii.Options) {}))
	if charcoal.CodeOf(err) != charcoal.Unprocessed {
		t.Errorf("got %v, want a failure for want of memory", err)
	}
}
