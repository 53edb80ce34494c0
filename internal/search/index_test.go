package search

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func admin() charcoal.Actor {
	return charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}
}

// numbered is an image that a search for its number finds.
func numbered(n int64) *charcoal.Image {
	return &charcoal.Image{
		ID: charcoal.ID{6: byte(n >> 8), 7: byte(n)}, Created: time.Unix(n, 0),
		Title: fmt.Sprintf("Number %d", n), Filename: strings.Repeat("x", int(n%7)), Tags: []string{fmt.Sprint("tag ", n)},
	}
}

func find(t *testing.T, x *Index, q charcoal.Query) []int64 {
	t.Helper()
	q.Viewer, q.Limit = admin(), charcoal.MaxPage
	var seqs []int64
	for {
		found, err := x.Find(q)
		if err != nil {
			t.Fatal(err)
		}
		seqs = append(seqs, found.Seqs...)
		if q.After = found.Next; q.After == "" {
			return seqs
		}
	}
}

// TestIndexFollows puts, changes and removes at random, and finds what it should.
func TestIndexFollows(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 8))
	x, there := New(), map[int64]*charcoal.Image{}
	next := int64(1)
	for round := range 40 {
		for range 100 {
			there[next] = numbered(next)
			x.Put(next, there[next])
			next++
		}
		for seq := range there {
			switch remove := round%4 == 3; {
			case remove && dice.IntN(10) < 9:
				delete(there, seq)
				x.Remove(seq)
			case dice.IntN(20) == 0:
				there[seq].Title = strings.Repeat("other ", dice.IntN(5))
				x.Put(seq, there[seq])
			}
		}
		x.Remove(next + 5) // which was never there
		checkIndex(t, x, there)
		for next > 1 && there[next-1] == nil { // as a database gives away numbers
			next--
		}
	}
}

func checkIndex(t *testing.T, x *Index, there map[int64]*charcoal.Image) {
	t.Helper()
	var all, others []int64
	for seq, img := range there {
		all = append(all, seq)
		if strings.HasPrefix(img.Title, "other") {
			others = append(others, seq)
		}
	}
	slices.Sort(all)
	slices.Sort(others)
	if x.Len() != len(all) {
		t.Fatalf("got %d images, want %d", x.Len(), len(all))
	}
	if got := find(t, x, charcoal.Query{}); !slices.Equal(got, all) {
		t.Fatalf("got %d of all, want %d", len(got), len(all))
	}
	if got := find(t, x, charcoal.Query{Text: "oth"}); !slices.Equal(got, others) {
		t.Fatalf("with another title: got %v, want %v", got, others)
	}
	for seq := range there {
		tag := fmt.Sprint("tag ", seq)
		if got := find(t, x, charcoal.Query{Tags: []string{tag}}); !slices.Equal(got, []int64{seq}) {
			t.Fatalf("with %q: got %v", tag, got)
		}
		break
	}
}

// TestRemovedRowsTakeNoMemory though most are in the middle.
func TestRemovedRowsTakeNoMemory(t *testing.T) {
	x := New()
	for seq := range int64(100 * chunkSize) {
		x.Put(seq, numbered(seq))
	}
	for seq := range int64(100*chunkSize - 10) {
		x.Remove(seq)
	}
	if got := len(x.chunks); got > 2 {
		t.Errorf("got %d chunks for 10 images", got)
	}
	if got := len(find(t, x, charcoal.Query{})); got != 10 {
		t.Errorf("got %d images, want 10", got)
	}
}

// TestTagsAreWholeAndExact: no part of one, and not two in one.
func TestTagsAreWholeAndExact(t *testing.T) {
	x := New()
	x.Put(1, &charcoal.Image{Tags: []string{"a b", "c", "été", "!"}})
	for tag, want := range map[string]int{
		"a b": 1, "c": 1, "été": 1, "!": 1, "a": 0, "b": 0, "a b\nc": 0, "ete": 0, "A B": 0, "": 0, "\n": 0, "b\nc": 0,
	} {
		if got := len(find(t, x, charcoal.Query{Tags: []string{tag}})); got != want {
			t.Errorf("%q: found %d, want %d", tag, got, want)
		}
	}
}

// FuzzCursor takes any text for a cursor: it is refused, or it is one.
func FuzzCursor(f *testing.F) {
	x := New()
	for seq := range int64(300) {
		x.Put(seq, numbered(seq))
	}
	q := charcoal.Query{Viewer: admin(), Sort: charcoal.ByTitle, Limit: 10}
	first, err := x.Find(q)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{first.Next, "", "x", "====", base64.RawURLEncoding.EncodeToString(shape(&q)), first.Next + "AAAA", first.Next[:12]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, after string) {
		q := q
		q.After = after
		found, err := x.Find(q)
		if err != nil && charcoal.CodeOf(err) != charcoal.Invalid {
			t.Fatalf("got %v, want it to be refused", err)
		}
		if len(found.Seqs) > q.Limit {
			t.Fatalf("got %d images on a page", len(found.Seqs))
		}
	})
}

// BenchmarkPut adds and changes.
func BenchmarkPut(b *testing.B) {
	b.ReportAllocs()
	x, seq := New(), int64(0)
	for b.Loop() {
		seq++
		x.Put(seq, numbered(seq%10_000))
	}
}

// BenchmarkFind reads 100,000 images from one end to the other.
func BenchmarkFind(b *testing.B) {
	x := New()
	for seq := range int64(100_000) {
		img := numbered(seq)
		if img.Visibility = charcoal.Private; seq%20 == 0 {
			img.Visibility = charcoal.Public
		}
		x.Put(seq, img)
	}
	for name, q := range map[string]charcoal.Query{
		"all":              {Viewer: admin()},
		"all, newest":      {Viewer: admin(), Descending: true},
		"public":           {},
		"a common word":    {Viewer: admin(), Text: "number"},
		"a rare word":      {Viewer: admin(), Text: "99999"},
		"what looks alike": {Viewer: admin(), SimilarTo: 5, Distance: 12},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			q.Limit = 50
			for b.Loop() {
				if _, err := x.Find(q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
