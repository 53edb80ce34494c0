package search

import (
	"bytes"
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
	if p.key == nil {
		return Found{}, charcoal.Errorf(charcoal.Invalid, "there is no order %q", q.Sort)
	}
	b := best{plan: p, limit: q.Limit + 1} // one more tells whether there is a next page
	if !p.never {
		x.scan(p, &b)
	}
	return b.page(&q), nil
}

// scan offers every row. It begins where the newest or oldest are that are asked
// for first, so that with a usual order the best come early.
func (x *Index) scan(p *plan, b *best) {
	for n := range x.chunks {
		if p.sign < 0 {
			n = len(x.chunks) - 1 - n
		}
		p.scan(x.chunks[n], b)
	}
}

func (p *plan) scan(c *chunk, b *best) {
	texts := unknown
	for n := range c.n {
		i := n
		if p.sign < 0 {
			i = c.n - 1 - n
		}
		if c.gone[i] || !p.passes(c, i) {
			continue
		}
		at := place{key: p.key(c, i), id: c.id[i]}
		if !b.wants(&at) {
			continue
		}
		if texts == unknown {
			texts = p.anyOf(c)
		}
		if texts == none {
			return
		}
		if contains(c.words.at(i), p.text) {
			b.add(&at, c.seq[i])
		}
	}
}

func (p *plan) passes(c *chunk, i int) bool {
	for _, f := range p.filters {
		if !f(c, i) {
			return false
		}
	}
	return true
}

// What a look at all texts of a chunk at once told.
type texts int

const (
	unknown texts = iota
	some          // rows may have all words
	none          // has
)

// anyOf looks for the words in all texts of a chunk at once, which is much faster
// than one by one.
func (p *plan) anyOf(c *chunk) texts {
	if contains(c.words.data, p.text) {
		return some
	}
	return none
}

func contains(words []byte, needles []needle) bool {
	for _, n := range needles {
		if !n.in(words) {
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
}

type row struct {
	place
	seq int64
}

// wants reports whether a place lies after the cursor and before the worst.
func (b *best) wants(at *place) bool {
	if after := b.plan.after; after != nil && at.compare(after)*b.plan.sign <= 0 {
		return false
	}
	return !b.full || at.compare(&b.worst)*b.plan.sign < 0
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
	slices.SortFunc(b.rows, func(r, s row) int { return r.compare(&s.place) * b.plan.sign })
	b.rows = b.rows[:min(len(b.rows), b.limit)]
	if len(b.rows) == b.limit {
		b.full, b.worst = true, b.rows[b.limit-1].place
	}
}

func (b *best) page(q *charcoal.Query) Found {
	b.sort()
	var f Found
	if len(b.rows) == b.limit {
		b.rows = b.rows[:q.Limit]
		last := b.rows[q.Limit-1].place
		last.text = bytes.Clone(last.text)
		f.Next = writeCursor(q, &last)
	}
	for _, r := range b.rows {
		f.Seqs = append(f.Seqs, r.seq)
	}
	return f
}
