package config_test

import (
	"testing"

	"github.com/charcoal-art/charcoal/internal/config"
)

func TestParseSize(t *testing.T) {
	tests := []struct {
		text string
		want config.Size
		ok   bool
	}{
		{"0B", 0, true},
		{"1B", 1, true},
		{"64MiB", 64 << 20, true},
		{"64mib", 64 << 20, true},
		{"64 MiB", 64 << 20, true},
		{"10MB", 10_000_000, true},
		{"1kB", 1000, true},
		{"1KB", 1000, true},
		{"2TiB", 2 << 40, true},
		{"1_000KiB", 1_024_000, true},
		{"8388607TiB", 8388607 << 40, true},
		{"8388608TiB", 0, false}, // one more than fits
		{"99999999999999999999B", 0, false},
		{"64", 0, false},
		{"64M", 0, false},
		{"1.5MiB", 0, false},
		{"-1MiB", 0, false},
		{"0x10B", 0, false},
		{"MiB", 0, false},
		{"64  MiB", 0, false},
		{"64MiBB", 0, false},
		{"", 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := config.ParseSize(tt.text)
			if got != tt.want || (err == nil) != tt.ok {
				t.Errorf("got %d, %v; want %d, ok %t", got, err, tt.want, tt.ok)
			}
		})
	}
}

func FuzzParseSize(f *testing.F) {
	for _, seed := range []string{"64MiB", "1 kb", "0B", "1_000GB", "9007199254740993B", "-1B"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		size, err := config.ParseSize(text)
		if err != nil {
			return
		}
		if size < 0 {
			t.Fatalf("%q is %d, which is less than nothing", text, size)
		}
		if again, err := config.ParseSize(size.String()); again != size || err != nil {
			t.Errorf("%q is %d; its String %q is %d, %v", text, size, size, again, err)
		}
	})
}
