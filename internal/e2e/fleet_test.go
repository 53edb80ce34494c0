package e2e

import (
	"context"
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal/internal/testservers"
)

// fleet is a service past one machine: processes that take requests and processes
// that draw, on one store, one bucket and one queue.
type fleet struct {
	flags []string
	mu    sync.Mutex
	all   []*member
}

// member is one place in a fleet, where one process after the other runs.
type member struct {
	role string
	data string
	now  *server
}

// The servers that fleets of all tests share, each on a database, a bucket and a
// topic of its own.
var (
	postgres testservers.Postgres
	bucket   testservers.S3
	kafka    testservers.Kafka
)

// places are the flags for a store, a bucket and a queue that are new and empty.
func places(t testing.TB, queue string) []string {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", testservers.S3AccessKey)
	t.Setenv("AWS_SECRET_ACCESS_KEY", testservers.S3SecretKey)
	if queue == "kafka" {
		queue = fmt.Sprintf("kafka://%s/rings-%s?partitions=6&replication=1", kafka.Broker(t), strings.ToLower(rand.Text()[:8]))
	}
	return []string{
		"--store", postgres.NewDatabase(t, ""),
		"--blobs", fmt.Sprintf("s3://%s?endpoint=http://%s&region=us-east-1", bucket.Bucket(t), bucket.Addr(t)),
		"--queue", queue,
	}
}

// startFleet starts processes of both roles.
func startFleet(t testing.TB, apis, workers int, flags ...string) *fleet {
	t.Helper()
	f := &fleet{flags: append(flags, "--hooks-key", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")}
	for i := range apis + workers {
		m := &member{role: "api", data: t.TempDir()}
		if i >= apis {
			m.role = "worker"
		}
		f.all = append(f.all, m)
		f.boot(t, m)
	}
	return f
}

func (f *fleet) boot(t testing.TB, m *member) {
	t.Helper()
	s := start(t, m.data, append([]string{"--role", m.role}, f.flags...)...)
	f.mu.Lock()
	defer f.mu.Unlock()
	m.now = s
}

// of returns the members of a role.
func (f *fleet) of(role string) (some []*member) {
	for _, m := range f.all {
		if m.role == role {
			some = append(some, m)
		}
	}
	return some
}

// api is a process that takes requests, any of them.
func (f *fleet) api() *server {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of("api")[mathrand.IntN(len(f.of("api")))].now
}

// uploads are what clients were promised.
type uploads struct {
	mu       sync.Mutex
	accepted map[string]int // id to picture
}

// whileUploading has four clients upload until trouble is over, and returns what was
// accepted.
func (f *fleet) whileUploading(t *testing.T, pictures [][]byte, trouble func()) map[string]int {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	u := uploads{accepted: make(map[string]int)}
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for ctx.Err() == nil {
				which := mathrand.IntN(len(pictures))
				id, err := f.api().upload(ctx, "?size=60", "sample.png", pictures[which])
				if err != nil {
					select {
					case <-time.After(50 * time.Millisecond): // the process is gone, or refuses: try another
					case <-ctx.Done():
					}
					continue
				}
				u.mu.Lock()
				u.accepted[id] = which
				u.mu.Unlock()
			}
		})
	}
	trouble()
	stop()
	clients.Wait()
	return u.accepted
}

// check wants every accepted upload ready, with the art that a quiet run makes.
func (f *fleet) check(t *testing.T, accepted map[string]int, arts []string) {
	t.Helper()
	t.Logf("%d uploads were accepted", len(accepted))
	if len(accepted) < 20 {
		t.Fatalf("only %d uploads were accepted: the test shows nothing", len(accepted))
	}
	s := f.api()
	for id, which := range accepted {
		if got := s.art(id); got != arts[which] {
			t.Errorf("image %s: the art is not that of picture %d", id, which)
		}
	}
	eventually(t, func() bool {
		status := s.get("/status").json(t)
		return status["queue_depth"] == 0.0 && status["in_progress"] == 0.0 && status["errors"] == 0.0
	})
}

