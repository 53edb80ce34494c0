package v2

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/caller"
	"github.com/charcoal-art/charcoal/internal/fairuse"
)

// Quotas tell what was used.
type Quotas interface {
	Report(ctx context.Context, actor charcoal.Actor) (fairuse.Report, error)
}

// Rates tell how many requests are left.
type Rates interface {
	Allow(actor charcoal.Actor, addr netip.Addr, cost int) fairuse.Decision
}

func (a *API) usageOperations() []operation {
	return []operation{
		withQuery(operation{
			id: "getUsage", method: "GET", path: "/v2/usage", group: "usage", scope: charcoal.ScopeRead,
			summary: "Say what you used, and may use", answers: []answer{ok[Usage]("all quotas")},
		}, a.usage),
		{
			id: "export", method: "GET", path: "/v2/export", group: "usage", scope: charcoal.ScopeRead,
			summary: "Take everything of yours along", details: "A tar with what is known of each image, the original and its art.",
			answers: []answer{{status: http.StatusOK, doc: "the archive", contents: []string{"application/x-tar"}}},
			serve:   a.export,
		},
	}
}

// UsageQuery is whose usage.
type UsageQuery struct {
	User string `json:"user,omitempty" format:"uuid" doc:"somebody else's; for admins"`
}

// Usage is what an account used, and may use.
type Usage struct {
	Period   string  `json:"period" enum:"day"`
	ResetsAt Time    `json:"resets_at" doc:"when the day ends"`
	Quotas   []Quota `json:"quotas"`
	Rate     *Rate   `json:"rate,omitempty" doc:"of requests; absent where there is no limit"`
}

// Quota is one quantity.
type Quota struct {
	Name  string `json:"name" example:"images"`
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit,omitempty" doc:"absent: none"`
	Unit  string `json:"unit"`
}

// Rate is how many requests are left.
type Rate struct {
	Limit     int64   `json:"limit"`
	Remaining int64   `json:"remaining"`
	Reset     float64 `json:"reset_seconds" doc:"until all are there again"`
}

func (a *API) usage(c *call, q UsageQuery) error {
	actor, err := a.usedBy(c, q.User)
	if err != nil {
		return err
	}
	report, err := a.Quotas.Report(c.r.Context(), actor)
	if err != nil {
		return err
	}
	answer := Usage{Period: "day", ResetsAt: Time{report.ResetsAt}, Quotas: []Quota{}}
	for _, line := range report.Lines {
		quota := Quota{Name: line.Name, Used: line.Used, Unit: line.Unit}
		if line.Limit > 0 {
			quota.Limit = &line.Limit
		}
		answer.Quotas = append(answer.Quotas, quota)
	}
	if d := a.Rates.Allow(actor, caller.Of(c.r.Context()).Address, 0); d.Limit > 0 {
		answer.Rate = &Rate{d.Limit, d.Remaining, d.Reset.Seconds()}
	}
	return c.json(answer)
}

// usedBy is whose usage is asked for.
func (a *API) usedBy(c *call, user string) (charcoal.Actor, error) {
	if user == "" {
		return c.actor, nil
	}
	id, err := charcoal.ParseID(user)
	if err != nil {
		return charcoal.Actor{}, err
	}
	u, err := a.Accounts.User(c.r.Context(), c.caller(), id)
	return charcoal.Actor{User: u.ID, Name: u.Name, Role: u.Role}, err
}

func (a *API) export(c *call) error {
	h := c.w.Header()
	h.Set("Content-Type", "application/x-tar")
	name := fmt.Sprintf("charcoal-%s.tar", time.Now().UTC().Format("2006-01-02"))
	h.Set("Content-Disposition", disposition("attachment", name))
	if c.r.Method == http.MethodHead {
		return nil // not worth making it
	}
	out := &exporter{sender: sender{w: c.w, control: http.NewResponseController(c.w), idle: a.cfg.ReadIdle}}
	err := a.Images.Export(c.r.Context(), c.actor, out)
	if err != nil && out.begun {
		a.Log.WarnContext(c.r.Context(), "an export was cut off", "request_id", requestID(c.w), "err", err)
		panic(http.ErrAbortHandler) // an end that looks like one would be a lie
	}
	return err
}

// exporter remembers whether something was sent.
type exporter struct {
	sender
	begun bool
}

func (e *exporter) Write(p []byte) (int, error) {
	e.begun = true
	return e.write(p)
}
