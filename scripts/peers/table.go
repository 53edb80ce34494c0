//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// writeTable measures every contest and writes a row for each. Bars that are missed
// are in bold.
func writeTable(ctx context.Context, w io.Writer, dir string, entrants []program, rounds int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Wall time, median of %d rounds (the fastest), CPU time of all threads, and peak of resident memory.\n", rounds)
	b.WriteString("In brackets what is aimed at; what misses it is in bold. On a busy machine the ratios of CPU time tell more.\n\n| file |")
	for _, p := range entrants {
		fmt.Fprintf(&b, " %s |", p.name)
	}
	b.WriteString(" ratios of wall time | memory, MB |\n|---|" + strings.Repeat("---|", len(entrants)+2) + "\n")
	for _, c := range contests() {
		line, err := c.row(ctx, dir, entrants, rounds)
		if err != nil {
			return err
		}
		b.WriteString(line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// row measures one contest.
func (c contest) row(ctx context.Context, dir string, entrants []program, rounds int) (string, error) {
	path := filepath.Join(dir, c.file)
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	var entered []program
	for _, p := range entrants {
		if c.enters(p.name) {
			entered = append(entered, p)
		}
	}
	fmt.Fprintln(os.Stderr, "measuring", c.title)
	found := measureAll(ctx, path, entered, rounds)
	cells := []string{fmt.Sprintf("%s, %s", c.title, size(info.Size()))}
	for _, p := range entrants {
		cells = append(cells, c.cell(p.name, found[p.name]))
	}
	cells = append(cells, c.ratios(found), memory(found))
	return "| " + strings.Join(cells, " | ") + " |\n", nil
}

func (c contest) cell(program string, found costs) string {
	switch {
	case !c.enters(program):
		return "–"
	case len(found) == 0:
		return "**fails**"
	}
	return fmt.Sprintf("%s (%s) ms, CPU %s, %.0f MB",
		millis(found.median(wall)), millis(found.fastest()), millis(found.median(cpu)), found.peak())
}

// ratios are those that have a bar.
func (c contest) ratios(found map[string]costs) string {
	var all []string
	for _, b := range c.bars {
		ours, theirs := found[b.program], found[b.peer]
		if len(ours) == 0 || len(theirs) == 0 {
			continue
		}
		ratio := share(ours, theirs, wall)
		all = append(all, mark(fmt.Sprintf("%s %.2f × %s (≤ %.2f), CPU %.2f", short(b.program), ratio, b.peer, b.atMost, share(ours, theirs, cpu)), ratio > b.atMost))
	}
	return strings.Join(all, "<br>")
}

// share is the part that ours have of what theirs cost.
func share(ours, theirs costs, of func(cost) time.Duration) float64 {
	return float64(ours.median(of)) / float64(max(theirs.median(of), 1))
}

// memory is the peak of charcoal at any effort.
func memory(found map[string]costs) string {
	most := 0.0
	for _, name := range []string{fast, usual} {
		if len(found[name]) > 0 {
			most = max(most, found[name].peak())
		}
	}
	if most == 0 {
		return "–"
	}
	return mark(fmt.Sprintf("%.0f (≤ %d)", most, maxMB), most > maxMB)
}

func mark(s string, missed bool) string {
	if missed {
		return "**" + s + "**"
	}
	return s
}

// short names charcoal by its effort.
func short(program string) string {
	if program == fast {
		return "effort 1:"
	}
	return "default:"
}

func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	if ms < 20 {
		return fmt.Sprintf("%.1f", ms)
	}
	return fmt.Sprintf("%.0f", ms)
}

func size(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d kB", (n+500)/1000)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}
