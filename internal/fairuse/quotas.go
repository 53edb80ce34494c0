package fairuse

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/charcoal-art/charcoal"
)

// Quotas decides who may use how much, and tells what was used. Admins are not
// limited, but what they use is counted, too. Who did not sign in is, where that is allowed,
// one account together with all others who did not.
//
// Safe for concurrent use.
type Quotas struct {
	meter charcoal.Meter
	quota charcoal.Quota
	now   func() time.Time
}

// NewQuotas returns the quotas of a service that allows each account so much.
func NewQuotas(meter charcoal.Meter, quota charcoal.Quota, now func() time.Time) *Quotas {
	return &Quotas{meter, quota, now}
}

// Settle ends a reservation: with what was used in fact when that came about
// (ok), else by giving everything back. It is done although ctx ended, and only the first
// call does anything, so giving back can be deferred.
type Settle = func(ctx context.Context, bytes, pixels int64, ok bool) error

// maxAmount bounds what one request can be about to use, 1 PiB or as many pixels: what it
// announces comes from outside, and must not make sums overflow.
const maxAmount = 1 << 50

// Admit reserves what the actor is about to use: images and bytes that are uploaded,
// pixels that are drawn. It is QuotaSpent when that is too much, and then nothing is reserved.
// What is not known yet is reserved as the most that it may be, or as 1.
//
// The caller settles every reservation once, on any outcome.
func (q *Quotas) Admit(ctx context.Context, actor charcoal.Actor, images int, bytes, pixels int64) (Settle, error) {
	at := q.now()
	bytes, pixels = min(max(bytes, 0), maxAmount), min(max(pixels, 0), maxAmount)
	reserved := charcoal.Usage{Images: int64(images), Bytes: bytes, Pixels: pixels, Storage: bytes}
	quota := q.of(actor)
	if quota == (charcoal.Quota{}) {
		reserved = charcoal.Usage{} // saves a write: nobody will be refused for it
	} else if err := q.meter.ReserveUsage(ctx, actor.User, at, reserved, quota); err != nil {
		return nil, fmt.Errorf("reserve from the quota: %w", err)
	}
	var settled atomic.Bool
	return func(ctx context.Context, bytes, pixels int64, ok bool) error {
		if settled.Swap(true) {
			return nil
		}
		var used charcoal.Usage
		if ok {
			used = charcoal.Usage{Images: int64(images), Bytes: bytes, Pixels: pixels}
		}
		return q.settle(context.WithoutCancel(ctx), actor.User, at, reserved, used)
	}, nil
}

func (q *Quotas) settle(ctx context.Context, owner charcoal.ID, at time.Time, reserved, used charcoal.Usage) error {
	if reserved == used && used == (charcoal.Usage{}) {
		return nil
	}
	if err := q.meter.SettleUsage(ctx, owner, at, reserved, used); err != nil {
		return fmt.Errorf("settle with the quota: %w", err)
	}
	return nil
}

// of returns what the actor may use.
func (q *Quotas) of(actor charcoal.Actor) charcoal.Quota {
	if actor.Role == charcoal.RoleAdmin {
		return charcoal.Quota{}
	}
	return q.quota
}

// Report is what an account used and may use.
type Report struct {
	ResetsAt time.Time // when the day ends
	Lines    []Line
}

// Line is one quantity.
type Line struct {
	Name, Unit  string
	Used, Limit int64     // a Limit of 0: none
	ResetsAt    time.Time // zero: what is used does not come back by itself
}

// Report tells what the actor used today. Only their id and role are looked at,
// so it can be asked for somebody else.
func (q *Quotas) Report(ctx context.Context, actor charcoal.Actor) (Report, error) {
	at := q.now()
	used, err := q.meter.Usage(ctx, actor.User, at)
	if err != nil {
		return Report{}, fmt.Errorf("report usage: %w", err)
	}
	end, quota := charcoal.NextDay(at), q.of(actor)
	return Report{end, []Line{
		{"images", "images", used.Images, quota.Images, end},
		{"bytes", "bytes", used.Bytes, quota.Bytes, end},
		{"pixels", "pixels", used.Pixels, quota.Pixels, end},
		{"storage", "bytes", used.Storage, quota.Storage, time.Time{}},
	}}, nil
}

// keepDays is for how many days usage is kept.
const keepDays = 31

// forgetAtOnce bounds one step of Sweep.
const forgetAtOnce = 1000

// Sweep forgets what was used long ago, a bounded part at a time. It is cheap when
// there is nothing to forget.
func (q *Quotas) Sweep(ctx context.Context) error {
	if _, err := q.meter.ForgetUsage(ctx, q.now().AddDate(0, 0, -keepDays), forgetAtOnce); err != nil {
		return fmt.Errorf("forget old usage: %w", err)
	}
	return nil
}
