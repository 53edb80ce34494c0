package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/score"
	"github.com/charcoal-art/charcoal/ascii/target"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/engines"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
)

func newDraw(p Process) *cobra.Command {
	f := drawFlags{options: ascii.Defaults(), config: config.LookupFile(p.Env)}
	cmd := &cobra.Command{
		Use:   "draw FILE...",
		Short: "Draw pictures as text on standard output",
		Long: `Draw each FILE as text on standard output; "-" is standard input. It is the
engine of the service, without the service.

PNG, JPEG, GIF, WebP, BMP, TIFF, QOI, Netpbm and ICO are read, whatever the file
is called. Photographs are turned upright as their EXIF data says. Of a file that
is cut off or damaged, what there is of it is drawn, with a warning.

Give --cols or --rows and the other follows, so that the picture keeps its
shape; give both and it is made to fit, as --fit says. Give neither and the
drawing fills the terminal, or is 100 columns wide where there is none.

Drawings are light on a dark page, as most terminals are. On paper or a light
page, use --invert; an HTML page shows either, as its reader prefers, unless
--invert or --background is given. On a terminal they have its colours; --color=none leaves
them out, as does NO_COLOR in the environment.`,
		Example: `  charcoal draw photo.jpg
  charcoal draw --cols 72 --invert photo.jpg > photo.txt
  charcoal draw --rows 24 --glyphs 'ramp: .:-=+*#%@' *.png
  charcoal draw --tone vivid --trim --crop 25%,0,50%,100% photo.jpg
  charcoal draw --play dance.gif
  charcoal draw --engine chafa --config charcoal.yaml photo.jpg
  cat photo.jpg | charcoal draw -`,
		Args: cobra.ArbitraryArgs, // RunE checks them after the flags
	}
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		d, err := f.drawer(cmd.Flags(), p, files)
		if err != nil {
			return err
		}
		if d.engine, err = f.converter(cmd.Context(), p.Env); err != nil {
			return err
		}
		ctx, stop := d.untilSignal(cmd.Context())
		defer stop()
		return d.drawAll(ctx, files)
	}
	return cmd
}

// drawer checks the command line and prepares for the files.
func (f *drawFlags) drawer(flags *pflag.FlagSet, p Process, files []string) (*drawer, error) {
	if len(files) == 0 {
		return nil, usagef(`draw needs a picture; name a file, or "-" for standard input`)
	}
	if f.output != "" && len(files) > 1 {
		return nil, usagef("--output takes one picture, and there are %d", len(files))
	}
	d := &drawer{
		settings: format.Settings{Title: f.title, Label: f.label},
		output:   f.output,
		stdin:    p.Stdin, stdout: p.Stdout, stderr: p.Stderr,
	}
	var err error
	if d.options, err = f.resolve(flags, p); err != nil {
		return nil, err
	}
	if d.format, err = f.lookupFormat(d.options); err != nil {
		return nil, err
	}
	if err := f.checkBudget(); err != nil {
		return nil, err
	}
	if d.room, err = f.aimToPlay(&d.options, flags, p); err != nil {
		return nil, err
	}
	d.auto = f.auto
	d.bothPages = d.format.Name == "html" && f.target == "" && !flags.Changed("invert") && !flags.Changed("background")
	d.place, d.budget = f.place, f.budget.Within(f.place.Budget)
	return d, nil
}

// converter is our own engine, under its own limits, or one of the configuration.
func (f *drawFlags) converter(ctx context.Context, env []string) (charcoal.Converter, error) {
	if f.engine == config.NativeEngine {
		return nativeengine.New(nativeengine.Config{Partial: !f.strict}), nil
	}
	loaded, err := config.Load(config.Sources{File: f.config, Env: env})
	if err != nil {
		return nil, &usageError{err}
	}
	engine, err := engines.Named(ctx, loaded.Config, f.engine)
	if charcoal.CodeOf(err) == charcoal.Invalid {
		return nil, usagef("--engine: %s", charcoal.Message(err))
	}
	return engine, err
}

// drawer draws files one after another.
type drawer struct {
	engine   charcoal.Converter
	options  ascii.Options
	format   format.Format
	settings format.Settings
	place    target.Target // the zero one for none
	budget   target.Budget
	auto     bool // draw in several ways and keep the best
	score    score.Score
	warnings []string // of the drawing
	output   string   // a file, in place of stdout

	// bothPages draws for light pages and for dark ones, for formats that show
	// what the reader prefers.
	bothPages bool
	room      screen // to play animations in; the zero one where they are not

	stdin          io.Reader
	stdout, stderr io.Writer
}

// drawAll draws what it can and tells of the rest.
func (d *drawer) drawAll(ctx context.Context, files []string) error {
	failed := false
	for _, name := range files {
		err := d.draw(ctx, name)
		if d.plays() && ctx.Err() != nil {
			return nil //nolint:nilerr // who has seen enough has not met an error
		}
		if err != nil {
			complain(d.stderr, name+": "+explain(err))
			failed = true
		}
	}
	if failed {
		return errReported
	}
	return nil
}

func (d *drawer) draw(ctx context.Context, name string) error {
	picture, err := openPicture(name, d.stdin)
	if err != nil {
		return withoutPath(err)
	}
	defer picture.Close()
	d.warnings = nil
	if err := d.put(ctx, picture); err != nil {
		return err
	}
	for _, w := range d.warnings {
		complain(d.stderr, name+": "+w)
	}
	if !d.auto {
		return nil
	}
	_, err = fmt.Fprintln(d.stderr, name+": "+scoreLine(d.score))
	return err
}

func (d *drawer) put(ctx context.Context, picture io.ReadSeeker) error {
	if d.plays() {
		art, err := d.paint(ctx, picture, d.options)
		if err != nil {
			return withoutPath(err)
		}
		return d.play(ctx, art)
	}
	text, err := d.text(ctx, picture)
	if err != nil {
		return withoutPath(err)
	}
	return d.write(text)
}

// plays reports whether animations are played.
func (d *drawer) plays() bool { return d.room != (screen{}) }

// untilSignal lets a signal end what is played in order. Otherwise it ends the
// process, as it would without us.
func (d *drawer) untilSignal(ctx context.Context) (context.Context, context.CancelFunc) {
	if !d.plays() {
		return ctx, func() {}
	}
	return untilSignal(ctx)
}

// write writes to the output file only once the drawing is there, so that a picture
// that cannot be drawn costs nobody the drawing of before.
func (d *drawer) write(text []byte) error {
	if d.output != "" {
		if err := os.WriteFile(d.output, text, 0o644); err != nil { //nolint:gosec // a drawing is no secret
			return fmt.Errorf("--output: %w", err)
		}
		return nil
	}
	if _, err := d.stdout.Write(text); err != nil {
		return fmt.Errorf("write the drawing: %w", err)
	}
	return nil
}

// withoutPath drops the operation and the path from an error of a file, since
// the message begins with the name anyway.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}
