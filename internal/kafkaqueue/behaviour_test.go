package kafkaqueue

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

// TestEarlierRingsAreReceived rings before there is any worker, as an upload does
// while all are down.
func TestEarlierRingsAreReceived(t *testing.T) {
	onEach(t, func(t *testing.T, addr string, kind Kind) {
		loc := newTopic(addr, kind)
		api := open(t, Settings{Location: loc})
		ready(t, api)
		want := charcoal.NewID()
		ringAndFlush(t, api, want)
		worker := open(t, Settings{Location: loc})
		if got := receive(t, worker); got.Rendering != want {
			t.Errorf("got %v, want the ring from before, %v", got.Rendering, want)
		}
	})
}

// TestUnacknowledgedRingsComeAgain has a worker that dies between the ring and the
// claim, and one that does not.
func TestUnacknowledgedRingsComeAgain(t *testing.T) {
	onEach(t, func(t *testing.T, addr string, kind Kind) {
		loc := newTopic(addr, kind)
		loc.Partitions = 1 // so that there is an order
		api := open(t, Settings{Location: loc})
		ready(t, api)
		acked, unacked := charcoal.NewID(), charcoal.NewID()
		ringAndFlush(t, api, acked, unacked)

		dying, err := New(Settings{Location: loc, Log: logTo(t)})
		if err != nil {
			t.Fatal(err)
		}
		if err := receive(t, dying).Ack(t.Context()); err != nil {
			t.Fatal(err)
		}
		receive(t, dying)
		if err := dying.Close(); err != nil {
			t.Fatal(err)
		}
		worker := open(t, Settings{Location: loc})
		if got := receive(t, worker); got.Rendering != unacked {
			t.Errorf("got %v, want the one that was not acknowledged, %v", got.Rendering, unacked)
		}
	})
}

// TestWorkersShareRings counts how often each ring arrives when nothing goes wrong.
func TestWorkersShareRings(t *testing.T) {
	onEach(t, func(t *testing.T, addr string, kind Kind) {
		loc := newTopic(addr, kind)
		loc.Partitions = 4
		api := open(t, Settings{Location: loc})
		ready(t, api)
		const rings = 200
		ids := make([]charcoal.ID, rings)
		for i := range ids {
			ids[i] = charcoal.NewID()
		}
		ringAndFlush(t, api, ids...)
		got := drain(t, rings, open(t, Settings{Location: loc}), open(t, Settings{Location: loc}))
		for _, id := range ids {
			if got[id] == 0 {
				t.Errorf("the ring %v was lost though nothing went wrong", id)
			}
		}
		if len(got) != rings {
			t.Errorf("got %d different ids, want %d", len(got), rings)
		}
	})
}

