// Package doctor asks everything that a service stands on whether it works, and says
// what to do where it does not.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Check is one question.
type Check struct {
	Name string
	// Do finds out with a real round trip. It ends soon after its context, and returns
	// what it found in a few words, or what is wrong.
	Do func(ctx context.Context) (found string, err error)
	// Advice says what to do when the error does not; see [Advise].
	Advice string
}

// Finding is the answer.
type Finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Found  string `json:"found"`            // what works, or what is wrong
	Advice string `json:"advice,omitempty"` // what to do about it
}

// Run does all checks at once, each for at most a time, and returns what they found in
// the order of the checks. What they say is shown to people, so each of the secrets
// that it should hold is crossed out.
func Run(ctx context.Context, limit time.Duration, checks []Check, secrets ...string) []Finding {
	hide := crossOut(secrets)
	found := make([]Finding, len(checks))
	var all sync.WaitGroup
	for i, c := range checks {
		all.Go(func() {
			f := c.run(ctx, limit)
			f.Found, f.Advice = hide.Replace(f.Found), hide.Replace(f.Advice)
			found[i] = f
		})
	}
	all.Wait()
	return found
}

func (c Check) run(ctx context.Context, limit time.Duration) Finding {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	found, err := c.Do(ctx)
	if err == nil {
		return Finding{Name: c.Name, OK: true, Found: found}
	}
	f := Finding{Name: c.Name, Found: err.Error(), Advice: c.Advice}
	if advised, ok := errors.AsType[*advised](err); ok {
		f.Advice = advised.advice
	}
	if ctx.Err() != nil {
		f.Found = fmt.Sprintf("no answer within %v: %s", limit, f.Found)
	}
	return f
}

// Advise makes an error that says what to do.
func Advise(err error, advice string) error { return &advised{err, advice} }

type advised struct {
	error
	advice string
}

func (a *advised) Unwrap() error { return a.error }

// crossOut replaces secrets. Very short ones are part of too many words.
func crossOut(secrets []string) *strings.Replacer {
	var pairs []string
	for _, s := range secrets {
		if len(s) >= 4 {
			pairs = append(pairs, s, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}
