// Package kafkaqueue is a [charcoal.Queue] on a topic of Apache Kafka.
//
// The topic carries ids and nothing that would be missed. So a ring is sent
// without waiting, one that cannot be sent is dropped, and nothing of it is held
// while a rendering is drawn: it is acknowledged right after the claim. Neither
// the lengths of jobs nor those of Kafka's own timeouts matter to each other.
//
// Workers share the rings in a share group (KIP-932, from Kafka 4.2 on), where any
// worker takes the next one; or in a classic group, where each partition is one
// worker's and a busy worker's rings wait, until others look at the store.
package kafkaqueue

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/charcoal-art/charcoal"
)

const (
	// buffered bounds the rings that wait for the broker. More say nothing new.
	buffered = 4096
	// closing bounds how long Close waits for a broker.
	closing = 3 * time.Second
)

// Settings of [New].
type Settings struct {
	Location
	User, Password string       // for SASL with PLAIN or SCRAM
	Log            *slog.Logger // nil: no logs
}

// Queue is a topic. Its methods are safe for concurrent use.
type Queue struct {
	settings Settings
	log      *slog.Logger
	options  []kgo.Opt // of every client
	producer *kgo.Client
	admin    *kadm.Client

	rings   chan charcoal.Ring // from the consumer to the receivers
	waiting atomic.Int64       // receivers
	wanted  chan struct{}      // holds a token since a receiver came
	lost    atomic.Int64

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	work   sync.WaitGroup // the consumer
	end    sync.Once
}

var _ charcoal.Queue = (*Queue)(nil)

// New makes a queue of a topic. It asks nothing of the brokers, which may be away:
// the topic and the group are made ready in the background, as soon as that can
// be done. [Queue.Check] tells what is in the way.
func New(s Settings) (*Queue, error) {
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	q := &Queue{settings: s, log: s.Log, rings: make(chan charcoal.Ring), wanted: make(chan struct{}, 1)}
	var err error
	if q.options, err = s.connecting(); err != nil {
		return nil, err
	}
	q.producer, err = kgo.NewClient(slices.Concat(q.options, []kgo.Opt{
		kgo.DefaultProduceTopic(s.Topic),
		kgo.MaxBufferedRecords(buffered),
		kgo.RecordPartitioner(kgo.RoundRobinPartitioner()), // rings wake different workers
		kgo.ProducerLinger(2 * time.Millisecond),
		kgo.RequiredAcks(kgo.AllISRAcks()), // an idempotent producer needs it
		kgo.RecordDeliveryTimeout(time.Minute),
	})...)
	if err != nil {
		return nil, charcoal.Errorf(charcoal.Invalid, "the settings for Kafka do not fit together").Because(err)
	}
	q.admin = kadm.NewClient(q.producer)
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.work.Go(q.run)
	return q, nil
}

// Enqueue hands the ring to the client, which sends it soon, or drops it when too
// many wait already: then the broker is away, or slow, and workers look at the store.
func (q *Queue) Enqueue(_ context.Context, rendering charcoal.ID) error {
	if q.ctx.Err() != nil {
		return errClosed()
	}
	q.producer.TryProduce(q.ctx, &kgo.Record{Value: []byte(rendering.String())}, func(_ *kgo.Record, err error) {
		if err != nil {
			q.lost.Add(1)
		}
	})
	return nil
}

// Receive waits for a ring, the end of ctx, or Close, after which it is
// Unavailable. While the brokers are away it goes on waiting.
func (q *Queue) Receive(ctx context.Context) (charcoal.Ring, error) {
	q.waiting.Add(1)
	defer q.waiting.Add(-1)
	select {
	case q.wanted <- struct{}{}:
	default:
	}
	select {
	case ring := <-q.rings:
		return ring, nil
	case <-ctx.Done():
		return charcoal.Ring{}, ctx.Err()
	case <-q.ctx.Done():
		return charcoal.Ring{}, errClosed()
	}
}

// Lost returns how many rings were dropped because the brokers did not take them.
func (q *Queue) Lost() int64 { return q.lost.Load() }

// Close sends what waits to be sent and leaves the group, both in a few seconds or
// not at all.
func (q *Queue) Close() error {
	q.end.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closing)
		defer cancel()
		flushed := q.producer.Flush(ctx)
		q.cancel()
		q.work.Wait()
		q.producer.Close()
		if flushed != nil {
			q.log.Warn("Kafka did not take the last rings", "err", flushed)
		}
	})
	return nil
}

func errClosed() error {
	return charcoal.Errorf(charcoal.Unavailable, "the queue is closed")
}
