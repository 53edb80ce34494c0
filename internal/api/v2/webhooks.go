package v2

import (
	"context"
	"net/http"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/hooks"
)

// Webhooks is what the API needs of the use cases on webhooks.
type Webhooks interface {
	Create(ctx context.Context, actor charcoal.Actor, spec hooks.Spec) (charcoal.Endpoint, hooks.Secret, error)
	List(ctx context.Context, actor charcoal.Actor) ([]charcoal.Endpoint, error)
	Get(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Endpoint, error)
	Edit(ctx context.Context, actor charcoal.Actor, id charcoal.ID, spec hooks.Spec) (charcoal.Endpoint, error)
	Delete(ctx context.Context, actor charcoal.Actor, id charcoal.ID) error
	Rotate(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Endpoint, hooks.Secret, error)
	Ping(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Delivery, error)
	Deliveries(ctx context.Context, actor charcoal.Actor, endpoint, before charcoal.ID, limit int) ([]charcoal.Delivery, error)
	Redeliver(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Delivery, error)
	CallbackSecret(actor charcoal.Actor) (hooks.Secret, error)
	CheckURL(pointer, rawURL string) error
}

func (a *API) webhookOperations() []operation {
	const scope = charcoal.ScopeAccount
	return []operation{
		withBody(operation{
			id: "makeWebhook", method: "POST", path: "/v2/webhooks", group: "webhooks", scope: scope,
			summary: "Be told of events by a call to a URL", details: "Its secret, which signs the calls as Standard Webhooks has it, is told in this answer and never again.",
			answers: []answer{created[Webhook]("the webhook")},
		}, a.makeWebhook),
		{
			id: "listWebhooks", method: "GET", path: "/v2/webhooks", group: "webhooks", scope: scope,
			summary: "List your webhooks", answers: []answer{ok[WebhookList]("oldest first")}, serve: a.listWebhooks,
		},
		{
			id: "getWebhook", method: "GET", path: "/v2/webhooks/{id}", group: "webhooks", scope: scope,
			summary: "Show a webhook", answers: []answer{ok[Webhook]("the webhook")}, serve: a.showWebhook,
		},
		withBody(operation{
			id: "editWebhook", method: "PATCH", path: "/v2/webhooks/{id}", group: "webhooks", scope: scope,
			summary: "Change a webhook", answers: []answer{ok[Webhook]("the webhook as it is now")},
		}, a.editWebhook),
		{
			id: "deleteWebhook", method: "DELETE", path: "/v2/webhooks/{id}", group: "webhooks", scope: scope,
			summary: "Delete a webhook", answers: []answer{nothing("it is gone")}, serve: a.deleteWebhook,
		},
		{
			id: "rotateWebhook", method: "POST", path: "/v2/webhooks/{id}/rotate", group: "webhooks", scope: scope,
			summary: "Give a webhook a new secret", details: "For a day calls are signed with the one before, too.",
			answers: []answer{ok[Webhook]("the webhook with its new secret")}, serve: a.rotateWebhook,
		},
		{
			id: "pingWebhook", method: "POST", path: "/v2/webhooks/{id}/ping", group: "webhooks", scope: scope,
			summary: "Try a webhook out", answers: []answer{{status: http.StatusAccepted, doc: "it is on its way", value: typeOf[Delivery]()}}, serve: a.pingWebhook,
		},
		withQuery(operation{
			id: "listDeliveries", method: "GET", path: "/v2/webhooks/{id}/deliveries", group: "webhooks", scope: scope,
			summary: "List what was sent to a webhook", answers: []answer{ok[DeliveryPage]("a page, newest first")},
		}, a.listDeliveries),
		{
			id: "redeliver", method: "POST", path: "/v2/deliveries/{id}/redeliver", group: "webhooks", scope: scope,
			summary: "Send it again", answers: []answer{{status: http.StatusAccepted, doc: "it is on its way", value: typeOf[Delivery]()}}, serve: a.redeliver,
		},
		{
			id: "getCallbackSecret", method: "GET", path: "/v2/callback-secret", group: "webhooks", scope: scope,
			summary: "Tell the secret that signs calls to the callback_url of your renderings", answers: []answer{ok[CallbackSecret]("the secret")}, serve: a.callbackSecret,
		},
	}
}

// Webhook is a place that is told of events.
type Webhook struct {
	ID       charcoal.ID `json:"id"`
	URL      string      `json:"url"`
	Events   []string    `json:"events"`
	Enabled  bool        `json:"enabled"`
	Created  Time        `json:"created"`
	Disabled *Time       `json:"disabled,omitempty" doc:"since when it is told nothing"`
	Reason   string      `json:"reason,omitempty" doc:"why it was disabled"`
	Failures int         `json:"failures" doc:"attempts in a row that failed"`
	OldUntil *Time       `json:"old_secret_until,omitempty" doc:"until when the secret before signs, too"`
	Secret   string      `json:"secret,omitempty" doc:"only when it is new"`
}

// WebhookList is all webhooks of an account.
type WebhookList struct {
	Webhooks []Webhook `json:"webhooks"`
}

// WebhookRequest is a webhook to be made.
type WebhookRequest struct {
	URL    string   `json:"url" maxlen:"2048" format:"uri"`
	Events []string `json:"events,omitempty" maxlen:"20" doc:"absent: rendering.ready and rendering.failed"`
}

// WebhookEdit is a change of a webhook.
type WebhookEdit struct {
	URL     *string   `json:"url,omitempty" maxlen:"2048" format:"uri"`
	Events  *[]string `json:"events,omitempty" maxlen:"20"`
	Enabled *bool     `json:"enabled,omitempty"`
}

