package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestFleetTakesManyUploadsAtOnce sends 2000 small pictures at the same moment. Each is
// answered, soon, and the process that takes them stays small.
func TestFleetTakesManyUploadsAtOnce(t *testing.T) {
	const uploads, limit = 2000, 300 << 20
	f := startFleet(t, 1, 0, places(t, "postgres")...)
	s := f.api()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: uploads}}
	defer client.CloseIdleConnections()
	answers := make([]atOnce, uploads)
	gate := make(chan struct{})
	var clients sync.WaitGroup
	for i := range answers {
		contentType, body := form("small.png", tiny(t, i))
		clients.Go(func() {
			<-gate
			answers[i] = s.send(client, contentType, body)
		})
	}
	before := cpuOfChildren(t, f.roles())["api"]
	close(gate)
	clients.Wait()
	t.Logf("the API took %v of CPU", cpuOfChildren(t, f.roles())["api"]-before)
	counts, waits := map[string]int{}, make([]time.Duration, uploads)
	for i, a := range answers {
		counts[a.is]++
		waits[i] = a.after
	}
	slices.Sort(waits)
	peak := peakMemory(t, s.cmd.Process.Pid)
	t.Logf("answers %v; after %v at the median, %v at the most; peak of memory %d MiB", counts, waits[uploads/2], waits[uploads-1], peak>>20)
	if peak > limit {
		t.Errorf("peak of memory: got %d MiB, want at most %d", peak>>20, limit>>20)
	}
	if taken := counts["202"] + counts["429"] + counts["503"]; taken != uploads || counts["202"] == 0 {
		t.Errorf("answers: got %v, want 202, 429 or 503", counts)
	}
}

// atOnce is how one of many uploads was answered, and after how long.
type atOnce struct {
	is    string
	after time.Duration
}

// send uploads as version 2 does.
func (s *server) send(client *http.Client, contentType string, body []byte) atOnce {
	begin := time.Now()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/v2/images", bytes.NewReader(body))
	if err != nil {
		return atOnce{is: err.Error()}
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := client.Do(req)
	if err != nil {
		return atOnce{err.Error(), time.Since(begin)}
	}
	_ = resp.Body.Close()
	return atOnce{strconv.Itoa(resp.StatusCode), time.Since(begin)}
}

// loaded is what "charcoal bench server --json" measures, as far as it matters here.
type loaded struct {
	Ready   float64                    `json:"ready"`
	PerSec  float64                    `json:"images_per_second"`
	Answer  struct{ P50, P99 float64 } `json:"answer_ms"`
	Until   struct{ P50, P99 float64 } `json:"ready_ms"`
	Refused map[string]int
}

// imagesARound is how many uploads one round of a benchmark is.
const imagesARound = 300

// load has clients upload to a server, each as fast as it is answered.
func (s *server) load(b *testing.B) (l loaded) {
	b.Helper()
	bin, err := program()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), bin, "bench", "server", "--server", s.url, "--count", strconv.Itoa(imagesARound), "--cols", "100", "--json")
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &l)
	}
	if err != nil || l.Ready != imagesARound {
		b.Fatalf("the load: %v: %s", err, out)
	}
	return l
}

// BenchmarkFleet compares a service of one process, which needs no other server, with
// one that is scaled out: one process that takes requests, and one that draws.
// scripts/bench-fleet runs them in turn.
func BenchmarkFleet(b *testing.B) {
	postgres.Flush = true // as the one process does
	b.Run("embedded", func(b *testing.B) {
		s := start(b, b.TempDir())
		measure(b, s, map[int]string{s.cmd.Process.Pid: "all"})
	})
	for _, queue := range []string{"kafka", "postgres"} {
		b.Run("queue="+queue, func(b *testing.B) {
			f := startFleet(b, 1, 1, places(b, queue)...)
			count := f.writes(b)
			measure(b, f.api(), f.roles())
			count()
		})
	}
}

// writes counts what the database does until the function is called that it returns.
func (f *fleet) writes(b *testing.B) (report func()) {
	b.Helper()
	url := f.flags[slices.Index(f.flags, "--store")+1]
	count := func() (transactions, rows, bytes, images float64) {
		conn, err := pgx.Connect(b.Context(), url)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = conn.Close(b.Context()) }()
		err = conn.QueryRow(b.Context(), `SELECT xact_commit, tup_inserted + tup_updated + tup_deleted,
			pg_database_size(datname), (SELECT count(*) FROM images) FROM pg_stat_database
			WHERE datname = current_database()`).Scan(&transactions, &rows, &bytes, &images)
		if err != nil {
			b.Fatal(err)
		}
		return transactions, rows, bytes, images
	}
	transactions, rows, bytes, images := count()
	return func() {
		t, r, s, n := count()
		n -= images
		b.ReportMetric((t-transactions)/n, "transactions/image")
		b.ReportMetric((r-rows)/n, "rows/image")
		b.ReportMetric((s-bytes)/n, "db-bytes/image")
	}
}

