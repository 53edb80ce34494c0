package search

import (
	"math"
	"strings"

	"github.com/charcoal-art/charcoal"
)

// filter keeps those of the rows of a chunk that may be found, in their order and
// in the same memory.
type filter func(c *chunk, rows []uint8) []uint8

// plan is a query, prepared for the codes of an index.
type plan struct {
	filters []filter // those that cost least first
	order   order
	text    []needle // these two are looked for at last, in few rows
	tags    [][]byte
	nothing bool // can be found
	after   *place
}

func (x *Index) plan(q *charcoal.Query) (*plan, error) {
	p := &plan{order: orderOf(q), text: needlesOf(q.Text)}
	if err := p.check(q); err != nil {
		return nil, err
	}
	p.nothing = q.Text != "" && len(p.text) == 0
	for _, tag := range q.Tags {
		p.tags = append(p.tags, []byte("\n"+tag+"\n"))
		p.nothing = p.nothing || strings.Contains(tag, "\n") // no tag has one, but two together do
	}
	p.add(inBin(q.Binned), x.seenBy(q), x.ownedBy(q.Owner))
	p.add(oneOf(x.states, q.States, func(c *chunk) *[chunkSize]uint32 { return &c.state }))
	p.add(oneOf(x.formats, q.Types, func(c *chunk) *[chunkSize]uint32 { return &c.format }))
	p.add(x.shownTo(q.Visibility), looksLike(q.SimilarTo, q.Distance))
	p.add(within(q.Created, func(c *chunk) *[chunkSize]int64 { return &c.created }))
	p.add(within(q.Bytes, func(c *chunk) *[chunkSize]int64 { return &c.bytes }))
	p.add(within(q.Width, func(c *chunk) *[chunkSize]int64 { return &c.width }))
	p.add(within(q.Height, func(c *chunk) *[chunkSize]int64 { return &c.height }))
	p.add(signed(q))
	var err error
	p.after, err = openCursor(q)
	return p, err
}

// What a text may hold: each word is looked for in every image.
const (
	maxText  = 1024 // bytes
	maxWords = 32
)

func (p *plan) check(q *charcoal.Query) error {
	invalid := func(what string, limit, actual int, unit string) error {
		return charcoal.OverLimitAs(charcoal.Invalid, what, int64(limit), int64(actual), unit)
	}
	switch {
	case p.order.numbers == nil:
		return charcoal.Errorf(charcoal.Invalid, "there is no order %q", q.Sort)
	case q.Limit < 1 || q.Limit > charcoal.MaxPage:
		return invalid("the length of a page", charcoal.MaxPage, q.Limit, "images")
	case q.Distance < 0 || q.Distance > charcoal.MaxDistance:
		return invalid("the distance", charcoal.MaxDistance, q.Distance, "bits")
	case len(q.Text) > maxText:
		return invalid("the text", maxText, len(q.Text), "bytes")
	case len(p.text) > maxWords:
		return invalid("the text", maxWords, len(p.text), "words")
	}
	return nil
}

func (p *plan) add(filters ...filter) {
	for _, f := range filters {
		if f != nil {
			p.filters = append(p.filters, f)
		}
	}
}

// equal keeps rows of one value.
//
// This and the other filters write every row and then decide whether it stays: a
// branch would be guessed wrong too often.
func equal[T comparable](column func(*chunk) *[chunkSize]T, want T) filter {
	return func(c *chunk, rows []uint8) []uint8 {
		n, values := 0, column(c)
		for _, i := range rows {
			rows[n] = i
			if values[i] == want {
				n++
			}
		}
		return rows[:n]
	}
}

func inBin(yes bool) filter {
	want := visible
	if yes {
		want = binned
	}
	return equal(func(c *chunk) *[chunkSize]status { return &c.status }, want)
}

// seenBy is who may find what: everybody what is public and not in the bin, owners
// what is theirs when their credential allows reading, admins everything.
func (x *Index) seenBy(q *charcoal.Query) filter {
	if q.Viewer.Admin() {
		return nil
	}
	public, own := x.visibilities[charcoal.Public], x.owners[q.Viewer.User]
	if q.Binned {
		public = 0
	}
	if !q.Viewer.Owns(q.Viewer.User) || q.Viewer.Need(charcoal.ScopeRead) != nil {
		own = 0
	}
	return either(own, public)
}

// either keeps rows of an owner or a visibility. No row has the code 0.
func either(own, public uint32) filter {
	return func(c *chunk, rows []uint8) []uint8 {
		n := 0
		for _, i := range rows {
			rows[n] = i
			if uint64(c.owner[i]^own)*uint64(c.visibility[i]^public) == 0 { // one of them is equal
				n++
			}
		}
		return rows[:n]
	}
}

func (x *Index) ownedBy(owner *charcoal.ID) filter {
	if owner == nil {
		return nil
	}
	return equal(func(c *chunk) *[chunkSize]uint32 { return &c.owner }, x.owners[*owner])
}

func (x *Index) shownTo(v charcoal.Visibility) filter {
	if v == "" {
		return nil
	}
	return equal(func(c *chunk) *[chunkSize]uint32 { return &c.visibility }, x.visibilities[v])
}

func oneOf[K comparable](known codes[K], values []K, column func(*chunk) *[chunkSize]uint32) filter {
	if len(values) == 0 {
		return nil
	}
	wanted := make([]bool, len(known)+1)
	for _, v := range values {
		if code := known[v]; code != 0 {
			wanted[code] = true
		}
	}
	return func(c *chunk, rows []uint8) []uint8 {
		n, values := 0, column(c)
		for _, i := range rows {
			rows[n] = i
			if wanted[values[i]] {
				n++
			}
		}
		return rows[:n]
	}
}

func within(r charcoal.Range, column func(*chunk) *[chunkSize]int64) filter {
	if r.Min == nil && r.Max == nil {
		return nil
	}
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	if r.Min != nil {
		least = *r.Min
	}
	if r.Max != nil {
		most = *r.Max
	}
	return func(c *chunk, rows []uint8) []uint8 { return between(column(c), rows, least, most) }
}

// between keeps rows whose values are within bounds.
func between(values *[chunkSize]int64, rows []uint8, least, most int64) []uint8 {
	n := 0
	for _, i := range rows {
		rows[n] = i
		if v := values[i]; least <= v && v <= most {
			n++
		}
	}
	return rows[:n]
}

func looksLike(hash charcoal.PerceptualHash, distance int) filter {
	if hash == 0 {
		return nil
	}
	return func(c *chunk, rows []uint8) []uint8 {
		n := 0
		for _, i := range rows {
			rows[n] = i
			if c.hash[i] != 0 && hash.Distance(c.hash[i]) <= distance {
				n++
			}
		}
		return rows[:n]
	}
}

// signed passes over what cannot have the words of the text and of the tags.
func signed(q *charcoal.Query) filter {
	need := sign(Words(q.Text))
	for _, tag := range q.Tags {
		need |= sign(Words(tag))
	}
	if need == 0 {
		return nil
	}
	return having(need)
}

func having(need signature) filter {
	return func(c *chunk, rows []uint8) []uint8 {
		n := 0
		for _, i := range rows {
			rows[n] = i
			if c.signature[i]&need == need {
				n++
			}
		}
		return rows[:n]
	}
}
