// Package execengine is a [charcoal.Converter] that draws with an external program,
// in any language: it gets the picture and the size of the grid, and writes text
// or ANSI on its standard output.
//
// The program runs without a shell, with PATH for its whole environment, in a
// process group of its own that is killed at the end of the time limit, and with
// limits on memory (see [RunLimited]) and output. Its picture was recognised and
// held against the limits before. That bounds what a mistake in it costs; it does
// not make a program trustworthy: it runs as the user of the server.
package execengine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/raster"
)

// Config says which program to run and what it may cost.
type Config struct {
	Name string // of the engine in results: "chafa"

	// Command is the program and its arguments, in which {cols} and {rows} stand
	// for the size of the drawing, {color:a|b|c|d} for a word of the program for
	// each colour depth (none, 16, 256, true), and {file} for the path of the picture. Without {file} the
	// picture comes on standard input.
	Command []string

	// Pixels hands over the decoded picture, upright and on the page, as a binary PPM
	// (netpbm's P6, 8 bits) in place of the file that was uploaded. A program
	// is written in a page of code then, and meets no hostile bytes.
	Pixels bool

	// Version is a command that prints the version of the program. None: "0".
	Version []string

	Path   string        // where programs are looked for: the PATH of this process, as it is passed on
	Time   time.Duration // for one picture, once it has its turn; 0: [DefaultTime]
	Raster raster.Limits // of pictures
	Budget Budget        // of memory and turns
	Memory int64         // bytes of address space, on Linux; 0: no limit
	Self   string        // with a limit on Memory: this program, which calls [RunLimited]: [Executable]
	Output int64         // bytes of text; 0: [DefaultOutput]
	Art    ascii.Limits
}

// Budget is what the engines of a machine share.
type Budget interface {
	// Reserve waits for memory to decode with and for a turn to compute. Both are
	// given back by release.
	Reserve(ctx context.Context, memory int64) (release func(), err error)
}

// The limits when a [Config] gives none.
const (
	DefaultTime   = 30 * time.Second
	DefaultOutput = 64 << 20
)

// Prober recognises pictures and holds their headers against the limits, as the
// native engine does.
type Prober interface {
	Probe(prefix []byte) (charcoal.Picture, error)
}

// ProbeSize is how many bytes of a picture the [Prober] gets.
const ProbeSize = 64 << 10

// Engine converts pictures. Make one with [New].
type Engine struct {
	config Config
	prober Prober
	name   string // with the version
}

// New returns an engine, after asking the program for its version.
func New(ctx context.Context, c Config, p Prober) (*Engine, error) {
	if len(c.Command) == 0 {
		return nil, errors.New("an engine needs a command")
	}
	if c.Memory > 0 && c.Self == "" && Executable != "" {
		return nil, errors.New("an engine with a limit on memory needs a program that sets it")
	}
	c.Time = max(c.Time, 0)
	if c.Time == 0 {
		c.Time = DefaultTime
	}
	if c.Output <= 0 {
		c.Output = DefaultOutput
	}
	e := &Engine{config: c, prober: p}
	version, err := e.version(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the engine %s for its version: %w", c.Name, err)
	}
	e.name = c.Name + "/" + version
	return e, nil
}

