package hooks

import (
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

func wantField(t *testing.T, err error, pointer string) {
	t.Helper()
	e, ok := errors.AsType[*charcoal.Error](err)
	if !ok || e.Code != charcoal.Invalid || len(e.Fields) != 1 || e.Fields[0].Pointer != pointer {
		t.Errorf("got %v, want %s at %s", err, charcoal.Invalid, pointer)
	}
}

// The example of the libraries of Standard Webhooks.
func TestSign(t *testing.T) {
	secret, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := sign([]Secret{secret}, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature: got %s, want %s", got, want)
	}
	if got, want := Secret(secret).String(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"; got != want {
		t.Errorf("secret: got %s, want %s", got, want)
	}
}

func TestOpenKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "webhooks.key")
	made, err := OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenKey(path)
	if err != nil || again != made || made == (Key{}) {
		t.Errorf("open again: got another key, %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v, %v", info.Mode(), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	for _, raw := range []string{"", "short", strings.Repeat("a", keySize+1)} {
		if err := os.WriteFile(path, []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenKey(path); err == nil {
			t.Errorf("a key of %d bytes is taken", len(raw))
		}
	}
	if _, err := OpenKey(filepath.Join(path, "under", "a", "file")); err == nil {
		t.Error("a key is made where no file can be")
	}
}

// Neither the key alone nor a row alone gives a secret, and no two are the same.
func TestSecretsDiffer(t *testing.T) {
	a, b := charcoal.NewID(), charcoal.NewID()
	seen := make(map[string]bool)
	for _, key := range []Key{{1}, {2}} {
		for _, id := range []charcoal.ID{a, b} {
			for _, salt := range []string{"one", "two"} {
				seen[key.endpoint(id, []byte(salt)).String()] = true
			}
			seen[key.callback(id).String()] = true
		}
	}
	if len(seen) != 2*2*3 {
		t.Errorf("different secrets: got %d, want %d", len(seen), 2*2*3)
	}
}

func TestPause(t *testing.T) {
	s := New(Config{RetryMin: 5 * time.Second, RetryMax: 6 * time.Hour}, Ports{})
	for tries, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 5: 80 * time.Second, 100: 6 * time.Hour} {
		for range 100 {
			got := s.pause(tries)
			if got < want*8/10 || got > want*12/10 || got > 6*time.Hour {
				t.Errorf("pause after %d tries: got %v, want about %v", tries, got, want)
			}
		}
	}
}

func TestShown(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"nothing", "", ""},
		{"lines", "a\r\n\tb  c", "a b c"},
		{"escapes", "\x1b[31mred\x00", "[31mred"},
		{"no UTF-8", "a\xff\xfeb", "ab"},
		{"marks that turn text around", "a\u202eb", "a b"},
		{"long", strings.Repeat("é", 1000), strings.Repeat("é", maxShown/2)},
		{"cut inside a character", "x" + strings.Repeat("é", 1000), "x" + strings.Repeat("é", maxShown/2-1)},
	}
	for _, tt := range tests {
		if got := shown([]byte(tt.raw)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
