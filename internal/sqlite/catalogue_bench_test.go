package sqlite

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkSearch searches a library of CHARCOAL_SEARCH_IMAGES images (20,000), made
// at CHARCOAL_SEARCH_DB if that is given and not there yet. It reports the median
// and the 95th percentile of the times of single searches: use -benchtime=200x.
func BenchmarkSearch(b *testing.B) {
	s := openShelf(b)
	for _, who := range searchers() {
		for _, c := range searchCases() {
			b.Run(who.name+"/"+c.name, func(b *testing.B) { benchSearch(b, s, who.actor, c.query) })
		}
	}
	b.Run("admin/every page to the end", func(b *testing.B) { benchPages(b, s) })
}

// BenchmarkSearchWhileInserting does some of it while others upload.
func BenchmarkSearchWhileInserting(b *testing.B) {
	s := openShelf(b)
	for _, who := range searchers() {
		for _, c := range searchCases() {
			if !c.busy {
				continue
			}
			b.Run(who.name+"/"+c.name, func(b *testing.B) {
				stop := insertMeanwhile(b, s)
				benchSearch(b, s, who.actor, c.query)
				b.ReportMetric(stop(), "inserts/s")
			})
		}
	}
}

func benchSearch(b *testing.B, s *Store, viewer charcoal.Actor, query func(*rand.Rand, *charcoal.Query)) {
	dice := rand.New(rand.NewPCG(3, 4))
	var times []time.Duration
	for b.Loop() {
		q := charcoal.Query{Viewer: viewer, Limit: 50}
		query(dice, &q)
		times = append(times, timedSearch(b, s, q).took)
	}
	reportTimes(b, times)
}

// benchPages reads everything in pages, the newest first.
func benchPages(b *testing.B, s *Store) {
	var times []time.Duration
	for b.Loop() {
		q := charcoal.Query{Viewer: searchers()[0].actor, Limit: charcoal.MaxPage, Descending: true}
		for {
			r := timedSearch(b, s, q)
			times = append(times, r.took)
			if q.After = r.page.Next; q.After == "" {
				break
			}
		}
	}
	reportTimes(b, times)
}

type timed struct {
	page charcoal.Page
	took time.Duration
}

func timedSearch(b *testing.B, s *Store, q charcoal.Query) timed {
	start := time.Now()
	page, err := s.Search(b.Context(), q)
	if err != nil {
		b.Fatal(err)
	}
	return timed{page, time.Since(start)}
}

func reportTimes(b *testing.B, times []time.Duration) {
	slices.Sort(times)
	at := func(percent int) float64 { return float64(times[len(times)*percent/100].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(95), "p95-ms")
}

// insertMeanwhile uploads from several goroutines until the returned function is
// called, which says how many a second.
func insertMeanwhile(b *testing.B, s *Store) (stop func() float64) {
	ctx, cancel := context.WithCancel(b.Context())
	var stored atomic.Int64
	var wg sync.WaitGroup
	for i := range uint64(64) {
		wg.Go(func() {
			maker := newShelfMaker(100 + i)
			for ctx.Err() == nil {
				if err := insertOne(ctx, s, maker.image()); err != nil && ctx.Err() == nil {
					b.Error(err)
				}
				stored.Add(1)
			}
		})
	}
	start := time.Now()
	return func() float64 {
		n, took := stored.Load(), time.Since(start)
		cancel()
		wg.Wait()
		return float64(n) / took.Seconds()
	}
}

func insertOne(ctx context.Context, s *Store, img charcoal.Image) error {
	if err := s.BeginUpload(ctx, img, 1<<40); err != nil {
		return err
	}
	r := charcoal.Rendering{ID: charcoal.NewID(), ImageID: img.ID, Owner: img.Owner, Created: img.Created}
	_, _, err := s.CommitUpload(ctx, img, r, false)
	return err
}

type searcher struct {
	name  string
	actor charcoal.Actor
}

func searchers() []searcher {
	user := func(n int) charcoal.Actor {
		return charcoal.Actor{User: shelfOwner(n), Role: charcoal.RoleUser, Scopes: charcoal.Scopes()}
	}
	return []searcher{
		{"admin", charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}},
		{"owner of many", user(0)},
		{"owner of few", user(shelfOwners - 1)},
		{"stranger", charcoal.Actor{}},
	}
}

type searchCase struct {
	name  string
	busy  bool // also measured while others write
	query func(*rand.Rand, *charcoal.Query)
}

