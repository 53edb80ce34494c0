//go:build !nodynamic

package avif

import (
	"bytes"
	"errors"
	"testing"
)

func TestDecodeIsOff(t *testing.T) {
	if _, err := Decode(t.Context(), bytes.NewReader(read(t, "plain")), 0, 0); !errors.Is(err, ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
