package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/client"
)

// optionFlags are the flags of draw that say how a server is to draw. Only those
// that are given are sent: the server has defaults of its own.
type optionFlags struct {
	draw    drawFlags
	engine  string
	preset  string
	target  string
	drawing []*pflag.FlagSet // the flags that stand for options of [ascii.Options]
}

// localOnly are flags of the same groups that mean nothing to a server.
var localOnly = []string{"strict", "auto", "font"}

// addOptions adds them below the flags that the command has, which are shown first.
func addOptions(cmd *cobra.Command) *optionFlags {
	f := &optionFlags{draw: drawFlags{options: ascii.Defaults()}}
	own := pflag.NewFlagSet("This command", pflag.ContinueOnError)
	own.SortFlags = false
	own.AddFlagSet(cmd.Flags())
	f.drawing = f.sets()
	server := pflag.NewFlagSet("As the server knows it", pflag.ContinueOnError)
	server.StringVar(&f.preset, "preset", "", "start from your preset of this `name`")
	server.StringVar(&f.target, "target", "", "draw for this `place`: "+strings.Join(targetNames(), ", "))
	server.StringVar(&f.engine, "engine", "", "draw with the engine of this `name` (default that of the server)")
	all := slices.Concat([]*pflag.FlagSet{own}, f.drawing, []*pflag.FlagSet{server})
	for _, set := range all {
		cmd.Flags().AddFlagSet(set)
	}
	cmd.SetUsageFunc(func(cmd *cobra.Command) error { return groupedUsage(cmd, all) })
	for flag, of := range map[string][]string{
		"glyphs": ascii.GlyphSets(), "color": ascii.ColorDepths(), "fit": ascii.Fits(), "flip": ascii.Flips(), "paint": ascii.Paints(),
		"alpha": ascii.Alphas(), "target": targetNames(), "tone": ascii.Tones(), "dither": ascii.Dithers(),
	} {
		completeWords(cmd, flag, of)
	}
	return f
}

// sets are the groups of flags of draw that are about the drawing, without those
// that mean nothing to a server.
func (f *optionFlags) sets() []*pflag.FlagSet {
	var sets []*pflag.FlagSet
	for _, g := range f.draw.groups()[:4] {
		all := pflag.NewFlagSet(g.title, pflag.ContinueOnError)
		set := pflag.NewFlagSet(g.title, pflag.ContinueOnError)
		all.SortFlags, set.SortFlags = false, false
		g.add(all)
		all.VisitAll(func(flag *pflag.Flag) {
			if slices.Contains(localOnly, flag.Name) {
				return
			}
			switch flag.Name {
			case "cell-aspect":
				flag.Usage = "width of a character over its height, where it will be seen: `ratio` 1 is a square"
			case "frames":
				flag.Usage = "draw at most this `number` of frames of an animation"
			case "effort":
				flag.Usage, flag.DefValue = flag.Usage+" (default that of the server)", "0"
			case "color":
				flag.Usage, flag.DefValue = "colour `depth`: "+strings.Join(ascii.ColorDepths(), ", "), ""
			}
			set.AddFlag(flag)
		})
		sets = append(sets, set)
	}
	return sets
}

// options are those that were given, checked as far as that can be done here.
func (f *optionFlags) options(flags *pflag.FlagSet) (client.DrawOptions, error) {
	o := client.DrawOptions{Engine: f.engine, Preset: f.preset, Target: f.target, Set: map[string]any{}}
	if err := f.check(flags); err != nil {
		return o, err
	}
	for _, set := range f.drawing {
		set.VisitAll(func(flag *pflag.Flag) {
			if flags.Changed(flag.Name) {
				o.Set[optionName(flag.Name)] = f.value(flag)
			}
		})
	}
	return o, nil
}

// given reports whether there are any.
func given(o client.DrawOptions) bool {
	return len(o.Set) > 0 || o.Engine != "" || o.Preset != "" || o.Target != ""
}

// optionName is what a flag is called in JSON.
func optionName(flag string) string {
	if flag == "contrast-local" {
		return "local_contrast"
	}
	return strings.ReplaceAll(flag, "-", "_")
}

func (f *optionFlags) value(flag *pflag.Flag) any {
	text := flag.Value.String()
	switch flag.Name {
	case "crop":
		return client.Rectangle(f.draw.options.Crop)
	case "palette":
		return f.draw.palette
	case "cell-aspect":
		return f.draw.options.CellAspect
	}
	switch flag.Value.Type() {
	case "int":
		n, _ := strconv.Atoi(text) // the flag made it of one
		return n
	case "bool":
		return text == "true"
	case "float64":
		x, _ := strconv.ParseFloat(text, 64)
		return x
	}
	return text
}

// check finds what no server would take. What the others would be is of no matter.
func (f *optionFlags) check(flags *pflag.FlagSet) error {
	if f.draw.cellAspect == "font" {
		return usagef("--cell-aspect: a server does not measure fonts; give a number, such as 0.5")
	}
	o := &f.draw.options
	for _, step := range []func(*ascii.Options) error{f.draw.readAspect, f.draw.readPalette} {
		if err := step(o); err != nil {
			return &usageError{err}
		}
	}
	checked := *o
	if flags.Changed("color") {
		checked.Color = f.draw.color
	}
	if !flags.Changed("cols") && !flags.Changed("rows") {
		checked.Cols = defaultCols
	}
	if flags.Changed("gamma") && o.Gamma == 0 {
		return usagef("--gamma is 0, but must be from %v to %v", ascii.MinGamma, ascii.MaxGamma)
	}
	if err := checked.Validate(); err != nil {
		return optionError(err)
	}
	if f.preset != "" && f.target != "" {
		return usagef("give --preset or --target, not both")
	}
	return nil
}
