package main

import (
	"container/heap"
	"math/rand/v2"
)

// station is a place where images wait in one line for one of several servers: cores,
// or requests that may be under way at a time.
type station struct {
	name    string
	servers int

	busy int
	line []*visit // who waits, first come first served
	work float64  // seconds that servers were busy
}

// step is a stay at a station.
type step struct {
	at   *station // nil: nothing is waited for but time
	mean float64  // seconds of service; their length is exponential, which is harder than measured
}

// route is where every image goes. It is answered after some of its steps.
type route struct {
	steps    []step
	answered int
}

// visit is an image on its route.
type visit struct {
	arrived float64
	step    int // that it is at
}

// event is the end of a stay.
type event struct {
	at   float64
	of   *visit // nil: the next image arrives
	used *station
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// simulation is images that arrive at random (a Poisson process) and follow a route. It
// is the discrete-event simulation of an open network of queues: A. Law, "Simulation
// Modeling and Analysis", chapter 1.
type simulation struct {
	route route
	rate  float64 // of arrivals, a second
	left  int     // that are still to arrive
	rng   *rand.Rand

	now             float64
	todo            events
	answers, readys []float64 // seconds since the arrival
}

// simulate lets n images arrive and returns how long each waited for its answer and
// until it was ready. The same seed gives the same.
func simulate(r route, rate float64, n int, seed uint64) *simulation {
	s := &simulation{route: r, rate: rate, left: n, rng: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // not a secret
	s.plan(s.rng.ExpFloat64()/rate, nil, nil)
	for len(s.todo) > 0 {
		e := heap.Pop(&s.todo).(event)
		s.now = e.at
		if e.of == nil {
			s.arrive()
			continue
		}
		s.release(e.used)
		e.of.step++
		s.enter(e.of)
	}
	return s
}

func (s *simulation) plan(after float64, v *visit, used *station) {
	heap.Push(&s.todo, event{s.now + after, v, used})
}

func (s *simulation) arrive() {
	if s.left--; s.left > 0 {
		s.plan(s.rng.ExpFloat64()/s.rate, nil, nil)
	}
	s.enter(&visit{arrived: s.now})
}

// enter takes an image to its step, to wait there or be served.
func (s *simulation) enter(v *visit) {
	if v.step == s.route.answered {
		s.answers = append(s.answers, s.now-v.arrived)
	}
	if v.step == len(s.route.steps) {
		s.readys = append(s.readys, s.now-v.arrived)
		return
	}
	at := s.route.steps[v.step].at
	if at != nil && at.busy == at.servers {
		at.line = append(at.line, v)
		return
	}
	s.serve(v)
}

func (s *simulation) serve(v *visit) {
	step := s.route.steps[v.step]
	took := step.mean * s.rng.ExpFloat64()
	if step.at != nil {
		step.at.busy++
		step.at.work += took
	}
	s.plan(took, v, step.at)
}

// release frees a server for the next in line.
func (s *simulation) release(at *station) {
	if at == nil {
		return
	}
	at.busy--
	if len(at.line) > 0 {
		next := at.line[0]
		at.line = at.line[1:]
		s.serve(next)
	}
}
