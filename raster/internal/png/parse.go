package png

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image/color"
	"io"

	"github.com/charcoal-art/charcoal/raster/internal/inflate"
)

const signature = "\x89PNG\r\n\x1a\n"

// parser reads the chunks of a file (section 5.3). As a Reader it gives the bodies of
// consecutive IDAT chunks.
type parser struct {
	Config
	wantProfile bool // and has not had it

	r    *bufio.Reader
	kind string // of the chunk that is being read
	left int64  // bytes of its body that are not yet read
	crc  uint32 // of what was read of it, its kind included

	sawPalette, sawTransparency bool
	buf                         [3 * 256]byte
}

func newParser(r io.Reader) *parser {
	return &parser{r: bufio.NewReaderSize(r, 1<<16)}
}

// readHeader reads up to the body of the first IDAT.
func (p *parser) readHeader() error {
	b := p.buf[:len(signature)]
	if _, err := io.ReadFull(p.r, b); err != nil {
		return early(err)
	}
	if string(b) != signature {
		return FormatError("this is no PNG")
	}
	if err := p.next(); err != nil {
		return err
	}
	if p.kind != "IHDR" {
		return FormatError("it does not begin with its header")
	}
	if err := p.readIHDR(); err != nil {
		return err
	}
	for {
		if err := p.next(); err != nil {
			return err
		}
		if p.kind == "IDAT" {
			break
		}
		if err := p.readSetup(); err != nil {
			return err
		}
	}
	if p.Color == Paletted && !p.sawPalette {
		return FormatError("its palette is missing")
	}
	return nil
}

// readSetup reads a chunk that comes before the pixels.
func (p *parser) readSetup() error {
	switch p.kind {
	case "IHDR", "IEND":
		return FormatError("a chunk " + p.kind + " is out of order")
	case "PLTE":
		return p.readPLTE()
	case "tRNS":
		return p.readTRNS()
	case "gAMA", "cHRM", "sRGB":
		return p.readLight()
	case "iCCP":
		if p.wantProfile {
			return p.readICCP()
		}
	}
	return p.skip()
}

// finish reads what follows the pixels.
func (p *parser) finish() error {
	for p.kind != "IEND" {
		if err := p.afterPixels(); err != nil {
			return err
		}
	}
	return p.verify()
}

func (p *parser) afterPixels() error {
	var err error
	switch p.kind {
	case "IDAT": // what is left of the last one, and ones too many
		if err = p.discard(); err == nil {
			err = p.verify()
		}
	case "IHDR", "PLTE", "tRNS":
		return FormatError("a chunk " + p.kind + " is out of order")
	default:
		err = p.skip()
	}
	if err != nil {
		return err
	}
	return p.next()
}

// next reads the head of a chunk.
func (p *parser) next() error {
	b := p.buf[:8]
	if _, err := io.ReadFull(p.r, b); err != nil {
		return early(err)
	}
	p.left, p.kind = int64(binary.BigEndian.Uint32(b)), string(b[4:])
	p.crc = crc32.ChecksumIEEE(b[4:])
	if p.left > 1<<31-1 {
		return FormatError("a chunk is longer than chunks may be")
	}
	return nil
}

// body reads all of a chunk that is at most as long as its buffer, and checks it. The
// result is good until the next chunk is read.
func (p *parser) body() ([]byte, error) {
	if p.left > int64(len(p.buf)) {
		return nil, FormatError("a chunk " + p.kind + " is too long")
	}
	b := p.buf[:p.left]
	if _, err := io.ReadFull(p.r, b); err != nil {
		return nil, early(err)
	}
	p.left = 0
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
	sum, err := p.sum()
	if err == nil && sum != p.crc {
		err = p.damaged()
	}
	return b, err
}

// discard reads the rest of a body for its checksum.
func (p *parser) discard() error {
	for p.left > 0 {
		b, err := p.r.Peek(int(min(p.left, int64(p.r.Size()))))
		p.crc = crc32.Update(p.crc, crc32.IEEETable, b)
		p.left -= int64(len(b))
		_, _ = p.r.Discard(len(b)) // what was peeked at is there
		if err != nil {
			return early(err)
		}
	}
	return nil
}

// skip passes over a chunk, the checksum unseen: nothing depends on it.
func (p *parser) skip() error {
	n := p.left + 4
	p.left = 0
	_, err := io.CopyN(io.Discard, p.r, n)
	return early(err)
}

// verify reads the checksum that ends a chunk and compares.
func (p *parser) verify() error {
	sum, err := p.sum()
	if err == nil && sum != p.crc {
		return p.damaged()
	}
	return err
}

func (p *parser) sum() (uint32, error) {
	var b [4]byte
	_, err := io.ReadFull(p.r, b[:])
	return binary.BigEndian.Uint32(b[:]), early(err)
}

func (p *parser) damaged() error {
	return FormatError("the checksum of a chunk " + p.kind + " is wrong")
}

// early says that a file must not end where it does.
func early(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Read reads from the bodies of IDAT chunks up to the first other chunk.
func (p *parser) Read(b []byte) (int, error) {
	for p.left == 0 {
		if p.kind != "IDAT" {
			return 0, io.EOF
		}
		if err := p.verify(); err != nil {
			return 0, err
		}
		if err := p.next(); err != nil {
			return 0, err
		}
	}
	if p.kind != "IDAT" {
		return 0, io.EOF
	}
	n, err := p.r.Read(b[:min(int64(len(b)), p.left)])
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b[:n])
	p.left -= int64(n)
	return n, early(err)
}

