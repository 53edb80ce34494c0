package ascii

import (
	"math"
	"testing"
)

func TestLinearLight(t *testing.T) {
	tests := []struct {
		value uint8
		want  float64 // IEC 61966-2-1
	}{{0, 0}, {10, 0.003035}, {128, 0.215861}, {188, 0.502886}, {255, 1}}
	for _, tt := range tests {
		if got := float64(linear8()[tt.value]) / one; math.Abs(got-tt.want) > 1e-6 {
			t.Errorf("%d: got %v, want %v", tt.value, got, tt.want)
		}
	}
}

func TestPrimariesAddUp(t *testing.T) {
	p := primaries8()
	for i, want := range linear8() {
		if got := p.red[i] + p.green[i] + p.blue[i]; got != want {
			t.Errorf("grey %d has light %d, want %d", i, got, want)
		}
		if got := linear16()[i*0x101]; got != want {
			t.Errorf("grey %d is %d with 16 bits, want %d", i, got, want)
		}
	}
}

// The tables come from a power that machines may round differently in the last
// bit. They are the same everywhere as long as no value lies that near to where
// rounding turns.
func TestTablesDoNotHangOnTheLastBit(t *testing.T) {
	for i := range 1 << 16 {
		exact := math.Pow((float64(i)/0xffff+0.055)/1.055, 2.4) * one
		if f := exact - math.Floor(exact); math.Abs(f-0.5) < 1e-7 {
			t.Errorf("the light of %d is %v, too near to a half", i, exact)
		}
	}
}

func TestShare(t *testing.T) {
	tests := []struct{ light, opacity, want uint32 }{
		{one, 255, one}, {one, 0, 0}, {0, 255, 0}, {one, 51, one / 5},
	}
	for _, tt := range tests {
		if got := share(tt.light, tt.opacity, 255); got != tt.want {
			t.Errorf("share(%d, %d) = %d, want %d", tt.light, tt.opacity, got, tt.want)
		}
	}
}
