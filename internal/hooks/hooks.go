// Package hooks tells other services what happens to images: the endpoints that
// accounts name, and the callbacks of renderings. It follows Standard Webhooks
// (https://www.standardwebhooks.com): signed over id, timestamp and body, tried
// again with growing pauses, at least once and in no promised order.
package hooks

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Config says how webhooks are delivered.
type Config struct {
	Attempts int           // tries until a delivery is given up
	RetryMin time.Duration // pause after the first failure, doubled after each further one
	RetryMax time.Duration // longest pause
	Time     time.Duration // for one try
	Slots    int           // tries at the same time, over all receivers
	Poll     time.Duration // how long work of another process may go unnoticed
	Retain   time.Duration // how long deliveries that ended are kept
	Base     string        // of links in bodies: "https://art.example.com"; "" leaves them relative

	MaxEndpoints int // of one account
}

// rotation is how long the secret before signs, too, after a rotation.
const rotation = 24 * time.Hour

// Client calls what users name, as package outbound does.
type Client interface {
	Check(rawURL string) (*url.URL, error)
	Do(req *http.Request) (*http.Response, error)
}

// Ports is what the use cases stand on.
type Ports struct {
	Store  charcoal.Webhooks
	Client Client // follows no redirects
	Key    Key
	Log    *slog.Logger
	Now    func() time.Time
}

// Service is what can be done with webhooks, and who does it. It is safe for
// concurrent use.
type Service struct {
	cfg Config
	Ports
	events     chan struct{} // rings when there may be events to plan from
	deliveries chan struct{} // rings when there may be deliveries to try
}

// New returns a service; nothing is delivered before Run.
func New(cfg Config, p Ports) *Service {
	return &Service{cfg: cfg, Ports: p, events: make(chan struct{}, 1), deliveries: make(chan struct{}, 1)}
}

// Spec is what an account says of an endpoint. In an edit, nil leaves a field.
type Spec struct {
	URL     *string
	Events  *[]charcoal.EventType // none: when a rendering is ready or failed
	Enabled *bool
}

// may is nil when the actor may manage webhooks: what those tell of images is for who
// may read them.
func may(actor charcoal.Actor) error {
	if err := actor.Need(charcoal.ScopeAccount); err != nil {
		return err
	}
	return actor.Need(charcoal.ScopeRead)
}

// Create adds an endpoint of the actor's, and returns its secret, which is never
// shown again.
func (s *Service) Create(ctx context.Context, actor charcoal.Actor, spec Spec) (charcoal.Endpoint, Secret, error) {
	if err := may(actor); err != nil {
		return charcoal.Endpoint{}, nil, err
	}
	if spec.URL == nil {
		return charcoal.Endpoint{}, nil, wrong("/url", "name the URL to call")
	}
	if spec.Events == nil {
		spec.Events = &[]charcoal.EventType{}
	}
	e := charcoal.Endpoint{ID: charcoal.NewID(), Owner: actor.User, Created: s.Now().UTC().Truncate(time.Microsecond), Salt: newSalt()}
	if err := s.apply(&e, spec); err != nil {
		return charcoal.Endpoint{}, nil, err
	}
	if err := s.Store.AddEndpoint(ctx, e, s.cfg.MaxEndpoints); err != nil {
		return charcoal.Endpoint{}, nil, err
	}
	return e, s.Key.endpoint(e.ID, e.Salt), nil
}

// apply changes an endpoint as the account says. Enabling it forgets its failures.
func (s *Service) apply(e *charcoal.Endpoint, spec Spec) error {
	if spec.URL != nil {
		if err := s.CheckURL("/url", *spec.URL); err != nil {
			return err
		}
		e.URL = *spec.URL
	}
	if spec.Events != nil {
		types, err := cleanTypes(*spec.Events)
		if err != nil {
			return err
		}
		e.Events = types
	}
	switch {
	case spec.Enabled == nil:
	case !*spec.Enabled && e.Enabled():
		e.Disabled, e.Reason = s.Now(), "by its owner"
	case *spec.Enabled:
		e.Disabled, e.Reason, e.Failures, e.FailingSince = time.Time{}, "", 0, time.Time{}
	}
	return nil
}

// CheckURL says whether a URL may be called, before anything is promised. The error
// is about the value at a place in the request. It is also for callbacks.
func (s *Service) CheckURL(pointer, rawURL string) error {
	if _, err := s.Client.Check(rawURL); err != nil {
		return wrong(pointer, charcoal.Message(err))
	}
	return nil
}

func wrong(pointer, message string) error {
	e := charcoal.Errorf(charcoal.Invalid, "%s", message)
	e.Fields = []charcoal.Field{{Pointer: pointer, Message: message}}
	return e
}

func cleanTypes(types []charcoal.EventType) ([]charcoal.EventType, error) {
	if len(types) == 0 {
		return []charcoal.EventType{charcoal.RenderingReady, charcoal.RenderingFailed}, nil
	}
	var clean []charcoal.EventType
	for _, t := range types {
		if !slices.Contains(charcoal.EventTypes(), t) {
			return nil, wrong("/events", fmt.Sprintf("there is no event %.40q; there are %s", string(t), typeList()))
		}
		if !slices.Contains(clean, t) {
			clean = append(clean, t)
		}
	}
	return clean, nil
}

