// Package search finds images by what is known of them, in memory: a copy of all
// that can be searched, column by column, which a query reads from one end to the
// other. A million images take about 180 MB and some milliseconds, whatever the
// query asks for and in whatever order; no index on a disk has such a bound for
// all of them, and none has to be kept up with each write.
//
// The truth stays in a store, which tells an [Index] what changed.
package search

import (
	"slices"

	"github.com/charcoal-art/charcoal"
)

// Index is what can be searched of all images. Finding may be concurrent; changing
// excludes everything else.
type Index struct {
	chunks []*chunk // full but for the last one
	gone   int      // rows that hold no image any more

	owners       codes[charcoal.ID]
	formats      codes[string]
	states       codes[charcoal.State]
	visibilities codes[charcoal.Visibility]
}

// New returns an empty index.
func New() *Index {
	return &Index{
		owners:       make(codes[charcoal.ID]),
		formats:      make(codes[string]),
		states:       make(codes[charcoal.State]),
		visibilities: make(codes[charcoal.Visibility]),
	}
}

// codes numbers values, from 1. What has no number yet is 0 for queries.
type codes[K comparable] map[K]uint32

func (c codes[K]) code(k K) uint32 {
	n, ok := c[k]
	if !ok {
		n = uint32(len(c)) + 1
		c[k] = n
	}
	return n
}

// Put adds an image, or replaces what was known of the one with the number. Images
// that are new must come in the order of their numbers.
func (x *Index) Put(seq int64, img *charcoal.Image) {
	if c, i := x.find(seq); c != nil {
		if c.status[i] == gone {
			x.gone--
		}
		c.put(i, seq, img, x)
		return
	}
	if len(x.chunks) == 0 || x.last().n == chunkSize {
		x.chunks = append(x.chunks, new(chunk))
	}
	c := x.last()
	if c.put(c.n, seq, img, x); c.n == chunkSize {
		c.clip()
	}
}

func (x *Index) last() *chunk { return x.chunks[len(x.chunks)-1] }

// Remove forgets an image. Of those at the end nothing stays, so a store may use
// the highest number again.
func (x *Index) Remove(seq int64) {
	c, i := x.find(seq)
	if c == nil || c.status[i] == gone {
		return
	}
	c.status[i] = gone
	x.gone++
	x.trim()
	if x.gone > chunkSize && x.gone > x.Len() {
		x.compact()
	}
}

// Len returns how many images there are.
func (x *Index) Len() int {
	if len(x.chunks) == 0 {
		return 0
	}
	return (len(x.chunks)-1)*chunkSize + x.last().n - x.gone
}

// find returns where the image with a number is or was.
func (x *Index) find(seq int64) (*chunk, int) {
	n, _ := slices.BinarySearchFunc(x.chunks, seq, func(c *chunk, seq int64) int {
		if c.seq[c.n-1] < seq {
			return -1
		}
		return 1
	})
	if n == len(x.chunks) {
		return nil, 0
	}
	c := x.chunks[n]
	i, ok := slices.BinarySearch(c.seq[:c.n], seq)
	if !ok {
		return nil, 0
	}
	return c, i
}

func (x *Index) trim() {
	for len(x.chunks) > 0 && x.last().status[x.last().n-1] == gone {
		c := x.last()
		c.drop()
		x.gone--
		if c.n == 0 {
			x.chunks = x.chunks[:len(x.chunks)-1]
		}
	}
}

// compact moves all rows together.
func (x *Index) compact() {
	var kept []*chunk
	to := &chunk{}
	for _, from := range x.chunks {
		for i := range from.n {
			if from.status[i] == gone {
				continue
			}
			if to.n == chunkSize {
				kept, to = append(kept, to), &chunk{}
			}
			to.take(from, i)
		}
	}
	if to.n > 0 {
		kept = append(kept, to)
	}
	x.chunks, x.gone = kept, 0
}

// take appends a row of another chunk.
func (c *chunk) take(from *chunk, i int) {
	n := c.n
	c.n++
	c.status[n], c.signature[n] = from.status[i], from.signature[i]
	c.seq[n], c.id[n] = from.seq[i], from.id[i]
	c.owner[n], c.format[n] = from.owner[i], from.format[i]
	c.state[n], c.visibility[n] = from.state[i], from.visibility[i]
	c.created[n], c.bytes[n] = from.created[i], from.bytes[i]
	c.width[n], c.height[n], c.hash[n] = from.width[i], from.height[i], from.hash[i]
	c.titleHead[n] = from.titleHead[i]
	c.title.set(n, c.n, string(from.title.at(i)))
	c.tags.set(n, c.n, string(from.tags.at(i)))
	c.words.set(n, c.n, string(from.words.at(i)))
}
