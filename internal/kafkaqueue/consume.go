package kafkaqueue

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/charcoal-art/charcoal"
)

const (
	// atOnce bounds the rings of one poll, and so those a worker may hold.
	atOnce = 64
	// handing is how long a ring waits for a receiver before it goes back. Idle
	// slots are away for the moment that a claim takes.
	handing = time.Second
	// deciding is how long a receiver may take to acknowledge before the others get
	// more rings all the same.
	deciding = 10 * time.Second
	// repair is the pause before topic and group are tried again, or the brokers
	// after an error.
	repair = 2 * time.Second
)

// run makes topic and group ready, waits until somebody wants rings (an API never
// does), and then consumes until the queue is closed.
func (q *Queue) run() {
	kind, ok := q.prepared()
	if !ok {
		return
	}
	select {
	case <-q.wanted:
	case <-q.ctx.Done():
		return
	}
	client, err := kgo.NewClient(slices.Concat(q.options, q.consuming(kind))...)
	if err != nil {
		q.log.ErrorContext(q.ctx, "rings of Kafka cannot be received", "err", err)
		return
	}
	c := &consumer{Queue: q, client: client, kind: kind}
	defer c.leave()
	for q.ctx.Err() == nil {
		c.round()
	}
}

// prepared tries until topic and group are ready. It is not ok when the queue was
// closed before.
func (q *Queue) prepared() (kind Kind, ok bool) {
	var last string
	for {
		kind, err := q.prepare(q.ctx)
		if err == nil {
			return kind, true
		}
		if said := err.Error(); said != last && q.ctx.Err() == nil { // once for each reason
			q.log.ErrorContext(q.ctx, "Kafka is not ready", "err", err)
			last = said
		}
		if !q.sleep(repair) {
			return "", false
		}
	}
}

// sleep waits, and reports whether the queue is still open.
func (q *Queue) sleep(pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-q.ctx.Done():
		return false
	}
}

func (q *Queue) consuming(kind Kind) []kgo.Opt {
	options := []kgo.Opt{
		kgo.ConsumeTopics(q.settings.Topic),
		kgo.FetchMaxWait(250 * time.Millisecond), // one broker after the other is asked
	}
	if kind == Share {
		return append(options, kgo.ShareGroup(q.shareGroup()), kgo.ShareMaxRecords(atOnce), kgo.ShareMaxRecordsStrict(),
			kgo.MaxConcurrentFetches(0)) // nothing is taken from others that nobody waits for
	}
	return append(options,
		kgo.ConsumerGroup(q.settings.Group),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.AutoCommitMarks(), // what was acknowledged, and no more
		kgo.AutoCommitInterval(time.Second),
	)
}

// consumer takes rings from the brokers when receivers wait for them. It is one
// goroutine's.
type consumer struct {
	*Queue
	client *kgo.Client
	kind   Kind
}

// round takes as many rings as receivers wait, hands them out, and waits until
// they were acknowledged: the next poll would acknowledge what was not.
func (c *consumer) round() {
	waiting := c.waiting.Load()
	if waiting == 0 {
		select {
		case <-c.wanted:
		case <-c.ctx.Done():
		}
		return
	}
	fetches := c.client.PollRecords(c.ctx, int(min(waiting, atOnce)))
	for _, e := range fetches.Errors() {
		if c.ctx.Err() == nil {
			c.log.WarnContext(c.ctx, "receiving from Kafka failed", "partition", e.Partition, "err", e.Err)
			c.sleep(repair)
			break
		}
	}
	acked := make(chan struct{}, fetches.NumRecords())
	taken := 0
	for record := range fetches.RecordsAll() {
		if c.hand(record, acked) {
			taken++
		}
	}
	c.await(taken, acked)
}

// hand gives a ring to a receiver, or back to the group when none wants it. It
// reports whether acked will hear of it.
func (c *consumer) hand(record *kgo.Record, acked chan<- struct{}) bool {
	id, err := charcoal.ParseID(string(record.Value))
	if err != nil { // not ours; the topic is not to stand still for it
		c.accept(record)
		return false
	}
	var once sync.Once
	ring := charcoal.Ring{Rendering: id, Ack: func(context.Context) error {
		once.Do(func() {
			c.accept(record)
			acked <- struct{}{}
		})
		return nil
	}}
	select {
	case c.rings <- ring:
		return true
	case <-time.After(handing):
	case <-c.ctx.Done():
	}
	c.release(record)
	return false
}

func (c *consumer) accept(record *kgo.Record) {
	if c.kind == Share {
		record.Ack(kgo.AckAccept)
	} else {
		c.client.MarkCommitRecords(record)
	}
}

// release lets another worker have a ring. A classic group cannot: there the ring
// is lost, unless this worker ends before it commits a later one.
func (c *consumer) release(record *kgo.Record) {
	if c.kind == Share {
		record.Ack(kgo.AckRelease)
	}
}

// await returns when the rings that were taken are acknowledged, or were not for
// too long.
func (c *consumer) await(taken int, acked <-chan struct{}) {
	late := time.After(deciding)
	for range taken {
		select {
		case <-acked:
		case <-late:
			return
		case <-c.ctx.Done():
			return
		}
	}
}

// leave hands back what was not acknowledged and tells the group, so that others
// get its partitions at once.
func (c *consumer) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	if c.kind == Classic {
		_ = c.client.CommitMarkedOffsets(ctx) // lost acknowledgements ring twice, which is allowed
	}
	_ = c.client.LeaveGroupContext(ctx)
	c.client.Close()
}
