package nativeengine

import (
	"cmp"

	"github.com/charcoal-art/charcoal/ascii"
)

// Limits are those in force: what [New] was given, and the defaults for the rest.
// Where one is zero, there is none.
func (e *Engine) Limits() Config {
	c, d := e.config, ascii.DefaultLimits()
	c.Art.Cols = cmp.Or(c.Art.Cols, d.Cols)
	c.Art.Rows = cmp.Or(c.Art.Rows, d.Rows)
	c.Art.Cells = cmp.Or(c.Art.Cells, d.Cells)
	c.Art.Frames = cmp.Or(c.Art.Frames, d.Frames)
	return c
}
