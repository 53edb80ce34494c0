package ascii

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// ParseRGB reads a colour as HTML writes it: "#rrggbb".
func ParseRGB(s string) (RGB, error) {
	digits, ok := strings.CutPrefix(s, "#")
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != 3 {
		return RGB{}, fmt.Errorf("%q, but must be a colour such as \"#ff8000\"", clip(s))
	}
	return RGB{b[0], b[1], b[2]}, nil
}

// String is the colour as [ParseRGB] reads it.
func (c RGB) String() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// MarshalText implements [encoding.TextMarshaler].
func (c RGB) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (c *RGB) UnmarshalText(text []byte) (err error) {
	*c, err = ParseRGB(string(text))
	return err
}

// TerminalPalette is the 256 colours of xterm, of which the first 16 are those of
// terminals that have no more.
func TerminalPalette() []RGB { return xterm256() }
