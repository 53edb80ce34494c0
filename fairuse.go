package charcoal

import (
	"context"
	"time"
)

// Quota is what one account may use. 0 is no limit.
type Quota struct {
	Images  int64 // uploaded on one day
	Bytes   int64 // uploaded on one day
	Pixels  int64 // drawn on one day
	Storage int64 // bytes of originals that are stored, whenever they came
}

// Usage is what an account used, or is about to use: the quantities of a
// [Quota].
type Usage struct {
	Images, Bytes, Pixels, Storage int64
}

// Allow returns nil when an account that used so much on the day of a time may
// use so much more, else [QuotaSpent] for the first quantity that is too much.
// What is not wanted is not looked at. Storage does not come back by itself, so
// for it the error knows no time after which to try again.
func (q Quota) Allow(used, want Usage, at time.Time) error {
	tomorrow := NextDay(at).Sub(at)
	for _, c := range []struct {
		what, unit        string
		limit, used, want int64
		back              time.Duration
	}{
		{"the number of images uploaded today", "images", q.Images, used.Images, want.Images, tomorrow},
		{"the size of everything uploaded today", "bytes", q.Bytes, used.Bytes, want.Bytes, tomorrow},
		{"the number of pixels drawn today", "pixels", q.Pixels, used.Pixels, want.Pixels, tomorrow},
		{"the size of all stored images", "bytes", q.Storage, used.Storage, want.Storage, 0},
	} {
		// Not used + want > limit: what is wanted may come from a header, and a sum overflow.
		if c.limit > 0 && c.want > 0 && c.want > c.limit-c.used {
			err := OverLimitAs(QuotaSpent, c.what, c.limit, saturate(c.used, c.want), c.unit)
			err.RetryAfter = c.back
			return err
		}
	}
	return nil
}

// saturate adds two numbers that are not negative, up to the largest there is.
func saturate(a, b int64) int64 {
	if sum := a + b; sum >= 0 {
		return sum
	}
	return 1<<63 - 1
}

// NextDay returns when the day of a time ends. Days of quotas are those of UTC.
func NextDay(at time.Time) time.Time {
	return at.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

// Meter keeps what accounts used, by owner and day. The owner that is zero is
// nobody: all who did not sign in, as one account.
//
// The contract of every method is that of [Store]. A time stands for its day in UTC.
type Meter interface {
	// ReserveUsage adds to the usage of the owner's day what is wanted, unless the
	// quota does not [Quota.Allow] it; however many ask at once, the
	// usage does not grow over the quota. Storage that is reserved counts besides
	// what is stored. A reservation that is never settled ends by itself: with
	// its day, that of storage with the day after.
	ReserveUsage(ctx context.Context, owner ID, at time.Time, want Usage, quota Quota) error

	// SettleUsage puts in place of a reservation (which may be zero) of the day
	// what was used in fact. It never refuses. All reserved storage is given
	// back, since what was stored counts by itself.
	SettleUsage(ctx context.Context, owner ID, at time.Time, reserved, used Usage) error

	// Usage returns what the owner used on a day, with what is reserved, and what
	// the originals of all the owner's images take that were not removed for good.
	Usage(ctx context.Context, owner ID, at time.Time) (Usage, error)

	// ForgetUsage removes up to limit records of days before that of a time, and
	// returns how many.
	ForgetUsage(ctx context.Context, before time.Time, limit int) (int, error)
}
