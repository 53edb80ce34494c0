package convert

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/charcoal-art/charcoal"
)

// ledger is quotas that write down what is settled.
type ledger struct {
	spent    error
	reserved int
	settled  []settled
}

type settled struct {
	Bytes, Pixels int64
	OK            bool
}

func (l *ledger) Admit(context.Context, charcoal.Actor, int, int64, int64) (func(context.Context, int64, int64, bool) error, error) {
	if l.spent != nil {
		return nil, l.spent
	}
	l.reserved++
	return func(ctx context.Context, bytes, pixels int64, ok bool) error {
		l.settled = append(l.settled, settled{bytes, pixels, ok})
		return ctx.Err()
	}, nil
}

// counts wants everything settled that was reserved, the newest as told.
func (l *ledger) counts(t *testing.T, what string, want settled) {
	t.Helper()
	if len(l.settled) != l.reserved {
		t.Fatalf("%s: settled %d of %d reservations", what, len(l.settled), l.reserved)
	}
	if !want.OK {
		want = settled{OK: false}
		l.settled[l.reserved-1].Bytes, l.settled[l.reserved-1].Pixels = 0, 0 // mean nothing then
	}
	equal(t, what, l.settled[l.reserved-1], want)
}

func TestQuotasAreSettled(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		quotas := &ledger{}
		w.quotas = quotas
		body := pngOf(t, 16, 12)
		up := uploadOf(body)
		up.Join = true
		done := w.upload(up)
		all := settled{int64(len(body)), 16 * 12, true}
		quotas.counts(t, "upload", all)

		up.Body = bytes.NewReader(body)
		w.upload(up)
		quotas.counts(t, "the same again", settled{})

		up.Body, up.Options.Cols = bytes.NewReader(body), 9
		equal(t, "duplicate", w.upload(up).Duplicate, true)
		quotas.counts(t, "the same again, drawn in another way", all)

		_, _, err := w.Draw(t.Context(), charcoal.OpenActor(), done.Image.ID, wide())
		noError(t, "draw", err)
		quotas.counts(t, "the way it is drawn already", settled{})

		_, err = w.Cancel(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		noError(t, "cancel", err)
		_, err = w.Retry(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		noError(t, "retry", err)
		quotas.counts(t, "another try", settled{0, 16 * 12, true})
		_, err = w.Retry(t.Context(), charcoal.OpenActor(), done.Rendering.ID)
		wantCode(t, "retry what waits", err, charcoal.Conflict)
		quotas.counts(t, "another try too soon", settled{})

		w.on("Put", broken(full()))
		_, err = w.Submit(t.Context(), uploadOf(body))
		wantCode(t, "upload", err, charcoal.StorageFull)
		quotas.counts(t, "upload that failed", settled{})
	})
}

// TestSpentQuotas bound what is new, not what is there.
func TestSpentQuotas(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		done := w.upload(uploadOf(pngOf(t, 16, 12)))
		w.quotas = &ledger{spent: charcoal.Errorf(charcoal.QuotaSpent, "no more today")}
		r, added, err := w.Draw(t.Context(), charcoal.OpenActor(), done.Image.ID, Drawing{Options: small()})
		noError(t, "draw what is there", err)
		equal(t, "added", added, false)
		equal(t, "rendering", r.ID, done.Rendering.ID)
		_, _, err = w.Draw(t.Context(), charcoal.OpenActor(), done.Image.ID, wide())
		wantCode(t, "draw what is not", err, charcoal.QuotaSpent)
	})
}

// TestPanicsSettleQuotas meets a picture that breaks its decoder.
func TestPanicsSettleQuotas(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		quotas := &ledger{}
		w.quotas = quotas
		panics := func(context.Context, func() error) error { panic(errors.New("index out of range")) }
		for method, do := range map[string]func() error{
			"Convert": func() error {
				_, _, err := w.Convert(t.Context(), charcoal.OpenActor(), bytes.NewReader(pngOf(t, 16, 12)), wide())
				return err
			},
			"Put": func() error { _, err := w.Submit(t.Context(), uploadOf(pngOf(t, 16, 12))); return err },
		} {
			w.on(method, panics)
			func() {
				defer func() { equal(t, method+" panics", recover() != nil, true) }()
				noError(t, method, do())
			}()
			quotas.counts(t, method, settled{})
		}
	})
}
