package move

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/charcoal-art/charcoal"
)

// together is how many blobs are copied at the same time.
const together = 8

// file is one blob to copy.
type file struct {
	key  string
	size int64  // -1: not known
	sum  []byte // nil: not known
}

// copyBlobs copies every original, and the art of renderings that are ready.
func copyBlobs(ctx context.Context, p Ports, o Options, r *Report) error {
	files, bytes := 0, int64(0)
	err := eachFile(ctx, p.From, func(f file) {
		files++
		bytes += max(f.size, 0)
	})
	if err != nil {
		return err
	}
	meter := o.Meter(files, bytes)
	defer meter.Stop()
	var skipped atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(together)
	err = eachFile(ctx, p.From, func(f file) {
		g.Go(func() error {
			err := copyBlob(ctx, p, f, meter)
			if isFault(err) && o.Skip != nil {
				o.Skip(f.key, err)
				skipped.Add(1)
				err = nil
			}
			meter.Finish()
			return err
		})
	})
	err = errors.Join(g.Wait(), err)
	r.Blobs, r.Skipped = int64(files)-skipped.Load(), skipped.Load()
	return err
}

// eachFile lists what there is to copy, until ctx ends.
func eachFile(ctx context.Context, s Source, do func(file)) error {
	err := eachRow(ctx, s, "images", func(get func(string) any) {
		id := charcoal.ID(get("id").([16]byte))
		do(file{charcoal.OriginalKey(id), get("size").(int64), get("sha256").([]byte)})
	})
	if err != nil {
		return err
	}
	return eachRow(ctx, s, "renderings", func(get func(string) any) {
		if get("state").(string) == string(charcoal.Ready) {
			id := charcoal.ID(get("id").([16]byte))
			do(file{charcoal.ArtKey(id, int(get("attempt").(int64))), -1, nil})
		}
	})
}

// eachRow hands out the rows of a table by names of columns.
func eachRow(ctx context.Context, s Source, name string, do func(get func(column string) any)) error {
	tables := Tables()
	t := tables[slices.IndexFunc(tables, func(t Table) bool { return t.Name == name })]
	var after []any
	for {
		rows, err := s.Page(ctx, t, after, page)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, row := range rows {
			do(func(column string) any {
				return row[slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == column })]
			})
		}
		after = t.Key(rows[len(rows)-1])
	}
}

// damaged is a blob that is not what its row says.
type damaged struct{ what string }

func (d *damaged) Error() string { return "the picture is damaged: " + d.what }

// isFault reports whether a blob of the source is damaged or missing.
func isFault(err error) bool {
	_, ok := errors.AsType[*damaged](err)
	return ok || charcoal.CodeOf(err) == charcoal.NotFound
}

// copyBlob leaves alone what is there in full: a blob is written as a whole or not at
// all.
func copyBlob(ctx context.Context, p Ports, f file, meter Meter) error {
	from, err := p.FromBlobs.Open(ctx, f.key)
	if err != nil {
		return fmt.Errorf("open %s: %w", f.key, err)
	}
	defer func() { _ = from.Close() }() // it was only read
	if f.size >= 0 && from.Size() != f.size {
		return fmt.Errorf("%s: %w", f.key, &damaged{fmt.Sprintf("it has %d bytes, not %d", from.Size(), f.size)})
	}
	there, err := isThere(ctx, p.ToBlobs, f.key, from.Size())
	if err != nil {
		return fmt.Errorf("look for %s: %w", f.key, err)
	}
	if there {
		meter.Sent(max(f.size, 0))
		return nil
	}
	checked := &checkedReader{r: from, hash: sha256.New(), want: f.sum, sent: func(n int64) {
		if f.size >= 0 {
			meter.Sent(n)
		}
	}}
	_, err = p.ToBlobs.Put(ctx, f.key, checked)
	return err
}

func isThere(ctx context.Context, blobs charcoal.Blobs, key string, size int64) (bool, error) {
	b, err := blobs.Open(ctx, key)
	if charcoal.CodeOf(err) == charcoal.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return b.Size() == size, b.Close()
}

// checkedReader fails at the end of what has another SHA-256 than it should, so that
// it is not stored.
type checkedReader struct {
	r    io.Reader
	hash hash.Hash
	want []byte
	sent func(int64)
}

func (c *checkedReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	_, _ = c.hash.Write(p[:n]) // which never fails
	c.sent(int64(n))
	if err == io.EOF && c.want != nil && !slices.Equal(c.hash.Sum(nil), c.want) {
		return n, &damaged{"its SHA-256 is another"}
	}
	return n, err
}
