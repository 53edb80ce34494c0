package charcoal

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestQuotaAllow(t *testing.T) {
	evening := time.Date(2026, 1, 2, 23, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name       string
		quota      Quota
		used, want Usage
		unit       string // of what is refused; "" for nothing
		actual     int64
		retry      time.Duration
	}{
		{"no quota", Quota{}, Usage{Images: math.MaxInt64}, Usage{Images: math.MaxInt64}, "", 0, 0},
		{"up to the limit", Quota{Images: 3}, Usage{Images: 2}, Usage{Images: 1}, "", 0, 0},
		{"over the limit", Quota{Images: 3}, Usage{Images: 2}, Usage{Images: 2}, "images", 4, time.Hour},
		{"another quantity is spent", Quota{Images: 3, Pixels: 9}, Usage{Images: 3}, Usage{Pixels: 9}, "", 0, 0},
		{"over the limit already", Quota{Pixels: 3}, Usage{Pixels: 7}, Usage{Pixels: 1}, "pixels", 8, time.Hour},
		{"bytes come back tomorrow", Quota{Bytes: 3}, Usage{}, Usage{Bytes: 4}, "bytes", 4, time.Hour},
		{"storage does not", Quota{Storage: 3}, Usage{}, Usage{Storage: 4}, "bytes", 4, 0},
		{"a sum that overflows", Quota{Bytes: 3}, Usage{Bytes: 1}, Usage{Bytes: math.MaxInt64}, "bytes", math.MaxInt64, time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := test.quota.Allow(test.used, test.want, evening)
			if test.unit == "" {
				if err != nil {
					t.Errorf("got %v, want none", err)
				}
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Code != QuotaSpent || e.Unit != test.unit || e.Actual != test.actual || e.RetryAfter != test.retry {
				t.Errorf("got %+v, want %s with %d %s, again after %v", e, QuotaSpent, test.actual, test.unit, test.retry)
			}
		})
	}
}

func TestNextDay(t *testing.T) {
	west := time.FixedZone("UTC-10", -10*60*60)
	for _, test := range []struct{ at, want time.Time }{
		{time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC), time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)},
		{time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)},
		{time.Date(2026, 12, 31, 23, 59, 59, 999_999_999, time.UTC), time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
		{time.Date(2026, 1, 2, 20, 0, 0, 0, west), time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)},
	} {
		if got := NextDay(test.at); !got.Equal(test.want) {
			t.Errorf("the day after %v: got %v, want %v", test.at, got, test.want)
		}
	}
}
