package search

import (
	"bytes"
	"cmp"
	"encoding/binary"

	"github.com/charcoal-art/charcoal"
)

// order is what a query sorts by: by a number of each row, then by a text where it has
// one, then by the id.
type order struct {
	// numbers returns a column; it may use the scratch for it, and fill only the rows
	// given.
	numbers    func(c *chunk, rows []uint8, scratch *[chunkSize]int64) *[chunkSize]int64
	byTitle    bool
	descending bool
}

// orderOf has no numbers for an order that there is not.
func orderOf(q *charcoal.Query) order {
	o := order{descending: q.Descending, byTitle: q.Sort == charcoal.ByTitle}
	columns := map[charcoal.Sort]func(*chunk) *[chunkSize]int64{
		charcoal.ByCreated: func(c *chunk) *[chunkSize]int64 { return &c.created },
		charcoal.ByBytes:   func(c *chunk) *[chunkSize]int64 { return &c.bytes },
		charcoal.ByWidth:   func(c *chunk) *[chunkSize]int64 { return &c.width },
		charcoal.ByHeight:  func(c *chunk) *[chunkSize]int64 { return &c.height },
		charcoal.ByTitle:   func(c *chunk) *[chunkSize]int64 { return &c.titleHead },
	}
	if q.Sort == "" && q.SimilarTo != 0 {
		o.numbers = distances(q.SimilarTo)
	} else if column := columns[cmp.Or(q.Sort, charcoal.ByCreated)]; column != nil {
		o.numbers = func(c *chunk, _ []uint8, _ *[chunkSize]int64) *[chunkSize]int64 { return column(c) }
	}
	return o
}

func distances(hash charcoal.PerceptualHash) func(*chunk, []uint8, *[chunkSize]int64) *[chunkSize]int64 {
	return func(c *chunk, rows []uint8, scratch *[chunkSize]int64) *[chunkSize]int64 {
		for _, i := range rows {
			scratch[i] = int64(hash.Distance(c.hash[i]))
		}
		return scratch
	}
}

// headOf is the first 8 bytes of a title as a number that sorts as they do. Very many
// images have no title. Theirs is of the id, which decides between them, so that they
// are told apart without a look at it; it is smaller than that of any title, since
// those begin with no control character.
func headOf(title string, id charcoal.ID) int64 {
	var head [8]byte
	if title == "" {
		copy(head[1:], id[:])
	} else {
		copy(head[:], title)
	}
	return int64(binary.BigEndian.Uint64(head[:]) ^ 1<<63)
}

// place is where a row stands in an order.
type place struct {
	number int64
	text   []byte
	id     charcoal.ID
}

// before reports whether a place comes before another one.
func (o *order) before(a, b *place) bool { return o.compare(a, b) < 0 }

func (o *order) compare(a, b *place) int {
	c := cmp.Compare(a.number, b.number)
	if c == 0 {
		c = bytes.Compare(a.text, b.text)
	}
	if c == 0 {
		c = bytes.Compare(a.id[:], b.id[:])
	}
	if o.descending {
		return -c
	}
	return c
}
