package v2

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/caller"
)

// call is one request to one operation.
type call struct {
	api   *API
	w     http.ResponseWriter
	r     *http.Request
	op    *operation
	actor charcoal.Actor
}

func newCall(a *API, w http.ResponseWriter, r *http.Request, op *operation) *call {
	return &call{api: a, w: w, r: r, op: op, actor: caller.Of(r.Context()).Actor}
}

// admit checks what is the same for all operations: who asks, and that nothing
// stands in the query that the operation does not know.
func (c *call) admit() error {
	if c.op.scope != "" {
		if err := c.actor.Need(c.op.scope); err != nil {
			return err
		}
	}
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", apiPolicy)
	return c.knownQuery()
}

// apiPolicy keeps what is no page from acting as one, whatever a browser makes of it.
const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

// id reads a parameter of the path that is an id.
func (c *call) id(name string) (charcoal.ID, error) {
	raw := c.r.PathValue(name)
	id, err := charcoal.ParseID(raw)
	if err != nil {
		return id, charcoal.Errorf(charcoal.NotFound, "nothing has the id %q", clip(raw))
	}
	return id, nil
}

// reply is an answer in JSON that is not sent yet.
type reply struct {
	status int
	header map[string]string
	value  any // nil: no body
}

// send answers. The connection may be gone by then; there is nobody to tell.
func (c *call) send(a reply) error {
	body, err := a.encode()
	if err != nil {
		return err
	}
	c.write(a.status, a.header, body)
	return nil
}

func (c *call) write(status int, header map[string]string, body []byte) {
	for name, value := range header {
		c.w.Header().Set(name, value)
	}
	if len(body) > 0 {
		c.w.Header().Set("Content-Type", "application/json")
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(body)
}

func (a reply) encode() ([]byte, error) {
	if a.value == nil {
		return nil, nil
	}
	var out strings.Builder
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(a.value)
	return []byte(out.String()), err
}

// json answers 200 with a value.
func (c *call) json(value any) error { return c.send(reply{status: http.StatusOK, value: value}) }

// done answers that there is nothing to say.
func (c *call) done() error { return c.send(reply{status: http.StatusNoContent}) }

func requestID(w http.ResponseWriter) string { return caller.ID(w) }

// invalid is an error about one value of the request.
func invalid(pointer, format string, args ...any) error {
	e := charcoal.Errorf(charcoal.Invalid, format, args...)
	e.Fields = []charcoal.Field{{Pointer: pointer, Message: e.Message}}
	return e
}

func clip(s string) string {
	const longest = 40
	if len(s) > longest {
		return strings.ToValidUTF8(s[:longest], "") + "…"
	}
	return s
}

func hasPrefix(s string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(s, p) })
}
