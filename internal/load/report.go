package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/charcoal-art/charcoal/client"
)

// Report is what was measured.
type Report struct {
	Clients int     `json:"clients"`
	Rate    float64 `json:"rate"`    // of uploads that became due; 0: as fast as answers came
	Stopped bool    `json:"stopped"` // before the plan was done

	Accepted   int64            `json:"accepted"`   // uploads
	Bytes      int64            `json:"bytes"`      // of accepted pictures
	Refused    map[string]int64 `json:"refused"`    // uploads, by the status of the answer, or "no answer"
	Ready      int64            `json:"ready"`      // images
	Failed     int64            `json:"failed"`     // images, canceled ones included
	Unfinished int64            `json:"unfinished"` // images that were waited for in vain, or not at all

	Seconds         float64 `json:"seconds"`           // from the first upload until the last image was final
	ImagesPerSecond float64 `json:"images_per_second"` // ready ones

	// From when an upload was due.
	Answer     Latency `json:"answer_ms"` // until its answer, of accepted ones
	UntilReady Latency `json:"ready_ms"`  // until its image was ready

	// ServerCPU is the CPU time that the server took for each ready image, in ms; 0 where
	// that is not known.
	ServerCPU float64 `json:"server_cpu_ms_per_image,omitempty"`
}

// Latency is how long something took, in milliseconds, within 2 %.
type Latency struct {
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P99  float64 `json:"p99"`
	P999 float64 `json:"p999"`
	Max  float64 `json:"max"`
}

func (r *run) report(stopped bool) Report {
	o := r.outcomes
	rep := Report{
		Clients: r.plan.Clients, Rate: r.plan.Rate, Stopped: stopped,
		Accepted: r.accepted, Bytes: r.bytes, Refused: r.refused,
		Ready: o.done[client.Ready], Failed: o.done[client.Failed] + o.done[client.Canceled], Unfinished: int64(len(o.waiting)) + o.beyond,
		Answer: r.answers.summary(), UntilReady: o.ready.summary(),
	}
	if took := o.last.Sub(r.start); took > 0 {
		rep.Seconds = milliseconds(took) / float64(time.Second/time.Millisecond)
		rep.ImagesPerSecond = float64(rep.Ready) / rep.Seconds
	}
	return rep
}

// WriteText writes a report for people.
func (r Report) WriteText(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(format string, args ...any) { _, _ = fmt.Fprintf(table, format+"\n", args...) } // Flush tells errors
	if r.Stopped {
		row("stopped\tbefore it was done")
	}
	row("images/s to ready\t%.1f", r.ImagesPerSecond)
	row("ready\t%d in %.1f s, %.1f MB", r.Ready, r.Seconds, float64(r.Bytes)/1e6)
	row("accepted\t%d", r.Accepted)
	row("refused\t%s", r.refusals())
	row("failed\t%d", r.Failed)
	row("unfinished\t%d", r.Unfinished)
	if r.ServerCPU > 0 {
		row("CPU of the server\t%.1f ms an image", r.ServerCPU)
	}
	row("")
	row("ms\tp50\tp90\tp99\tp99.9\tmax")
	row("until the answer\t%s", r.Answer)
	row("until it is ready\t%s", r.UntilReady)
	if err := table.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (r Report) refusals() string {
	if len(r.Refused) == 0 {
		return "0"
	}
	var each []string
	for _, status := range slices.Sorted(maps.Keys(r.Refused)) {
		each = append(each, fmt.Sprintf("%d × %s", r.Refused[status], status))
	}
	return strings.Join(each, ", ")
}

// String returns the columns of a table.
func (l Latency) String() string {
	return fmt.Sprintf("%.1f\t%.1f\t%.1f\t%.1f\t%.1f", l.P50, l.P90, l.P99, l.P999, l.Max)
}