// TestFleetSurvivesKills kills processes of both roles at random moments.
func TestFleetSurvivesKills(t *testing.T) {
	for _, queue := range []string{"postgres", "kafka"} {
		t.Run(queue, func(t *testing.T) {
			f := startFleet(t, 2, 3, append(places(t, queue), "--jobs-lease", "3s", "--jobs-sweep-every", "500ms", "--jobs-poll-every", "1s")...)
			pictures, arts := samples(t, 6)
			accepted := f.whileUploading(t, pictures, func() {
				for range 20 {
					<-time.After(mathrand.N(300 * time.Millisecond)) // the moment is the test: any will do
					m := f.all[mathrand.IntN(len(f.all))]
					m.now.kill()
					f.boot(t, m)
				}
			})
			f.check(t, accepted, arts)
		})
	}
}

// TestFleetOutlivesASleepingWorker stops a worker past its lease. What it held is
// drawn by others, and when it wakes up it changes nothing.
func TestFleetOutlivesASleepingWorker(t *testing.T) {
	f := startFleet(t, 1, 2, append(places(t, "postgres"), "--jobs-lease", "2s", "--jobs-sweep-every", "300ms", "--jobs-poll-every", "500ms")...)
	pictures, arts := samples(t, 4)
	sleeper := f.of("worker")[0].now.cmd.Process
	accepted := f.whileUploading(t, pictures, func() {
		for range 3 {
			<-time.After(200 * time.Millisecond)
			if err := sleeper.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			<-time.After(4 * time.Second) // twice the lease
			if err := sleeper.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
		}
	})
	f.check(t, accepted, arts)
}

// TestFleetOutlivesItsServers ends each server that it stands on, and starts it
// again: what was accepted before, meanwhile and after is drawn.
func TestFleetOutlivesItsServers(t *testing.T) {
	for _, tt := range []struct {
		name, queue  string
		halt, resume func(testing.TB)
	}{
		{"Kafka", "kafka", func(tb testing.TB) { kafka.Halt(tb, true) }, func(tb testing.TB) { kafka.Resume(tb) }},
		{"PostgreSQL", "postgres", func(tb testing.TB) { postgres.Halt(tb, true) }, func(tb testing.TB) { postgres.Resume(tb) }},
		{"S3", "postgres", func(tb testing.TB) { bucket.Halt(tb) }, func(tb testing.TB) { bucket.Resume(tb) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := startFleet(t, 2, 3, append(places(t, tt.queue), "--jobs-lease", "3s", "--jobs-sweep-every", "500ms", "--jobs-poll-every", "1s")...)
			pictures, arts := samples(t, 4)
			accepted := f.whileUploading(t, pictures, func() {
				<-time.After(time.Second)
				tt.halt(t)
				<-time.After(5 * time.Second)
				tt.resume(t)
				<-time.After(time.Second)
			})
			f.check(t, accepted, arts)
		})
	}
}

// TestFleetRestarts every process, one after the other, as a rollout does: nothing is
// lost, and with two that take requests none is refused for long.
func TestFleetRestarts(t *testing.T) {
	f := startFleet(t, 2, 2, places(t, "postgres")...)
	pictures, arts := samples(t, 4)
	accepted := f.whileUploading(t, pictures, func() {
		for _, m := range f.all {
			if code := m.now.stop(); code != 0 {
				t.Errorf("exit status of a %s: got %d, want 0", m.role, code)
			}
			f.boot(t, m)
		}
	})
	f.check(t, accepted, arts)
}

// TestRolesSayWhatTheyAre: a worker takes no requests, and an API draws nothing.
func TestRolesSayWhatTheyAre(t *testing.T) {
	f := startFleet(t, 1, 1, places(t, "postgres")...)
	worker := f.of("worker")[0].now
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/list": http.StatusNotFound, "/v2/images": http.StatusNotFound} {
		if got := worker.get(path).status; got != want {
			t.Errorf("a worker at %s: got %d, want %d", path, got, want)
		}
	}
	worker.kill()
	s := f.api()
	id, err := s.upload(t.Context(), "?size=8", "x.png", tiny(t, 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.get(fmt.Sprintf("/image/%s/ascii?wait=2s", id)); got.status != http.StatusConflict {
		t.Errorf("without a worker: got %d %s", got.status, got.body)
	}
}
