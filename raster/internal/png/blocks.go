package png

import (
	"context"
	"io"
	"slices"
	"sync"

	"github.com/charcoal-art/charcoal/raster/internal/inflate"
)

const (
	// Pictures of fewer bytes are inflated by the goroutine that needs them: starting
	// another one costs more than it gains.
	smallPicture = 1 << 20

	// ring is how many blocks a large picture has: one that is being filled, one that is
	// being read, and one between.
	ring = 3
)

// blocks is inflated data, a block at a time.
type blocks interface {
	// next gives the next block, which is good until next is called again. An error
	// comes with the last data.
	next(ctx context.Context) ([]byte, error)

	// close ends what is under way, and waits for it.
	close()
}

// openBlocks inflates a stream of about so many bytes.
func openBlocks(stream io.Reader, size int64) blocks {
	z := inflate.NewReader(stream)
	if size < smallPicture {
		return &direct{z, new(inflate.Block)}
	}
	return startAhead(z)
}

// direct inflates when it is asked to.
type direct struct {
	z     *inflate.Reader
	block *inflate.Block
}

func (d *direct) next(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return d.z.Next(d.block)
}

func (d *direct) close() {}

// ahead inflates in a goroutine of its own, a ring of blocks ahead of its reader.
type ahead struct {
	free chan *inflate.Block
	full chan inflated
	stop chan struct{}
	held *inflate.Block // that the reader has
	wait sync.WaitGroup
}

type inflated struct {
	block    *inflate.Block
	data     []byte // in block
	err      error
	panicked any
}

func startAhead(z *inflate.Reader) *ahead {
	a := &ahead{free: make(chan *inflate.Block, ring), full: make(chan inflated, ring), stop: make(chan struct{})}
	for range ring {
		a.free <- new(inflate.Block)
	}
	a.wait.Go(func() { a.run(z) })
	return a
}

// run ends with the stream, or when the reader closes. full has room for all
// blocks, so only waiting for a free one can block.
func (a *ahead) run(z *inflate.Reader) {
	defer func() {
		if v := recover(); v != nil {
			a.full <- inflated{panicked: v}
		}
	}()
	for {
		select {
		case <-a.stop:
			return
		case block := <-a.free:
			data, err := z.Next(block)
			a.full <- inflated{block: block, data: data, err: err}
			if err != nil {
				return
			}
		}
	}
}

func (a *ahead) next(ctx context.Context) ([]byte, error) {
	if a.held != nil {
		a.free <- a.held
		a.held = nil
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case b := <-a.full:
		if b.panicked != nil {
			panic(b.panicked)
		}
		a.held = b.block
		return b.data, b.err
	}
}

func (a *ahead) close() {
	close(a.stop)
	a.wait.Wait()
}

// rowReader cuts blocks into rows.
type rowReader struct {
	blocks blocks
	block  []byte
	err    error  // what comes after block
	part   []byte // of a row that began in a block before
}

// next gives the next n bytes, good until it is called again.
func (r *rowReader) next(ctx context.Context, n int) ([]byte, error) {
	if len(r.block) >= n {
		row := r.block[:n]
		r.block = r.block[n:]
		return row, nil
	}
	r.part = slices.Grow(r.part[:0], n)
	for {
		take := min(n-len(r.part), len(r.block))
		r.part = append(r.part, r.block[:take]...)
		r.block = r.block[take:]
		if len(r.part) == n {
			return r.part, nil
		}
		if r.err != nil {
			return nil, r.err
		}
		r.block, r.err = r.blocks.next(ctx)
	}
}

// finish reads up to the end of the stream, where its checksum is.
func (r *rowReader) finish(ctx context.Context) error {
	for r.err == nil && len(r.block) == 0 {
		r.block, r.err = r.blocks.next(ctx)
	}
	if len(r.block) > 0 {
		return FormatError("it has too many pixels")
	}
	if r.err == io.EOF { //nolint:errorlint // never wrapped
		return nil
	}
	return r.err
}
