package charcoal

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// Store is the truth: which images and renderings there are, and who may work
// on what.
//
// Contract of every method:
//   - It is safe for concurrent use, also by other processes where the
//     technology allows that.
//   - What it did is durable when it returns nil, and visible to every later
//     call. When it returns an error, nothing of it was done, except that a
//     call whose context ended may have been done or not.
//   - Times are kept to the microsecond, in UTC. The caller gives the time;
//     the store has no clock.
//   - Errors carry a [Code]: NotFound, Conflict, Overloaded, StorageFull,
//     Unavailable; an error without one is a fault.
type Store interface {
	// BeginUpload reserves the row of an image whose bytes are about to be
	// stored. The image is not visible to reads yet. It is Overloaded when at
	// least backlog renderings are queued already.
	BeginUpload(ctx context.Context, img Image, backlog int64) error

	// CommitUpload makes a begun upload visible with all that is known of it now
	// and queues its first rendering, in one step. It is NotFound when
	// the upload was not begun or was abandoned. It returns what stands then.
	//
	// With join, when the same owner has an image of the same bytes already that
	// is not in the bin and expires no sooner, the upload is abandoned instead,
	// and the rendering added to that image as by AddRendering, without regard to
	// the backlog.
	CommitUpload(ctx context.Context, img Image, first Rendering, join bool) (Image, Rendering, error)

	// AbandonUpload decides that a begun upload will never be committed, so that
	// its bytes may go. Again is fine. It is Conflict when the upload was
	// committed, and NotFound when there is no such row.
	AbandonUpload(ctx context.Context, image ID) error

	// ForgetUpload removes the row of an abandoned upload, once its bytes are
	// gone. It is NotFound when there is no abandoned upload of that id.
	ForgetUpload(ctx context.Context, image ID) error

	// StaleUploads returns up to limit uploads that were abandoned and not yet
	// forgotten, or begun before a time and not committed; oldest first.
	StaleUploads(ctx context.Context, before time.Time, limit int) ([]ID, error)

	// Image returns one visible image, or NotFound. Images in the bin are not
	// visible to any method of the store.
	Image(ctx context.Context, id ID) (Image, error)

	// FirstRendering returns the oldest rendering of a visible image, or NotFound.
	FirstRendering(ctx context.Context, image ID) (Rendering, error)

	// ListImages returns up to limit ids of visible images of an owner (of
	// everybody, when all), newest first, only those before the given id when it
	// is not zero.
	ListImages(ctx context.Context, owner ID, all bool, before ID, limit int) ([]ID, error)

	// AddRendering queues another rendering of a visible image. When there is one
	// with the same Key that is ready, or that is queued or running and tells the
	// Callback that r wants told, if any, that is returned instead, and added is
	// false. It is Overloaded when at least backlog renderings are
	// queued already, and NotFound when there is no such image.
	AddRendering(ctx context.Context, r Rendering, backlog int64) (stands Rendering, added bool, err error)

	// Rendering returns one rendering of a visible image, or NotFound.
	Rendering(ctx context.Context, id ID) (Rendering, error)

	// Renderings returns up to limit renderings of a visible image, newest first,
	// only those before the given id when it is not zero.
	Renderings(ctx context.Context, image, before ID, limit int) ([]Rendering, error)

	// SameRendering returns the rendering of a visible image that stands in the way
	// of adding r: the one that AddRendering would return instead. It is NotFound
	// when there is none.
	SameRendering(ctx context.Context, r Rendering) (Rendering, error)

	// Waiting returns how many renderings of an owner wait to be drawn, counting to
	// most and no further. Those that wait for a retry need not be counted.
	Waiting(ctx context.Context, owner ID, most int64) (int64, error)

	// CancelRendering makes a queued or running rendering canceled; whoever works
	// on it has lost the lease. Again is fine. It is Conflict when it is ready or
	// failed.
	CancelRendering(ctx context.Context, id ID, at time.Time) (Rendering, error)

	// RestartRendering queues a failed or canceled rendering again, as if it had
	// not failed before, except that attempts go on counting. It is Conflict in
	// every other state.
	RestartRendering(ctx context.Context, id ID) (Rendering, error)

	// DeleteRendering removes a rendering for good; the keys of its art become
	// garbage ([Catalogue]) in the same step. Whoever works on it has lost the
	// lease. It is NotFound when there is none, and Conflict when it is the only
	// one of its image.
	DeleteRendering(ctx context.Context, id ID) error

	// Counts returns the totals in constant time.
	Counts(ctx context.Context) (Counts, error)

	// Claim hands the next due rendering to a worker: it becomes Running, its
	// attempt grows by one, its lease lasts until the given time. Which one is
	// next is the store's choice, so that no owner starves another; owners with
	// perOwner renderings running already are passed over (0: no such limit). No
	// two claims return the same attempt. It is NotFound when nothing is due.
	Claim(ctx context.Context, worker string, now, until time.Time, perOwner int) (Job, error)

	// Heartbeat extends the leases that the worker still holds and returns those
	// of the given ones that it does not hold any more.
	Heartbeat(ctx context.Context, leases []Lease, until time.Time) (lost []Lease, err error)

	// Finish makes the rendering Ready and records what was learnt of the image.
	// Finish, Fail, Retry and Release are Conflict when the lease is not the
	// current one, and then change nothing. Doing again what the same lease
	// did already is nil for Finish and Fail, so that a lost answer can be retried.
	Finish(ctx context.Context, lease Lease, at time.Time, result Result) error

	// Fail makes the rendering Failed, for good, with a reason for people.
	Fail(ctx context.Context, lease Lease, at time.Time, reason string) error

	// Retry puts the rendering back to Queued, not to be claimed before a time,
	// and counts a failure.
	Retry(ctx context.Context, lease Lease, reason string, notBefore time.Time) error

	// Release hands the rendering back as if it had not been claimed, except
	// that the attempt number is used up; not to be claimed before a time, which
	// may be zero. It counts no failure.
	Release(ctx context.Context, lease Lease, notBefore time.Time) error

	// ExpireLeases puts every Running rendering whose lease ran out before now
	// back to Queued and counts a loss; with maxLosses reached it becomes
	// Failed with the given reason instead, finished when the lease ran out. It
	// returns how many of each.
	ExpireLeases(ctx context.Context, now time.Time, maxLosses int, reason string) (requeued, failed int, err error)

	// Ping makes one cheap round trip.
	Ping(ctx context.Context) error

	// Close waits for what runs and releases everything. No call may follow.
	Close() error
}

