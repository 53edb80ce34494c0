package charcoal_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/charcoal-art/charcoal"
)

func TestErrors(t *testing.T) {
	cause := errors.New("open /secret/path: no")
	tests := []struct {
		name    string
		err     error
		code    charcoal.Code
		message string
	}{
		{"coded", charcoal.Errorf(charcoal.Invalid, "size is %d", 0), charcoal.Invalid, "size is 0"},
		{"wrapped", fmt.Errorf("submitting: %w", charcoal.Errorf(charcoal.Invalid, "no")), charcoal.Invalid, "no"},
		{"with a cause", charcoal.Errorf(charcoal.Unavailable, "away").Because(cause), charcoal.Unavailable, "away"},
		{"limit", charcoal.OverLimit("the file", 67108864, 70000000, "bytes"), charcoal.TooLarge,
			"the file is over the limit: 70,000,000 of at most 67,108,864 bytes"},
		{"unknown", cause, charcoal.Internal, "something went wrong on our side; the log has the details"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := charcoal.CodeOf(tt.err); got != tt.code {
				t.Errorf("code: got %q, want %q", got, tt.code)
			}
			if got := charcoal.Message(tt.err); got != tt.message {
				t.Errorf("message: got %q, want %q", got, tt.message)
			}
		})
	}
	if err := charcoal.Errorf(charcoal.Internal, "x").Because(io.EOF); !errors.Is(err, io.EOF) {
		t.Error("the cause is not in the chain")
	}
}

// TestPermanentOrPassing holds that no failure is both, and that a fault of
// ours is neither: it is retried, up to a limit.
func TestPermanentOrPassing(t *testing.T) {
	for code, want := range map[charcoal.Code]string{
		charcoal.Malformed: "permanent", charcoal.Invalid: "permanent", charcoal.TooLarge: "permanent",
		charcoal.Unsupported: "permanent", charcoal.Unprocessed: "permanent",
		charcoal.Overloaded: "passing", charcoal.StorageFull: "passing", charcoal.Unavailable: "passing",
		charcoal.Canceled: "passing",
		charcoal.Internal: "", charcoal.NotFound: "", charcoal.Conflict: "",
	} {
		err := charcoal.Errorf(code, "x")
		got := ""
		if charcoal.Permanent(err) {
			got += "permanent"
		}
		if charcoal.Passing(err) {
			got += "passing"
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", code, got, want)
		}
	}
}
