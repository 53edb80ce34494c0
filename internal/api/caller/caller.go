// Package caller carries who asks, and how to name the request, from the edge of
// the API to its handlers.
package caller

import (
	"context"
	"net/http"

	"github.com/charcoal-art/charcoal"
)

type key struct{}

// With returns a context that says who asks.
func With(ctx context.Context, actor charcoal.Actor) context.Context {
	return context.WithValue(ctx, key{}, actor)
}

// Of returns who asks: a stranger, when nobody said.
func Of(ctx context.Context) charcoal.Actor {
	actor, _ := ctx.Value(key{}).(charcoal.Actor)
	return actor
}

// IDHeader names the header with the id of a request, in both directions.
const IDHeader = "X-Request-Id"

// ID returns the id of the request that w answers.
func ID(w http.ResponseWriter) string { return w.Header().Get(IDHeader) }
