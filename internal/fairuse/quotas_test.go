package fairuse

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// fakeMeter is a meter in memory whose storage is what is reserved, for one day
// and one goroutine.
type fakeMeter struct {
	used map[charcoal.ID]charcoal.Usage
	err  error
}

func newMeter() *fakeMeter { return &fakeMeter{used: make(map[charcoal.ID]charcoal.Usage)} }

func (m *fakeMeter) ReserveUsage(_ context.Context, owner charcoal.ID, at time.Time, want charcoal.Usage, quota charcoal.Quota) error {
	if err := quota.Allow(m.used[owner], want, at); err != nil {
		return err
	}
	m.add(owner, want, 1)
	return m.err
}

func (m *fakeMeter) SettleUsage(ctx context.Context, owner charcoal.ID, _ time.Time, reserved, used charcoal.Usage) error {
	m.add(owner, reserved, -1)
	m.add(owner, used, 1)
	return errors.Join(ctx.Err(), m.err)
}

func (m *fakeMeter) add(owner charcoal.ID, u charcoal.Usage, sign int64) {
	sum := m.used[owner]
	sum.Images += sign * u.Images
	sum.Bytes += sign * u.Bytes
	sum.Pixels += sign * u.Pixels
	sum.Storage += sign * u.Storage
	m.used[owner] = sum
}

func (m *fakeMeter) Usage(_ context.Context, owner charcoal.ID, _ time.Time) (charcoal.Usage, error) {
	return m.used[owner], m.err
}

func (m *fakeMeter) ForgetUsage(_ context.Context, before time.Time, limit int) (int, error) {
	if days := newClock().t.Sub(before) / (24 * time.Hour); days != keepDays || limit < 1 {
		return 0, errors.New("too much is forgotten")
	}
	return limit, m.err
}

func admit(t *testing.T, q *Quotas, actor charcoal.Actor, images int, bytes, pixels int64) Settle {
	t.Helper()
	settle, err := q.Admit(t.Context(), actor, images, bytes, pixels)
	if err != nil {
		t.Fatalf("admit: %v", err)
	}
	return settle
}

func wantUsed(t *testing.T, m *fakeMeter, owner charcoal.ID, want charcoal.Usage) {
	t.Helper()
	if got := m.used[owner]; got != want {
		t.Errorf("used: got %+v, want %+v", got, want)
	}
}

func TestAdmitReservesAndSettles(t *testing.T) {
	m, anna := newMeter(), user()
	q := NewQuotas(m, charcoal.Quota{Images: 10}, newClock().now)
	settle := admit(t, q, anna, 1, 100, 1)
	wantUsed(t, m, anna.User, charcoal.Usage{Images: 1, Bytes: 100, Pixels: 1, Storage: 100})

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := settle(ended, 70, 5000, true); err != nil {
		t.Errorf("settle for somebody who went away: %v", err)
	}
	want := charcoal.Usage{Images: 1, Bytes: 70, Pixels: 5000}
	wantUsed(t, m, anna.User, want)
	if err := settle(t.Context(), 0, 0, false); err != nil {
		t.Errorf("settle again: %v", err)
	}
	wantUsed(t, m, anna.User, want)
}

func TestWhatFailsIsGivenBack(t *testing.T) {
	m, anna := newMeter(), user()
	q := NewQuotas(m, charcoal.Quota{Images: 1}, newClock().now)
	for range 3 {
		settle := admit(t, q, anna, 1, 100, 1)
		if err := settle(t.Context(), 50, 7, false); err != nil {
			t.Fatalf("settle: %v", err)
		}
	}
	wantUsed(t, m, anna.User, charcoal.Usage{})
}

