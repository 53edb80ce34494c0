package kafkaqueue

import (
	"testing"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkRing measures from one process's ring to another's acknowledgement.
func BenchmarkRing(b *testing.B) {
	for _, kind := range []Kind{Share, Classic} {
		b.Run(string(kind), func(b *testing.B) {
			loc := newTopic(kafka.Broker(b), kind)
			api, worker := open(b, Settings{Location: loc}), open(b, Settings{Location: loc})
			ready(b, api)
			ring(b, api, worker) // the worker joins the group
			b.ReportAllocs()
			for b.Loop() {
				ring(b, api, worker)
			}
		})
	}
}

func ring(tb testing.TB, api, worker *Queue) {
	tb.Helper()
	want := charcoal.NewID()
	if err := api.Enqueue(tb.Context(), want); err != nil {
		tb.Fatal(err)
	}
	for {
		got := receive(tb, worker)
		if err := got.Ack(tb.Context()); err != nil {
			tb.Fatal(err)
		}
		if got.Rendering == want {
			return
		}
	}
}

// BenchmarkEnqueue is what an upload pays.
func BenchmarkEnqueue(b *testing.B) {
	q := open(b, Settings{Location: newTopic(kafka.Broker(b), Share)})
	ready(b, q)
	b.ReportAllocs()
	for b.Loop() {
		if err := q.Enqueue(b.Context(), charcoal.NewID()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(100*float64(q.Lost())/float64(b.N), "lost-%")
}
