package ascii

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// artMagic starts stored art. The last byte is the version of what follows.
const artMagic = "chArt\x01"

// maxArtCells bounds what UnmarshalBinary allocates, whatever the bytes claim.
const maxArtCells = 1 << 26

// MarshalBinary encodes the art for storage: a magic with a version, columns,
// rows, the number of frames (1), the planes of each cell (1, the characters) and
// then each plane: its length in bytes and, for characters, UTF-8. Numbers are
// varints. What colours and frames add comes as further planes, so that old
// art stays readable.
func (a *Art) MarshalBinary() ([]byte, error) {
	if len(a.Frames) != 1 {
		return nil, fmt.Errorf("art has %d frames", len(a.Frames))
	}
	cells := a.Frames[0].Cells
	if a.Cols < 1 || a.Rows < 1 || len(cells) != a.Cols*a.Rows {
		return nil, fmt.Errorf("art of %d×%d has %d cells", a.Cols, a.Rows, len(cells))
	}
	text := make([]byte, 0, len(cells))
	for _, c := range cells {
		if !utf8.ValidRune(c.Rune) {
			return nil, fmt.Errorf("art has an invalid character %U", c.Rune)
		}
		text = utf8.AppendRune(text, c.Rune)
	}
	b := make([]byte, 0, len(artMagic)+5*binary.MaxVarintLen64+len(text))
	b = append(b, artMagic...)
	for _, n := range []int{a.Cols, a.Rows, 1, 1, len(text)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(b, text...), nil
}

// UnmarshalBinary decodes what [Art.MarshalBinary] made. It allocates no more than
// a few times the length of data.
func (a *Art) UnmarshalBinary(data []byte) error {
	if len(data) < len(artMagic) || string(data[:len(artMagic)]) != artMagic {
		return errors.New("not stored art, or of a newer version")
	}
	d := decoder{data: data[len(artMagic):]}
	cols, rows, frames, planes := d.number(), d.number(), d.number(), d.number()
	text := d.take(d.number())
	switch {
	case d.failed || len(d.data) > 0:
		return errors.New("stored art has the wrong length")
	case frames != 1 || planes != 1:
		return errors.New("stored art is of a newer version")
	case cols < 1 || rows < 1 || cols > maxArtCells/rows || cols*rows > len(text):
		return errors.New("stored art has an impossible size")
	}
	cells := make([]Cell, 0, cols*rows)
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		if r == utf8.RuneError && n <= 1 || len(cells) == cols*rows {
			return errors.New("stored art has broken text")
		}
		cells = append(cells, Cell{Rune: r})
		text = text[n:]
	}
	if len(cells) != cols*rows {
		return errors.New("stored art has too few cells")
	}
	*a = Art{Cols: cols, Rows: rows, Depth: "none", Frames: []Frame{{Cells: cells}}}
	return nil
}

// decoder reads the parts of stored art; failed sticks.
type decoder struct {
	data   []byte
	failed bool
}

func (d *decoder) number() int {
	v, n := binary.Uvarint(d.data)
	if n <= 0 || v > math.MaxInt32 {
		d.failed = true
		return 0
	}
	d.data = d.data[n:]
	return int(v)
}

func (d *decoder) take(n int) []byte {
	if d.failed || n > len(d.data) {
		d.failed = true
		return nil
	}
	part := d.data[:n]
	d.data = d.data[n:]
	return part
}