var versionNumber = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[0-9]+(\.[0-9]+)*`) })

func (e *Engine) version(ctx context.Context) (string, error) {
	if len(e.config.Version) == 0 {
		return "0", nil
	}
	ctx, cancel := e.limited(ctx)
	defer cancel()
	out, err := e.run(ctx, invocation{command: e.config.Version, stdin: strings.NewReader(""), both: true})
	if err != nil {
		return "", err
	}
	if v := versionNumber().Find(out); v != nil {
		return string(v), nil
	}
	return "0", nil
}

// Engine implements [charcoal.Converter].
func (e *Engine) Engine() string { return e.name }

// Probe implements [charcoal.Converter].
func (e *Engine) Probe(prefix []byte) (charcoal.Picture, error) { return e.prober.Probe(prefix) }

// Convert implements [charcoal.Converter]. Of the options the program sees those
// that its command names. A picture that it fails on is refused for good: it would
// fail again.
func (e *Engine) Convert(ctx context.Context, r io.ReadSeeker, opts ascii.Options) (*charcoal.Drawing, error) {
	opts.Limits = e.config.Art
	if err := opts.Validate(); err != nil {
		return nil, charcoal.Errorf(charcoal.Invalid, "%s", err)
	}
	picture, memory, err := e.recognise(ctx, r)
	if err != nil {
		return nil, err
	}
	cols, rows := opts.Grid(picture.Width, picture.Height)
	if err := opts.CheckGrid(cols, rows); err != nil {
		return nil, charcoal.Errorf(charcoal.TooLarge, "%s", err).Because(err)
	}
	release, err := e.config.Budget.Reserve(ctx, memory)
	if err != nil {
		return nil, err
	}
	defer release()
	start := time.Now()
	art, err := e.drawInTime(ctx, r, cols, rows, opts)
	if err != nil {
		return nil, err
	}
	return &charcoal.Drawing{Art: art, Picture: picture, Took: time.Since(start)}, nil
}

var errTooSlow = errors.New("time for a conversion is over")

// limited is a context that ends when the time for a picture is over.
func (e *Engine) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, e.config.Time, errTooSlow)
}

// drawInTime decodes and draws under the time limit. What takes too long once would
// do so again: that is the picture's fault.
func (e *Engine) drawInTime(ctx context.Context, r io.ReadSeeker, cols, rows int, opts ascii.Options) (*ascii.Art, error) {
	ctx, cancel := e.limited(ctx)
	defer cancel()
	art, err := e.drawPicture(ctx, r, cols, rows, opts)
	if err != nil && errors.Is(context.Cause(ctx), errTooSlow) {
		return nil, charcoal.Errorf(charcoal.Unprocessed, "the engine %s took longer than the limit of %s", e.config.Name, e.config.Time).Because(err)
	}
	return art, err
}

func (e *Engine) drawPicture(ctx context.Context, r io.ReadSeeker, cols, rows int, opts ascii.Options) (*ascii.Art, error) {
	if !e.config.Pixels {
		return e.draw(ctx, r, cols, rows, opts)
	}
	pixels, err := e.pixels(ctx, r, opts)
	if err != nil {
		return nil, err
	}
	return e.draw(ctx, pixels, cols, rows, opts)
}

// recognise looks at the start of a picture and goes back to it. The memory is what
// we take to decode it, if we do.
func (e *Engine) recognise(ctx context.Context, r io.ReadSeeker) (picture charcoal.Picture, memory int64, err error) {
	prefix, err := io.ReadAll(io.LimitReader(r, ProbeSize))
	if err != nil {
		return charcoal.Picture{}, 0, fmt.Errorf("read the picture: %w", err)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return charcoal.Picture{}, 0, fmt.Errorf("read the picture: %w", err)
	}
	picture, err = e.prober.Probe(prefix)
	if err != nil {
		return picture, 0, err
	}
	if picture.Width < 1 || picture.Height < 1 {
		return picture, 0, charcoal.Errorf(charcoal.Unsupported, "the engine %s needs the size of the picture, which this %s does not tell at its start", e.config.Name, picture.Format)
	}
	if !e.config.Pixels {
		return picture, 0, nil
	}
	info, err := raster.Inspect(ctx, r, e.config.Raster)
	return picture, info.Memory, coded(err)
}

func (e *Engine) draw(ctx context.Context, r io.Reader, cols, rows int, opts ascii.Options) (*ascii.Art, error) {
	file, cleanup, err := e.spool(r)
	if err != nil {
		return nil, err
	}
	defer cleanup()
	if file != "" {
		r = strings.NewReader("")
	}
	out, err := e.run(ctx, invocation{command: e.fill(cols, rows, opts.Color, file), stdin: r})
	if err != nil {
		return nil, err
	}
	return e.read(out, opts)
}

// depths are the words of a program for the colour depths.
var depths = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\{color:([^|{}]*)\|([^|{}]*)\|([^|{}]*)\|([^|{}]*)\}`)
})

// fill writes the values into the command.
func (e *Engine) fill(cols, rows int, depth, file string) []string {
	group := 1 + slices.Index([]string{"none", "16", "256", "true"}, depth)
	values := strings.NewReplacer("{cols}", strconv.Itoa(cols), "{rows}", strconv.Itoa(rows), "{file}", file)
	command := make([]string, len(e.config.Command))
	for i, word := range e.config.Command {
		command[i] = values.Replace(depths().ReplaceAllString(word, fmt.Sprintf("${%d}", group)))
	}
	return command
}

// read makes art of the output, which may be of another size than was asked for.
func (e *Engine) read(out []byte, opts ascii.Options) (*ascii.Art, error) {
	art, err := format.Read(out, opts.Page(), opts.CheckGrid)
	if _, ok := errors.AsType[*ascii.LimitError](err); ok {
		return nil, charcoal.Errorf(charcoal.Unprocessed, "the engine %s drew too much: %s", e.config.Name, err).Because(err)
	}
	if err != nil {
		return nil, charcoal.Errorf(charcoal.Unprocessed, "the engine %s failed: %s", e.config.Name, err)
	}
	if opts.Color == "none" {
		uncolor(art)
	}
	return art, nil
}

func uncolor(art *ascii.Art) {
	art.Depth, art.Palette = "none", nil
	for i := range art.Frames[0].Cells {
		art.Frames[0].Cells[i].FG, art.Frames[0].Cells[i].BG = 0, 0
	}
}

// spool copies the picture to a file where the command asks for one.
func (e *Engine) spool(r io.Reader) (file string, cleanup func(), err error) {
	if !strings.Contains(strings.Join(e.config.Command, " "), "{file}") {
		return "", func() {}, nil
	}
	f, err := os.CreateTemp("", "charcoal-picture-")
	if err != nil {
		return "", nil, fmt.Errorf("keep the picture for the engine: %w", err)
	}
	cleanup = func() { _ = os.Remove(f.Name()) } // a leftover in the folder for such files harms nobody
	_, err = io.Copy(f, r)
	if err = errors.Join(err, f.Close()); err != nil {
		cleanup()
		return "", nil, fmt.Errorf("keep the picture for the engine: %w", err)
	}
	path, err := filepath.Abs(f.Name()) // the program runs in another folder
	return path, cleanup, err
}
