package conformance

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// meteredStore is what the suite of [charcoal.Meter] needs: storage is
// measured where images are.
type meteredStore interface {
	charcoal.Store
	charcoal.Meter
}

// Meter tests an adapter of [charcoal.Meter] that is also a [charcoal.Store].
// Each call of open makes an empty one, which the suite closes.
func Meter[S meteredStore](t *testing.T, open func(t *testing.T) S) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, meteredStore)
	}{
		{"what is used adds up by owner and day", testUsageAddsUp},
		{"each quantity has its limit", testEachQuota},
		{"what is refused is not counted", testRefusedUsage},
		{"settling puts in place what was used", testSettle},
		{"settling never refuses", testSettleNeverRefuses},
		{"many at once do not use more than the quota", testUsageAtOnce},
		{"storage is what images take, whoever is asked and when", testStorage},
		{"reserved storage counts besides what is stored", testReservedStorage},
		{"a reservation ends by itself", testReservationEnds},
		{"old days are forgotten", testForgetUsage},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := open(t)
			t.Cleanup(func() {
				if err := m.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			test.run(t, m)
		})
	}
}

// tomorrow is the first moment of the day after noon.
func tomorrow() time.Time { return time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC) }

// noQuota limits nothing.
func noQuota() charcoal.Quota { return charcoal.Quota{} }

func reserve(t *testing.T, m charcoal.Meter, owner charcoal.ID, at time.Time, want charcoal.Usage) {
	t.Helper()
	noError(t, "reserve", m.ReserveUsage(t.Context(), owner, at, want, noQuota()))
}

func wantUsage(t *testing.T, m charcoal.Meter, owner charcoal.ID, at time.Time, want charcoal.Usage) {
	t.Helper()
	got, err := m.Usage(t.Context(), owner, at)
	noError(t, "read usage", err)
	equal(t, "usage", got, want)
}

func testUsageAddsUp(t *testing.T, m meteredStore) {
	anna, nobody := charcoal.NewID(), charcoal.ID{}
	wantUsage(t, m, anna, noon(), charcoal.Usage{})
	reserve(t, m, anna, noon(), charcoal.Usage{Images: 1, Bytes: 20, Pixels: 300})
	reserve(t, m, anna, tomorrow().Add(-time.Microsecond), charcoal.Usage{Images: 2, Bytes: 1})
	reserve(t, m, nobody, noon(), charcoal.Usage{Pixels: 7})
	reserve(t, m, anna, tomorrow(), charcoal.Usage{Images: 9})

	wantUsage(t, m, anna, noon(), charcoal.Usage{Images: 3, Bytes: 21, Pixels: 300})
	wantUsage(t, m, nobody, noon(), charcoal.Usage{Pixels: 7})
	elsewhere := time.FixedZone("UTC+14", 14*60*60)
	wantUsage(t, m, anna, tomorrow().In(elsewhere), charcoal.Usage{Images: 9})
}

func testEachQuota(t *testing.T, m meteredStore) {
	for _, test := range []struct {
		name  string
		quota charcoal.Quota
		one   charcoal.Usage
		unit  string
	}{
		{"images", charcoal.Quota{Images: 2}, charcoal.Usage{Images: 1}, "images"},
		{"bytes", charcoal.Quota{Bytes: 2}, charcoal.Usage{Bytes: 1}, "bytes"},
		{"pixels", charcoal.Quota{Pixels: 2}, charcoal.Usage{Pixels: 1}, "pixels"},
		{"storage", charcoal.Quota{Storage: 2}, charcoal.Usage{Storage: 1}, "bytes"},
	} {
		owner := charcoal.NewID()
		for range 2 {
			noError(t, test.name, m.ReserveUsage(t.Context(), owner, noon(), test.one, test.quota))
		}
		err := m.ReserveUsage(t.Context(), owner, noon(), test.one, test.quota)
		wantLimit(t, test.name, err, 2, 3, test.unit)
	}
}

func testRefusedUsage(t *testing.T, m meteredStore) {
	owner := charcoal.NewID()
	err := m.ReserveUsage(t.Context(), owner, noon(), charcoal.Usage{Images: 1, Pixels: 11}, charcoal.Quota{Pixels: 10})
	wantLimit(t, "reserve too much", err, 10, 11, "pixels")
	wantUsage(t, m, owner, noon(), charcoal.Usage{})
}

func testSettle(t *testing.T, m meteredStore) {
	owner := charcoal.NewID()
	reserved := charcoal.Usage{Images: 1, Bytes: 100, Pixels: 1, Storage: 100}
	reserve(t, m, owner, noon(), reserved)
	reserve(t, m, owner, noon(), reserved)
	noError(t, "settle", m.SettleUsage(t.Context(), owner, noon(), reserved, charcoal.Usage{Images: 1, Bytes: 60, Pixels: 5000}))
	wantUsage(t, m, owner, noon(), charcoal.Usage{Images: 2, Bytes: 160, Pixels: 5001, Storage: 100})
	noError(t, "give back", m.SettleUsage(t.Context(), owner, noon(), reserved, charcoal.Usage{}))
	wantUsage(t, m, owner, noon(), charcoal.Usage{Images: 1, Bytes: 60, Pixels: 5000})
	noError(t, "settle nothing", m.SettleUsage(t.Context(), owner, noon(), charcoal.Usage{}, charcoal.Usage{Images: 1}))
	wantUsage(t, m, owner, noon(), charcoal.Usage{Images: 2, Bytes: 60, Pixels: 5000})
}

