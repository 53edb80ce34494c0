package charcoal

import (
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// State is where a rendering stands.
//
//	queued ──claim──▶ running ──▶ ready
//	   ▲                 ├──────▶ failed
//	   └──retry, release─┘
type State string

// The states of a rendering. Ready and Failed are final.
const (
	Queued  State = "queued"
	Running State = "running"
	Ready   State = "ready"
	Failed  State = "failed"
)

// Final reports whether no worker will touch the rendering again.
func (s State) Final() bool { return s == Ready || s == Failed }

// Rendering is one image drawn with one set of options: a job while it runs, a
// result when it is ready.
type Rendering struct {
	ID      ID
	ImageID ID
	Options ascii.Options
	Engine  string // the name of the engine that is to draw it; "" for the default one
	State   State

	Created  time.Time
	Started  time.Time // of the newest attempt; zero before the first
	Finished time.Time // zero until State is final

	Attempt   int       // claims so far. It names the newest claim and only ever grows
	Failures  int       // attempts that failed
	Losses    int       // attempts whose worker vanished
	NotBefore time.Time // no claim before this: backoff after a failure

	Worker     string    // who holds the lease while Running
	LeaseUntil time.Time // when that lease runs out

	Reason string // why it failed, for people; "" unless Failed (or waiting for a retry)
	Result Result // zero unless Ready
}

// Result is what a finished attempt says about itself. The art is a blob under
// [ArtKey] of the rendering and the attempt that finished it.
type Result struct {
	Cols, Rows  int
	Engine      string        // which engine and version drew it
	ConvertTime time.Duration // decoding and drawing, without waiting and storing
	Picture                   // what decoding the whole file taught about it
}

// Lease is a worker's right to finish one attempt. It is a fence: once the
// lease ran out and someone else claimed the row, nothing the old holder
// writes is accepted.
type Lease struct {
	Rendering ID
	Worker    string
	Attempt   int
}

// Lease returns the lease under which a running rendering is held.
func (r *Rendering) Lease() Lease {
	return Lease{Rendering: r.ID, Worker: r.Worker, Attempt: r.Attempt}
}

// Job is a claimed rendering with the image it draws.
type Job struct {
	Rendering Rendering
	Image     Image
}

// Counts is how much there is of everything, for people and for admission.
type Counts struct {
	Uploads int64 // images stored
	Queued  int64 // renderings waiting, with those that wait for a retry
	Running int64
	Ready   int64
	Failed  int64
}
