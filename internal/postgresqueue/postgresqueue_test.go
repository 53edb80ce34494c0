package postgresqueue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

var (
	postgres  testservers.Postgres
	pgbouncer testservers.PgBouncer
)

func TestMain(m *testing.M) { os.Exit(testservers.Run(m, &pgbouncer, &postgres)) }

func TestConformance(t *testing.T) {
	conformance.Queue(t, func(t *testing.T) charcoal.Queue {
		q, err := New(Settings{Listen: postgres.NewDatabase(t, "")})
		if err != nil {
			t.Fatal(err)
		}
		return q
	})
}

// TestBehindPgBouncer notifies through a pool of transactions.
func TestBehindPgBouncer(t *testing.T) {
	direct := postgres.NewDatabase(t, "")
	pooled := at(t, direct, pgbouncer.Addr(t, &postgres))
	t.Run("notify", func(t *testing.T) {
		q := open(t, Settings{Listen: direct, Notify: pooled})
		if err := q.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		ringUntilReceived(t, q, q)
	})
	t.Run("listen", func(t *testing.T) {
		q := open(t, Settings{Listen: pooled, Notify: direct})
		err := q.Check(t.Context())
		if charcoal.CodeOf(err) != charcoal.Invalid || !strings.Contains(charcoal.Message(err), "pool of transactions") {
			t.Errorf("got %v, want it refused with the reason", err)
		}
	})
}

func TestEveryListenerIsWoken(t *testing.T) {
	address := postgres.NewDatabase(t, "")
	api := open(t, Settings{Listen: address})
	var all sync.WaitGroup
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ringing, stop := context.WithCancel(ctx)
	for range 3 {
		worker := open(t, Settings{Listen: address})
		all.Go(func() {
			if _, err := worker.Receive(ctx); err != nil {
				t.Errorf("receive: %v", err)
			}
		})
	}
	var ringer sync.WaitGroup
	ringer.Go(func() { ring(ringing, api) })
	all.Wait()
	stop()
	ringer.Wait()
}

func TestServerRestarts(t *testing.T) {
	for _, crash := range []bool{false, true} {
		q := open(t, Settings{Listen: postgres.NewDatabase(t, "")})
		ringUntilReceived(t, q, q)
		postgres.Halt(t, crash)
		wantCode(t, "check while it is away", q.Check(t.Context()), charcoal.Unavailable)
		if err := q.Enqueue(t.Context(), charcoal.NewID()); err != nil {
			t.Errorf("ring while it is away: %v", err)
		}
		postgres.Resume(t)
		ringUntilReceived(t, q, q)
	}
}

func TestConnectionsAreCut(t *testing.T) {
	address := postgres.NewDatabase(t, "")
	proxy := testservers.NewProxy(t, fmt.Sprintf("127.0.0.1:%d", postgres.Port(t)))
	q := open(t, Settings{Listen: at(t, address, proxy.Addr)})
	for range 3 {
		ringUntilReceived(t, q, q)
		proxy.Cut()
	}
	proxy.Away()
	for range 2*buffered + 1 { // some were sent or are being sent
		if err := q.Enqueue(t.Context(), charcoal.NewID()); err != nil {
			t.Fatal(err)
		}
	}
	if q.Lost() == 0 {
		t.Error("got no rings lost, want those beyond the buffer counted")
	}
	proxy.Back()
	ringUntilReceived(t, q, q)
}

// TestSilentConnections has a network that loses everything and says nothing.
func TestSilentConnections(t *testing.T) {
	address := postgres.NewDatabase(t, "")
	proxy := testservers.NewProxy(t, fmt.Sprintf("127.0.0.1:%d", postgres.Port(t)))
	soon := patience{away: 10 * time.Millisecond, answering: 300 * time.Millisecond, silence: 100 * time.Millisecond}
	q, err := newQueue(Settings{Listen: at(t, address, proxy.Addr)}, soon)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = q.Close() }()
	ringUntilReceived(t, q, q)
	proxy.Freeze()
	wantCode(t, "check", q.Check(t.Context()), charcoal.Unavailable)
	for range buffered + batch + 1 { // no ring waits for the network
		if err := q.Enqueue(t.Context(), charcoal.NewID()); err != nil {
			t.Fatal(err)
		}
	}
	proxy.Cut() // those connections never come back
	proxy.Thaw()
	ringUntilReceived(t, q, q)
}

