package search

import (
	"bytes"
	"math"
	"slices"

	"github.com/charcoal-art/charcoal"
)

// Found is a page of what was found: the numbers of images, in order.
type Found struct {
	Seqs []int64
	Next string // the cursor of the page after; "" at the end
}

// Find returns a page. Without a Sort it is ordered by time of creation, or, with
// SimilarTo, by distance. It is Invalid for a query that asks for what there is not.
func (x *Index) Find(q charcoal.Query) (Found, error) {
	p, err := x.plan(&q)
	if err != nil {
		return Found{}, err
	}
	b := newBest(p, q.Limit+1) // one more tells whether there is a next page
	if !p.nothing {
		x.scan(p, b)
	}
	return b.page(&q), nil
}

// scan offers every row. It begins where the newest or oldest are that are asked
// for first, so that with a usual order the best come early.
func (x *Index) scan(p *plan, b *best) {
	var all, rows [chunkSize]uint8
	for i := range all {
		all[i] = uint8(i)
		if p.order.descending {
			all[i] = ^all[i]
		}
	}
	for n := range x.chunks {
		if p.order.descending {
			n = len(x.chunks) - 1 - n
		}
		rows = all
		p.scan(x.chunks[n], rows[:], b)
	}
}

// scan offers rows of a chunk. Those not in use are gone.
func (p *plan) scan(c *chunk, rows []uint8, b *best) {
	for _, keep := range p.filters {
		if rows = keep(c, rows); len(rows) == 0 {
			return
		}
	}
	numbers := p.order.numbers(c, rows, &b.scratch)
	for _, i := range between(numbers, rows, b.least, b.most) {
		at := place{number: numbers[i], id: c.id[i]}
		if p.order.byTitle {
			at.text = c.title.at(int(i))
		}
		if b.wants(&at) && p.hasTexts(c, int(i)) {
			b.add(&at, c.seq[i])
		}
	}
}

func (p *plan) hasTexts(c *chunk, i int) bool {
	for _, tag := range p.tags {
		if !bytes.Contains(c.tags.at(i), tag) {
			return false
		}
	}
	for _, n := range p.text {
		if !n.in(c.words.at(i)) {
			return false
		}
	}
	return true
}

// best collects the first places of an order, a few more than the limit.
type best struct {
	plan  *plan
	limit int
	rows  []row
	full  bool // the limit was reached; what comes after the worst is not wanted
	worst place

	least, most int64 // of the numbers of places that may be wanted
	scratch     [chunkSize]int64
}

type row struct {
	place
	seq int64
}

func newBest(p *plan, limit int) *best {
	b := &best{plan: p, limit: limit, least: math.MinInt64, most: math.MaxInt64}
	switch {
	case p.after == nil:
	case p.order.descending:
		b.most = p.after.number
	default:
		b.least = p.after.number
	}
	return b
}

// wants reports whether a place lies after the cursor and before the worst.
func (b *best) wants(at *place) bool {
	o, after := &b.plan.order, b.plan.after
	return (after == nil || o.before(after, at)) && (!b.full || o.before(at, &b.worst))
}

// add keeps a place. Once in a while it sorts what was kept: cheaper than to keep
// it sorted.
func (b *best) add(at *place, seq int64) {
	b.rows = append(b.rows, row{*at, seq})
	if len(b.rows) >= 4*b.limit || !b.full && len(b.rows) == b.limit {
		b.sort()
	}
}

func (b *best) sort() {
	slices.SortFunc(b.rows, func(r, s row) int { return b.plan.order.compare(&r.place, &s.place) })
	b.rows = b.rows[:min(len(b.rows), b.limit)]
	if len(b.rows) < b.limit {
		return
	}
	b.full, b.worst = true, b.rows[b.limit-1].place
	if b.plan.order.descending {
		b.least = b.worst.number
	} else {
		b.most = b.worst.number
	}
}

func (b *best) page(q *charcoal.Query) Found {
	b.sort()
	var f Found
	if len(b.rows) == b.limit {
		b.rows = b.rows[:q.Limit]
		f.Next = writeCursor(q, &b.rows[q.Limit-1].place)
	}
	for _, r := range b.rows {
		f.Seqs = append(f.Seqs, r.seq)
	}
	return f
}
