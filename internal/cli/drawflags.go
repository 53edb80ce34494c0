package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/target"
	"github.com/charcoal-art/charcoal/internal/config"
)

// drawFlags is the command line of draw.
type drawFlags struct {
	options    ascii.Options
	cellAspect string // a number, or "font"
	color      string // a depth, or "auto"
	palette    []string
	font       string // a file
	format     string
	output     string // a file
	title      string
	label      string
	target     string
	budget     target.Budget
	auto       bool
	play       bool
	strict     bool
	engine     string // a name
	config     string // a file that says what it is

	place target.Target // of the name; the zero one for none
}

// flagGroup is flags that the help shows together.
type flagGroup struct {
	title string
	add   func(*pflag.FlagSet)
}

// groups are all flags, in the order of the help.
func (f *drawFlags) groups() []flagGroup {
	return []flagGroup{
		{"Size and layout", f.addLayout},
		{"Characters and drawing", f.addDrawing},
		{"Colour", f.addColor},
		{"Tone", f.addTone},
		{"Output", f.addOutput},
		{"Place and budget", f.addTarget},
		{"Other engines", f.addEngine},
	}
}

func (f *drawFlags) addLayout(flags *pflag.FlagSet) {
	o := &f.options
	flags.IntVar(&o.Cols, "cols", 0, "width in `characters`")
	flags.IntVar(&o.Rows, "rows", 0, "height in `lines`")
	words(flags, &o.Fit, "fit", ascii.Fits(), "how the picture gets into --cols and --rows")
	flags.BoolVar(&o.NoUpscale, "no-upscale", false, "never draw more characters than the picture has pixels")
	flags.StringVar(&f.cellAspect, "cell-aspect", "0.5", "width of a character over its height, where it will be seen: `ratio` 1 is a square, \"font\" measures the font")
	flags.Var((*cropFlag)(&o.Crop), "crop", "draw this part: `x,y,w,h` as shares (0.5) or percent (50%) of the picture")
	flags.BoolVar(&f.strict, "strict", false, "refuse damaged pictures instead of drawing what there is of them")
	flags.BoolVar(&o.Trim, "trim", false, "cut off borders of one colour")
	flags.IntVar(&o.Rotate, "rotate", 0, "turn clockwise by 90, 180 or 270 `degrees`")
	words(flags, &o.Flip, "flip", ascii.Flips(), "mirror")
	flags.IntVar(&o.Frames, "frames", 1, "draw at most this `number` of frames of an animation, and play them on a terminal")
}

func (f *drawFlags) addDrawing(flags *pflag.FlagSet) {
	o := &f.options
	flags.StringVar(&o.Glyphs, "glyphs", o.Glyphs, "draw with these `characters`: "+strings.Join(ascii.GlyphSets(), ", ")+", or ramp:XYZ for those you list")
	flags.BoolVar(&o.Invert, "invert", o.Invert, "draw dark on a light page")
	words(flags, &o.Dither, "dither", ascii.Dithers(), "make up for tones that no character has")
	flags.IntVar(&o.Effort, "effort", 5, "a `number` from 1, fastest, to 9, best")
	flags.BoolVar(&f.auto, "auto", false, "draw in several ways, keep the one that is most faithful, and tell its score")
	flags.StringVar(&f.font, "font", "", "measure characters with this TrueType or OpenType `file`; \"any\" draws for readers whose font is not known")
}

func (f *drawFlags) addEngine(flags *pflag.FlagSet) {
	flags.StringVar(&f.engine, "engine", config.NativeEngine, "draw with the engine of this `name`, which the configuration file has")
	flags.StringVar(&f.config, "config", f.config, "the configuration `file` that names engines (or name it in "+config.FileVariable+")")
}

func (f *drawFlags) addColor(flags *pflag.FlagSet) {
	o := &f.options
	flags.StringVar(&f.color, "color", autoColor, "colour `depth`: auto (what the terminal can), "+strings.Join(ascii.ColorDepths(), ", "))
	words(flags, &o.Paint, "paint", ascii.Paints(), "where colour goes")
	flags.StringSliceVar(&f.palette, "palette", nil, "draw with these `colours` only: #rrggbb,#rrggbb,…")
	flags.StringVar(&o.Background, "background", "", "`colour` of the page: #rrggbb (default black, or white with --invert)")
	words(flags, &o.Alpha, "alpha", ascii.Alphas(), "what transparent parts become")
}

