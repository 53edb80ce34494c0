package search

import (
	"bytes"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal"
)

// chunkSize is how many images a chunk holds: enough to make passing over a chunk
// worth its test, and so few that a change of a text moves little memory.
const chunkSize = 256

// chunk holds what can be searched of some images, a column for each property, so
// that a filter reads little memory. The first n rows are in use.
type chunk struct {
	n int

	status        [chunkSize]status
	seq           [chunkSize]int64 // ascending
	id            [chunkSize]charcoal.ID
	owner         [chunkSize]uint32 // codes of the index
	format        [chunkSize]uint32
	state         [chunkSize]uint32
	visibility    [chunkSize]uint32
	created       [chunkSize]int64 // microseconds since 1970
	bytes         [chunkSize]int64
	width, height [chunkSize]int64
	hash          [chunkSize]charcoal.PerceptualHash

	titleHead [chunkSize]int64 // see headOf
	title     packed           // folded
	tags      packed           // each between line ends
	words     packed           // each between spaces: of title, file name and tags

	signature [chunkSize]signature // of the words
}

// status is whether a row is to be found.
type status uint8

const (
	gone status = iota // no image, or none any more
	visible
	binned
)

// put writes a row in use, or the first one that is not.
func (c *chunk) put(i int, seq int64, img *charcoal.Image, x *Index) {
	c.n = max(c.n, i+1)
	c.status[i] = visible
	if !img.Deleted.IsZero() {
		c.status[i] = binned
	}
	c.seq[i], c.id[i] = seq, img.ID
	c.owner[i] = x.owners.code(img.Owner)
	c.format[i] = x.formats.code(img.Format)
	c.state[i] = x.states.code(img.State)
	c.visibility[i] = x.visibilities.code(img.Visibility)
	c.created[i], c.bytes[i] = img.Created.UnixMicro(), img.Size
	c.width[i], c.height[i] = int64(img.Width), int64(img.Height)
	c.hash[i] = img.Hash
	title := Fold(img.Title)
	c.titleHead[i] = headOf(title, img.ID)
	c.title.set(i, c.n, title)
	c.tags.set(i, c.n, enclose(img.Tags, "\n"))
	words := Words(img.Title + " " + img.Filename + " " + strings.Join(img.Tags, " "))
	c.words.set(i, c.n, enclose(words, " "))
	c.signature[i] = sign(words)
}

// drop takes the last row away.
func (c *chunk) drop() {
	for _, p := range []*packed{&c.title, &c.tags, &c.words} {
		p.set(c.n-1, c.n, "")
	}
	c.n--
	c.status[c.n] = gone
}

// clip gives back the memory that texts had room to grow in.
func (c *chunk) clip() {
	for _, p := range []*packed{&c.title, &c.tags, &c.words} {
		p.data = bytes.Clone(p.data)[:len(p.data):len(p.data)]
	}
}

// enclose puts the mark before, between and after the texts.
func enclose(texts []string, mark string) string {
	if len(texts) == 0 {
		return ""
	}
	return mark + strings.Join(texts, mark) + mark
}

// packed is a column of texts, one after another in one piece of memory.
type packed struct {
	data []byte
	ends [chunkSize]uint32
}

func (p *packed) from(i int) uint32 {
	if i == 0 {
		return 0
	}
	return p.ends[i-1]
}

// at returns the text of a row, which lasts until the column is changed.
func (p *packed) at(i int) []byte { return p.data[p.from(i):p.ends[i]] }

// set writes the text of one of n rows, of which the last may be new.
func (p *packed) set(i, n int, text string) {
	from := p.from(i)
	to := max(from, p.ends[i])
	if i == n-1 {
		to = max(from, uint32(len(p.data)))
	}
	if string(p.data[from:to]) != text {
		p.data = slices.Replace(p.data, int(from), int(to), []byte(text)...)
	}
	p.ends[i] = from + uint32(len(text))
	for j := i + 1; j < n; j++ {
		p.ends[j] += p.ends[i] - to
	}
}