// Delivery is one event on its way to one place.
type Delivery struct {
	ID      charcoal.ID  `json:"id"`
	Webhook *charcoal.ID `json:"webhook_id,omitempty"`
	Event   string       `json:"event"`
	Image   *charcoal.ID `json:"image_id,omitempty"`
	State   string       `json:"state" enum:"pending,delivered,failed"`
	Created Time         `json:"created"`
	Tries   int          `json:"tries"`
	Due     *Time        `json:"due,omitempty" doc:"when it is tried next"`
	Last    *Attempt     `json:"last,omitempty" doc:"how the newest try ended"`
}

// Attempt is how one try to deliver ended.
type Attempt struct {
	At     Time    `json:"at"`
	Took   float64 `json:"took_ms"`
	Status int     `json:"status,omitempty" doc:"of the answer; absent when there was none"`
	Error  string  `json:"error,omitempty"`
}

// DeliveryPage is a part of what was sent.
type DeliveryPage struct {
	Deliveries []Delivery `json:"deliveries"`
	Next       string     `json:"next,omitempty" doc:"the address of the next page; absent at the end"`
}

// CallbackSecret signs calls to the callback_url of renderings.
type CallbackSecret struct {
	Secret string `json:"secret"`
}

func webhookOf(e charcoal.Endpoint, secret hooks.Secret) Webhook {
	v := Webhook{
		ID: e.ID, URL: e.URL, Events: []string{}, Enabled: e.Enabled(), Created: Time{e.Created}, Disabled: timeOf(e.Disabled),
		Reason: e.Reason, Failures: e.Failures, OldUntil: timeOf(e.OldUntil),
	}
	for _, t := range e.Events {
		v.Events = append(v.Events, string(t))
	}
	if secret != nil {
		v.Secret = secret.String()
	}
	return v
}

func deliveryOf(d charcoal.Delivery) Delivery {
	v := Delivery{
		ID: d.ID, Webhook: idOf(d.Endpoint), Event: string(d.Event.Type), Image: idOf(d.Event.Image),
		State: string(d.State), Created: Time{d.Created}, Tries: d.Tries, Due: timeOf(d.Due),
	}
	if !d.Last.At.IsZero() {
		v.Last = &Attempt{Time{d.Last.At}, float64(d.Last.Took.Microseconds()) / 1e3, d.Last.Status, d.Last.Error}
	}
	return v
}

func eventTypes(words []string) *[]charcoal.EventType {
	types := make([]charcoal.EventType, len(words))
	for i, w := range words {
		types[i] = charcoal.EventType(w)
	}
	return &types
}

func (a *API) makeWebhook(c *call, req WebhookRequest) error {
	e, secret, err := a.Webhooks.Create(c.r.Context(), c.actor, hooks.Spec{URL: &req.URL, Events: eventTypes(req.Events)})
	if err != nil {
		return err
	}
	return c.send(reply{http.StatusCreated, map[string]string{"Location": "/v2/webhooks/" + e.ID.String()}, webhookOf(e, secret)})
}

func (a *API) listWebhooks(c *call) error {
	all, err := a.Webhooks.List(c.r.Context(), c.actor)
	if err != nil {
		return err
	}
	page := WebhookList{Webhooks: []Webhook{}}
	for _, e := range all {
		page.Webhooks = append(page.Webhooks, webhookOf(e, nil))
	}
	return c.json(page)
}

func (a *API) showWebhook(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	e, err := a.Webhooks.Get(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return c.json(webhookOf(e, nil))
}

func (a *API) editWebhook(c *call, req WebhookEdit) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	spec := hooks.Spec{URL: req.URL, Enabled: req.Enabled}
	if req.Events != nil {
		spec.Events = eventTypes(*req.Events)
	}
	e, err := a.Webhooks.Edit(c.r.Context(), c.actor, id, spec)
	if err != nil {
		return err
	}
	return c.json(webhookOf(e, nil))
}

func (a *API) deleteWebhook(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.Webhooks.Delete(c.r.Context(), c.actor, id); err != nil {
		return err
	}
	return c.done()
}

func (a *API) rotateWebhook(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	e, secret, err := a.Webhooks.Rotate(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return c.json(webhookOf(e, secret))
}

func (a *API) pingWebhook(c *call) error { return a.deliver(c, a.Webhooks.Ping) }

func (a *API) redeliver(c *call) error { return a.deliver(c, a.Webhooks.Redeliver) }

func (a *API) deliver(c *call, do func(context.Context, charcoal.Actor, charcoal.ID) (charcoal.Delivery, error)) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	d, err := do(c.r.Context(), c.actor, id)
	if err != nil {
		return err
	}
	return c.send(reply{status: http.StatusAccepted, value: deliveryOf(d)})
}

func (a *API) listDeliveries(c *call, q PageQuery) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	before, limit, err := q.before()
	if err != nil {
		return err
	}
	all, err := a.Webhooks.Deliveries(c.r.Context(), c.actor, id, before, limit+1)
	if err != nil {
		return err
	}
	all, cursor := pageOf(all, limit, func(d charcoal.Delivery) charcoal.ID { return d.ID })
	page := DeliveryPage{Deliveries: []Delivery{}, Next: c.next(cursor)}
	for _, d := range all {
		page.Deliveries = append(page.Deliveries, deliveryOf(d))
	}
	return c.json(page)
}

func (a *API) callbackSecret(c *call) error {
	secret, err := a.Webhooks.CallbackSecret(c.actor)
	if err != nil {
		return err
	}
	return c.json(CallbackSecret{secret.String()})
}
