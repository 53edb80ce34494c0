package sqlite

import (
	"context"
	"sync"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/search"
)

// follower keeps an index of all images in step with the database, whichever process
// writes it. Its goroutine loads it and follows soon after commits of this process,
// so that little is left to do when somebody searches.
type follower struct {
	readers *readers
	index   *search.Index
	rev     int64         // the newest change that the index has; -1 before it is loaded
	mu      sync.RWMutex  // of the index
	turn    chan struct{} // holds one token, of who brings the index up to date and owns rev

	news chan struct{} // rings when something was committed
	stop context.CancelFunc
	done chan struct{}
}

// followPause lets changes gather: each image is read once then.
const followPause = 100 * time.Millisecond

func startFollower(r *readers) *follower {
	ctx, stop := context.WithCancel(context.Background())
	f := &follower{
		readers: r, index: search.New(), rev: -1, turn: make(chan struct{}, 1),
		news: make(chan struct{}, 1), stop: stop, done: make(chan struct{}),
	}
	f.turn <- struct{}{}
	go f.run(ctx)
	return f
}

// run follows until the context ends. It begins after a pause: a command that opens the
// database for one change need not read all images. An error is left to the next
// search, which meets it itself.
func (f *follower) run(ctx context.Context) {
	defer close(f.done)
	pause := time.NewTicker(followPause)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		_ = f.catchUp(ctx)
		select {
		case <-f.news:
		case <-ctx.Done():
			return
		}
	}
}

// tell says that something was committed.
func (f *follower) tell() {
	select {
	case f.news <- struct{}{}:
	default:
	}
}

func (f *follower) close() {
	f.stop()
	<-f.done
}

// find searches everything that was committed before the call.
func (f *follower) find(ctx context.Context, q charcoal.Query) (search.Found, error) {
	if err := f.catchUp(ctx); err != nil {
		return search.Found{}, err
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.index.Find(q)
}

// catchUp brings the index up to what is committed now.
func (f *follower) catchUp(ctx context.Context) error {
	select {
	case <-f.turn:
	case <-ctx.Done():
		return canceled(ctx.Err())
	}
	defer func() { f.turn <- struct{}{} }()
	if f.rev >= 0 {
		changes, complete, err := f.changes(ctx)
		if err != nil {
			return wrap("read what changed", err)
		}
		if complete {
			f.apply(changes)
			return nil
		}
	}
	return wrap("load the index", f.load(ctx))
}

const (
	// indexedColumns of images, which may be missing in a join.
	indexedColumns = `images.id IS NULL, coalesce(images.id, x''), coalesce(images.owner, x''),
		coalesce(filename, ''), coalesce(created, 0), coalesce(size, 0), coalesce(format, ''),
		coalesce(width, 0), coalesce(height, 0), coalesce(hash, 0), coalesce(title, ''), coalesce(tags, ''),
		coalesce(visibility, ''), coalesce(deleted, 0), coalesce(state, '')`

	oldestChange = `coalesce((SELECT rev FROM image_changes ORDER BY rev LIMIT 1), 0)`
	newestChange = `coalesce((SELECT rev FROM image_changes ORDER BY rev DESC LIMIT 1), 0)`

	selectNewest = `SELECT ` + newestChange

	selectIndexed = `SELECT seq, ` + indexedColumns + ` FROM images ORDER BY seq`

	// One statement sees one state of the database.
	selectChanges = `SELECT ` + oldestChange + `, ` + newestChange + `, changed.seq, ` + indexedColumns + `
		FROM (SELECT DISTINCT seq FROM image_changes WHERE rev > ?) AS changed
		LEFT JOIN images ON images.seq = changed.seq ORDER BY changed.seq`
)

// load makes the index anew. What changes meanwhile is read again as a change.
func (f *follower) load(ctx context.Context) error {
	var rev int64
	if err := f.readers.row(ctx, selectNewest).Scan(&rev); err != nil {
		return err
	}
	index := search.New()
	err := f.readers.each(ctx, func(row scanner) error {
		c, err := scanIndexed(row)
		if err == nil {
			index.Put(c.seq, &c.img)
		}
		return err
	}, selectIndexed)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.index, f.rev = index, rev
	return nil
}

// change is an image as it is now.
type change struct {
	seq  int64
	gone bool
	img  charcoal.Image // what is searched of it
}

// changes are those after f.rev. They are not complete when the log does not reach
// back so far.
func (f *follower) changes(ctx context.Context) (all []change, complete bool, err error) {
	var oldest, newest int64
	err = f.readers.each(ctx, func(row scanner) error {
		c, err := scanIndexed(behind{row, []any{&oldest, &newest}})
		all = append(all, c)
		return err
	}, selectChanges, f.rev)
	if err != nil {
		return nil, false, err
	}
	if len(all) == 0 {
		return nil, true, nil
	}
	if oldest > f.rev+1 {
		return nil, false, nil
	}
	f.rev = newest
	return all, true, nil
}

// apply removes before it adds: numbers may be used again.
func (f *follower) apply(changes []change) {
	if len(changes) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range changes {
		if c.gone {
			f.index.Remove(c.seq)
		}
	}
	for i := range changes {
		if c := &changes[i]; !c.gone {
			f.index.Put(c.seq, &c.img)
		}
	}
}

func scanIndexed(row scanner) (c change, err error) {
	var id, owner []byte
	var created, hash, deleted int64
	var tags string
	img := &c.img
	err = row.Scan(&c.seq, &c.gone, &id, &owner, &img.Filename, &created, &img.Size, &img.Format,
		&img.Width, &img.Height, &hash, &img.Title, &tags, &img.Visibility, &deleted, &img.State)
	copy(img.ID[:], id)
	copy(img.Owner[:], owner)
	img.Created, img.Deleted = instant(created), instant(deleted)
	img.Hash, img.Tags = charcoal.PerceptualHash(hash), splitTags(tags)
	return c, err
}
