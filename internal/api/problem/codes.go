package problem

import (
	"slices"

	"github.com/charcoal-art/charcoal"
)

// Codes returns every kind of problem with its status and what to do about it.
func Codes() []Code {
	all := []Code{
		{Name: charcoal.Malformed, Title: "The request cannot be read", Advice: "The body or a header is broken, or the body was cut off. Sending the same again does not help."},
		{Name: charcoal.Invalid, Title: "A value is not allowed", Advice: "The member errors names each value that is wrong, and what would be right."},
		{Name: charcoal.Forbidden, Title: "Not allowed", Advice: "You are known, but may not do this: it belongs to somebody else, your token lacks a scope, or the server does not do it at all."},
		{Name: charcoal.Unauthenticated, Title: "Sign in first", Advice: "Send a token (Authorization: Bearer chr_…), or name and password (Basic). What you sent may have expired or been revoked."},
		{Name: charcoal.NotFound, Title: "Nothing there", Advice: "There is no such thing, or it is not for you to see."},
		{Name: charcoal.Conflict, Title: "Not in this state", Advice: "What you ask for does not go together with how things stand. Look at it again; with Retry-After, try again then."},
		{Name: charcoal.TooSlow, Title: "The body came too slowly", Advice: "Nothing came for a while, or less than 1 kB a second."},
		{Name: charcoal.TooLarge, Title: "Over a limit", Advice: "The members limit, actual and unit say which. All limits are at /v2/capabilities."},
		{Name: charcoal.Unsupported, Title: "Not a type that is taken", Advice: "The file is no picture of a known format, or the Content-Type is none that this address takes."},
		{Name: charcoal.Unprocessed, Title: "The picture cannot be drawn", Advice: "It is damaged, or cannot be drawn with these options."},
		{Name: charcoal.Overloaded, Title: "Too much work is waiting", Advice: "Try again after the time in Retry-After."},
		{Name: charcoal.RateLimited, Title: "Too many requests", Advice: "The headers RateLimit and RateLimit-Policy say how many are allowed; try again after the time in Retry-After."},
		{Name: charcoal.QuotaSpent, Title: "A quota is used up", Advice: "The members limit, actual and unit say which; /v2/usage shows all."},
		{Name: charcoal.NotAcceptable, Title: "Not in a form that you accept", Advice: "The member available lists the forms there are."},
		{Name: charcoal.Gone, Title: "Deleted", Advice: "It was there and was deleted."},
		{Name: charcoal.Mismatch, Title: "Not the bytes that were announced", Advice: "The digest that was sent is not that of the bytes that arrived. Send them again."},
		{Name: charcoal.StorageFull, Title: "No room left", Advice: "The server cannot store more for now."},
		{Name: charcoal.Unavailable, Title: "Not for the moment", Advice: "The server is starting, stopping, or waits for something that it needs. Try again after the time in Retry-After."},
		{Name: charcoal.Canceled, Title: "Canceled", Advice: "The client went away."},
		{Name: MethodNotAllowed, Title: "Not a method of this address", Advice: "The header Allow lists those there are."},
		{Name: RangeNotSatisfiable, Title: "Not a part of it", Advice: "The header Content-Range says how long it is."},
		{Name: charcoal.Internal, Title: "A fault of the server", Advice: "The log of the server has more under the request_id."},
	}
	for i := range all {
		all[i].Status = statuses[all[i].Name]
	}
	return all
}

func titleOf(code charcoal.Code) string {
	all := Codes()
	i := slices.IndexFunc(all, func(c Code) bool { return c.Name == code })
	return all[i].Title
}
