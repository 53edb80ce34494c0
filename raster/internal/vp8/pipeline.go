package vp8

import (
	"context"
	"sync"
)

// ahead is how many rows of macroblocks may be under way.
const ahead = 3

// pipeline takes rows of macroblocks through three steps: reading their modes, reading
// their coefficients, which takes as long as all the rest and has a goroutine of its
// own, and painting. There are as many rows as its channels hold, so sending never
// blocks.
type pipeline struct {
	modes   *modeReader
	rows    int // that have been begun
	begun   chan *row
	ended   bool // whether begun is closed
	parsed  chan *row
	modeErr error // why no more rows are begun
}

// paint paints a picture, as far as the file goes. Nothing of it runs any more when it
// returns.
func paint(ctx context.Context, modes *modeReader, tokens *tokenReader, w *painter) error {
	p := &pipeline{modes: modes, begun: make(chan *row, ahead), parsed: make(chan *row, ahead)}
	var parsing sync.WaitGroup
	defer parsing.Wait()
	defer p.end() // also when painting panics
	var err error
	var panicked any
	parsing.Go(func() {
		defer close(p.parsed)
		defer func() { panicked = recover() }() // it belongs to the caller
		err = p.parse(tokens)
	})
	for range ahead {
		p.begin(ctx, &row{blocks: make([]macroblock, modes.columns())})
	}
	for r := range p.parsed {
		w.row(r)
		p.begin(ctx, r)
	}
	switch {
	case panicked != nil:
		panic(panicked)
	case err != nil: // in a row before the one that modeErr is of
		return err
	}
	return p.modeErr
}

// begin reads the modes of the next row.
func (p *pipeline) begin(ctx context.Context, r *row) {
	if p.ended {
		return
	}
	r.y = p.rows
	p.rows++
	if p.modeErr = ctx.Err(); p.modeErr == nil {
		p.modeErr = p.modes.row(r)
		p.begun <- r
	}
	if p.modeErr != nil || p.rows == p.modes.frameHeader.rows() {
		p.end()
	}
}

// end says that there are no more rows.
func (p *pipeline) end() {
	if !p.ended {
		p.ended = true
		close(p.begun)
	}
}

// parse reads coefficients until there are no more rows or the file ends.
func (p *pipeline) parse(tokens *tokenReader) error {
	for r := range p.begun {
		err := tokens.row(r)
		p.parsed <- r
		if err != nil {
			return err
		}
	}
	return nil
}
