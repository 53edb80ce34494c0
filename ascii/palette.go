package ascii

import "slices"

// ColorDepths are the names that [Options].Color takes, the default first: no
// colour, the 16 colours of terminals, the 256 of xterm, or any colour.
func ColorDepths() []string { return []string{"none", "16", "256", "true"} }

// paletteOf returns the colours to draw with, nil for any.
func paletteOf(o Options) []RGB {
	switch {
	case len(o.Palette) > 0:
		return slices.Clone(o.Palette)
	case o.Color == "16":
		return xterm256()[:16:16]
	case o.Color == "256":
		return xterm256()
	}
	return nil
}

// xterm256 returns the palette of xterm (XTerm-col.ad and 256colres.h): 16 colours
// of ECMA-48, a cube of 6×6×6, and a ramp of 24 greys.
func xterm256() []RGB {
	p := []RGB{
		{0, 0, 0}, {205, 0, 0}, {0, 205, 0}, {205, 205, 0}, {0, 0, 238}, {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
		{127, 127, 127}, {255, 0, 0}, {0, 255, 0}, {255, 255, 0}, {92, 92, 255}, {255, 0, 255}, {0, 255, 255}, {255, 255, 255},
	}
	levels := [6]uint8{0, 95, 135, 175, 215, 255}
	for _, r := range levels {
		for _, g := range levels {
			for _, b := range levels {
				p = append(p, RGB{r, g, b})
			}
		}
	}
	for i := range uint8(24) {
		v := 8 + 10*i
		p = append(p, RGB{v, v, v})
	}
	return p
}
