package format

import (
	"cmp"
	"image/color"
	"slices"

	"github.com/charcoal-art/charcoal/ascii"
)

// Colours are reduced by median cut (Paul Heckbert, 1982) over a histogram of five
// bits a channel.
const (
	binBits = 5
	bins    = 1 << (3 * binBits)
)

// bin is colours that are counted as one.
type bin struct {
	n       uint64
	r, g, b uint64 // sums over n pixels
	key     int
}

// keyOf is the bin that a colour is in.
func keyOf(c ascii.RGB) int {
	const drop = 8 - binBits
	return int(c.R)>>drop<<(2*binBits) | int(c.G)>>drop<<binBits | int(c.B)>>drop
}

// channel is a coordinate of a bin.
func (b bin) channel(i int) int { return b.key >> (i * binBits) & (1<<binBits - 1) }

// reduced is a palette that stands for more colours than it has.
type reduced struct {
	table  [bins]uint8
	colors color.Palette
}

func (r *reduced) palette() color.Palette { return r.colors }

func (r *reduced) index(c ascii.RGB) (uint8, error) { return r.table[keyOf(c)], nil }

// reduce chooses 256 colours for all frames.
func (p *painter) reduce() *reduced {
	r := new(reduced)
	for i, box := range medianCut(p.histogram(), 256) {
		var sum bin
		for _, b := range box {
			sum.n, sum.r, sum.g, sum.b = sum.n+b.n, sum.r+b.r, sum.g+b.g, sum.b+b.b
			r.table[b.key] = uint8(i)
		}
		half := sum.n / 2
		r.colors = append(r.colors, color.RGBA{
			uint8((sum.r + half) / sum.n), uint8((sum.g + half) / sum.n), uint8((sum.b + half) / sum.n), 255,
		})
	}
	return r
}

// histogram counts the pixels of cells that are new in their frame. Empty bins are
// left out.
func (p *painter) histogram() []bin {
	counts := make([]bin, bins)
	for i, f := range p.art.Frames {
		for k, c := range f.Cells {
			if i > 0 && c == p.art.Frames[i-1].Cells[k] {
				continue
			}
			l := p.look(c)
			for _, row := range l.mask {
				for _, coverage := range row {
					c := l.blend(coverage)
					b := &counts[keyOf(c)]
					b.n, b.r, b.g, b.b, b.key = b.n+1, b.r+uint64(c.R), b.g+uint64(c.G), b.b+uint64(c.B), keyOf(c)
				}
			}
		}
	}
	return slices.DeleteFunc(counts, func(b bin) bool { return b.n == 0 })
}

// medianCut cuts colours into at most n boxes, none of them empty: again and again
// the one with the most pixels over the widest range, there where half of its pixels
// lie on each side.
func medianCut(all []bin, n int) [][]bin {
	boxes := [][]bin{all}
	for len(boxes) < n {
		worst := slices.MaxFunc(boxes, func(a, b []bin) int { return cmp.Compare(spread(a), spread(b)) })
		if spread(worst) == 0 {
			break
		}
		i := slices.IndexFunc(boxes, func(b []bin) bool { return &b[0] == &worst[0] })
		at := cut(worst)
		boxes[i] = worst[:at]
		boxes = append(boxes, worst[at:])
	}
	return boxes
}

// spread is how much a box is in need of a cut: 0 for a single bin.
func spread(box []bin) uint64 {
	_, width := widest(box)
	var n uint64
	for _, b := range box {
		n += b.n
	}
	return n * uint64(width*width)
}

// widest returns the channel in which a box is the widest, and how wide.
func widest(box []bin) (channel, width int) {
	for i := range 3 {
		low, high := 1<<binBits, 0
		for _, b := range box {
			low, high = min(low, b.channel(i)), max(high, b.channel(i))
		}
		if high-low > width {
			channel, width = i, high-low
		}
	}
	return channel, width
}

// cut sorts a box along its widest channel and returns where to cut it.
func cut(box []bin) int {
	channel, _ := widest(box)
	slices.SortFunc(box, func(a, b bin) int {
		return cmp.Or(cmp.Compare(a.channel(channel), b.channel(channel)), cmp.Compare(a.key, b.key))
	})
	var total, seen uint64
	for _, b := range box {
		total += b.n
	}
	for i, b := range box[:len(box)-1] {
		if seen += b.n; 2*seen >= total {
			return i + 1
		}
	}
	return len(box) - 1
}
