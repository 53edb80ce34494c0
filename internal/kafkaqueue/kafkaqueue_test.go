package kafkaqueue

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

var kafka testservers.Kafka

func TestMain(m *testing.M) { os.Exit(testservers.Run(m, &kafka)) }

// brokers are the clusters that every test of behaviour runs on.
var brokers = []struct {
	name string
	addr func(*testing.T) string
}{
	{"imitation", func(t *testing.T) string { return imitation(t).ListenAddrs()[0] }},
	{"Apache Kafka", func(t *testing.T) string { return kafka.Broker(t) }},
}

// imitation is a cluster in this process, which is quick and can be told to fail.
func imitation(t *testing.T, options ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	cluster, err := kfake.NewCluster(append(options, kfake.NumBrokers(1))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	return cluster
}

func onEach(t *testing.T, run func(t *testing.T, addr string, kind Kind)) {
	for _, b := range brokers {
		for _, kind := range []Kind{Share, Classic} {
			t.Run(b.name+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				run(t, b.addr(t), kind)
			})
		}
	}
}

func TestConformance(t *testing.T) {
	onEach(t, func(t *testing.T, addr string, kind Kind) {
		conformance.Queue(t, func(t *testing.T) charcoal.Queue {
			q, err := New(Settings{Location: newTopic(addr, kind), Log: logTo(t)})
			if err != nil {
				t.Fatal(err)
			}
			return q
		})
	})
}

// newTopic is a topic that is not there yet.
func newTopic(addr string, kind Kind) Location {
	name := "rings-" + charcoal.NewID().String()
	return Location{Brokers: []string{addr}, Topic: name, Group: name, Kind: kind, Partitions: 2, Replication: 1}
}

func open(t testing.TB, s Settings) *Queue {
	t.Helper()
	s.Log = logTo(t)
	q, err := New(s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return q
}

// logTo logs to the test while it runs.
func logTo(t testing.TB) *slog.Logger {
	return slog.New(slog.NewTextHandler(testLog{t}, nil))
}

type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	if context.Cause(l.t.Context()) == nil {
		l.t.Log(strings.TrimSpace(string(p)))
	}
	return len(p), nil
}
