package e2e

import (
	"slices"
	"sync"
	"testing"
	"time"
)

const benchClients = 8

// BenchmarkUploadToReady measures the whole service as clients see it: how many
// photographs a second go from upload to ready, and how long an upload waits for
// its answer meanwhile. Client and server share the machine.
func BenchmarkUploadToReady(b *testing.B) {
	s := start(b, b.TempDir())
	pictures := make([][]byte, 16)
	for i := range pictures {
		pictures[i] = jpegOf(b, photo(768, 512, uint64(i)), 88)
	}
	b.Logf("pictures of about %d kB", len(pictures[0])/1000)
	waits := make([]time.Duration, b.N)
	var clients sync.WaitGroup
	b.ResetTimer()
	for client := range benchClients {
		clients.Go(func() {
			for i := client; i < b.N; i += benchClients {
				begin := time.Now()
				if _, err := s.upload(b.Context(), "?size=100", "photo.jpg", pictures[i%len(pictures)]); err != nil {
					b.Error(err)
					return
				}
				waits[i] = time.Since(begin)
			}
		})
	}
	clients.Wait()
	for !b.Failed() && s.get("/status").json(b)["ready"] != float64(b.N) {
		<-time.After(5 * time.Millisecond)
	}
	b.StopTimer()
	s.stop()
	cpu := s.cmd.ProcessState.UserTime() + s.cmd.ProcessState.SystemTime()
	slices.Sort(waits)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
	b.ReportMetric(milliseconds(cpu)/float64(b.N), "server-cpu-ms/image")
	b.ReportMetric(milliseconds(waits[len(waits)/2]), "p50-answer-ms")
	b.ReportMetric(milliseconds(waits[len(waits)*99/100]), "p99-answer-ms")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