// Blobs keeps bytes under keys made by [OriginalKey] and [ArtKey].
//
// Safe for concurrent use. A key is written once or again with the same
// meaning; readers see the old bytes, the new bytes or NotFound, never a mixture.
type Blobs interface {
	// Put stores all of r. On nil it is durable and visible; on an error (from r,
	// the context, or the storage: StorageFull when there is no room) nothing
	// is visible and nothing is left behind. An error from r is returned as it
	// is, in the chain. It returns how many bytes it stored.
	Put(ctx context.Context, key string, r io.Reader) (int64, error)

	// Open returns the bytes of a key, or NotFound. The caller closes it.
	Open(ctx context.Context, key string) (Blob, error)

	// Delete removes a key; one that is not there is no error.
	Delete(ctx context.Context, key string) error
}

// Blob is an open, immutable, seekable stream of known size. One goroutine at
// a time may use it.
type Blob interface {
	io.ReadSeekCloser
	Size() int64
}

// Queue is a doorbell: it wakes workers, nothing more. It delivers an id at
// least once, in no order, and it may lose some; the sweep finds those. So the
// id is only a hint that the store has work.
//
// Safe for concurrent use.
type Queue interface {
	// Enqueue rings. It never waits for a receiver: a full bell is loud enough.
	Enqueue(ctx context.Context, rendering ID) error

	// Receive waits for a ring. It returns the context's error when that ends
	// first. The receiver calls Ack once, right after its claim was decided.
	Receive(ctx context.Context) (Ring, error)

	// Close releases everything; no call may follow.
	Close() error
}

// Ring is one message of a [Queue].
type Ring struct {
	Rendering ID
	Ack       func(context.Context) error // never nil
}

// Converter turns the bytes of a picture into art.
//
// Safe for concurrent use. The input is hostile. It stops soon after the
// context ends and then returns the context's error. A picture that it cannot
// draw gives an error for which [Permanent] is true and whose message says
// why; nothing else may be Permanent.
type Converter interface {
	// Probe looks at the first bytes of a picture (64 KiB, or all of a smaller
	// one) and says what it is, or refuses it with a Permanent error. A size
	// that these bytes do not tell is 0.
	Probe(prefix []byte) (Picture, error)

	Convert(ctx context.Context, picture io.ReadSeeker, opts ascii.Options) (*Drawing, error)

	// Engine names the engine and its version: "native/1".
	Engine() string
}

// EngineName is the name of what [Converter.Engine] returns, by which requests
// choose: "native" of "native/1".
func EngineName(engine string) string {
	name, _, _ := strings.Cut(engine, "/")
	return name
}

// Drawing is what a [Converter] makes of one picture.
type Drawing struct {
	Art *ascii.Art
	Picture
	Took         time.Duration // decoding and drawing, without waiting for memory or a turn
	Decode, Draw time.Duration // its parts, where the engine tells them apart
	// Warnings are sentences for people about what is not as they may expect.
	Warnings []string
}
