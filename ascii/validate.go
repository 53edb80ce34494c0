package ascii

import (
	"fmt"
	"slices"
	"strings"
)

// The least and greatest CellAspect. Real fonts are near 0.5; 1 is a square.
const (
	MinCellAspect = 0.1
	MaxCellAspect = 10
)

// The greatest Effort, and the range of Gamma.
const (
	MaxEffort = 9
	MinGamma  = 0.1
	MaxGamma  = 10
)

// maxColors is how many colours a palette may have: as many as indexes.
const maxColors = 256

// Validate returns an [*OptionError] for the first option that is wrong by
// itself. Whether a picture's grid fits the limits shows only in [Convert].
func (o Options) Validate() error {
	lim := o.Limits.orDefault()
	checks := []error{
		checkCount("cols", o.Cols, lim.Cols),
		checkCount("rows", o.Rows, lim.Rows),
		checkEither(o.Cols, o.Rows),
		checkNumber("cell_aspect", o.CellAspect, MinCellAspect, MaxCellAspect, " (the width of a cell over its height)"),
		checkGlyphs(o),
		checkColor(o.Color),

		checkWord("fit", o.Fit, Fits()),
		checkCrop(o.Crop),
		checkRotate(o.Rotate),
		checkWord("flip", o.Flip, Flips()),

		checkWord("paint", o.Paint, Paints()),
		checkPalette(o.Palette),
		checkBackground(o.Background),
		checkWord("alpha", o.Alpha, Alphas()),

		checkWord("tone", o.Tone, Tones()),
		checkNumber("brightness", o.Brightness, -1, 1, ""),
		checkNumber("contrast", o.Contrast, -1, 1, ""),
		checkGamma(o.Gamma),
		checkNumber("saturation", o.Saturation, -1, 1, ""),
		checkNumber("local_contrast", o.LocalContrast, 0, 1, ""),
		checkNumber("sharpen", o.Sharpen, 0, 1, ""),
		checkNumber("edges", o.Edges, 0, 1, ""),
		checkNumber("threshold", o.Threshold, 0, 1, ""),

		checkWord("dither", o.Dither, Dithers()),
		checkCount("effort", o.Effort, MaxEffort),
		checkCount("frames", o.Frames, lim.Frames),
	}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	return nil
}

// checkCount holds a number against its limit; 0 asks for the default.
func checkCount(option string, n, most int) error {
	if n >= 0 && n <= most {
		return nil
	}
	return wrong(option, n, fmt.Sprintf("but must be from 1 to %d", most))
}

func checkEither(cols, rows int) error {
	if cols != 0 || rows != 0 {
		return nil
	}
	return &OptionError{Option: "cols", Value: "0", Message: "cols and rows are both 0: give at least one of them"}
}

func checkNumber(option string, v, least, most float64, meaning string) error {
	if v >= least && v <= most { // false for NaN
		return nil
	}
	return wrong(option, v, fmt.Sprintf("but must be from %v to %v%s", least, most, meaning))
}

func checkGamma(v float64) error {
	if v == 0 {
		return nil
	}
	return checkNumber("gamma", v, MinGamma, MaxGamma, "")
}

// checkWord takes one of the words, or nothing for the default.
func checkWord(option, word string, words []string) error {
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	return unknown(option, word, words)
}

func checkRotate(degrees int) error {
	if degrees%90 == 0 && degrees >= 0 && degrees < 360 {
		return nil
	}
	return wrong("rotate", degrees, "but must be 0, 90, 180 or 270 degrees clockwise")
}

func checkCrop(r Rectangle) error {
	const slack = 1e-9 // thirds do not add up to 1
	inside := r.X >= 0 && r.Y >= 0 && r.Width > 0 && r.Height > 0 &&
		r.X < 1 && r.Y < 1 && r.X+r.Width <= 1+slack && r.Y+r.Height <= 1+slack // false for NaN
	if r == (Rectangle{}) || inside {
		return nil
	}
	return wrong("crop", fmt.Sprintf("%v,%v,%v,%v", r.X, r.Y, r.Width, r.Height),
		"but must be x, y, width and height as shares of the picture, from 0 to 1 and within it")
}

func checkPalette(colors []RGB) error {
	if n := len(colors); n == 1 || n > maxColors {
		return &OptionError{
			Option: "palette", Value: fmt.Sprintf("%d colours", n),
			Message: fmt.Sprintf("palette has %d colours, but must have from 2 to %d", n, maxColors),
		}
	}
	return nil
}

func checkBackground(color string) error {
	if color == "" {
		return nil
	}
	if _, err := ParseRGB(color); err != nil {
		return &OptionError{Option: "background", Value: clip(color), Message: "background is " + err.Error()}
	}
	return nil
}

func wrong(option string, value any, rule string) error {
	return &OptionError{
		Option: option, Value: fmt.Sprint(value),
		Message: fmt.Sprintf("%s is %v, %s", option, value, rule),
	}
}

// clip shortens what comes from outside for a message.
func clip(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "…"
}