// TestManyRingsAreFewNotifications counts what the server was asked to commit.
func TestManyRingsAreFewNotifications(t *testing.T) {
	address := postgres.NewDatabase(t, "")
	listener, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(listener)
	if _, err := listener.Exec(t.Context(), "LISTEN "+channel); err != nil {
		t.Fatal(err)
	}
	q := open(t, Settings{Listen: address})
	const rings = 4000
	for range rings {
		if err := q.Enqueue(t.Context(), charcoal.NewID()); err != nil {
			t.Fatal(err)
		}
	}
	notifications, ids := 0, 0
	for ; ids < rings; notifications++ {
		payload, err := next(t.Context(), listener, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		ids += len(split(payload))
	}
	if want := rings / 10; notifications > want {
		t.Errorf("got %d notifications for %d rings, want %d at most", notifications, rings, want)
	}
	t.Logf("%d rings were %d notifications", rings, notifications)
}

// TestForeignNotifications has somebody else use the channel.
func TestForeignNotifications(t *testing.T) {
	address := postgres.NewDatabase(t, "")
	q := open(t, Settings{Listen: address})
	ringUntilReceived(t, q, q) // now it listens
	other, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer hangUp(other)
	want := charcoal.NewID()
	for _, payload := range []string{"", "hello", strings.Repeat("x", 7999), "00000000-0000-0000-0000", want.String() + " and more"} {
		if _, err := other.Exec(t.Context(), "SELECT pg_notify($1, $2)", channel, payload); err != nil {
			t.Fatal(err)
		}
	}
	for got := receive(t, q); got != want; got = receive(t, q) { // rings of before may be left
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, s := range []Settings{
		{Listen: "postgres://user:hidden@host:port/db"},
		{Listen: "postgres://host/db", Notify: "postgres://user:hidden@host/db?sslmode=maybe"},
	} {
		_, err := New(s)
		wantCode(t, fmt.Sprint(s), err, charcoal.Invalid)
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("the error %q repeats the password", err)
		}
	}
}

func TestCloseEndsReceive(t *testing.T) {
	q, err := New(Settings{Listen: "postgres://127.0.0.1:1/none"})
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
	wantCode(t, "enqueue", q.Enqueue(t.Context(), charcoal.NewID()), charcoal.Unavailable)
}

func FuzzSplit(f *testing.F) {
	ids := []charcoal.ID{charcoal.NewID(), charcoal.NewID()}
	for _, seed := range []string{"", " ", "x", join(ids), join(ids)[1:], strings.ToUpper(join(ids)), "\x00\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, payload string) {
		ids := split(payload)
		if again := split(join(ids)); fmt.Sprint(again) != fmt.Sprint(ids) {
			t.Fatalf("got %v and then %v", ids, again)
		}
	})
}

// TestBatchesFit holds that a full batch is a payload that the server takes.
func TestBatchesFit(t *testing.T) {
	if got := len(join(make([]charcoal.ID, batch))); got >= 8000 {
		t.Errorf("a batch takes %d bytes, and a payload less than 8000", got)
	}
}

// BenchmarkRing measures from one process's ring to another's receiver.
func BenchmarkRing(b *testing.B) {
	address := postgres.NewDatabase(b, "")
	api, worker := open(b, Settings{Listen: address}), open(b, Settings{Listen: address})
	ringUntilReceived(b, api, worker)
	b.ReportAllocs()
	for b.Loop() {
		id := charcoal.NewID()
		if err := api.Enqueue(b.Context(), id); err != nil {
			b.Fatal(err)
		}
		for receive(b, worker) != id { // those from before come first
		}
	}
}

func open(tb testing.TB, s Settings) *Queue {
	tb.Helper()
	s.Log = slog.New(slog.NewTextHandler(tb.Output(), nil))
	q, err := New(s)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := q.Close(); err != nil {
			tb.Errorf("close: %v", err)
		}
	})
	return q
}

// at is an address as it is seen through something in between.
func at(t *testing.T, address, hostport string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = hostport
	return u.String()
}

// ringUntilReceived rings until the worker hears it: a ring may be lost, before it
// listens for example.
func ringUntilReceived(tb testing.TB, api, worker *Queue) {
	tb.Helper()
	ctx, cancel := context.WithCancel(tb.Context())
	var ringer sync.WaitGroup
	ringer.Go(func() { ring(ctx, api) })
	defer ringer.Wait()
	defer cancel()
	for len(worker.in) > 0 { // rings of before
		<-worker.in
	}
	receive(tb, worker)
}

func ring(ctx context.Context, q *Queue) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for ctx.Err() == nil {
		_ = q.Enqueue(ctx, charcoal.NewID())
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
	}
}

func receive(tb testing.TB, q *Queue) charcoal.ID {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	ring, err := q.Receive(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	if err := errors.Join(ring.Ack(ctx), ring.Ack(ctx)); err != nil {
		tb.Errorf("acknowledge: %v", err)
	}
	return ring.Rendering
}

func wantCode(t *testing.T, doing string, err error, want charcoal.Code) {
	t.Helper()
	if err == nil || charcoal.CodeOf(err) != want {
		t.Errorf("%s: got %v, want code %q", doing, err, want)
	}
}
