package postgres

import (
	"context"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/search"
)

// follower is an index of all images in memory, which follows the log of events: each
// change of what is searched has an event, in an order in which none can be missed. It
// is loaded by the first search, so that a process in which nobody searches has none.
//
// An index of the database answers some questions in some orders as fast, and takes
// part in every write. This one answers all of them within a bound, and finds the same as that of
// the other stores.
type follower struct {
	turn chan struct{} // holds one token, of who brings the index up to date: nobody else changes it
	seq  int64         // the newest event that the index has; of the turn

	mu  sync.RWMutex // keeps changes and searches apart
	set imageSet     // the zero value before it is loaded

	once sync.Once // starts run
	stop context.CancelFunc
	ctx  context.Context // of the goroutine, which lives as long as the store
	done sync.WaitGroup
}

// followPause is how often a loaded index follows by itself, so that little is left to
// do when somebody searches.
const followPause = time.Second

func newFollower() *follower {
	f := &follower{turn: make(chan struct{}, 1)}
	f.turn <- struct{}{}
	f.ctx, f.stop = context.WithCancel(context.Background())
	return f
}

func (f *follower) close() {
	f.stop()
	f.done.Wait()
}

// find searches everything that was committed before the call.
func (s *Store) find(ctx context.Context, q charcoal.Query) (ids []charcoal.ID, next string, err error) {
	f := s.follower
	f.once.Do(func() { f.done.Go(func() { s.follow(f.ctx) }) })
	if err := s.catchUp(ctx); err != nil {
		return nil, "", classify(ctx, err)
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	found, err := f.set.index.Find(q)
	if err != nil {
		return nil, "", err
	}
	for _, n := range found.Seqs {
		ids = append(ids, f.set.ids[n])
	}
	return ids, found.Next, nil
}

// follow follows until the context ends, and loads the index when those who search have not
// the time for it. An error is left to the next search, which meets it itself.
func (s *Store) follow(ctx context.Context) {
	pause := time.NewTicker(followPause)
	defer pause.Stop()
	for {
		_ = s.catchUp(ctx)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

// catchUp brings the index up to what is committed now.
func (s *Store) catchUp(ctx context.Context) error {
	f := s.follower
	select {
	case <-f.turn:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { f.turn <- struct{}{} }()
	purged, last, err := s.EventSpan(ctx)
	if err != nil {
		return err
	}
	if f.set.index == nil || purged > f.seq || f.set.sparse() {
		return wrap("load the index", s.load(ctx, last))
	}
	for f.seq < last {
		if err := s.followSome(ctx); err != nil {
			return wrap("follow what changed", err)
		}
	}
	return nil
}

// load makes the index anew, as of an event or later: in steps, each of which ends before
// the server gives it up. What changes meanwhile is read again.
func (s *Store) load(ctx context.Context, seq int64) error {
	f := s.follower
	set := newImageSet()
	var last charcoal.ID
	for known := -1; known < len(set.ids); {
		known = len(set.ids)
		err := s.eachIndexed(ctx, func(img *charcoal.Image) {
			set.put(img)
			last = img.ID
		}, selectIndexed, last, followMost)
		if err != nil {
			return err
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.set, f.seq = set, seq
	return nil
}

// followMost bounds what is read at once.
const followMost = 10_000

const selectChanged = `SELECT image_id, max(seq) FROM
	(SELECT image_id, seq FROM events WHERE seq > $1 ORDER BY seq LIMIT $2) AS e GROUP BY image_id`

// followSome reads the images that the next events are of.
func (s *Store) followSome(ctx context.Context) error {
	f := s.follower
	newest := f.seq
	changed := make(map[charcoal.ID]bool) // until it is found: gone
	err := s.read(ctx, func(t *tx) error {
		return t.each(func(row scanner) error {
			var id charcoal.ID
			var seq int64
			err := row.Scan(&id, &seq)
			changed[id] = true
			newest = max(newest, seq)
			return err
		}, selectChanged, f.seq, followMost)
	})
	if err != nil {
		return err
	}
	ids := make([]charcoal.ID, 0, len(changed))
	for id := range changed {
		ids = append(ids, id)
	}
	var images []charcoal.Image
	err = s.eachIndexed(ctx, func(img *charcoal.Image) {
		images = append(images, *img)
		delete(changed, img.ID)
	}, selectIndexedOf, ids)
	if err != nil {
		return err
	}
	f.apply(images, changed)
	f.seq = newest
	return nil
}

func (f *follower) apply(images []charcoal.Image, gone map[charcoal.ID]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for id := range gone {
		f.set.remove(id)
	}
	for i := range images {
		f.set.put(&images[i])
	}
}

// indexedColumns are what is searched of an image.
const indexedColumns = `i.id, i.owner, i.filename, i.created, i.size, i.format, i.width, i.height, i.hash, i.title, i.tags, i.visibility, i.deleted, `

const (
	selectIndexed = `SELECT ` + indexedColumns + newestState + ` FROM images AS i WHERE i.id > $1 ORDER BY i.id LIMIT $2`

	selectIndexedOf = `SELECT ` + indexedColumns + newestState + ` FROM images AS i WHERE i.id = ANY($1) ORDER BY i.id`
)

func (s *Store) eachIndexed(ctx context.Context, do func(*charcoal.Image), query string, args ...any) error {
	return s.read(ctx, func(t *tx) error {
		return t.each(func(row scanner) error {
			var img charcoal.Image
			var created, hash, deleted int64
			err := row.Scan(&img.ID, &img.Owner, &img.Filename, &created, &img.Size, &img.Format,
				&img.Width, &img.Height, &hash, &img.Title, &img.Tags, &img.Visibility, &deleted, &img.State)
			img.Created, img.Deleted, img.Hash = instant(created), instant(deleted), charcoal.PerceptualHash(hash)
			do(&img)
			return err
		}, query, args...)
	})
}

// imageSet is an index with the numbers that it knows images by: their places in the
// order in which they were first seen. (The database has none: what transactions take from a
// sequence does not become visible in its order, which the index needs.)
type imageSet struct {
	index   *search.Index
	numbers map[charcoal.ID]int64
	ids     []charcoal.ID // by number
}

func newImageSet() imageSet {
	return imageSet{index: search.New(), numbers: make(map[charcoal.ID]int64)}
}

func (s *imageSet) put(img *charcoal.Image) {
	n, known := s.numbers[img.ID]
	if !known {
		n = int64(len(s.ids))
		s.numbers[img.ID] = n
		s.ids = append(s.ids, img.ID)
	}
	s.index.Put(n, img)
}

func (s *imageSet) remove(id charcoal.ID) {
	if n, known := s.numbers[id]; known {
		s.index.Remove(n)
		delete(s.numbers, id)
	}
}

// sparse reports whether most numbers name nothing any more.
func (s *imageSet) sparse() bool { return len(s.ids) > 100_000+2*len(s.numbers) }
