package room_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/api/room"
)

func TestUploads(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	r := room.New(stopping, room.Limits{Uploads: 1, Cells: 10})
	leave, err := r.Upload("ada")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Upload("ada"); charcoal.CodeOf(err) != charcoal.Overloaded {
		t.Errorf("one too many: got %v, want %s", err, charcoal.Overloaded)
	}
	leave()
	stop()
	if _, err := r.Upload("ada"); charcoal.CodeOf(err) != charcoal.Unavailable || !r.Stopping() {
		t.Errorf("while stopping: got %v, want %s", err, charcoal.Unavailable)
	}
}

// TestShares: one caller who is slow leaves places to others, and has them again when
// they are given back.
func TestShares(t *testing.T) {
	r := room.New(t.Context(), room.Limits{Uploads: 3, UploadsEach: 2, StreamsEach: 2, Cells: 10})
	for name, take := range map[string]func(any) (func(), error){"uploads": r.Upload, "streams": r.Stream} {
		t.Run(name, func(t *testing.T) {
			var leave [2]func()
			for i := range leave {
				var err error
				if leave[i], err = take("mallory"); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := take("mallory"); charcoal.CodeOf(err) != charcoal.RateLimited {
				t.Errorf("one too many: got %v, want %s", err, charcoal.RateLimited)
			}
			other, err := take("ada")
			if err != nil {
				t.Errorf("somebody else: got %v", err)
			}
			other()
			leave[0]()
			again, err := take("mallory")
			if err != nil {
				t.Fatalf("after one was given back: got %v", err)
			}
			again()
			leave[1]()
		})
	}
}

// TestCells holds that art larger than all of the room gets in, alone.
func TestCells(t *testing.T) {
	r := room.New(t.Context(), room.Limits{Uploads: 1, Cells: 10})
	release, err := r.Cells(t.Context(), "ada", 1000)
	if err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := r.Cells(waiting, "ada", 1); !errors.Is(err, context.Canceled) {
		t.Errorf("beside it: got %v, want %v", err, context.Canceled)
	}
	release()
	release, err = r.Cells(t.Context(), "ada", 10)
	if err != nil {
		t.Fatal(err)
	}
	release()
}

// TestCellsAreShared: who reads much art slowly keeps only themselves waiting.
func TestCellsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := room.New(t.Context(), room.Limits{Uploads: 1, Cells: 10, CellsEach: 5})
		release, err := r.Cells(t.Context(), "mallory", 9) // one, however large, is let in
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Cells(t.Context(), "mallory", 1); charcoal.CodeOf(err) != charcoal.Unavailable {
			t.Errorf("one more: got %v, want %s", err, charcoal.Unavailable)
		}
		other, err := r.Cells(t.Context(), "ada", 1)
		if err != nil {
			t.Fatalf("somebody else: got %v", err)
		}
		other()
		release()
		if release, err = r.Cells(t.Context(), "mallory", 5); err != nil {
			t.Fatalf("afterwards: got %v", err)
		}
		release()
	})
}

func TestUntilStopping(t *testing.T) {
	stopping, stop := context.WithCancel(t.Context())
	r := room.New(stopping, room.Limits{Uploads: 1, Cells: 10})
	ctx, done := r.UntilStopping(t.Context())
	defer done()
	if ctx.Err() != nil {
		t.Error("it ended before")
	}
	stop()
	<-ctx.Done()
}
