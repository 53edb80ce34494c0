package ascii

import (
	"context"
	"fmt"
)

// colorSamples is how many samples of light [drawColor] wants of each cell, across
// and down.
func colorSamples(Options) (sx, sy int) { return subCols, subRows }

// drawColor picks a character and colours for each cell. The palette is nil unless
// the colours are its entries.
func drawColor(_ context.Context, _ *light, _, _ int, o Options) (cells []Cell, palette []RGB, err error) {
	return nil, nil, fmt.Errorf("colour depth %q is not drawn yet", o.Color)
}