func (f *drawFlags) addTone(flags *pflag.FlagSet) {
	o := &f.options
	words(flags, &o.Tone, "tone", ascii.Tones(), "keep the tones, or spend them on the subject")
	flags.Float64Var(&o.Brightness, "brightness", 0, "a `number` from -1 to 1; 0 changes nothing")
	flags.Float64Var(&o.Contrast, "contrast", 0, "a `number` from -1 to 1")
	flags.Float64Var(&o.Gamma, "gamma", 1, "a `number` from 0.1 to 10; more is lighter")
	flags.Float64Var(&o.Saturation, "saturation", 0, "a `number` from -1, grey, to 1")
	flags.Float64Var(&o.LocalContrast, "contrast-local", 0, "bring out what is flat, by a `number` from 0 to 1")
	flags.Float64Var(&o.Sharpen, "sharpen", 0, "a `number` from 0 to 1")
	flags.Float64Var(&o.Edges, "edges", 0, "draw outlines over the picture, by a `number` from 0 to 1")
	flags.Float64Var(&o.Threshold, "threshold", 0, "what is darker than this `number` from 0 to 1 becomes black, the rest white")
}

func (f *drawFlags) addOutput(flags *pflag.FlagSet) {
	flags.StringVar(&f.format, "format", "", "write this `format`: "+strings.Join(formatNames(), ", ")+" (default ansi with colour, otherwise text)")
	flags.BoolVar(&f.play, "play", false, "play animations on the terminal; elsewhere, or where they do not fit, draw the first frame")
	flags.StringVarP(&f.output, "output", "o", "", "write to this `file`, in the format of its extension")
	flags.StringVar(&f.title, "title", "", "title of the document, for formats that have one: a `text`")
	flags.StringVar(&f.label, "label", "", "what the picture shows, a `text` for those who cannot see it")
}

// words adds a flag that takes one of a few words, the first by default. The
// options check it.
func words(flags *pflag.FlagSet, to *string, name string, of []string, usage string) {
	*to = of[0]
	flags.Var((*wordFlag)(to), name, usage+": "+strings.Join(of, ", "))
}

type wordFlag string

// String implements [pflag.Value].
func (w *wordFlag) String() string { return string(*w) }

// Type implements [pflag.Value].
func (*wordFlag) Type() string { return "word" }

// Set implements [pflag.Value].
func (w *wordFlag) Set(s string) error {
	*w = wordFlag(s)
	return nil
}

// add gives cmd all flags, and a help that shows them in groups.
func (f *drawFlags) add(cmd *cobra.Command) {
	cmd.Flags().SortFlags = false
	var groups []*pflag.FlagSet
	for _, g := range f.groups() {
		set := pflag.NewFlagSet(g.title, pflag.ContinueOnError)
		set.SortFlags = false
		g.add(set)
		cmd.Flags().AddFlagSet(set)
		groups = append(groups, set)
	}
	cmd.SetUsageFunc(func(cmd *cobra.Command) error { return groupedUsage(cmd, groups) })
	for flag, of := range map[string][]string{
		"glyphs": ascii.GlyphSets(), "color": append([]string{autoColor}, ascii.ColorDepths()...), "format": formatNames(),
		"fit": ascii.Fits(), "flip": ascii.Flips(), "paint": ascii.Paints(), "alpha": ascii.Alphas(),
		"target": targetNames(), "tone": ascii.Tones(), "dither": ascii.Dithers(),
	} {
		completeWords(cmd, flag, of)
	}
	must(cmd.MarkFlagFilename("config", "yaml", "yml"))
}

// groupedUsage is the usage of cobra with a heading for each group of flags.
func groupedUsage(cmd *cobra.Command, groups []*pflag.FlagSet) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n  %s\n\nExamples:\n%s\n", cmd.UseLine(), cmd.Example)
	for _, g := range groups {
		fmt.Fprintf(&b, "\n%s:\n%s", g.Name(), g.FlagUsages())
	}
	_, err := io.WriteString(cmd.OutOrStdout(), b.String())
	return err
}

func formatNames() []string {
	var names []string
	for _, f := range format.All() {
		names = append(names, f.Name)
	}
	return names
}