func TestSpentQuotaSaysWhatAndUntilWhen(t *testing.T) {
	q := NewQuotas(newMeter(), charcoal.Quota{Images: 2, Storage: 1000}, newClock().now)
	for _, test := range []struct {
		name   string
		images int
		bytes  int64
		want   charcoal.Error
	}{
		{"images", 3, 10, charcoal.Error{Limit: 2, Actual: 3, Unit: "images", RetryAfter: 12 * time.Hour}},
		{"storage", 1, 1001, charcoal.Error{Limit: 1000, Actual: 1001, Unit: "bytes"}},
		{"more bytes than there are", 1, math.MaxInt64, charcoal.Error{Limit: 1000, Actual: maxAmount, Unit: "bytes"}},
	} {
		_, err := q.Admit(t.Context(), user(), test.images, test.bytes, 0)
		e, _ := errors.AsType[*charcoal.Error](err)
		if charcoal.CodeOf(err) != charcoal.QuotaSpent || e.Limit != test.want.Limit || e.Actual != test.want.Actual ||
			e.Unit != test.want.Unit || e.RetryAfter != test.want.RetryAfter {
			t.Errorf("%s: got %#v, want %+v", test.name, err, test.want)
		}
	}
}

func TestWhoIsLimited(t *testing.T) {
	m := newMeter()
	q := NewQuotas(m, charcoal.Quota{Pixels: 10}, newClock().now)
	admin := charcoal.Actor{User: charcoal.NewID(), Role: charcoal.RoleAdmin}
	for range 3 {
		if err := admit(t, q, admin, 0, 0, 10)(t.Context(), 0, 10, true); err != nil {
			t.Fatal(err)
		}
	}
	wantUsed(t, m, admin.User, charcoal.Usage{Pixels: 30})

	admit(t, q, user(), 0, 0, 10)
	admit(t, q, user(), 0, 0, 10)
	admit(t, q, charcoal.OpenActor(), 0, 0, 10)
	if _, err := q.Admit(t.Context(), charcoal.OpenActor(), 0, 0, 1); charcoal.CodeOf(err) != charcoal.QuotaSpent {
		t.Errorf("a second one who did not sign in: got %v, want %s", err, charcoal.QuotaSpent)
	}
}

func TestWithoutQuotasEverythingIsCounted(t *testing.T) {
	m, anna := newMeter(), user()
	q := NewQuotas(m, charcoal.Quota{}, newClock().now)
	settle := admit(t, q, anna, 1, 100, 1)
	wantUsed(t, m, anna.User, charcoal.Usage{})
	if err := settle(t.Context(), 70, 5000, true); err != nil {
		t.Fatal(err)
	}
	wantUsed(t, m, anna.User, charcoal.Usage{Images: 1, Bytes: 70, Pixels: 5000})
}

func TestReport(t *testing.T) {
	m, anna := newMeter(), user()
	m.used[anna.User] = charcoal.Usage{Images: 1, Bytes: 2, Pixels: 3, Storage: 4}
	q := NewQuotas(m, charcoal.Quota{Images: 10, Storage: 40}, newClock().now)
	got, err := q.Report(t.Context(), anna)
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	want := []Line{
		{"images", "images", 1, 10, midnight},
		{"bytes", "bytes", 2, 0, midnight},
		{"pixels", "pixels", 3, 0, midnight},
		{"storage", "bytes", 4, 40, time.Time{}},
	}
	if !slices.Equal(got.Lines, want) || got.ResetsAt != midnight {
		t.Errorf("report: got %+v, want %+v until %v", got, want, midnight)
	}
}

func TestFailuresOfTheMeter(t *testing.T) {
	m := newMeter()
	q := NewQuotas(m, charcoal.Quota{Images: 1}, newClock().now)
	settle := admit(t, q, user(), 1, 1, 1)
	m.err = charcoal.Errorf(charcoal.StorageFull, "the disk is full")
	_, admitErr := q.Admit(t.Context(), user(), 1, 1, 1)
	_, reportErr := q.Report(t.Context(), user())
	for doing, err := range map[string]error{
		"admit": admitErr, "report": reportErr,
		"settle": settle(t.Context(), 1, 1, true), "sweep": q.Sweep(t.Context()),
	} {
		if charcoal.CodeOf(err) != charcoal.StorageFull {
			t.Errorf("%s: got %v, want %s", doing, err, charcoal.StorageFull)
		}
	}
}

func TestSweepKeepsAMonth(t *testing.T) {
	if err := NewQuotas(newMeter(), charcoal.Quota{}, newClock().now).Sweep(t.Context()); err != nil {
		t.Error(err)
	}
}
