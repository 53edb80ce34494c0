package cli

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// meter shows how far a run is: as a bar on a terminal, else not at all. It is
// safe for concurrent use.
type meter struct {
	stdout, stderr io.Writer // to write whole lines to while it shows

	progress *mpb.Progress // nil without a terminal
	bar      *mpb.Bar
	files    int64
	done     atomic.Int64
}

// newMeter begins to show a run of so many files and bytes. The caller must stop it.
func newMeter(p Process, quiet bool, files int, bytes int64) *meter {
	var mu sync.Mutex
	m := &meter{stdout: locked{&mu, p.Stdout}, stderr: locked{&mu, p.Stderr}, files: int64(files)}
	if quiet || !isTerminal(p.Stderr) || variable(p.Env, "TERM") == "dumb" {
		return m
	}
	m.progress = mpb.New(mpb.WithOutput(p.Stderr), mpb.WithWidth(40))
	m.bar = m.progress.AddBar(0, // so that it does not end with the last byte
		mpb.PrependDecorators(decor.Any(m.count), decor.CountersKibiByte("% .1f / % .1f", decor.WCSyncSpace)),
		mpb.AppendDecorators(decor.AverageSpeed(decor.SizeB1024(0), "% .1f"), decor.Name(" "), decor.AverageETA(decor.ET_STYLE_GO)),
	)
	m.bar.SetTotal(bytes, false)
	m.stderr = m.progress // lines go above the bar
	if isTerminal(p.Stdout) {
		m.stdout = m.progress
	}
	return m
}

func (m *meter) count(decor.Statistics) string {
	return fmt.Sprintf("%d/%d ", m.done.Load(), m.files)
}

// sent counts bytes, which may be negative when they have to be sent again.
func (m *meter) sent(n int64) {
	if m.bar != nil {
		m.bar.IncrInt64(n)
	}
}

// finish counts a file.
func (m *meter) finish() { m.done.Add(1) }

// stop leaves the bar as it is and waits until all is shown.
func (m *meter) stop() {
	if m.bar == nil {
		return
	}
	m.bar.Abort(false)
	m.progress.Wait()
}

// locked lets several goroutines write whole lines.
type locked struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}
