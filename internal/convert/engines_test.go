package convert

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/ascii"
)

// painter is another engine: it draws like the one it holds.
type painter struct {
	charcoal.Converter
	name string
	err  error
}

func (p painter) Engine() string { return p.name }

func (p painter) Convert(ctx context.Context, r io.ReadSeeker, o ascii.Options) (*charcoal.Drawing, error) {
	if p.err != nil {
		return nil, p.err
	}
	return p.Converter.Convert(ctx, r, o)
}

// employ gives the world other engines than the native one.
func (w *world) employ(others ...painter) {
	ports := w.adapter
	for _, o := range others {
		o.Converter = w.adapter.Converter
		ports.Others = append(ports.Others, o)
	}
	w.Service = New(rules(), ports)
}

func TestEngineIsChosen(t *testing.T) {
	for _, tt := range []struct{ ask, stored, drew string }{
		{"", "native", "native/1"},
		{"native", "native", "native/1"},
		{"painter", "painter", "painter/2.1"},
		{"sketcher", "sketcher", "sketcher/3"},
	} {
		inWorld(t, func(t *testing.T, w *world) {
			w.employ(painter{name: "painter/2.1"}, painter{name: "sketcher/3"})
			up := uploadOf(pngOf(t, 16, 12))
			up.Engine = tt.ask
			done, err := w.Submit(t.Context(), up)
			img := done.Image
			noError(t, "submit", err)
			equal(t, "stored", w.rendering(img.ID).Engine, tt.stored)
			w.attempt()
			r := w.rendering(img.ID)
			equal(t, "state", r.State, charcoal.Ready)
			equal(t, "engine", r.Result.Engine, tt.drew)
		})
	}
}

func TestUnknownEngineIsRefused(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.employ(painter{name: "painter/2.1"})
		for _, name := range []string{"etcher", "painter/2.1", "Painter", "-", strings.Repeat("x", 1<<20)} {
			up := uploadOf(pngOf(t, 16, 12))
			up.Engine = name
			_, err := w.Submit(t.Context(), up)
			wantCode(t, "submit", err, charcoal.Invalid)
			if message := charcoal.Message(err); !strings.HasSuffix(message, "there are: native, painter") || len(message) > 200 {
				t.Errorf("got %.300q", message)
			}
		}
		w.checkNothing()
	})
}

// An engine that was taken out of the configuration draws no more: nobody knows
// what it would have drawn.
func TestEngineThatIsGone(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.employ(painter{name: "painter/2.1"})
		up := uploadOf(pngOf(t, 16, 12))
		up.Engine = "painter"
		done, err := w.Submit(t.Context(), up)
		img := done.Image
		noError(t, "submit", err)
		w.employ()
		w.attempt()
		r := w.rendering(img.ID)
		equal(t, "state", r.State, charcoal.Failed)
		equal(t, "reason", r.Reason, `there is no engine "painter" here; there are: native`)
	})
}

// What a program says when it fails is in the log, and the reason says under what.
func TestWordsOfAnEngineAreForTheLog(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		failure := charcoal.Errorf(charcoal.Unprocessed, "the engine painter failed with exit status 3")
		failure.Logged = true
		w.employ(painter{name: "painter/2.1", err: failure.Because(errors.New("cannot open /secret/brush"))})
		up := uploadOf(pngOf(t, 16, 12))
		up.Engine = "painter"
		done, err := w.Submit(t.Context(), up)
		img := done.Image
		noError(t, "submit", err)
		w.attempt()
		r := w.rendering(img.ID)
		equal(t, "reason", r.Reason, "the engine painter failed with exit status 3; the log has the details, at rendering "+r.ID.String())
	})
}
