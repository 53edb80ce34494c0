package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where theory knows the answer, the simulation finds it: the mean time in a queue with
// one server (M/M/1: 1/(μ-λ)), with several (M/M/c, by Erlang's formula C), and in a row
// of queues, where times add up (J. Jackson, 1957).
func TestSimulationAgreesWithTheory(t *testing.T) {
	one := func() *station { return &station{servers: 1} }
	five := func() *station { return &station{servers: 5} }
	tests := []struct {
		name  string
		steps []step
		rate  float64
		want  float64
	}{
		{"one server, half busy", []step{{one(), 0.01}}, 50, 0.02},
		{"one server, 80 % busy", []step{{one(), 0.01}}, 80, 0.05},
		{"five servers, 80 % busy", []step{{five(), 0.01}}, 400, 0.01 + 0.5541/(500-400)},
		{"two in a row, half busy", []step{{one(), 0.01}, {one(), 0.01}}, 50, 0.04},
		{"time only", []step{{nil, 0.01}}, 1000, 0.01},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := simulate(route{tt.steps, 0}, tt.rate, 200_000, 1)
			sum := 0.0
			for _, w := range s.readys {
				sum += w
			}
			if got := sum / float64(len(s.readys)); math.Abs(got/tt.want-1) > 0.05 {
				t.Errorf("mean time: got %.4f s, want %.4f within 5 %%", got, tt.want)
			}
		})
	}
}

func TestEveryImageIsAnsweredAndReady(t *testing.T) {
	at := &station{servers: 2}
	s := simulate(route{[]step{{at, 0.01}, {nil, 0.02}, {at, 0.01}}, 1}, 60, 1000, 1)
	if len(s.answers) != 1000 || len(s.readys) != 1000 || at.busy != 0 || len(at.line) != 0 {
		t.Errorf("got %d answers, %d ready, %d busy", len(s.answers), len(s.readys), at.busy)
	}
}

// Ten times the load needs ten times the cores, within rounding, and waits no longer.
func TestPlansScale(t *testing.T) {
	m := measured(t)
	small, large := planFor(m, 10), planFor(m, 1000)
	if r := float64(large.work) / float64(small.work); r < 90 || r > 101 {
		t.Errorf("100 times the load takes %.1f times the workers", r)
	}
	slow, _ := small.try(m)
	fast, _ := large.try(m)
	if a, b := quantile(slow.readys, 0.5), quantile(fast.readys, 0.5); a == "0 ms" || b == "0 ms" {
		t.Errorf("got %s and %s", a, b)
	}
}

// The page shows what the program says of what was measured.
func TestTheDocumentIsUpToDate(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "scaling.md"))
	if err != nil {
		t.Fatal(err)
	}
	for table := range strings.SplitSeq(tables(measured(t)), "\n\n") {
		if !strings.Contains(string(page), strings.TrimSpace(table)) {
			t.Errorf("docs/scaling.md does not have this table; it is made by\n\tgo run ./scripts/simulate scripts/simulate/measured.json\n%s", table)
		}
	}
}

func TestUsage(t *testing.T) {
	for name, args := range map[string][]string{"nothing": nil, "a file that is not there": {"none.json"}} {
		if err := run(args, nil); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	var out strings.Builder
	if err := run([]string{"measured.json"}, &out); err != nil || out.Len() == 0 {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

func measured(t *testing.T) Measured {
	t.Helper()
	m, err := read("measured.json")
	if err != nil {
		t.Fatal(err)
	}
	return m
}