func typeList() string {
	var words []string
	for _, t := range charcoal.EventTypes() {
		words = append(words, string(t))
	}
	return strings.Join(words, ", ")
}

// List returns the actor's endpoints, oldest first.
func (s *Service) List(ctx context.Context, actor charcoal.Actor) ([]charcoal.Endpoint, error) {
	if err := may(actor); err != nil {
		return nil, err
	}
	return s.Store.Endpoints(ctx, actor.User)
}

// Get returns an endpoint of the actor's. Like all that follows it is NotFound for
// one of somebody else.
func (s *Service) Get(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Endpoint, error) {
	if err := may(actor); err != nil {
		return charcoal.Endpoint{}, err
	}
	e, err := s.Store.Endpoint(ctx, id)
	if err != nil {
		return charcoal.Endpoint{}, err
	}
	if !actor.Owns(e.Owner) && !actor.Admin() {
		return charcoal.Endpoint{}, charcoal.Errorf(charcoal.NotFound, "no webhook has the id %q", id)
	}
	return e, nil
}

// Edit changes an endpoint.
func (s *Service) Edit(ctx context.Context, actor charcoal.Actor, id charcoal.ID, spec Spec) (charcoal.Endpoint, error) {
	if _, err := s.Get(ctx, actor, id); err != nil {
		return charcoal.Endpoint{}, err
	}
	e, err := s.Store.ChangeEndpoint(ctx, id, func(e *charcoal.Endpoint) error { return s.apply(e, spec) })
	ring(s.deliveries)
	return e, err
}

// Delete removes an endpoint with all its deliveries.
func (s *Service) Delete(ctx context.Context, actor charcoal.Actor, id charcoal.ID) error {
	if _, err := s.Get(ctx, actor, id); err != nil {
		return err
	}
	return s.Store.DeleteEndpoint(ctx, id)
}

// Rotate gives an endpoint a new secret. For a day deliveries are signed with the
// one before, too, so that the receiver can change over; an older one ends at once.
func (s *Service) Rotate(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Endpoint, Secret, error) {
	if _, err := s.Get(ctx, actor, id); err != nil {
		return charcoal.Endpoint{}, nil, err
	}
	salt := newSalt()
	e, err := s.Store.ChangeEndpoint(ctx, id, func(e *charcoal.Endpoint) error {
		e.OldSalt, e.OldUntil, e.Salt = e.Salt, s.Now().Add(rotation), salt
		return nil
	})
	if err != nil {
		return charcoal.Endpoint{}, nil, err
	}
	return e, s.Key.endpoint(e.ID, e.Salt), nil
}

// CallbackSecret is what signs the callbacks of the actor's renderings.
func (s *Service) CallbackSecret(actor charcoal.Actor) (Secret, error) {
	if err := may(actor); err != nil {
		return nil, err
	}
	return s.Key.callback(actor.User), nil
}

// Ping sends an endpoint something that is of no image.
func (s *Service) Ping(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Delivery, error) {
	e, err := s.Get(ctx, actor, id)
	if err != nil {
		return charcoal.Delivery{}, err
	}
	if !e.Enabled() {
		return charcoal.Delivery{}, charcoal.Errorf(charcoal.Conflict, "the webhook is disabled; enable it first")
	}
	now := s.Now().UTC().Truncate(time.Microsecond)
	d := charcoal.Delivery{
		ID: charcoal.NewID(), Owner: e.Owner, Endpoint: e.ID, URL: e.URL, Created: now, Due: now, State: charcoal.DeliveryPending,
		Event: charcoal.Event{Type: charcoal.WebhookPing, At: now, Owner: e.Owner},
	}
	err = s.Store.AddDelivery(ctx, d)
	ring(s.deliveries)
	return d, err
}

// Deliveries returns up to limit deliveries to an endpoint, newest first, only those
// before the given id when it is not zero.
func (s *Service) Deliveries(ctx context.Context, actor charcoal.Actor, endpoint, before charcoal.ID, limit int) ([]charcoal.Delivery, error) {
	if _, err := s.Get(ctx, actor, endpoint); err != nil {
		return nil, err
	}
	return s.Store.Deliveries(ctx, endpoint, before, limit)
}

// Redeliver tries a delivery again, whatever became of it.
func (s *Service) Redeliver(ctx context.Context, actor charcoal.Actor, id charcoal.ID) (charcoal.Delivery, error) {
	if err := may(actor); err != nil {
		return charcoal.Delivery{}, err
	}
	d, err := s.Store.Delivery(ctx, id)
	if err != nil {
		return charcoal.Delivery{}, err
	}
	if !actor.Owns(d.Owner) && !actor.Admin() {
		return charcoal.Delivery{}, charcoal.Errorf(charcoal.NotFound, "no delivery has the id %q", id)
	}
	d, err = s.Store.Redeliver(ctx, id, s.Now())
	ring(s.deliveries)
	return d, err
}

// Poke says that there may be new events. It never waits.
func (s *Service) Poke() { ring(s.events) }

func ring(bell chan struct{}) {
	select {
	case bell <- struct{}{}:
	default: // it rings already
	}
}
