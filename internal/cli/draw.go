package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/internal/nativeengine"
	"github.com/charcoal-art/charcoal/raster"
)

func newDraw(p Process) *cobra.Command {
	f := drawFlags{options: ascii.Defaults()}
	cmd := &cobra.Command{
		Use:   "draw FILE...",
		Short: "Draw pictures as text on standard output",
		Long: `Draw each FILE as text on standard output; "-" is standard input. It is the
engine of the service, without the service.

PNG, JPEG, GIF (its first frame), WebP, BMP and TIFF are read, whatever the file
is called. Photographs are turned upright as their EXIF data says.

Give --cols or --rows and the other follows, so that the picture keeps its
shape; give both and it is stretched. Give neither and the drawing fills the
terminal, or is 100 columns wide where there is none.

Drawings are light on a dark page, as most terminals are. On paper or a light
page, use --invert.`,
		Example: `  charcoal draw photo.jpg
  charcoal draw --cols 72 --invert photo.jpg > photo.txt
  charcoal draw --rows 24 --glyphs 'ramp: .:-=+*#%@' *.png
  cat photo.jpg | charcoal draw -`,
		Args: cobra.ArbitraryArgs, // RunE checks them after the flags
	}
	f.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, files []string) error {
		if len(files) == 0 {
			return usagef(`draw needs a picture; name a file, or "-" for standard input`)
		}
		d, err := f.drawer(cmd.Flags(), p)
		if err != nil {
			return err
		}
		return d.drawAll(cmd.Context(), files)
	}
	return cmd
}

// drawFlags is the command line of draw.
type drawFlags struct {
	options ascii.Options
	format  string
}

func (f *drawFlags) add(cmd *cobra.Command) {
	o, flags := &f.options, cmd.Flags()
	flags.SortFlags = false
	flags.IntVar(&o.Cols, "cols", o.Cols, "width in `characters`")
	flags.IntVar(&o.Rows, "rows", o.Rows, "height in `lines`")
	flags.Float64Var(&o.CellAspect, "cell-aspect", o.CellAspect, "width of a character over its height, in the font it will be seen in; `ratio` 1 is a square")
	flags.StringVar(&o.Glyphs, "glyphs", o.Glyphs, "draw with these `characters`: "+strings.Join(ascii.GlyphSets(), ", ")+", or ramp:XYZ for those you list")
	flags.StringVar(&o.Color, "color", o.Color, "colour `depth`: "+strings.Join(ascii.ColorDepths(), ", "))
	flags.BoolVar(&o.Invert, "invert", o.Invert, "draw dark on a light page")
	flags.StringVar(&f.format, "format", "text", "write this `format`: "+strings.Join(formatNames(), ", "))

	flags.Lookup("cols").DefValue = "0" // help leaves 0 out: the text above explains
	completeWords(cmd, "glyphs", ascii.GlyphSets())
	completeWords(cmd, "color", ascii.ColorDepths())
	completeWords(cmd, "format", formatNames())
}

func formatNames() []string {
	var names []string
	for _, f := range format.All() {
		names = append(names, f.Name)
	}
	return names
}

// drawer checks the flags and prepares for the files.
func (f *drawFlags) drawer(flags *pflag.FlagSet, p Process) (*drawer, error) {
	d := &drawer{
		engine:  nativeengine.New(nativeengine.Config{}),
		options: f.options,
		stdin:   p.Stdin, stdout: p.Stdout, stderr: p.Stderr,
	}
	if flags.Changed("rows") && !flags.Changed("cols") {
		d.options.Cols = 0
	}
	if !flags.Changed("rows") && !flags.Changed("cols") {
		d.screen = screenOf(p.Stdout)
	}
	if err := d.options.Validate(); err != nil {
		return nil, optionError(err)
	}
	var err error
	if d.format, err = format.Lookup(f.format); err != nil {
		return nil, usagef("--format: %w", err)
	}
	return d, nil
}

// optionError spells the option as the flag that sets it.
func optionError(err error) error {
	if e, ok := errors.AsType[*ascii.OptionError](err); ok {
		flag := "--" + strings.ReplaceAll(e.Option, "_", "-")
		return usagef("%s", strings.Replace(e.Message, e.Option, flag, 1))
	}
	return &usageError{err}
}

// drawer draws files one after another.
type drawer struct {
	engine  charcoal.Converter
	options ascii.Options
	screen  screen // to fill, if any
	format  format.Format

	stdin          io.Reader
	stdout, stderr io.Writer
}

// drawAll draws what it can and tells of the rest.
func (d *drawer) drawAll(ctx context.Context, files []string) error {
	failed := false
	for _, name := range files {
		if err := d.draw(ctx, name); err != nil {
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
	options, err := d.fit(picture)
	if err != nil {
		return withoutPath(err)
	}
	drawing, err := d.engine.Convert(ctx, picture, options)
	if err != nil {
		return withoutPath(err)
	}
	return d.format.Write(d.stdout, drawing.Art, format.Settings{Label: name})
}

// withoutPath drops the operation and the path from an error of a file, since
// the message begins with the name anyway.
func withoutPath(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// fit returns the options with the size of the screen in them, if there is one.
func (d *drawer) fit(picture io.ReadSeeker) (ascii.Options, error) {
	if d.screen == (screen{}) {
		return d.options, nil
	}
	prefix, err := io.ReadAll(io.LimitReader(picture, raster.ProbeSize))
	if err != nil {
		return ascii.Options{}, fmt.Errorf("reading: %w", err)
	}
	if _, err := picture.Seek(0, io.SeekStart); err != nil {
		return ascii.Options{}, fmt.Errorf("rewinding: %w", err)
	}
	shape, err := d.engine.Probe(prefix)
	if err != nil {
		return ascii.Options{}, err
	}
	return d.screen.fit(d.options, shape), nil
}
