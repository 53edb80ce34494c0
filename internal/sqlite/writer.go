package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/charcoal-art/charcoal"
)

// maxBatch bounds how many writes share one commit, and so how long the first
// of them waits for the last.
const maxBatch = 256

// writer owns the writing connection. Its goroutine takes whatever waits,
// executes it in one transaction and answers everybody after the commit, so
// that n writers at a time pay for one flush of the disk instead of n.
type writer struct {
	conn  *sql.Conn
	tell  func()               // that something was committed
	stmts map[string]*sql.Stmt // by their SQL; of the goroutine
	done  chan struct{}

	mu     sync.RWMutex // held while sending to ops; excludes its closing
	closed bool
	ops    chan *op
}

// op is one write that waits for its turn.
type op struct {
	do     func(*tx) error
	result chan error  // receives once, after the commit
	taken  atomic.Bool // by the writer, or back by its caller: whoever sets it first
	err    error       // what do said
}

func startWriter(conn *sql.Conn, tell func()) *writer {
	w := &writer{
		conn:  conn,
		tell:  tell,
		stmts: make(map[string]*sql.Stmt),
		done:  make(chan struct{}),
		ops:   make(chan *op, maxBatch),
	}
	go w.run()
	return w
}

// write executes do in a transaction and returns when it is durable, or with
// the error for which it was not done. When ctx ends first it is not done;
// once it has begun its outcome is waited for, so the caller always knows it.
func (w *writer) write(ctx context.Context, do func(*tx) error) error {
	o := &op{do: do, result: make(chan error, 1)}
	if err := w.send(ctx, o); err != nil {
		return err
	}
	select {
	case err := <-o.result:
		return err
	case <-ctx.Done():
	}
	if o.taken.CompareAndSwap(false, true) {
		return canceled(ctx.Err())
	}
	return <-o.result
}

func (w *writer) send(ctx context.Context, o *op) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return charcoal.Errorf(charcoal.Unavailable, "the store is closed")
	}
	select {
	case w.ops <- o:
		return nil
	case <-ctx.Done():
		return canceled(ctx.Err())
	}
}

// close waits until everything that was sent is answered.
func (w *writer) close() error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	if first {
		close(w.ops)
	}
	w.mu.Unlock()
	<-w.done
	if !first {
		return nil
	}
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

func (w *writer) run() {
	defer close(w.done)
	batch := make([]*op, 0, maxBatch)
	for o := range w.ops {
		batch = w.collect(append(batch[:0], o))
		w.commit(batch)
	}
}

// collect adds what waits already, up to the bound.
func (w *writer) collect(batch []*op) []*op {
	for len(batch) < maxBatch {
		select {
		case o, ok := <-w.ops:
			if !ok {
				return batch
			}
			batch = append(batch, o)
		default:
			return batch
		}
	}
	return batch
}

// commit executes a batch in one transaction and answers it. Each op either
// fails by itself, or shares the fate of the transaction.
func (w *writer) commit(batch []*op) {
	batch = take(batch)
	err := w.transact(batch)
	w.tell()
	for _, o := range batch {
		if o.err == nil {
			o.err = err
		}
		o.result <- o.err
	}
	clear(batch)
}

// take keeps the ops whose callers still wait for them.
func take(batch []*op) []*op {
	kept := batch[:0]
	for _, o := range batch {
		if o.taken.CompareAndSwap(false, true) {
			kept = append(kept, o)
		}
	}
	return kept
}

func (w *writer) transact(batch []*op) error {
	if len(batch) == 0 {
		return nil
	}
	t := &tx{w}
	err := t.exec("BEGIN IMMEDIATE")
	if err != nil {
		return err
	}
	for _, o := range batch {
		if err = t.attempt(o); err != nil {
			break
		}
	}
	if err == nil {
		err = t.exec("COMMIT")
	}
	if err != nil {
		// SQLite may have rolled back already; then this fails and is needless.
		_ = t.exec("ROLLBACK")
	}
	return err
}

// tx is what an op may do inside the writer's transaction. It uses no context:
// a statement takes microseconds, and one cut short would cost the others
// their transaction.
type tx struct{ w *writer }

// attempt executes one op so that its failure undoes nothing but itself. It
// returns an error when the whole transaction is lost.
func (t *tx) attempt(o *op) error {
	if err := t.exec("SAVEPOINT op"); err != nil {
		return err
	}
	o.err = o.do(t)
	if o.err == nil {
		return t.exec("RELEASE op")
	}
	if err := t.exec("ROLLBACK TO op"); err != nil {
		return errors.Join(o.err, err) // SQLite gave up the transaction, and the savepoint with it
	}
	return t.exec("RELEASE op")
}

func (t *tx) exec(query string, args ...any) error {
	_, err := t.change(query, args...)
	return err
}

// change executes a statement and returns how many rows it changed.
func (t *tx) change(query string, args ...any) (int64, error) {
	s, err := t.stmt(query)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, classify(err)
	}
	return res.RowsAffected()
}

// row starts a query for one row; Scan ends it.
func (t *tx) row(query string, args ...any) scanner {
	s, err := t.stmt(query)
	if err != nil {
		return failedRow{err}
	}
	return txRow{s.QueryRowContext(context.Background(), args...)}
}

type txRow struct{ *sql.Row }

func (r txRow) Scan(into ...any) error { return classify(r.Row.Scan(into...)) }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

func (t *tx) stmt(query string) (*sql.Stmt, error) {
	if s := t.w.stmts[query]; s != nil {
		return s, nil
	}
	s, err := t.w.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, classify(err)
	}
	t.w.stmts[query] = s
	return s, nil
}
