package v2

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/convert"
)

func (a *API) renderingOperations() []operation {
	return []operation{
		withBody(operation{
			id: "drawImage", method: "POST", path: "/v2/images/{id}/renderings", group: "renderings", scope: charcoal.ScopeWrite,
			summary: "Draw an image once more", details: "With the same options as a rendering that there is, that is answered.",
			headers: []parameter{preferHeader, onceHeader},
			answers: []answer{ok[Rendering]("the same was drawn already, or it was drawn while you waited").located(), accepted[Rendering]("it is queued")},
		}, a.draw),
		withQuery(operation{
			id: "listRenderings", method: "GET", path: "/v2/images/{id}/renderings", group: "renderings",
			summary: "List the renderings of an image", details: "Newest first.",
			answers: []answer{ok[RenderingPage]("a page")},
		}, a.listRenderings),
		withQuery(operation{
			id: "getRendering", method: "GET", path: "/v2/renderings/{id}", group: "renderings",
			summary: "Show a rendering", headers: []parameter{preferHeader},
			answers: []answer{ok[Rendering]("the rendering")},
		}, a.showRendering),
		{
			id: "deleteRendering", method: "DELETE", path: "/v2/renderings/{id}", group: "renderings", scope: charcoal.ScopeWrite,
			summary: "Delete a rendering for good", details: "Not the last one of its image: delete that.",
			answers: []answer{nothing("it is gone")}, serve: a.deleteRendering,
		},
		{
			id: "cancelRendering", method: "POST", path: "/v2/renderings/{id}/cancel", group: "renderings", scope: charcoal.ScopeWrite,
			summary: "Stop drawing", answers: []answer{ok[Rendering]("the rendering")},
			serve: func(c *call) error { return a.steer(c, a.Images.Cancel) },
		},
		{
			id: "retryRendering", method: "POST", path: "/v2/renderings/{id}/retry", group: "renderings", scope: charcoal.ScopeWrite,
			summary: "Draw again what failed or was canceled", answers: []answer{accepted[Rendering]("it is queued")},
			serve: a.retry,
		},
	}
}

// located adds the header that says where it is.
func (a answer) located() answer {
	a.headers = append(a.headers, parameter{"Location", "where it is"})
	return a
}

// RenderingPage is a part of the renderings of an image.
type RenderingPage struct {
	Renderings []Rendering `json:"renderings"`
	Next       string      `json:"next,omitempty" doc:"the address of the next page; absent at the end"`
}

// PageQuery is which part of a list.
type PageQuery struct {
	Limit  int    `json:"limit,omitempty" min:"1" max:"200" default:"50"`
	Cursor string `json:"cursor,omitempty" maxlen:"64" doc:"where to go on: from the next of the page before"`
}

// before reads the cursor of a list that goes by ids.
func (q PageQuery) before() (id charcoal.ID, limit int, err error) {
	limit = defaultPage
	if q.Limit > 0 {
		limit = q.Limit
	}
	if q.Cursor == "" {
		return id, limit, nil
	}
	if id, err = charcoal.ParseID(q.Cursor); err != nil {
		return id, limit, invalid("query:cursor", "cursor is the one of the next of the page before, not %q", clip(q.Cursor))
	}
	return id, limit, nil
}

// pageOf cuts a list to a page, when one more was asked for, and tells the cursor
// of the next.
func pageOf[T any](items []T, limit int, id func(T) charcoal.ID) ([]T, string) {
	if len(items) <= limit {
		return items, ""
	}
	return items[:limit], id(items[limit-1]).String()
}

func (a *API) listRenderings(c *call, q PageQuery) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	before, limit, err := q.before()
	if err != nil {
		return err
	}
	all, err := a.Images.Renderings(c.r.Context(), c.actor, id, before, limit+1)
	if err != nil {
		return err
	}
	all, cursor := pageOf(all, limit, func(r charcoal.Rendering) charcoal.ID { return r.ID })
	page := RenderingPage{Renderings: []Rendering{}, Next: c.next(cursor)}
	for _, r := range all {
		page.Renderings = append(page.Renderings, renderingOf(r))
	}
	return c.json(page)
}

