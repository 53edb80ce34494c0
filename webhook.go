package charcoal

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// How many deliveries are under way at a time, so that a place that is slow holds up
// nobody else, and neither does somebody with many of them.
const (
	DeliveriesAtOnce  = 2 // to one place
	DeliveriesOfOwner = 8
)

// Endpoint is a place of an account that is told of its events.
type Endpoint struct {
	ID      ID
	Owner   ID
	URL     string
	Events  []EventType // of which it is told; at least one
	Created time.Time

	// Its secrets are derived from these and from a key of the server, so that
	// neither the rows nor the key give them away alone.
	Salt     []byte
	OldSalt  []byte    // of the secret before; nil for none
	OldUntil time.Time // until when that is used, too

	Disabled time.Time // since when it is told nothing; zero while it is
	Reason   string    // why it was disabled, for people

	Failures     int       // attempts in a row that failed
	FailingSince time.Time // when the first of them ended; zero for none
}

// Enabled reports whether the endpoint is told of events.
func (e *Endpoint) Enabled() bool { return e.Disabled.IsZero() }

// DeliveryState is where a delivery stands.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryPending DeliveryState = "pending"   // to be tried, or being tried
	DeliveryDone    DeliveryState = "delivered" // the receiver said that it has it
	DeliveryFailed  DeliveryState = "failed"    // given up
)

// Delivery is one event on its way to one place.
type Delivery struct {
	ID       ID
	Owner    ID
	Endpoint ID     // zero for the callback of a rendering
	URL      string // where it goes; of an endpoint, where that is now
	Event    Event  // what it tells; its Seq is 0 when it is not of the log

	Created time.Time
	State   DeliveryState
	Attempt int       // claims so far. It names the newest claim and only ever grows
	Tries   int       // those of them since it was made, or asked for again
	Due     time.Time // when it may be claimed; zero unless pending
	Last    Attempt   // how the newest attempt ended; zero before
}

// Target names where the delivery goes, for [DeliveriesAtOnce]: every endpoint is
// a place of its own, and so is every host that an owner's callbacks name.
func (d *Delivery) Target() string {
	if d.Endpoint != (ID{}) {
		return EndpointTarget(d.Endpoint)
	}
	host := ""
	if u, err := url.Parse(d.URL); err == nil {
		host = strings.ToLower(u.Host)
	}
	return "callback/" + d.Owner.String() + "/" + host
}

// EndpointTarget is the [Delivery.Target] of deliveries to an endpoint.
func EndpointTarget(id ID) string { return "endpoint/" + id.String() }

// Attempt is how one try to deliver ended.
type Attempt struct {
	At     time.Time // when it ended; zero when none did
	Took   time.Duration
	Status int    // of the answer; 0 when there was none
	Error  string // why it failed, for the account; "" when it did not
}

// Outcome is what became of an attempt at a delivery.
type Outcome struct {
	Attempt
	State DeliveryState
	Due   time.Time // of the next try, when it is pending
}

// Webhooks keeps endpoints and what is on its way to them.
//
// The contract of every method is that of [Store]. Whoever claims a delivery has it
// until a time; after that anybody may claim it again. So a delivery is made
// at least once, also when the one who made it died before saying so.
type Webhooks interface {
	// AddEndpoint adds an endpoint that is told of what happens from now on. It
	// is QuotaSpent when the owner has limit endpoints already.
	AddEndpoint(ctx context.Context, e Endpoint, limit int) error

	// Endpoint returns one endpoint, or NotFound.
	Endpoint(ctx context.Context, id ID) (Endpoint, error)

	// Endpoints returns all endpoints of an owner, oldest first.
	Endpoints(ctx context.Context, owner ID) ([]Endpoint, error)

	// ChangeEndpoint reads an endpoint, lets change alter it, and stores it, in one
	// step. Id, owner and time of creation stay. An error of change is returned as
	// it is, and nothing is stored. What is pending for a disabled endpoint waits
	// until it is enabled. It is NotFound when there is none. Change may be called
	// again, and must do nothing but alter its argument.
	ChangeEndpoint(ctx context.Context, id ID, change func(*Endpoint) error) (Endpoint, error)

	// DeleteEndpoint removes an endpoint with all its deliveries. It is NotFound
	// when there is none.
	DeleteEndpoint(ctx context.Context, id ID) error

	// PlanDeliveries goes on in the log of events where it stopped and makes, for up
	// to limit events, a delivery to each enabled endpoint of the owner that wants
	// to know, and to the callback of a rendering that became final. An event
	// is never planned twice. It returns how many events it went on by, and how
	// many deliveries it made.
	PlanDeliveries(ctx context.Context, now time.Time, limit int) (seen, made int, err error)

	// AddDelivery adds a pending delivery. It is NotFound when its endpoint is gone.
	AddDelivery(ctx context.Context, d Delivery) error

	// ClaimDeliveries hands out up to limit due deliveries until a time, at most
	// [DeliveriesAtOnce] of one target and [DeliveriesOfOwner] of one owner at a
	// time. Those whose time is up are handed out again.
	ClaimDeliveries(ctx context.Context, now, until time.Time, limit int) ([]Delivery, error)

	// FinishDelivery records what became of an attempt that was claimed, by the
	// delivery's id and attempt. It is Conflict when that is not the current one. It
	// returns the endpoint with its failures counted, or the zero one for a callback.
	FinishDelivery(ctx context.Context, id ID, attempt int, o Outcome) (Endpoint, error)

	// Delivery returns one delivery, or NotFound.
	Delivery(ctx context.Context, id ID) (Delivery, error)

	// Deliveries returns up to limit deliveries to an endpoint, newest first, only
	// those before the given id when it is not zero.
	Deliveries(ctx context.Context, endpoint, before ID, limit int) ([]Delivery, error)

	// Redeliver makes a delivery pending and due at a time, whatever became of it.
	// It is Conflict while it is being tried.
	Redeliver(ctx context.Context, id ID, at time.Time) (Delivery, error)

	// PurgeDeliveries removes up to limit deliveries that were made before a time
	// and are not pending, or wait for a disabled endpoint. It returns how many.
	PurgeDeliveries(ctx context.Context, before time.Time, limit int) (int, error)
}
