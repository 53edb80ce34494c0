package raster

import (
	"io"
	"math"

	"github.com/charcoal-art/charcoal/raster/internal/icc"
	"github.com/charcoal-art/charcoal/raster/internal/png"
)

// embedded reads a profile that a format has whole.
func embedded(find func(io.ReaderAt) ([]byte, error)) func(reader) (*icc.Profile, error) {
	return func(r reader) (*icc.Profile, error) {
		profile, err := find(r)
		if err != nil || len(profile) == 0 {
			return nil, err
		}
		return icc.Parse(profile)
	}
}

// pngProfile takes what says most: a profile, that it is sRGB, or gamma and primaries
// (PNG, third edition, section 13.13).
func pngProfile(r reader) (*icc.Profile, error) {
	c, err := png.ReadConfig(io.NewSectionReader(r, 0, math.MaxInt64))
	switch {
	case err != nil || c.SRGB && c.Profile == nil:
		return nil, err
	case c.Profile != nil:
		return icc.Parse(c.Profile)
	case c.Gamma != 0:
		return icc.FromPNG(c.Gamma, c.Chromaticity)
	}
	return nil, nil
}