// drain receives with four slots a worker until so many different ids came.
func drain(t *testing.T, want int, workers ...*Queue) map[charcoal.ID]int {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var mu sync.Mutex
	got := map[charcoal.ID]int{}
	var slots sync.WaitGroup
	for i := range 4 * len(workers) {
		slots.Go(func() {
			for {
				ring, err := workers[i%len(workers)].Receive(ctx)
				if err != nil {
					return
				}
				_ = ring.Ack(ctx)
				mu.Lock()
				if got[ring.Rendering]++; len(got) == want {
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	slots.Wait()
	return got
}

func TestForeignMessagesArePassedOver(t *testing.T) {
	onEach(t, func(t *testing.T, addr string, kind Kind) {
		loc := newTopic(addr, kind)
		loc.Partitions = 1
		q := open(t, Settings{Location: loc})
		ready(t, q)
		for _, value := range []string{"", "hello", "\xff", strings.Repeat("x", 100_000)} {
			if err := q.producer.ProduceSync(t.Context(), &kgo.Record{Value: []byte(value)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		want := charcoal.NewID()
		ringAndFlush(t, q, want)
		if got := receive(t, q); got.Rendering != want {
			t.Errorf("got %v, want %v", got.Rendering, want)
		}
	})
}

func TestLag(t *testing.T) {
	onEach(t, func(t *testing.T, addr string, kind Kind) {
		q := open(t, Settings{Location: newTopic(addr, kind)})
		ready(t, q)
		const rings = 20
		for range rings {
			ringAndFlush(t, q, charcoal.NewID())
		}
		ring := receive(t, q) // now there is a group
		if lag := lagOf(t, q); lag < rings-atOnce || lag > rings {
			t.Errorf("got a lag of %d with one of %d rings received, want a bit less than all", lag, rings)
		}
		_ = ring.Ack(t.Context())
		drain(t, rings-1, q)
		eventually(t, "a lag of 0", func() bool { return lagOf(t, q) == 0 })
	})
}

func lagOf(t *testing.T, q *Queue) int64 {
	t.Helper()
	lag, err := q.Lag(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return lag
}

// TestKind looks at clusters from before and after share groups.
func TestKind(t *testing.T) {
	for _, test := range []struct {
		name    string
		cluster *kversion.Versions
		want    Kind
	}{
		{"3.9", kversion.V3_9_0(), Classic},
		{"4.0", kversion.V4_0_0(), Classic},
		{"4.2", kversion.V4_2_0(), Share},
	} {
		addr := imitation(t, kfake.MaxVersions(test.cluster)).ListenAddrs()[0]
		q := open(t, Settings{Location: newTopic(addr, Auto)})
		if got, err := q.kind(t.Context()); err != nil || got != test.want {
			t.Errorf("Kafka %s: got kind %q and error %v, want %q", test.name, got, err, test.want)
		}
	}
	q := open(t, Settings{Location: newTopic(kafka.Broker(t), Auto)})
	if got, err := q.kind(t.Context()); err != nil || got != Share {
		t.Errorf("the real one: got kind %q and error %v, want %q", got, err, Share)
	}
}

func TestCheckRefuses(t *testing.T) {
	addr := kafka.Broker(t)
	for _, test := range []struct {
		name   string
		change func(*Location)
		want   charcoal.Code
		says   string
	}{
		{"a topic that is not there", func(l *Location) { l.Partitions = 0 }, charcoal.Invalid, "make it, or say partitions"},
		{"more replicas than brokers", func(l *Location) { l.Replication = 3 }, charcoal.Invalid, "Kafka refuses to make the topic"},
		{"no broker", func(l *Location) { l.Brokers = []string{"127.0.0.1:1"} }, charcoal.Unavailable, "cannot be reached"},
	} {
		loc := newTopic(addr, Share)
		test.change(&loc)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		err := open(t, Settings{Location: loc}).Check(ctx)
		cancel()
		if charcoal.CodeOf(err) != test.want || !strings.Contains(charcoal.Message(err), test.says) {
			t.Errorf("%s: got %v, want code %q and %q", test.name, err, test.want, test.says)
		}
	}
}

// TestBrokerAway has no broker at all: ringing neither waits nor fails, and closing
// ends.
func TestBrokerAway(t *testing.T) {
	t.Parallel()
	q := open(t, Settings{Location: newTopic("127.0.0.1:1", Share)})
	for range buffered + 10 {
		if err := q.Enqueue(t.Context(), charcoal.NewID()); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "count of the rings beyond the buffer as lost", func() bool { return q.Lost() >= 10 })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := q.Receive(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("receive: got %v, want %v", err, context.DeadlineExceeded)
	}
}

// TestBrokerRestarts kills the broker under workers that wait.
func TestBrokerRestarts(t *testing.T) {
	var own testservers.Kafka
	t.Cleanup(own.Stop)
	rung := map[*Queue]charcoal.ID{}
	for _, kind := range []Kind{Share, Classic} {
		q := open(t, Settings{Location: newTopic(own.Broker(t), kind)})
		ready(t, q)
		ringAndFlush(t, q, charcoal.NewID())
		_ = receive(t, q).Ack(t.Context())
		rung[q] = charcoal.NewID()
	}
	own.Halt(t, true)
	for q, id := range rung {
		if err := q.Enqueue(t.Context(), id); err != nil {
			t.Errorf("ring while the broker is away: %v", err)
		}
	}
	own.Resume(t)
	for q, want := range rung {
		for ring := receive(t, q); ring.Rendering != want; ring = receive(t, q) { // the first may come twice
			_ = ring.Ack(t.Context())
		}
	}
}

func TestSignIn(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	claims := fmt.Sprintf(`{"sub":"charcoal","iat":%d,"exp":%d}`, time.Now().Unix()-10, time.Now().Add(time.Hour).Unix())
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + "."
	if err := os.WriteFile(token, []byte(unsigned+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mechanism := range mechanisms {
		t.Run(mechanism, func(t *testing.T) {
			t.Parallel()
			loc := newTopic(kafka.Secure(t), Share)
			loc.TLS, loc.CA, loc.SASL = true, kafka.CA(t), mechanism
			if mechanism == "oauthbearer" {
				loc.TokenFile = token
			}
			q := open(t, Settings{Location: loc, User: testservers.KafkaUser, Password: testservers.KafkaPassword})
			ready(t, q)
			ringAndFlush(t, q, charcoal.NewID())
			receive(t, q)
		})
	}
	loc := newTopic(kafka.Secure(t), Share)
	loc.TLS, loc.CA, loc.SASL = true, kafka.CA(t), "scram-sha-512"
	err := open(t, Settings{Location: loc, User: testservers.KafkaUser, Password: rand.Text()}).Check(t.Context())
	if charcoal.CodeOf(err) != charcoal.Invalid {
		t.Errorf("a wrong password: got %v, want code %q", err, charcoal.Invalid)
	}
	loc.CA = ""
	err = open(t, Settings{Location: loc, User: testservers.KafkaUser, Password: testservers.KafkaPassword}).Check(t.Context())
	if err == nil {
		t.Error("a certificate that nobody vouches for: got no error")
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Settings){
		"no password":               func(s *Settings) { s.SASL, s.User = "plain", "x" },
		"no token":                  func(s *Settings) { s.SASL = "oauthbearer" },
		"an unknown mechanism":      func(s *Settings) { s.SASL, s.User, s.Password = "gssapi", "x", "y" },
		"certificates that are not": func(s *Settings) { s.TLS, s.CA = true, empty },
		"no file of certificates":   func(s *Settings) { s.TLS, s.CA = true, empty+"x" },
	} {
		s := Settings{Location: newTopic("127.0.0.1:1", Share)}
		change(&s)
		if _, err := New(s); charcoal.CodeOf(err) != charcoal.Invalid {
			t.Errorf("%s: got %v, want code %q", name, err, charcoal.Invalid)
		}
	}
}

func TestCloseEndsReceive(t *testing.T) {
	q, err := New(Settings{Location: newTopic(imitation(t).ListenAddrs()[0], Share)})
	if err != nil {
		t.Fatal(err)
	}
	var receivers sync.WaitGroup
	for range 3 {
		receivers.Go(func() {
			if _, err := q.Receive(context.Background()); charcoal.CodeOf(err) != charcoal.Unavailable {
				t.Errorf("receive: got %v, want code %q", err, charcoal.Unavailable)
			}
		})
	}
	for range 2 { // the second has nothing to do
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	}
	receivers.Wait()
	if err := q.Enqueue(t.Context(), charcoal.NewID()); charcoal.CodeOf(err) != charcoal.Unavailable {
		t.Errorf("enqueue: got %v, want code %q", err, charcoal.Unavailable)
	}
}

func ready(t testing.TB, q *Queue) {
	t.Helper()
	if err := q.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// ringAndFlush rings and waits until the broker has it.
func ringAndFlush(t *testing.T, q *Queue, ids ...charcoal.ID) {
	t.Helper()
	for _, id := range ids {
		if err := q.Enqueue(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.producer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lost := q.Lost(); lost != 0 {
		t.Fatalf("got %d rings lost, want none", lost)
	}
}

func receive(t testing.TB, q *Queue) charcoal.Ring {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ring, err := q.Receive(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

// eventually asks until it is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("got no %s", what)
		}
	}
}
