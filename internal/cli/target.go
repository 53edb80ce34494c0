package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/charcoal-art/charcoal/ascii"
	"github.com/charcoal-art/charcoal/ascii/format"
	"github.com/charcoal-art/charcoal/ascii/target"
)

func (f *drawFlags) addTarget(flags *pflag.FlagSet) {
	flags.StringVar(&f.target, "target", "", "draw for this `place`: "+strings.Join(targetNames(), ", "))
	flags.IntVar(&f.budget.Chars, "max-chars", 0, "the largest drawing of at most this `number` of characters, with line ends")
	flags.IntVar(&f.budget.Bytes, "max-bytes", 0, "the largest of at most this `number` of bytes")
	flags.IntVar(&f.budget.Lines, "max-lines", 0, "the largest of at most this `number` of lines")
}

func targetNames() []string {
	var names []string
	for _, t := range target.All() {
		names = append(names, t.Name)
	}
	return names
}

// aim lets the place say what no flag does, and leaves out what it cannot show.
func (f *drawFlags) aim(o *ascii.Options, flags *pflag.FlagSet) error {
	if f.target == "" {
		return nil
	}
	t, err := target.Lookup(f.target)
	if err != nil {
		return fmt.Errorf("--target: %w", err)
	}
	f.place = t
	suits := t.Options()
	for flag, take := range map[string]func(){
		"cols":        func() { o.Cols, o.Rows = suits.Cols, 0 },
		"glyphs":      func() { o.Glyphs = suits.Glyphs },
		"color":       func() { o.Color = suits.Color },
		"paint":       func() { o.Paint = suits.Paint },
		"invert":      func() { o.Invert = suits.Invert },
		"cell-aspect": func() { o.CellAspect = suits.CellAspect },
	} {
		if !flags.Changed(flag) && (flag != "cols" || !flags.Changed("rows")) {
			take()
		}
	}
	*o = t.Limit(*o)
	return nil
}

func (f *drawFlags) checkBudget() error {
	for flag, n := range map[string]int{"chars": f.budget.Chars, "bytes": f.budget.Bytes, "lines": f.budget.Lines} {
		if n < 0 {
			return usagef("--max-%s is %d, but must be at least 1", flag, n)
		}
	}
	return nil
}

// text draws a picture in the format and for the place that were asked for, as
// large as the budget allows.
func (d *drawer) text(ctx context.Context, picture io.ReadSeeker) ([]byte, error) {
	if d.budget == (target.Budget{}) {
		return d.render(ctx, picture, d.options)
	}
	most := d.options.Cols
	if most == 0 {
		most = ascii.DefaultLimits().Cols
	}
	text, _, err := target.Fit(func(cols int) ([]byte, error) {
		o := d.options
		o.Cols = cols
		return d.render(ctx, picture, o)
	}, d.budget, most)
	return text, err
}

func (d *drawer) render(ctx context.Context, picture io.ReadSeeker, o ascii.Options) ([]byte, error) {
	art, err := d.paint(ctx, picture, o)
	if err != nil {
		return nil, err
	}
	s := d.settings
	if d.bothPages && o.Color == "none" {
		if s.Inverse, err = d.paintInverse(ctx, picture, o); err != nil {
			return nil, err
		}
	}
	return d.encode(art, s)
}

// paintInverse draws for the other kind of page, light or dark. The score stays that
// of the drawing.
func (d *drawer) paintInverse(ctx context.Context, picture io.ReadSeeker, o ascii.Options) (*ascii.Art, error) {
	inverse := *d
	o.Invert = !o.Invert
	return inverse.paint(ctx, picture, o)
}

// encode writes art in the format that was asked for.
func (d *drawer) encode(art *ascii.Art, s format.Settings) ([]byte, error) {
	var b bytes.Buffer
	if err := d.format.Write(&b, art, s); err != nil {
		return nil, err
	}
	if d.place.Name == "" {
		return b.Bytes(), nil
	}
	return d.place.Wrap(b.Bytes()), nil
}

// paint draws as asked for, or the best of several ways. The score is that of the
// last drawing.
func (d *drawer) paint(ctx context.Context, picture io.ReadSeeker, o ascii.Options) (art *ascii.Art, err error) {
	if !d.auto {
		return d.convert(ctx, picture, o)
	}
	art, d.score, err = d.best(ctx, picture, o)
	return art, err
}
