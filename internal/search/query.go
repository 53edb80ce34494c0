package search

import (
	"bytes"
	"cmp"

	"github.com/charcoal-art/charcoal"
)

// filter says whether a row of a chunk may be found.
type filter func(c *chunk, i int) bool

// plan is a query, prepared for the codes of an index.
type plan struct {
	filters []filter // what refuses most, or costs least, first
	text    []needle
	never   bool // whatever there is
	key     func(c *chunk, i int) key
	sign    int // -1 when descending
	after   *place
}

func (x *Index) plan(q *charcoal.Query) (*plan, error) {
	if err := check(q); err != nil {
		return nil, err
	}
	p := &plan{key: keyOf(q), sign: 1, text: needlesOf(q.Text)}
	p.never = q.Text != "" && len(p.text) == 0
	if q.Descending {
		p.sign = -1
	}
	p.add(inBin(q.Binned), x.seenBy(q), x.ownedBy(q.Owner))
	p.add(oneOf(x.states, q.States, func(c *chunk) *[chunkSize]uint32 { return &c.state }))
	p.add(oneOf(x.formats, q.Types, func(c *chunk) *[chunkSize]uint32 { return &c.format }))
	p.add(x.shownTo(q.Visibility), looksLike(q.SimilarTo, q.Distance))
	p.add(within(q.Created, func(c *chunk) *[chunkSize]int64 { return &c.created }))
	p.add(within(q.Bytes, func(c *chunk) *[chunkSize]int64 { return &c.bytes }))
	p.add(within(q.Width, func(c *chunk) *[chunkSize]int64 { return &c.width }))
	p.add(within(q.Height, func(c *chunk) *[chunkSize]int64 { return &c.height }))
	for _, tag := range q.Tags {
		p.add(tagged(tag))
	}
	var err error
	p.after, err = openCursor(q)
	return p, err
}

// maxWords bounds what a text may ask for: each word is looked for in every image.
const maxWords = 32

func check(q *charcoal.Query) error {
	switch {
	case q.Limit < 1 || q.Limit > charcoal.MaxPage:
		return charcoal.OverLimitAs(charcoal.Invalid, "the length of a page", charcoal.MaxPage, int64(q.Limit), "images")
	case q.Distance < 0 || q.Distance > charcoal.MaxDistance:
		return charcoal.OverLimitAs(charcoal.Invalid, "the distance", charcoal.MaxDistance, int64(q.Distance), "bits")
	case len(q.Text) > maxText:
		return charcoal.OverLimitAs(charcoal.Invalid, "the text", maxText, int64(len(q.Text)), "bytes")
	}
	if n := len(needlesOf(q.Text)); n > maxWords {
		return charcoal.OverLimitAs(charcoal.Invalid, "the text", maxWords, int64(n), "words")
	}
	return nil
}

const maxText = 1024

func (p *plan) add(filters ...filter) {
	for _, f := range filters {
		if f != nil {
			p.filters = append(p.filters, f)
		}
	}
}

func inBin(binned bool) filter {
	return func(c *chunk, i int) bool { return c.binned[i] == binned }
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
	return func(c *chunk, i int) bool {
		return own != 0 && c.owner[i] == own || public != 0 && c.visibility[i] == public
	}
}

func (x *Index) ownedBy(owner *charcoal.ID) filter {
	if owner == nil {
		return nil
	}
	want := x.owners[*owner]
	return func(c *chunk, i int) bool { return c.owner[i] == want }
}

func (x *Index) shownTo(v charcoal.Visibility) filter {
	if v == "" {
		return nil
	}
	want := x.visibilities[v]
	return func(c *chunk, i int) bool { return c.visibility[i] == want }
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
	return func(c *chunk, i int) bool { return wanted[column(c)[i]] }
}

func within(r charcoal.Range, column func(*chunk) *[chunkSize]int64) filter {
	if r.Min == nil && r.Max == nil {
		return nil
	}
	least, most := int64(-1<<63), int64(1<<63-1)
	if r.Min != nil {
		least = *r.Min
	}
	if r.Max != nil {
		most = *r.Max
	}
	return func(c *chunk, i int) bool {
		v := column(c)[i]
		return least <= v && v <= most
	}
}

func looksLike(hash charcoal.PerceptualHash, distance int) filter {
	if hash == 0 {
		return nil
	}
	return func(c *chunk, i int) bool { return c.hash[i] != 0 && hash.Distance(c.hash[i]) <= distance }
}

func tagged(tag string) filter {
	line := []byte("\n" + tag + "\n")
	return func(c *chunk, i int) bool { return bytes.Contains(c.tags.at(i), line) }
}

// key is what a row is ordered by: a number or a text.
type key struct {
	number int64
	text   []byte
}

// place is where a row stands in an order. The id decides between equals.
type place struct {
	key
	id charcoal.ID
}

func (a *place) compare(b *place) int {
	return cmp.Or(cmp.Compare(a.number, b.number), bytes.Compare(a.text, b.text), bytes.Compare(a.id[:], b.id[:]))
}

// keyOf returns what to order by; nil for an order that there is not.
func keyOf(q *charcoal.Query) func(*chunk, int) key {
	switch q.Sort {
	case charcoal.ByCreated:
		return func(c *chunk, i int) key { return key{number: c.created[i]} }
	case charcoal.ByBytes:
		return func(c *chunk, i int) key { return key{number: c.bytes[i]} }
	case charcoal.ByWidth:
		return func(c *chunk, i int) key { return key{number: c.width[i]} }
	case charcoal.ByHeight:
		return func(c *chunk, i int) key { return key{number: c.height[i]} }
	case charcoal.ByTitle:
		return func(c *chunk, i int) key { return key{text: c.title.at(i)} }
	case "":
		hash := q.SimilarTo
		if hash == 0 {
			return func(c *chunk, i int) key { return key{number: c.created[i]} }
		}
		return func(c *chunk, i int) key { return key{number: int64(hash.Distance(c.hash[i]))} }
	}
	return nil
}
