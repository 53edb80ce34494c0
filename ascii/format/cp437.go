package format

import (
	"fmt"
	"math"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// cp437 is the upper half of code page 437, from 0x80 on.
const cp437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
	"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"

// codePage finds the byte for each character: its own, or else that of the one that
// looks most like it. Bytes that DOS takes for commands are not used.
type codePage struct {
	bytes  map[rune]byte
	glyphs []glyph.Glyph // of the bytes that may stand for others
}

func newCodePage() (*codePage, error) {
	p := &codePage{bytes: map[rune]byte{}}
	var runes []rune
	for b := rune(' '); b <= '~'; b++ {
		p.bytes[b] = byte(b)
		runes = append(runes, b)
	}
	next := 0x80
	for _, r := range cp437 {
		p.bytes[r] = byte(next)
		if glyph.Has(r) {
			runes = append(runes, r)
		}
		next++
	}
	atlas, err := glyph.New(cellWidth, cellHeight, runes)
	if err != nil {
		return nil, fmt.Errorf("draw code page 437: %w", err)
	}
	p.glyphs = atlas.Glyphs
	return p, nil
}

// byteOf remembers what it found.
func (p *codePage) byteOf(r rune) byte {
	b, ok := p.bytes[r]
	if !ok {
		b = p.like(r)
		p.bytes[r] = b
	}
	return b
}

// like returns the byte that looks most like a character, seen a little blurred: as
// means over 2 × 4 pixels, and, less, over all. Blocks become blocks and shades, not
// letters that happen to be near.
func (p *codePage) like(r rune) byte {
	atlas, err := glyph.New(cellWidth, cellHeight, []rune{r})
	if err != nil {
		return '?'
	}
	want := blurred(atlas.Glyphs[0])
	best, least := byte('?'), float32(math.Inf(1))
	for _, g := range p.glyphs {
		if isBlock(r) && !isBlock(g.Rune) && g.Rune != ' ' {
			continue
		}
		if d := difference(want, blurred(g)); d < least {
			best, least = p.bytes[g.Rune], d
		}
	}
	return best
}

// isBlock reports whether r is a block, a sextant or an octant.
func isBlock(r rune) bool { return glyph.IsGeometric(r) && (r < 0x2800 || r > 0x28ff) }

const blurCells = 4 * 4

func blurred(g glyph.Glyph) (means [blurCells]float32) {
	for i, c := range g.Coverage {
		x, y := i%cellWidth, i/cellWidth
		means[y/4*4+x/2] += c / 8
	}
	return means
}

func difference(a, b [blurCells]float32) float32 {
	var sum, total float32
	for i := range a {
		d := a[i] - b[i]
		sum += float32(d * d)
		total += d
	}
	return sum + float32(total*total)/blurCells
}