func (a *API) draw(c *call, req DrawRequest) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	d, err := a.drawing(c.r.Context(), c.actor, req, "/")
	if err != nil {
		return err
	}
	patience, err := c.patience(0)
	if err != nil {
		return err
	}
	fp := newFingerprint(c, drawingPrint(d))
	return c.once(fp.same, func() (reply, error) { return a.addRendering(c, id, d, patience) }, fp)
}

func (a *API) addRendering(c *call, id charcoal.ID, d convert.Drawing, patience time.Duration) (reply, error) {
	r, added, err := a.Images.Draw(c.r.Context(), c.actor, id, d)
	if err != nil {
		return reply{}, err
	}
	status := http.StatusOK
	if added {
		status = http.StatusAccepted
		if r, err = a.await(c, r, patience); err != nil {
			return reply{}, err
		}
		if r.State.Final() {
			status = http.StatusOK
		}
	}
	return reply{status, map[string]string{"Location": renderingPath(r.ID)}, renderingOf(r)}, nil
}

// await waits for a rendering, but not when the server stops meanwhile.
func (a *API) await(c *call, r charcoal.Rendering, patience time.Duration) (charcoal.Rendering, error) {
	if patience <= 0 || r.State.Final() {
		return r, nil
	}
	ctx, cancel := a.Room.UntilStopping(c.r.Context())
	defer cancel()
	_, after, err := a.Images.AwaitRendering(ctx, c.actor, r.ID, patience)
	if charcoal.CodeOf(err) == charcoal.Canceled && a.Room.Stopping() {
		return r, nil
	}
	return after, err
}

// maxWait bounds how long an answer may be waited for.
const maxWait = 60 // seconds

// patience is how long the client prefers to wait (RFC 7240, section 4.3), and
// says that it is taken into account.
func (c *call) patience(otherwise time.Duration) (time.Duration, error) {
	for _, line := range c.r.Header.Values("Prefer") {
		for preference := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(preference), "=")
			if !strings.EqualFold(strings.TrimSpace(name), "wait") {
				continue
			}
			value, _, _ = strings.Cut(value, ";")
			seconds, err := strconv.ParseUint(strings.Trim(strings.TrimSpace(value), `"`), 10, 31)
			if err != nil {
				return 0, invalid("header:Prefer", "the preference wait is a number of seconds, as in wait=10")
			}
			seconds = min(seconds, maxWait)
			c.w.Header().Set("Preference-Applied", "wait="+strconv.FormatUint(seconds, 10))
			return time.Duration(seconds) * time.Second, nil
		}
	}
	return otherwise, nil
}

// RenderingQuery is what to show of a rendering.
type RenderingQuery struct {
	Score bool `json:"score,omitempty" doc:"also measure how faithful the art is, which takes about as long as drawing it"`
}

func (a *API) showRendering(c *call, q RenderingQuery) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	patience, err := c.patience(0)
	if err != nil {
		return err
	}
	_, r, err := a.Images.Rendering(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	if r, err = a.await(c, r, patience); err != nil {
		return err
	}
	shown := renderingOf(r)
	if q.Score {
		score, err := a.Images.Score(c.r.Context(), c.actor, id)
		if err != nil {
			return err
		}
		shown.Score = &score
	}
	return c.json(shown)
}

func (a *API) deleteRendering(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.Images.DeleteRendering(c.r.Context(), c.actor, id); err != nil {
		return err
	}
	return c.done()
}

func (a *API) retry(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	r, err := a.Images.Retry(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return c.send(reply{http.StatusAccepted, map[string]string{"Location": renderingPath(r.ID)}, renderingOf(r)})
}

// steer does something to a rendering and shows what it is then.
func (a *API) steer(c *call, do func(context.Context, charcoal.Actor, charcoal.ID) (charcoal.Rendering, error)) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	r, err := do(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return c.json(renderingOf(r))
}
