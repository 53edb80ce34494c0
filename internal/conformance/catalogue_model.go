package conformance

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// testSearchModel compares random searches of random images with the plainest way
// to do them: look at each and sort.
func testSearchModel(t *testing.T, l Library) {
	dice := rand.New(rand.NewPCG(1, 2))
	owners := []charcoal.ID{{}, charcoal.NewID(), charcoal.NewID()}
	var all []charcoal.Image
	for range 300 {
		all = append(all, stored(t, l, func(i *charcoal.Image) { scramble(dice, i, owners) }))
	}
	for i := range all {
		if dice.IntN(10) == 0 {
			all[i].Deleted, all[i].State = noon(), charcoal.CanceledState
			noError(t, "bin", l.BinImage(t.Context(), all[i].ID, noon()))
		}
	}
	for range 400 {
		q := randomQuery(dice, owners)
		equal(t, fmt.Sprintf("search for %+v", q), allPages(t, l, q), idsOf(plainSearch(all, q)))
	}
}

func scramble(dice *rand.Rand, i *charcoal.Image, owners []charcoal.ID) {
	words := []string{"cat", "Catalogue", "dog", "dogma", "sun", ""}
	i.Owner = pick(dice, owners)
	i.Visibility = pick(dice, charcoal.Visibilities())
	i.Title, i.Filename = pick(dice, words), pick(dice, words)+".png"
	i.Tags = [][]string{nil, {"sea"}, {"sea", "sun set"}}[dice.IntN(3)]
	i.Format = pick(dice, []string{"PNG", "JPEG", "GIF"})
	i.Width, i.Height, i.Size = dice.IntN(5), dice.IntN(50), dice.Int64N(500)
	i.Created = noon().Add(time.Duration(dice.IntN(100)) * time.Second)
	i.Hash = charcoal.PerceptualHash(dice.Uint64N(32))
}

// sometimes returns a value, or three times of four none.
func sometimes[T any](dice *rand.Rand, values ...T) (v T) {
	if dice.IntN(4) == 0 {
		v = pick(dice, values)
	}
	return v
}

func randomQuery(dice *rand.Rand, owners []charcoal.ID) charcoal.Query {
	number := func(n int64) *int64 { return new(dice.Int64N(n)) }
	return charcoal.Query{
		Viewer:     pick(dice, []charcoal.Actor{admin(), admin(), {}, user(owners[1]), charcoal.OpenActor()}),
		Text:       sometimes(dice, "cat", "CAT", "dogm", "sun", "s", "cat png", "do at"),
		Owner:      sometimes(dice, &owners[0], &owners[1], new(charcoal.NewID())),
		States:     sometimes(dice, []charcoal.State{charcoal.Queued}, []charcoal.State{charcoal.Ready, charcoal.CanceledState}),
		Types:      sometimes(dice, []string{"PNG"}, []string{"GIF", "PNG"}, []string{"BMP"}),
		Tags:       sometimes(dice, []string{"sea"}, []string{"sea", "sun set"}, []string{"sun"}),
		Visibility: sometimes(dice, charcoal.Visibilities()...),
		Created:    sometimes(dice, charcoal.Range{Min: new(noon().UnixMicro() + 50e6)}),
		Width:      sometimes(dice, charcoal.Range{Min: number(5)}, charcoal.Range{Max: number(5)}),
		Height:     sometimes(dice, charcoal.Range{Min: number(50), Max: number(50)}),
		Bytes:      sometimes(dice, charcoal.Range{Max: number(500)}),
		Binned:     dice.IntN(8) == 0,
		SimilarTo:  sometimes(dice, charcoal.PerceptualHash(1+dice.Uint64N(31))),
		Distance:   dice.IntN(4),
		Sort:       pick(dice, append(charcoal.Sorts(), "")),
		Descending: dice.IntN(2) == 0,
		Limit:      pick(dice, []int{1, 7, 20, charcoal.MaxPage}),
	}
}

func allPages(t *testing.T, l Library, q charcoal.Query) []charcoal.ID {
	t.Helper()
	ids := []charcoal.ID{}
	for {
		page, err := l.Search(t.Context(), q)
		noError(t, "search", err)
		if len(page.Images) > q.Limit || len(page.Images) == 0 && page.Next != "" {
			t.Fatalf("search for %+v: got %d images on a page", q, len(page.Images))
		}
		ids = append(ids, idsOf(page.Images)...)
		if q.After = page.Next; q.After == "" {
			return ids
		}
	}
}

func plainSearch(all []charcoal.Image, q charcoal.Query) []charcoal.Image {
	var kept []charcoal.Image
	for _, img := range all {
		if plainlySeen(img, q) && plainlyFound(img, q) {
			kept = append(kept, img)
		}
	}
	slices.SortFunc(kept, func(a, b charcoal.Image) int {
		c := cmp.Or(plainOrder(a, b, q), slices.Compare(a.ID[:], b.ID[:]))
		if q.Descending {
			return -c
		}
		return c
	})
	return kept
}

func plainlySeen(img charcoal.Image, q charcoal.Query) bool {
	if img.Deleted.IsZero() == q.Binned {
		return false
	}
	return q.Viewer.Admin() || q.Viewer.Owns(img.Owner) || img.Visibility == charcoal.Public && !q.Binned
}

func plainlyFound(img charcoal.Image, q charcoal.Query) bool {
	hasTag := func(tag string) bool { return slices.Contains(img.Tags, tag) }
	words := strings.Fields(strings.ToLower(img.Title + " " + strings.ReplaceAll(img.Filename, ".", " ") + " " + strings.Join(img.Tags, " ")))
	for word := range strings.FieldsSeq(strings.ToLower(q.Text)) {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, word) }) {
			return false
		}
	}
	return (q.Owner == nil || *q.Owner == img.Owner) &&
		(q.States == nil || slices.Contains(q.States, img.State)) &&
		(q.Types == nil || slices.Contains(q.Types, img.Format)) &&
		!slices.ContainsFunc(q.Tags, func(tag string) bool { return !hasTag(tag) }) &&
		(q.Visibility == "" || q.Visibility == img.Visibility) &&
		plainlyWithin(img.Created.UnixMicro(), q.Created) && plainlyWithin(img.Size, q.Bytes) &&
		plainlyWithin(int64(img.Width), q.Width) && plainlyWithin(int64(img.Height), q.Height) &&
		(q.SimilarTo == 0 || img.Hash != 0 && img.Hash.Distance(q.SimilarTo) <= q.Distance)
}

func plainlyWithin(v int64, r charcoal.Range) bool {
	return (r.Min == nil || *r.Min <= v) && (r.Max == nil || v <= *r.Max)
}

func plainOrder(a, b charcoal.Image, q charcoal.Query) int {
	switch q.Sort {
	case charcoal.ByBytes:
		return cmp.Compare(a.Size, b.Size)
	case charcoal.ByWidth:
		return cmp.Compare(a.Width, b.Width)
	case charcoal.ByHeight:
		return cmp.Compare(a.Height, b.Height)
	case charcoal.ByTitle:
		return cmp.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	case "":
		if q.SimilarTo != 0 {
			return cmp.Compare(q.SimilarTo.Distance(a.Hash), q.SimilarTo.Distance(b.Hash))
		}
	}
	return a.Created.Compare(b.Created)
}
