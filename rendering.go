package charcoal

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/charcoal-art/charcoal/ascii"
)

// State is where a rendering stands.
//
//	queued ──claim──▶ running ──▶ ready
//	   ▲                 ├──────▶ failed
//	   └──retry, release─┘
//
// Queued and running ones can be canceled; failed and canceled ones restarted.
type State string

// The states of a rendering. Ready, Failed and CanceledState are final.
const (
	Queued        State = "queued"
	Running       State = "running"
	Ready         State = "ready"
	Failed        State = "failed"
	CanceledState State = "canceled"
)

// Final reports whether no worker will touch the rendering again.
func (s State) Final() bool { return s == Ready || s == Failed || s == CanceledState }

// Rendering is one image drawn with one set of options: a job while it runs, a
// result when it is ready.
type Rendering struct {
	ID       ID
	ImageID  ID
	Owner    ID // of the image
	Options  ascii.Options
	Engine   string // the name of the engine that is to draw it; "" for the default one
	State    State
	Key      RenderingKey // of the options and the engine; zero in rows of version 1
	Callback string       // a URL to tell when it is final; "" for none

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
	Stages      Stages
	Warnings    []string // sentences for people about what is not as they may expect
	Picture              // what decoding the whole file taught about it
}

// Stages is where the time of an attempt went. Zero stages are not known.
type Stages struct {
	Fetch  time.Duration // opening the original, and waiting for memory and a turn
	Decode time.Duration
	Draw   time.Duration
	Store  time.Duration
}

// RenderingKey is what renderings of one image have in common that ask for the
// same drawing.
type RenderingKey [32]byte

// KeyOf returns the key of options and an engine, by name.
func KeyOf(opts ascii.Options, engine string) RenderingKey {
	raw, err := json.Marshal(struct {
		ascii.Options
		Engine string `json:"engine"`
	}{opts.Canonical(), engine})
	if err != nil { // numbers that JSON has not: Validate refuses them
		panic(fmt.Sprintf("charcoal: the key of invalid options: %v", err))
	}
	return sha256.Sum256(raw)
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
	Uploads  int64 // images stored
	Queued   int64 // renderings waiting, with those that wait for a retry
	Running  int64
	Ready    int64
	Failed   int64
	Canceled int64
}
