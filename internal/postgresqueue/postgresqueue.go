// Package postgresqueue is a [charcoal.Queue] on PostgreSQL's NOTIFY: no table, only
// a doorbell beside the one that the store is.
//
// https://www.postgresql.org/docs/current/sql-notify.html
package postgresqueue

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
)

const (
	// channel is what rings are notified on. One database has one service.
	channel = "charcoal_rings"
	// buffered bounds the rings that wait to be sent, and those that wait for a
	// receiver. More say nothing new.
	buffered = 4096
	// batch is how many ids one notification carries: a payload is below 8000 bytes.
	batch = 200
)

// patience is how long a queue waits for its server.
type patience struct {
	away      time.Duration // before it tries again
	answering time.Duration // for each request
	// silence is how long a connection may be silent before it is asked for a sign of
	// life: one that a firewall forgot would be silent for ever.
	silence time.Duration
}

// Settings of [New]: connection strings of pgx, URLs for example.
type Settings struct {
	// Listen must lead to the server itself, or to a pool that gives a session to each
	// client: what listens is the session.
	Listen string
	// Notify may lead through a pool of transactions; "" is Listen.
	Notify string
	Log    *slog.Logger // nil: no logs
}

// Queue is a channel of notifications. Its methods are safe for concurrent use.
type Queue struct {
	listen, notify *pgx.ConnConfig
	log            *slog.Logger
	patience       patience

	out       chan charcoal.ID // to be sent
	in        chan charcoal.ID // received
	lost      atomic.Int64
	listening sync.Once // only processes with receivers need it

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup
}

var _ charcoal.Queue = (*Queue)(nil)

// New makes a queue. It does not connect: the server may be away, and a process
// that never receives has no connection for it.
func New(s Settings) (*Queue, error) {
	return newQueue(s, patience{away: time.Second, answering: 10 * time.Second, silence: 30 * time.Second})
}

func newQueue(s Settings, p patience) (*Queue, error) {
	if s.Notify == "" {
		s.Notify = s.Listen
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	listen, err := pgx.ParseConfig(s.Listen)
	notify, err2 := pgx.ParseConfig(s.Notify)
	if err := errors.Join(err, err2); err != nil { // pgx takes passwords out of its errors
		return nil, charcoal.Errorf(charcoal.Invalid, "the address of PostgreSQL cannot be read").Because(err)
	}
	// Nothing is prepared, so that a pool of transactions is enough.
	notify.DefaultQueryExecMode = pgx.QueryExecModeExec
	q := &Queue{
		listen: listen, notify: notify, log: s.Log, patience: p,
		out: make(chan charcoal.ID, buffered), in: make(chan charcoal.ID, buffered),
	}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.work.Go(func() { q.keep(q.notify, "notify", q.send) })
	return q, nil
}

// Enqueue hands the ring to the sender, or drops it when too many wait: then the
// server is away, or slow, and workers look at the store.
func (q *Queue) Enqueue(_ context.Context, rendering charcoal.ID) error {
	if q.ctx.Err() != nil {
		return errClosed()
	}
	q.offer(q.out, rendering)
	return nil
}

// offer adds an id unless the channel is full.
func (q *Queue) offer(to chan<- charcoal.ID, id charcoal.ID) {
	select {
	case to <- id:
	default:
		q.lost.Add(1)
	}
}

// Receive waits for a ring, the end of ctx, or Close, after which it is
// Unavailable. While the server is away it goes on waiting. Every process that
// listens gets every ring; the first claim wins.
func (q *Queue) Receive(ctx context.Context) (charcoal.Ring, error) {
	q.listening.Do(q.startListening)
	select {
	case id := <-q.in:
		return charcoal.Ring{Rendering: id, Ack: noAck}, nil
	case <-ctx.Done():
		return charcoal.Ring{}, ctx.Err()
	case <-q.ctx.Done():
		return charcoal.Ring{}, errClosed()
	}
}

// noAck has nothing to do: a notification is gone as it comes.
func noAck(context.Context) error { return nil }

// Lost returns how many rings were dropped here because too many waited.
func (q *Queue) Lost() int64 { return q.lost.Load() }

// Check rings and hears it, so that it fails when either would: Unavailable while
// the server is away, and Invalid when Listen leads through a pool of
// transactions, which forgets who listens.
func (q *Queue) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, q.patience.answering)
	defer cancel()
	return q.check(ctx)
}

// Close ends both connections. Rings that wait are lost; workers look at the store.
func (q *Queue) Close() error {
	q.cancel()
	q.listening.Do(func() {}) // nothing starts any more
	q.work.Wait()
	return nil
}

func errClosed() error {
	return charcoal.Errorf(charcoal.Unavailable, "the queue is closed")
}

// join writes the ids of one notification.
func join(ids []charcoal.ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return strings.Join(texts, " ")
}

// split reads them. Anybody who may connect can notify, so what is no id is
// passed over.
func split(payload string) (ids []charcoal.ID) {
	for text := range strings.FieldsSeq(payload) {
		if id, err := charcoal.ParseID(text); err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}