func (f *fleet) roles() map[int]string {
	roles := map[int]string{}
	for _, m := range f.all {
		roles[m.now.cmd.Process.Pid] = m.role
	}
	return roles
}

func measure(b *testing.B, s *server, roles map[int]string) {
	s.load(b) // whatever is slow at first
	before, rounds := cpuOfChildren(b, roles), 0
	var sum loaded
	for b.Loop() {
		l := s.load(b)
		sum.PerSec += l.PerSec
		sum.Answer.P50 += l.Answer.P50
		sum.Answer.P99 += l.Answer.P99
		sum.Until.P99 += l.Until.P99
		rounds++
	}
	n := float64(rounds)
	b.ReportMetric(sum.PerSec/n, "images/s")
	b.ReportMetric(sum.Answer.P50/n, "p50-answer-ms")
	b.ReportMetric(sum.Answer.P99/n, "p99-answer-ms")
	b.ReportMetric(sum.Until.P99/n, "p99-ready-ms")
	reportCPU(b, before, cpuOfChildren(b, roles), n*imagesARound)
}

func reportCPU(b *testing.B, before, after map[string]time.Duration, images float64) {
	for who, used := range after {
		if used -= before[who]; who != "charcoal" { // the clients, which are gone
			b.ReportMetric(milliseconds(used)/images, who+"-cpu-ms/image")
		}
	}
}

// BenchmarkWorkers draws what waits, with more and more workers of one core each.
func BenchmarkWorkers(b *testing.B) {
	postgres.Flush = true
	for _, workers := range []int{1, 2, 4} {
		b.Run(fmt.Sprintf("workers=%d", workers), func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				drain(b, workers)
				b.StartTimer()
			}
		})
	}
}

// drain measures from when a tenth is drawn, so that starting does not count, until a
// tenth is left, so that all workers have work.
func drain(b *testing.B, workers int) {
	f := startFleet(b, 1, 0, append(places(b, "postgres"), "--workers", "1")...)
	defer f.end(b)
	s := f.api()
	picture := jpegOf(b, photo(768, 512, 1), 88)
	for range imagesARound {
		if _, err := s.upload(b.Context(), "?size=100", "photo.jpg", picture); err != nil {
			b.Fatal(err)
		}
	}
	for range workers {
		m := &member{role: "worker", data: b.TempDir()}
		f.all = append(f.all, m)
		f.boot(b, m)
	}
	ready := s.awaitReady(b, imagesARound/10)
	before, begin := cpuOfChildren(b, f.roles()), time.Now()
	done := s.awaitReady(b, imagesARound*9/10) - ready
	took, after := time.Since(begin), cpuOfChildren(b, f.roles())
	b.ReportMetric(done/took.Seconds(), "images/s")
	reportCPU(b, before, after, done)
}

func (s *server) awaitReady(tb testing.TB, n float64) (ready float64) {
	tb.Helper()
	for ready < n {
		<-time.After(5 * time.Millisecond)
		ready = s.get("/status").json(tb)["ready"].(float64)
	}
	return ready
}

func (f *fleet) end(tb testing.TB) {
	for _, m := range f.all {
		if code := m.now.stop(); code != 0 {
			tb.Errorf("exit status of a %s: got %d, want 0", m.role, code)
		}
	}
}

// cpuOfChildren is the CPU time that the processes under this one took until now, by
// role or by program, with that of their children that ended.
func cpuOfChildren(tb testing.TB, roles map[int]string) map[string]time.Duration {
	tb.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		tb.Skip("there is no /proc here")
	}
	all := map[int]proc{}
	for _, name := range stats {
		if p, ok := readProc(name); ok {
			all[p.pid] = p
		}
	}
	used := map[string]time.Duration{}
	for _, p := range all {
		if !p.under(os.Getpid(), all) {
			continue
		}
		who := roles[p.pid]
		if who == "" {
			who = p.name
		}
		used[who] += p.cpu
	}
	return used
}

type proc struct {
	pid, parent int
	name        string
	cpu         time.Duration
}

func (p proc) under(ancestor int, all map[int]proc) bool {
	for p.parent > 1 && p.parent != ancestor {
		p = all[p.parent]
	}
	return p.parent == ancestor
}

// readProc reads what proc_pid_stat(5) describes. Its clock ticks are of 10 ms.
func readProc(name string) (p proc, ok bool) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return p, false // it has ended
	}
	head, tail, _ := strings.Cut(string(raw), " (")
	program, rest, _ := strings.Cut(tail, ") ")
	fields := strings.Fields(rest)
	if len(fields) < 15 {
		return p, false
	}
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	ticks := 0
	for _, field := range fields[11:15] { // utime, stime and those of children
		ticks += number(field)
	}
	return proc{number(head), number(fields[1]), program, time.Duration(ticks) * 10 * time.Millisecond}, true
}