func searchCases() []searchCase {
	var cases []searchCase
	one := func(name string, set func(*rand.Rand, *charcoal.Query)) {
		cases = append(cases, searchCase{name: name, query: set})
	}
	busy := func(name string, set func(*rand.Rand, *charcoal.Query)) {
		cases = append(cases, searchCase{name, true, set})
	}
	for _, sort := range charcoal.Sorts() {
		one("sort="+string(sort), func(_ *rand.Rand, q *charcoal.Query) { q.Sort = sort })
		one("sort="+string(sort)+" desc", func(_ *rand.Rand, q *charcoal.Query) { q.Sort, q.Descending = sort, true })
	}
	busy("own, newest first", func(_ *rand.Rand, q *charcoal.Query) { q.Owner, q.Descending = &q.Viewer.User, true })
	one("owner", func(dice *rand.Rand, q *charcoal.Query) { q.Owner = new(shelfOwner(dice.IntN(shelfOwners))) })
	one("state=ready", func(_ *rand.Rand, q *charcoal.Query) { q.States = []charcoal.State{charcoal.Ready} })
	busy("state=failed", func(_ *rand.Rand, q *charcoal.Query) { q.States = []charcoal.State{charcoal.Failed} })
	one("type=JPEG", func(_ *rand.Rand, q *charcoal.Query) { q.Types = []string{"JPEG"} })
	one("type=ICO", func(_ *rand.Rand, q *charcoal.Query) { q.Types = []string{"ICO"} })
	one("type=none", func(_ *rand.Rand, q *charcoal.Query) { q.Types = []string{"PCX"} })
	one("tag, common", func(_ *rand.Rand, q *charcoal.Query) { q.Tags = []string{shelfTag(0)} })
	busy("tag, rare", func(_ *rand.Rand, q *charcoal.Query) { q.Tags = []string{shelfTag(shelfTags - 1)} })
	one("tags, two", func(_ *rand.Rand, q *charcoal.Query) { q.Tags = []string{shelfTag(1), shelfTag(2)} })
	for _, v := range charcoal.Visibilities() {
		one("visibility="+string(v), func(_ *rand.Rand, q *charcoal.Query) { q.Visibility = v })
	}
	one("created, a day", func(dice *rand.Rand, q *charcoal.Query) {
		from := at().Add(-time.Duration(dice.IntN(1000)) * 24 * time.Hour).UnixMicro()
		q.Created = charcoal.Range{Min: &from, Max: new(from + 24*3600e6)}
	})
	one("width, height and bytes", func(_ *rand.Rand, q *charcoal.Query) {
		q.Width, q.Height, q.Bytes = charcoal.Range{Min: new(int64(3000))}, charcoal.Range{Max: new(int64(1000))}, charcoal.Range{Min: new(int64(1 << 20))}
	})
	one("in the bin", func(_ *rand.Rand, q *charcoal.Query) { q.Binned = true })
	for _, text := range []string{"i", "sunset", "kätz", "猫", "zebra", "beach sunset", "img 2024", "photo 12345", "e a s"} {
		busy("q="+text, func(_ *rand.Rand, q *charcoal.Query) { q.Text = text })
		one("q="+text+" desc", func(_ *rand.Rand, q *charcoal.Query) { q.Text, q.Descending = text, true })
	}
	one("q=sunset by bytes", func(_ *rand.Rand, q *charcoal.Query) { q.Text, q.Sort = "sunset", charcoal.ByBytes })
	one("q, a rare word by title", func(dice *rand.Rand, q *charcoal.Query) {
		q.Text, q.Sort = strconv.Itoa(100_000+dice.IntN(900_000)), charcoal.ByTitle
	})
	one("q=i, failed, JPEG, tagged, wide, by width desc", func(_ *rand.Rand, q *charcoal.Query) {
		q.Text, q.States, q.Types, q.Tags = "i", []charcoal.State{charcoal.Failed}, []string{"JPEG"}, []string{shelfTag(0)}
		q.Width, q.Sort, q.Descending = charcoal.Range{Min: new(int64(2000))}, charcoal.ByWidth, true
	})
	busy("similar, of a cluster", func(dice *rand.Rand, q *charcoal.Query) {
		q.SimilarTo, q.Distance = shelfCluster(dice.IntN(shelfClusters)), 6
	})
	one("similar, up to 12 bits", func(dice *rand.Rand, q *charcoal.Query) {
		q.SimilarTo, q.Distance = charcoal.PerceptualHash(dice.Uint64()), charcoal.MaxDistance
	})
	one("similar, of very many equal", func(_ *rand.Rand, q *charcoal.Query) { q.SimilarTo, q.Distance = shelfCluster(0), 0 })
	return cases
}

// The library has owners, tags and hashes with the skew of real ones: one owner has a
// tenth of everything, few tags are on most, and one hash is very common.
const (
	shelfOwners   = 2000
	shelfTags     = 3000
	shelfClusters = 50_000
)

func shelfOwner(n int) charcoal.ID { return charcoal.ID{2, byte(n >> 8), byte(n), 15: 1} }

func shelfTag(n int) string { return "tag " + strconv.Itoa(n) }

func shelfCluster(n int) charcoal.PerceptualHash {
	return charcoal.PerceptualHash(rand.New(rand.NewPCG(uint64(n), 5)).Uint64())
}

type shelfMaker struct {
	dice  *rand.Rand
	tags  *rand.Zipf
	owner *rand.Zipf
	n     int
}

func newShelfMaker(seed uint64) *shelfMaker {
	dice := rand.New(rand.NewPCG(seed, 6))
	return &shelfMaker{dice: dice, tags: rand.NewZipf(dice, 1.2, 4, shelfTags-1), owner: rand.NewZipf(dice, 1.1, 50, shelfOwners-2)}
}

