package room_test

import (
	"context"
	"errors"
	"testing"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/room"
)

func TestUploads(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	r := room.New(stopping, 1, 10)
	leave, err := r.Upload()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Upload(); charcoal.CodeOf(err) != charcoal.Overloaded {
		t.Errorf("one too many: got %v, want %s", err, charcoal.Overloaded)
	}
	leave()
	stop()
	if _, err := r.Upload(); charcoal.CodeOf(err) != charcoal.Unavailable || !r.Stopping() {
		t.Errorf("while stopping: got %v, want %s", err, charcoal.Unavailable)
	}
}

// TestCells holds that art larger than all of the room gets in, alone.
func TestCells(t *testing.T) {
	r := room.New(t.Context(), 1, 10)
	release, err := r.Cells(t.Context(), 1000)
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Cells(waiting, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("beside it: got %v, want %v", err, context.Canceled)
	}
	release()
	release, err = r.Cells(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestUntilStopping(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	r := room.New(stopping, 1, 10)
	ctx, done := r.UntilStopping(t.Context())
	defer done()
	if ctx.Err() != nil {
		t.Error("it ended before")
	}
	stop()
	<-ctx.Done()
}
