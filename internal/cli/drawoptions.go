package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// defaultCols is the width where there is no terminal to fill.
const defaultCols = 100

// resolve makes options of the flags.
func (f *drawFlags) resolve(flags *pflag.FlagSet, p Process) (ascii.Options, error) {
	o := f.options
	if !flags.Changed("cols") && !flags.Changed("rows") {
		o.Cols = defaultCols
		if s := screenOf(p.Stdout); s != (screen{}) && f.output == "" {
			o.Cols, o.Rows = s.room()
		}
	}
	o.Color = f.color
	if f.color == autoColor {
		o.Color = "none"
		if isTerminal(p.Stdout) && f.output == "" {
			o.Color = terminalDepth(p.Env)
		}
	}
	if flags.Changed("gamma") && o.Gamma == 0 {
		return o, usagef("--gamma is 0, but must be from %v to %v", ascii.MinGamma, ascii.MaxGamma)
	}
	for _, step := range []func(*ascii.Options) error{f.readFont, f.readAspect, f.readPalette} {
		if err := step(&o); err != nil {
			return o, &usageError{err}
		}
	}
	if err := f.aim(&o, flags); err != nil {
		return o, &usageError{err}
	}
	if err := o.Validate(); err != nil {
		return o, optionError(err)
	}
	return o, nil
}

// anyFont is no file (./any is one).
const anyFont = "any"

func (f *drawFlags) readFont(o *ascii.Options) (err error) {
	switch f.font {
	case "":
		return nil
	case anyFont:
		o.AnyFont = true
		return nil
	}
	file, err := os.Open(f.font)
	if err != nil {
		return fmt.Errorf("--font: %w", err)
	}
	defer file.Close()
	if o.Font, err = io.ReadAll(io.LimitReader(file, glyph.MaxFont+1)); err != nil {
		return fmt.Errorf("--font: %w", err)
	}
	return nil
}

func (f *drawFlags) readAspect(o *ascii.Options) (err error) {
	if f.cellAspect != "font" {
		if o.CellAspect, err = strconv.ParseFloat(f.cellAspect, 64); err != nil {
			return fmt.Errorf("--cell-aspect: %q is not allowed; give a number, such as 0.5, or \"font\"", f.cellAspect)
		}
		return nil
	}
	font := glyph.Embedded()
	if len(o.Font) > 0 {
		if font, err = glyph.ParseFont(o.Font); err != nil {
			return fmt.Errorf("--font: %w", err)
		}
	}
	if o.CellAspect, err = font.Aspect(); err != nil {
		return fmt.Errorf("--font: %w", err)
	}
	return nil
}

func (f *drawFlags) readPalette(o *ascii.Options) error {
	for _, s := range f.palette {
		c, err := ascii.ParseRGB(strings.TrimSpace(s))
		if err != nil {
			return fmt.Errorf("--palette has %w", err)
		}
		o.Palette = append(o.Palette, c)
	}
	return nil
}

// lookupFormat returns the format that was asked for, that of the extension of
// the output, or the one that shows the colours there are.
func (f *drawFlags) lookupFormat(o ascii.Options) (format.Format, error) {
	name := f.format
	if name == "" && f.output != "" {
		return formatOf(f.output)
	}
	if name == "" {
		name = f.place.Format
	}
	if name == "" {
		name = "text"
		if o.Color != "none" {
			name = "ansi"
		}
	}
	found, err := format.Lookup(name)
	if err != nil {
		return found, usagef("--format: %w", err)
	}
	return found, nil
}

func formatOf(file string) (format.Format, error) {
	extension := strings.ToLower(filepath.Ext(file))
	all := format.All()
	i := slices.IndexFunc(all, func(f format.Format) bool { return f.Extension == extension })
	if i < 0 {
		return format.Format{}, usagef("--output: no format has the extension %q; give --format", extension)
	}
	return all[i], nil
}

// optionError spells the option as the flag that sets it.
func optionError(err error) error {
	e, ok := errors.AsType[*ascii.OptionError](err)
	if !ok {
		return &usageError{err}
	}
	flag := "--" + strings.ReplaceAll(e.Option, "_", "-")
	if e.Option == "local_contrast" {
		flag = "--contrast-local"
	}
	return usagef("%s", strings.Replace(e.Message, e.Option, flag, 1))
}

// cropFlag is a part of a picture on the command line.
type cropFlag ascii.Rectangle

// String implements [pflag.Value].
func (c *cropFlag) String() string {
	if *c == (cropFlag{}) {
		return ""
	}
	return fmt.Sprintf("%v,%v,%v,%v", c.X, c.Y, c.Width, c.Height)
}

// Type implements [pflag.Value].
func (*cropFlag) Type() string { return "crop" }

// Set implements [pflag.Value].
func (c *cropFlag) Set(s string) error {
	parts := strings.Split(s, ",")
	if len(parts) != 4 {
		return errors.New("give four numbers: x,y,width,height")
	}
	for i, to := range []*float64{&c.X, &c.Y, &c.Width, &c.Height} {
		number, percent := strings.CutSuffix(strings.TrimSpace(parts[i]), "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil {
			return fmt.Errorf("%q is not a number", parts[i])
		}
		if percent {
			v /= 100
		}
		*to = v
	}
	return nil
}
