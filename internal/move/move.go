package move

import (
	"context"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"

	"github.com/charcoal-art/charcoal"
)

// Source is a store that is read and not changed. Nobody else may use it meanwhile.
type Source interface {
	// Page returns up to limit rows in the order of their keys, those after a key unless
	// that is nil. Texts are in the order of their bytes.
	Page(ctx context.Context, t Table, after []any, limit int) ([]Row, error)
	// Event returns the highest number that an event ever had.
	Event(ctx context.Context) (int64, error)
}

// Target is a store that is filled.
type Target interface {
	Page(ctx context.Context, t Table, after []any, limit int) ([]Row, error)
	// Begin makes ready to be filled what is empty, and keeps servers out. It is Conflict
	// when anything is there that no earlier Begin led to. With restart, what an earlier move left is removed first.
	Begin(ctx context.Context, restart bool) error
	// Last returns the row with the highest key, or nil.
	Last(ctx context.Context, t Table) (Row, error)
	// Append adds rows, all or none, without what usually follows from rows that are added.
	Append(ctx context.Context, t Table, rows []Row) error
	// Finish works out what follows from the rows, and lets servers in.
	Finish(ctx context.Context, event int64) error
}

// Meter is told how far it is. It is safe for concurrent use.
type Meter interface {
	Sent(bytes int64)
	Finish() // of one file
	Stop()
}

// Options of [Run].
type Options struct {
	Restart bool // copy all rows anew; blobs that are there stay
	// Skip is told of originals and art that are missing or damaged, and leaves them out; nil:
	// the first one ends the move.
	Skip  func(key string, err error)
	Meter func(files int, bytes int64) Meter // shows the copying of blobs
}

// Ports are what is moved, and where to.
type Ports struct {
	From      Source
	FromBlobs charcoal.Blobs
	To        Target
	ToBlobs   charcoal.Blobs
}

// Report is what was moved.
type Report struct {
	Rows    int64
	SHA256  [sha256.Size]byte // of all rows
	Blobs   int64
	Skipped int64
}

// page is how many rows are held at a time.
const page = 500

// Run moves everything. Blobs go first, so that no row leads to one that is not there;
// then rows; then every row is compared.
func Run(ctx context.Context, p Ports, o Options) (r Report, err error) {
	if err := p.To.Begin(ctx, o.Restart); err != nil {
		return r, err
	}
	if err := copyBlobs(ctx, p, o, &r); err != nil {
		return r, fmt.Errorf("copy the pictures: %w", err)
	}
	for _, t := range Tables() {
		if err := copyRows(ctx, p, t); err != nil {
			return r, fmt.Errorf("copy the table %s: %w", t.Name, err)
		}
	}
	sum := sha256.New()
	for _, t := range Tables() {
		n, err := compare(ctx, p, t, func(row Row) {
			_, _ = fmt.Fprintf(sum, "%s %q\n", t.Name, row) // a hash takes all
		})
		if err != nil {
			return r, fmt.Errorf("compare the table %s: %w", t.Name, err)
		}
		r.Rows += n
	}
	sum.Sum(r.SHA256[:0])
	event, err := p.From.Event(ctx)
	if err != nil {
		return r, fmt.Errorf("read the number of the newest event: %w", err)
	}
	return r, p.To.Finish(ctx, event)
}

// copyRows goes on after the last row that is there: rows come in the order of their
// keys, and a page is there as a whole or not at all.
func copyRows(ctx context.Context, p Ports, t Table) error {
	last, err := p.To.Last(ctx, t)
	if err != nil {
		return err
	}
	var after []any
	if last != nil {
		after = t.Key(last)
	}
	for {
		rows, err := p.From.Page(ctx, t, after, page)
		if err != nil || len(rows) == 0 {
			return err
		}
		if err := p.To.Append(ctx, t, rows); err != nil {
			return err
		}
		after = t.Key(rows[len(rows)-1])
	}
}

// compare counts the rows of a table, and fails where the two stores differ.
func compare(ctx context.Context, p Ports, t Table, each func(Row)) (n int64, err error) {
	var after []any
	for {
		want, err := p.From.Page(ctx, t, after, page)
		if err != nil {
			return n, err
		}
		got, err := p.To.Page(ctx, t, after, page)
		if err != nil {
			return n, err
		}
		if !slices.EqualFunc(got, want, func(a, b Row) bool { return reflect.DeepEqual(a, b) }) {
			return n, charcoal.Errorf(charcoal.Conflict, "rows differ: the source was changed since the move began, or something else wrote to the target; move again with --restart")
		}
		for _, row := range want {
			each(row)
		}
		n += int64(len(want))
		if len(want) < page {
			return n, nil
		}
		after = t.Key(want[len(want)-1])
	}
}
