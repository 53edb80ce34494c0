// Command simulate works out what a service of a given load needs, from what one image
// was measured to cost, and then tries that out by simulating the images one by one. It
// prints the tables of docs/scaling.md:
//
//	go run ./scripts/simulate scripts/simulate/measured.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// Measured is what one image was measured to cost; the file says how.
type Measured struct {
	How string `json:"how"`

	API    Cost `json:"api"`    // taking an upload
	Worker Cost `json:"worker"` // drawing
	DB     Cost `json:"db"`     // both, in PostgreSQL
	S3     Cost `json:"s3"`     // both, in the object store

	OriginalBytes float64 `json:"original_bytes"`
	ArtBytes      float64 `json:"art_bytes"`
	RowBytes      float64 `json:"row_bytes"`    // of the database, indexes included
	Rows          float64 `json:"rows"`         // inserted, changed or deleted
	Transactions  float64 `json:"transactions"` // of the database
	Puts          float64 `json:"puts"`         // of the object store
	Gets          float64 `json:"gets"`         // of the object store, heads included
	Messages      float64 `json:"messages"`     // of the queue

	// What is not measured but assumed: an object store and a disk that are not on the same
	// machine, and what is asked for.
	PutMS       float64 `json:"put_ms"`        // waiting for the object store, without its CPU time
	GetMS       float64 `json:"get_ms"`        // likewise
	CommitMS    float64 `json:"commit_ms"`     // waiting for the disk of the database
	TodayPerSec float64 `json:"today_per_sec"` // uploads at the busiest time of the day
	DayFactor   float64 `json:"day_factor"`    // the mean of a day, as a part of that
}

// Cost is CPU time for an image.
type Cost struct {
	CPU float64 `json:"cpu_ms"`
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "simulate:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("give the file of what was measured, not %d", len(args))
	}
	m, err := read(args[0])
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, tables(m))
	return err
}

func read(name string) (m Measured, err error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(raw, &m); err != nil {
		return m, fmt.Errorf("read %s: %w", name, err)
	}
	return m, nil
}
