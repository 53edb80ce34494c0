package v2

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"hash"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/convert"
)

const maxOnceKey = 255 // bytes

// fingerprint identifies what a request asked for, so that a key that comes again
// with something else is found out. It is over the meaning, not the bytes sent:
// the boundaries of forms differ from one try to the next.
type fingerprint struct{ hash.Hash }

// newFingerprint begins one with the route and a part.
func newFingerprint(c *call, parts ...any) fingerprint {
	f := fingerprint{sha256.New()}
	f.add(c.r.Method + " " + c.r.URL.Path)
	for _, p := range parts {
		f.add(p)
	}
	return f
}

// add adds a value that JSON can hold; none is the beginning of another.
func (f fingerprint) add(v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		raw = []byte(err.Error())
	}
	f.Write(append(raw, '\n'))
}

func (f fingerprint) sum() [32]byte { return [32]byte(f.Sum(nil)) }

// same is for requests whose fingerprint is whole before they are carried out.
func (fingerprint) same() error { return nil }

// drawingPrint is the meaning of a drawing.
func drawingPrint(d convert.Drawing) any {
	return []any{d.Options.Canonical(), d.Engine, d.Callback}
}

// onceKey reads the key of a request, "" when it has none.
func (c *call) onceKey() (string, error) {
	values := c.r.Header.Values("Idempotency-Key")
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	ok := len(values) == 1 && 0 < len(key) && len(key) <= maxOnceKey
	for i := 0; ok && i < len(key); i++ {
		ok = ' ' <= key[i] && key[i] <= '~'
	}
	if !ok {
		return "", invalid("header:Idempotency-Key", "an Idempotency-Key is one of 1 to %d printable ASCII characters", maxOnceKey)
	}
	return key, nil
}

// once carries a request out, or, when its key says that this was done, answers
// the same again. Read takes in what the request asks, for the fingerprint, without
// carrying it out. What fails is forgotten, so that it can be tried again.
func (c *call) once(read func() error, carryOut func() (reply, error), fp fingerprint) error {
	key, err := c.onceKey()
	if err != nil {
		return err
	}
	if key == "" {
		a, err := carryOut()
		if err != nil {
			return err
		}
		return c.send(a)
	}
	before, begun, err := c.api.Images.BeginOnce(c.r.Context(), c.actor, key)
	if err != nil {
		return err
	}
	if !begun {
		return c.replay(before, read, fp)
	}
	return c.carryOut(key, carryOut, fp)
}

func (c *call) carryOut(key string, do func() (reply, error), fp fingerprint) (err error) {
	finished := false
	defer func() {
		if finished {
			return
		}
		if e := c.api.Images.AbandonOnce(context.WithoutCancel(c.r.Context()), c.actor, key); e != nil {
			c.api.Log.WarnContext(c.r.Context(), "an idempotency key is left to run out", "err", e)
		}
	}()
	a, err := do()
	if err != nil {
		return err
	}
	body, err := a.encode()
	if err != nil {
		return err
	}
	o := charcoal.Once{Key: key, Fingerprint: fp.sum(), Status: a.status, Header: a.header, Body: body}
	if err := c.api.Images.FinishOnce(context.WithoutCancel(c.r.Context()), c.actor, o); err != nil {
		return err
	}
	finished = true
	c.write(a.status, a.header, body)
	return nil
}

func (c *call) replay(before charcoal.Once, read func() error, fp fingerprint) error {
	if err := read(); err != nil {
		return err
	}
	if fp.sum() != before.Fingerprint {
		return invalid("header:Idempotency-Key", "this Idempotency-Key was used for another request; use a new one")
	}
	h := c.w.Header()
	h.Set("Idempotency-Replayed", "true")
	c.write(before.Status, before.Header, before.Body)
	return nil
}
