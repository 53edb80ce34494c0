package bmp

import (
	"encoding/binary"
	"fmt"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/reduce"
)

// Info is the header of a bitmap, as it is in files and in icons.
type Info struct {
	Width, Height int
	Bits          int   // of a pixel: 1, 2, 4, 8, 16, 24 or 32
	TopDown       bool  // whether the first row is at the top
	Size          int64 // of the header, which the pixels of icons follow

	palette [][3]uint8
	masks   masks // for 16 and 32 bits
	gap     int64 // from the header to the pixels
}

// masks are the bits of red, green, blue and alpha.
type masks [4]uint32

// Values of biCompression.
const (
	uncompressed   = 0
	bitFields      = 3
	alphaBitFields = 6
)

// Sizes of the headers that differ in what they say.
const (
	coreHeader = 12  // of OS/2 1.x
	infoHeader = 40  // of Windows 3
	maskHeader = 52  // with masks of colours
	fullHeader = 56  // and of alpha
	lastHeader = 124 // of Windows 98, the longest
)

// maxWidth bounds the row that is held. It stops a header that claims a width of two
// thousand million pixels.
const maxWidth = 1 << 24

// ReadInfo reads a header from its size to its palette.
func ReadInfo(r io.Reader) (Info, error) {
	b := make([]byte, lastHeader)
	if _, err := io.ReadFull(r, b[:4]); err != nil {
		return Info{}, fmt.Errorf("bmp: read the header: %w", atEnd(err))
	}
	switch size := binary.LittleEndian.Uint32(b); size {
	case coreHeader, infoHeader, maskHeader, fullHeader, 64, 108, lastHeader:
		b = b[:size]
	default:
		return Info{}, UnsupportedError(fmt.Sprintf("a header of %d bytes", size))
	}
	if _, err := io.ReadFull(r, b[4:]); err != nil {
		return Info{}, fmt.Errorf("bmp: read the header: %w", atEnd(err))
	}
	i := &Info{Size: int64(len(b))}
	colours, err := i.parse(r, b)
	if err == nil {
		err = i.check()
	}
	if err == nil {
		err = i.readPalette(r, colours, len(b) == coreHeader)
	}
	return *i, err
}

// parse takes a header apart, and reads the masks behind it. It returns the number of
// colours of the palette.
func (i *Info) parse(r io.Reader, b []byte) (colours int, err error) {
	if len(b) == coreHeader {
		i.Width = int(binary.LittleEndian.Uint16(b[4:]))
		i.Height = int(binary.LittleEndian.Uint16(b[6:]))
		i.Bits = int(binary.LittleEndian.Uint16(b[10:]))
		if i.Bits == 16 || i.Bits == 32 {
			return 0, UnsupportedError(fmt.Sprintf("a picture of OS/2 of %d bits a pixel", i.Bits))
		}
		return i.colours(0)
	}
	i.Width = int(int32(binary.LittleEndian.Uint32(b[4:])))
	i.Height = int(int32(binary.LittleEndian.Uint32(b[8:])))
	if i.TopDown = i.Height < 0; i.TopDown {
		i.Height = -i.Height
	}
	i.Bits = int(binary.LittleEndian.Uint16(b[14:]))
	if err := i.readMasks(r, b, binary.LittleEndian.Uint32(b[16:])); err != nil {
		return 0, err
	}
	return i.colours(binary.LittleEndian.Uint32(b[32:]))
}

// colours is the size of the palette for what the header says of it.
func (i *Info) colours(used uint32) (int, error) {
	if i.Bits > 8 {
		return 0, nil // what the header may suggest for screens of few colours
	}
	all := uint32(1) << i.Bits
	if used == 0 {
		used = all
	}
	if used > all {
		return 0, FormatError("the palette has too many colours")
	}
	return int(used), nil
}

// readMasks says where the channels are: by default, in the header or behind it.
func (i *Info) readMasks(r io.Reader, b []byte, compression uint32) error {
	const oldHeader = 64 // of OS/2 2.x, which has other things there
	hasMasks := len(b) >= maskHeader && len(b) != oldHeader
	hasAlpha := len(b) >= fullHeader && len(b) != oldHeader
	switch {
	case compression == uncompressed:
		i.setDefaultMasks()
		if hasAlpha && i.Bits == 32 { // which Windows does not heed, but others do
			i.masks[3] = binary.LittleEndian.Uint32(b[maskHeader:])
		}
		return nil
	case compression != bitFields && compression != alphaBitFields, i.Bits != 16 && i.Bits != 32, len(b) == oldHeader:
		return UnsupportedError(fmt.Sprintf("compression %d of %d bits", compression, i.Bits))
	}
	var fields [16]byte
	used := fields[:12]
	if hasAlpha || compression == alphaBitFields {
		used = fields[:]
	}
	if hasMasks {
		copy(used, b[infoHeader:])
	} else if _, err := io.ReadFull(r, used); err != nil {
		return fmt.Errorf("bmp: read the masks: %w", atEnd(err))
	} else {
		i.Size += int64(len(used))
	}
	for c := range i.masks {
		i.masks[c] = binary.LittleEndian.Uint32(fields[4*c:])
	}
	return nil
}

func (i *Info) setDefaultMasks() {
	switch i.Bits {
	case 16:
		i.masks = masks{0x7c00, 0x3e0, 0x1f}
	case 32:
		i.masks = masks{0xff0000, 0xff00, 0xff}
	}
}

func (i *Info) check() error {
	switch i.Bits {
	case 1, 2, 4, 8, 16, 24, 32:
	default:
		return UnsupportedError(fmt.Sprintf("a picture of %d bits a pixel", i.Bits))
	}
	switch {
	case i.Width <= 0 || i.Height <= 0:
		return FormatError("the picture is empty")
	case i.Width > maxWidth:
		return FormatError("the picture is too wide")
	}
	return nil
}

// readPalette reads colours, of three bytes each in a core header, else of four. What
// is not in the palette is black.
func (i *Info) readPalette(r io.Reader, colours int, core bool) error {
	if i.Bits > 8 {
		return nil
	}
	size := 4
	if core {
		size = 3
	}
	b := make([]byte, colours*size)
	if _, err := io.ReadFull(r, b); err != nil {
		return fmt.Errorf("bmp: read the palette: %w", atEnd(err))
	}
	i.Size += int64(len(b))
	i.palette = make([][3]uint8, 1<<i.Bits)
	for c := range colours {
		e := b[c*size:]
		i.palette[c] = [3]uint8{e[2], e[1], e[0]}
	}
	return nil
}

// RowBytes is the size of a row in the file, which is padded to four bytes.
func (i *Info) RowBytes() int { return (i.Width*i.Bits + 31) / 32 * 4 }

// Alpha reports whether pixels have alpha.
func (i *Info) Alpha() bool { return i.masks[3] != 0 }

// WithAlpha is i where the upper byte of 32 bits is alpha, as it may be in icons, which
// do not say so.
func (i Info) WithAlpha() Info {
	if i.Bits == 32 && i.masks[3] == 0 {
		i.masks[3] = ^(i.masks[0] | i.masks[1] | i.masks[2])
	}
	return i
}

// WithoutAlpha is i where no bits are alpha.
func (i Info) WithoutAlpha() Info {
	i.masks[3] = 0
	return i
}

// Layout is RGB8 or RGBA8.
func (i *Info) Layout() reduce.Layout {
	if i.Alpha() {
		return reduce.RGBA8
	}
	return reduce.RGB8
}
