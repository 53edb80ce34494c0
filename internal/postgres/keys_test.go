package postgres

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

func TestPresets(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	ctx, owner := t.Context(), charcoal.NewID()
	put := func(p charcoal.Preset) error { return s.PutPreset(ctx, p) }
	b := charcoal.Preset{Owner: owner, Name: "b", Options: ascii.Options{Cols: 80}, Engine: "native", Changed: at()}
	a := charcoal.Preset{Owner: owner, Name: "a", Changed: at()}
	for _, p := range []charcoal.Preset{b, a, {Owner: charcoal.NewID(), Name: "c"}} {
		if err := put(p); err != nil {
			t.Fatal(err)
		}
	}
	b.Options.Cols = 90
	if err := put(b); err != nil {
		t.Fatal(err)
	}
	got, err := s.ListPresets(ctx, owner)
	if diff := cmp.Diff([]charcoal.Preset{a, b}, got); diff != "" || err != nil {
		t.Errorf("list: %v (-want +got):\n%s", err, diff)
	}
	one, err := s.Preset(ctx, owner, "b")
	if diff := cmp.Diff(b, one); diff != "" || err != nil {
		t.Errorf("one: %v (-want +got):\n%s", err, diff)
	}
	if err := s.DeletePreset(ctx, owner, "b"); err != nil {
		t.Error(err)
	}
	for _, err := range []error{s.DeletePreset(ctx, owner, "b"), func() error { _, err := s.Preset(ctx, owner, "b"); return err }()} {
		if charcoal.CodeOf(err) != charcoal.NotFound {
			t.Errorf("of one that is deleted: got %v, want not found", err)
		}
	}
}

// TestPresetsAreLimitedAtOnce has many add the last one.
func TestPresetsAreLimitedAtOnce(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	owner := charcoal.NewID()
	for i := range charcoal.MaxPresets - 1 {
		if err := s.PutPreset(t.Context(), charcoal.Preset{Owner: owner, Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	var added atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := s.PutPreset(t.Context(), charcoal.Preset{Owner: owner, Name: fmt.Sprint("last-", i)})
			if err == nil {
				added.Add(1)
			} else if charcoal.CodeOf(err) != charcoal.QuotaSpent {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := added.Load(); got != 1 {
		t.Errorf("%d were added, want 1", got)
	}
}

func TestOnces(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	ctx, owner, later := t.Context(), charcoal.NewID(), at().Add(time.Hour)
	const key = "any \x00 bytes \xff"
	begin := func(now time.Time) (charcoal.Once, bool, charcoal.Code) {
		o, begun, err := s.BeginOnce(ctx, owner, key, now, now.Add(time.Minute))
		if err != nil {
			return o, begun, charcoal.CodeOf(err)
		}
		return o, begun, ""
	}
	want := func(doing string, now time.Time, wantBegun bool, wantCode charcoal.Code) charcoal.Once {
		t.Helper()
		o, begun, code := begin(now)
		if begun != wantBegun || code != wantCode {
			t.Errorf("%s: got %t and %q, want %t and %q", doing, begun, code, wantBegun, wantCode)
		}
		return o
	}
	want("the first time", at(), true, "")
	want("while it is under way", at(), false, charcoal.Conflict)
	if err := s.AbandonOnce(ctx, owner, key); err != nil {
		t.Fatal(err)
	}
	want("after it was given up", at(), true, "")
	want("after its request died", later, true, "")
	kept := charcoal.Once{
		Owner: owner, Key: key, Done: true, Fingerprint: [32]byte{1, 31: 2}, Status: 201,
		Header: map[string]string{"Location": "/x"}, Body: bytes.Repeat([]byte{0, 0xff}, 100),
	}
	if err := s.FinishOnce(ctx, kept, later.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, want("after it was answered", later, false, "")); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if n, err := s.PurgeOnces(ctx, later, 10); n != 0 || err != nil {
		t.Errorf("purge before its time: got %d and %v", n, err)
	}
	if n, err := s.PurgeOnces(ctx, later.Add(time.Hour), 10); n != 1 || err != nil {
		t.Errorf("purge: got %d and %v, want 1", n, err)
	}
}

// TestOnceOfMany: of many who send the same key, one is carried out.
func TestOnceOfMany(t *testing.T) {
	s := openClosing(t, newDatabase(t))
	var begun atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, ok, _ := s.BeginOnce(t.Context(), charcoal.ID{1}, "key", at(), at().Add(time.Minute)); ok {
				begun.Add(1)
			}
		})
	}
	wg.Wait()
	if got := begun.Load(); got != 1 {
		t.Errorf("%d began, want 1", got)
	}
}
