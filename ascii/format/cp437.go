package format

import (
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/charcoal-art/charcoal/ascii/glyph"
)

// cp437 is the upper half of code page 437, from 0x80 on.
const cp437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
	"└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0"

// codePage finds the byte for each character: its own, or else that of the one that
// looks most like it. Bytes that DOS takes for commands are not used. It remembers
// what it found, and serves one goroutine.
type codePage map[rune]byte

func newCodePage() codePage {
	p := codePage{}
	for b := rune(' '); b <= '~'; b++ {
		p[b] = byte(b)
	}
	next := 0x80
	for _, r := range cp437 {
		p[r] = byte(next)
		next++
	}
	return p
}

func (p codePage) byteOf(r rune) byte {
	b, ok := p[r]
	if !ok {
		b = like(r)
		p[r] = b
	}
	return b
}

// appearance is a character seen a little blurred: its means over 2 × 4 pixels.
type appearance struct {
	char  byte
	block bool
	means [4 * 4]float32
}

// appearances are those of the code page, without what the font lacks.
var appearances = sync.OnceValue(func() []appearance {
	p := newCodePage()
	runes := slices.Sorted(maps.Keys(p))
	runes = slices.DeleteFunc(runes, func(r rune) bool { return !glyph.Has(r) })
	atlas, err := glyph.New(cellWidth, cellHeight, runes)
	if err != nil {
		return nil // the embedded font has them: the tests show it
	}
	var all []appearance
	for _, g := range atlas.Glyphs {
		all = append(all, appearance{p[g.Rune], isBlock(g.Rune) || g.Rune == ' ', blurred(g)})
	}
	return all
})

// like returns the byte that looks most like a character. Blocks become blocks and
// shades, not letters that happen to be near.
func like(r rune) byte {
	if !glyph.Has(r) {
		return '?'
	}
	atlas, err := glyph.New(cellWidth, cellHeight, []rune{r})
	if err != nil {
		return '?'
	}
	want := blurred(atlas.Glyphs[0])
	best, least := byte('?'), float32(math.Inf(1))
	for _, a := range appearances() {
		if d := difference(want, a.means); d < least && (a.block || !isBlock(r)) {
			best, least = a.char, d
		}
	}
	return best
}

// isBlock reports whether r is a block, a sextant or an octant.
func isBlock(r rune) bool { return glyph.IsGeometric(r) && (r < 0x2800 || r > 0x28ff) }

func blurred(g glyph.Glyph) (means [4 * 4]float32) {
	for i, c := range g.Coverage {
		x, y := i%cellWidth, i/cellWidth
		means[y/4*4+x/2] += c / 8
	}
	return means
}

// difference is that of the parts and, as much again, that of the whole.
func difference(a, b [4 * 4]float32) float32 {
	var sum, total float32
	for i := range a {
		d := a[i] - b[i]
		sum += float32(d * d)
		total += d
	}
	return sum + float32(total*total)/float32(len(a))
}