func testSettleNeverRefuses(t *testing.T, m meteredStore) {
	owner := charcoal.NewID()
	one := charcoal.Usage{Pixels: 1}
	quota := charcoal.Quota{Pixels: 10}
	noError(t, "reserve", m.ReserveUsage(t.Context(), owner, noon(), one, quota))
	noError(t, "settle more than the quota", m.SettleUsage(t.Context(), owner, noon(), one, charcoal.Usage{Pixels: 50}))
	wantLimit(t, "reserve again", m.ReserveUsage(t.Context(), owner, noon(), one, quota), 10, 51, "pixels")

	noError(t, "settle what was forgotten", m.SettleUsage(t.Context(), charcoal.NewID(), noon(), one, charcoal.Usage{}))
}

func testUsageAtOnce(t *testing.T, m meteredStore) {
	owner := charcoal.NewID()
	var admitted atomic.Int64
	together(100, func(int) {
		err := m.ReserveUsage(t.Context(), owner, noon(), charcoal.Usage{Images: 1, Storage: 10}, charcoal.Quota{Images: 50, Storage: 305})
		if err == nil {
			admitted.Add(1)
		} else if charcoal.CodeOf(err) != charcoal.QuotaSpent {
			t.Errorf("reserve: %v", err)
		}
	})
	equal(t, "admitted", admitted.Load(), int64(30))
	wantUsage(t, m, owner, noon(), charcoal.Usage{Images: 30, Storage: 300})
}

func testStorage(t *testing.T, m meteredStore) {
	anna, ben := charcoal.NewID(), charcoal.NewID()
	for i, owner := range []charcoal.ID{anna, anna, ben} {
		img, r := newUpload(noon())
		img.Owner, r.Owner, img.Size = owner, owner, int64(100+i)
		commit(t, m, img, r)
	}
	wantUsage(t, m, anna, noon(), charcoal.Usage{Storage: 201})
	wantUsage(t, m, anna, noon().AddDate(1, 0, 0), charcoal.Usage{Storage: 201})
	wantUsage(t, m, ben, noon(), charcoal.Usage{Storage: 102})
}

func testReservedStorage(t *testing.T, m meteredStore) {
	img, r := newUpload(noon())
	img.Size = 100
	commit(t, m, img, r)
	quota := charcoal.Quota{Storage: 150}
	fifty := charcoal.Usage{Storage: 50}
	noError(t, "reserve the rest", m.ReserveUsage(t.Context(), img.Owner, noon(), fifty, quota))
	err := m.ReserveUsage(t.Context(), img.Owner, noon(), charcoal.Usage{Storage: 1}, quota)
	wantLimit(t, "reserve more", err, 150, 151, "bytes")
	noError(t, "settle", m.SettleUsage(t.Context(), img.Owner, noon(), fifty, charcoal.Usage{Storage: 50}))
	noError(t, "reserve what was given back", m.ReserveUsage(t.Context(), img.Owner, noon(), fifty, quota))
}

func testReservationEnds(t *testing.T, m meteredStore) {
	owner := charcoal.NewID()
	reserve(t, m, owner, noon(), charcoal.Usage{Images: 1, Bytes: 5, Storage: 5})
	wantUsage(t, m, owner, tomorrow(), charcoal.Usage{Storage: 5})
	wantUsage(t, m, owner, tomorrow().AddDate(0, 0, 1), charcoal.Usage{})
}

func testForgetUsage(t *testing.T, m meteredStore) {
	anna, ben := charcoal.NewID(), charcoal.NewID()
	for _, owner := range []charcoal.ID{anna, ben} {
		reserve(t, m, owner, noon(), charcoal.Usage{Images: 1})
		reserve(t, m, owner, tomorrow(), charcoal.Usage{Images: 2})
	}
	for _, want := range []int{1, 1, 0} {
		got, err := m.ForgetUsage(t.Context(), tomorrow(), 1)
		noError(t, "forget", err)
		equal(t, "forgotten", got, want)
	}
	wantUsage(t, m, anna, noon(), charcoal.Usage{})
	wantUsage(t, m, ben, tomorrow(), charcoal.Usage{Images: 2})
}

// wantLimit wants the error of a spent quota.
func wantLimit(t *testing.T, doing string, err error, limit, actual int64, unit string) {
	t.Helper()
	wantCode(t, doing, err, charcoal.QuotaSpent)
	e, _ := errors.AsType[*charcoal.Error](err)
	equal(t, doing+": the limit", [2]int64{e.Limit, e.Actual}, [2]int64{limit, actual})
	equal(t, doing+": the unit", e.Unit, unit)
}
