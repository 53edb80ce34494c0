// Package caller carries who asks, and how to name the request, from the edge of
// the API to its handlers.
package caller

import (
	"context"
	"net/http"
	"net/netip"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/clientaddr"
)

// Caller is who asks, and from where.
type Caller struct {
	charcoal.Actor
	Address netip.Addr // of the client, behind proxies that are trusted; may be invalid

	// Again finds out anew who it is that brought the same, for what goes on for
	// long. Nil where nobody has to bring anything.
	Again func(context.Context) (charcoal.Actor, error)
}

// Key is who asks where each may have a share of something: an account, or for who did
// not sign in a network.
func (c Caller) Key() any {
	if c.SignedIn() {
		return c.User
	}
	return clientaddr.Network(c.Address)
}

type key struct{}

// With returns a context that says who asks.
func With(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// Of returns who asks: a stranger, when nobody said.
func Of(ctx context.Context) Caller {
	c, _ := ctx.Value(key{}).(Caller)
	return c
}

// IDHeader names the header with the id of a request, in both directions.
const IDHeader = "X-Request-Id"

// ID returns the id of the request that w answers.
func ID(w http.ResponseWriter) string { return w.Header().Get(IDHeader) }
