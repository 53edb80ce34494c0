package raster

import "github.com/charcoal-art/charcoal/raster/internal/png"

// MaxChunk bounds, in bytes, what a compressed part of a file that is no pixels is
// inflated to, as a colour profile in a PNG is. What is longer is left out.
const MaxChunk = png.MaxProfile