func (m *shelfMaker) image() charcoal.Image {
	d := m.dice
	m.n++
	img := charcoal.Image{
		ID: charcoal.NewID(), Owner: shelfOwner(1 + int(m.owner.Uint64())), Filename: m.filename(), Title: m.title(), Tags: m.someTags(),
		Created: at().Add(-time.Duration(d.Int64N(int64(1000 * 24 * time.Hour)))), Size: 1000 + int64(d.ExpFloat64()*2e6),
		Visibility: weighted(d, charcoal.Private, 90, charcoal.Unlisted, 95, charcoal.Public),
		State:      weighted(d, charcoal.Ready, 97, charcoal.Failed, 98, charcoal.CanceledState),
	}
	if d.IntN(10) == 0 {
		img.Owner = shelfOwner(0)
	}
	img.Format = weighted(d, "JPEG", 65, "PNG", 90, weighted(d, "GIF", 80, "WebP", 99, "ICO"))
	img.Width, img.Height, img.Frames = 100*(1+d.IntN(60)), 1+d.IntN(4000), 1
	img.Hash = m.hash()
	img.SHA256 = [32]byte{byte(m.n), byte(m.n >> 8), byte(m.n >> 16), byte(d.Uint32()), byte(d.Uint32())}
	return img
}

// weighted returns one of three, up to percentages.
func weighted[T any](d *rand.Rand, first T, upTo int, second T, upToSecond int, third T) T {
	switch n := d.IntN(100); {
	case n < upTo:
		return first
	case n < upToSecond:
		return second
	}
	return third
}

func (m *shelfMaker) hash() charcoal.PerceptualHash {
	switch n := m.dice.IntN(100); {
	case n == 0:
		return shelfCluster(0)
	case n < 50:
		h := shelfCluster(m.dice.IntN(shelfClusters))
		for range m.dice.IntN(6) {
			h ^= 1 << m.dice.IntN(64)
		}
		return h
	}
	return charcoal.PerceptualHash(m.dice.Uint64())
}

func (m *shelfMaker) filename() string {
	return weighted(m.dice, fmt.Sprintf("IMG_2024%04d_%06d.jpg", m.dice.IntN(1300), m.dice.IntN(1e6)), 60,
		fmt.Sprintf("photo-%d.png", m.dice.IntN(1e6)), 85, fmt.Sprintf("%s_%d.gif", m.word(), m.dice.IntN(1e4)))
}

func (m *shelfMaker) title() string {
	if m.dice.IntN(10) < 6 {
		return ""
	}
	return m.word() + " " + m.word() + " " + strconv.Itoa(m.dice.IntN(5000))
}

func (m *shelfMaker) word() string {
	words := []string{
		"sunset", "beach", "mountain", "family", "Kätzchen", "Straße", "été", "montagne", "黒猫の写真", "海と空",
		"кошка", "море", "γάτα", "แมวดำ", "고양이", "portrait", "screenshot", "birthday", "garden", "snow",
	}
	if m.dice.IntN(4) > 0 {
		return words[min(m.dice.IntN(len(words)), m.dice.IntN(len(words)))]
	}
	return "w" + strconv.Itoa(m.dice.IntN(20_000))
}

func (m *shelfMaker) someTags() []string {
	var tags []string
	for range m.dice.IntN(5) {
		tags = append(tags, shelfTag(int(m.tags.Uint64())))
	}
	tags, _ = charcoal.CleanTags(tags)
	return tags
}

func openShelf(b *testing.B) *Store {
	b.Helper()
	n, err := strconv.Atoi(cmp.Or(os.Getenv("CHARCOAL_SEARCH_IMAGES"), "20000"))
	if err != nil {
		b.Fatal(err)
	}
	s := openStore(b, cmp.Or(os.Getenv("CHARCOAL_SEARCH_DB"), b.TempDir()+"/shelf.db"))
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("close: %v", err)
		}
	})
	fillShelf(b, s, n)
	start := time.Now()
	if err := s.follower.catchUp(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d images, index loaded after %s", s.follower.index.Len(), time.Since(start))
	return s
}

// fillShelf adds images until there are n, many in a transaction.
func fillShelf(b testing.TB, s *Store, n int) {
	b.Helper()
	counts, err := s.Counts(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	maker := newShelfMaker(uint64(counts.Uploads))
	for left := n - int(counts.Uploads); left > 0; left -= 1000 {
		err := s.writer.write(b.Context(), func(t *tx) error {
			for range min(left, 1000) {
				if err := shelve(t, maker.image()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// shelve stores an image as it is after it was drawn, in the bin or not.
func shelve(t *tx, img charcoal.Image) error {
	if err := insertImage(t, img); err != nil {
		return err
	}
	id := charcoal.NewID()
	err := t.exec(`INSERT INTO renderings (id, image_id, owner, options, state, created, not_before, attempt)
		VALUES (?, ?, ?, '{}', ?, ?, 0, 1)`, id[:], img.ID[:], img.Owner[:], string(img.State), micros(img.Created))
	if err == nil && img.Size%50 == 0 {
		err = bin(t, img.ID, at())
	}
	return err
}
