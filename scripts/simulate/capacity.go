package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// What a part can do, before there must be another of its kind.
const (
	target       = 0.65  // busy, at the busiest time: beyond that, waits grow fast
	primaryCores = 32    // of one PostgreSQL primary, which commits on one disk
	prefixPuts   = 3500  // a second, of one prefix of a bucket (AWS, "Best practices design patterns: optimizing Amazon S3 performance")
	ringsEach    = 2000  // messages a second of one Kafka partition: far below what it takes, so that a lost broker moves fast
	tableRows    = 2e8   // of images, before an index is no longer in memory and vacuuming takes hours
	keepDays     = 90.0  // of images
	fewImages    = 20000 // that are simulated at least
	seconds      = 3     // that are simulated at least
)

// plan is what a service of a rate needs.
type plan struct {
	times      float64 // today's load
	rate       float64
	api, work  int // cores
	db         int // cores of primaries
	s3         int // cores of an object store of one's own
	primaries  int // parts of the catalogue
	prefixes   int
	partitions int // of the topic
}

func planFor(m Measured, times float64) plan {
	p := plan{times: times, rate: times * m.TodayPerSec}
	cores := func(ms float64) int { return int(math.Ceil(p.rate * ms / 1000 / target)) }
	p.api, p.work, p.db, p.s3 = cores(m.API.CPU), cores(m.Worker.CPU), cores(m.DB.CPU), cores(m.S3.CPU)
	byRows := p.perDay(m) * keepDays / tableRows
	p.primaries = int(math.Ceil(max(float64(p.db)/primaryCores, byRows)))
	p.prefixes = int(math.Ceil(p.rate * m.Puts / prefixPuts))
	p.partitions = max(6, int(math.Ceil(p.rate*m.Messages/ringsEach)))
	return p
}

func (p plan) perDay(m Measured) float64 { return p.rate * m.DayFactor * 86400 }

// try simulates the plan. The transactions of an image are half for its upload and half
// for its drawing, as are those of the database's time.
func (p plan) try(m Measured) (*simulation, []*station) {
	api, work := &station{name: "API", servers: p.api}, &station{name: "workers", servers: p.work}
	db := &station{name: "PostgreSQL", servers: p.db}
	const ms = 1e-3
	r := route{answered: 4, steps: []step{
		{api, m.API.CPU * ms},
		{nil, m.PutMS * ms},
		{db, m.DB.CPU / 2 * ms},
		{nil, m.CommitMS * ms},
		{db, m.DB.CPU / 2 * ms},
		{nil, (m.GetMS + m.PutMS) * ms},
		{work, m.Worker.CPU * ms},
		{nil, m.CommitMS * ms},
	}}
	return simulate(r, p.rate, max(fewImages, int(seconds*p.rate)), 1), []*station{api, db, work}
}

// scales are the loads of the tables, in times of today's.
func scales() []float64 { return []float64{1, 10, 100, 1000} }

func tables(m Measured) string {
	var b strings.Builder
	row := func(cells ...any) { fmt.Fprintln(&b, "| "+strings.TrimSuffix(fmt.Sprintln(cells...), "\n")+" |") }
	cells := func(format string, args ...any) { row(fmt.Sprintf(strings.ReplaceAll(format, ",", " |"), args...)) }
	cells("load,uploads/s,images/day,API cores,worker cores,object store cores,PostgreSQL cores,transactions/s,parts of the catalogue,PUT/s,prefixes,Kafka partitions")
	fmt.Fprintln(&b, strings.Repeat("|---", 12)+"|")
	for _, times := range scales() {
		p := planFor(m, times)
		cells("× %.0f,%.0f,%s,%d,%d,%d,%d,%.0f,%d,%.0f,%d,%d", times, p.rate, human(p.perDay(m)), p.api, p.work, p.s3, p.db,
			p.rate*m.Transactions, p.primaries, p.rate*m.Puts, p.prefixes, p.partitions)
	}
	fmt.Fprintln(&b)
	cells("load,answer p50,answer p99,ready p50,ready p99,API busy,PostgreSQL busy,workers busy,with a fifth of the workers gone: ready p99")
	fmt.Fprintln(&b, strings.Repeat("|---", 9)+"|")
	for _, times := range scales() {
		p := planFor(m, times)
		s, at := p.try(m)
		lame := p
		lame.work = max(1, p.work*4/5)
		without, _ := lame.try(m)
		cells("× %.0f,%s,%s,%s,%s,%s,%s,%s,%s", times, quantile(s.answers, 0.5), quantile(s.answers, 0.99), quantile(s.readys, 0.5),
			quantile(s.readys, 0.99), at[0].load(s), at[1].load(s), at[2].load(s), quantile(without.readys, 0.99))
	}
	fmt.Fprintln(&b)
	cells("load,stored a day,in %.0f days,rows a day,size of the catalogue,into the API", keepDays)
	fmt.Fprintln(&b, strings.Repeat("|---", 6)+"|")
	for _, times := range scales() {
		p := planFor(m, times)
		day := p.perDay(m)
		cells("× %.0f,%sB,%sB,%s,%sB,%.1f Mbit/s", times, human(day*(m.OriginalBytes+m.ArtBytes)), human(keepDays*day*(m.OriginalBytes+m.ArtBytes)),
			human(day*m.Rows), human(keepDays*day*m.RowBytes), p.rate*m.OriginalBytes*8/1e6)
	}
	return b.String()
}

// load is how much of the time the servers of a station were busy.
func (s *station) load(of *simulation) string {
	return fmt.Sprintf("%.0f %%", 100*s.work/of.now/float64(s.servers))
}

func quantile(seconds []float64, p float64) string {
	sorted := slices.Sorted(slices.Values(seconds))
	return fmt.Sprintf("%.0f ms", 1000*sorted[int(p*float64(len(sorted)-1))])
}

// human writes a number with three digits and a unit.
func human(n float64) string {
	units := []string{"", "k", "M", "G", "T", "P"}
	i := 0
	for ; n >= 1000 && i < len(units)-1; i++ {
		n /= 1000
	}
	return strings.TrimSpace(fmt.Sprintf("%.3g %s", n, units[i]))
}