// readIHDR reads the header (section 11.2.1).
func (p *parser) readIHDR() error {
	if p.left != 13 {
		return FormatError("its header is not as long as it must be")
	}
	b, err := p.body()
	if err != nil {
		return err
	}
	width, height := int32(binary.BigEndian.Uint32(b)), int32(binary.BigEndian.Uint32(b[4:]))
	p.Width, p.Height, p.Depth, p.Color = int(width), int(height), int(b[8]), ColorType(b[9])
	p.Interlaced = b[12] == 1
	switch {
	case width <= 0 || height <= 0:
		return FormatError("it has no pixels")
	case b[10] != 0:
		return UnsupportedError("its compression method")
	case b[11] != 0:
		return UnsupportedError("its filter method")
	case b[12] > 1:
		return FormatError("its interlace method is unknown")
	case !p.validDepth():
		return UnsupportedError("its colour type with its bit depth")
	}
	return nil
}

// validDepth follows table 11.1.
func (p *parser) validDepth() bool {
	switch p.Color {
	case Gray:
		return p.Depth == 1 || p.Depth == 2 || p.Depth == 4 || p.Depth == 8 || p.Depth == 16
	case Paletted:
		return p.Depth == 1 || p.Depth == 2 || p.Depth == 4 || p.Depth == 8
	case TrueColor, GrayAlpha, TrueAlpha:
		return p.Depth == 8 || p.Depth == 16
	}
	return false
}

// readPLTE reads the palette (section 11.2.2). True colour may have one, too, for
// screens of few colours.
func (p *parser) readPLTE() error {
	switch {
	case p.sawPalette || p.sawTransparency:
		return FormatError("a chunk PLTE is out of order")
	case p.Color == Gray || p.Color == GrayAlpha:
		return FormatError("grey has a palette")
	case p.left%3 != 0 || p.left == 0 || p.left > 3*256 || p.left > 3<<p.Depth && p.Depth < 8:
		return FormatError("its palette has an impossible length")
	}
	b, err := p.body()
	if err != nil {
		return err
	}
	p.sawPalette = true
	if p.Color != Paletted {
		return nil
	}
	// Some files have indexes beyond their palette. They are black, as in image/png and
	// libpng.
	all := make(color.Palette, 256)
	for i := range all {
		all[i] = color.RGBA{A: 0xff}
		if len(b) >= 3 {
			all[i] = color.RGBA{b[0], b[1], b[2], 0xff}
			b = b[3:]
			p.Palette = all[:i+1]
		}
	}
	return nil
}

// readTRNS reads transparency (section 11.3.1.1).
func (p *parser) readTRNS() error {
	if p.sawTransparency || p.Color == Paletted && !p.sawPalette {
		return FormatError("a chunk tRNS is out of order")
	}
	length := p.left
	b, err := p.body()
	if err != nil {
		return err
	}
	p.sawTransparency = true
	switch {
	case p.Color == Paletted && length <= 256:
		p.setAlpha(b)
	case p.Color == Gray && length == 2, p.Color == TrueColor && length == 6:
		p.hasTransparent = true
		for i := range len(b) / 2 {
			p.transparent[i] = binary.BigEndian.Uint16(b[2*i:])
		}
	default:
		return FormatError("its transparency does not fit its colour type")
	}
	return nil
}

// setAlpha gives alpha to colours of the palette, which grows if there is more.
func (p *parser) setAlpha(alpha []byte) {
	p.Palette = p.Palette[:max(len(p.Palette), len(alpha))]
	for i, a := range alpha {
		c := p.Palette[i].(color.RGBA)
		p.Palette[i] = color.NRGBA{c.R, c.G, c.B, a}
	}
}

// readLight reads what the values mean (sections 11.3.2.1, 11.3.2.2 and 11.3.2.5),
// where it has the length that it must have.
func (p *parser) readLight() error {
	length, kind := p.left, p.kind
	want := map[string]int64{"gAMA": 4, "cHRM": 32, "sRGB": 1}[kind]
	if length != want {
		return p.skip()
	}
	b, err := p.body()
	if err != nil {
		return err
	}
	switch kind {
	case "gAMA":
		p.Gamma = binary.BigEndian.Uint32(b)
	case "sRGB":
		p.SRGB = true
	case "cHRM":
		for i := range p.Chromaticity {
			p.Chromaticity[i] = binary.BigEndian.Uint32(b[4*i:])
		}
	}
	return nil
}

// readICCP reads a colour profile (section 11.3.2.3), of which there is one: a file of
// many would cost the memory of a decompressor for each.
func (p *parser) readICCP() error {
	p.wantProfile = false
	body := &io.LimitedReader{R: p.r, N: p.left}
	p.Profile = profile(bufio.NewReader(body))
	p.left = body.N
	return p.skip()
}

// profile reads the body of iCCP: a name of at most 79 bytes, a zero, the compression
// method, which is zero, and a zlib stream. It gives nil for what is damaged or too
// long.
func profile(r *bufio.Reader) []byte {
	head, _ := r.Peek(81)
	n := bytes.IndexByte(head, 0)
	if n < 0 || n+2 > len(head) || head[n+1] != 0 {
		return nil
	}
	_, _ = r.Discard(n + 2) // what was peeked at is there
	b, err := io.ReadAll(io.LimitReader(inflate.NewReader(r), MaxProfile+1))
	if err != nil || len(b) > MaxProfile {
		return nil
	}
	return b
}
