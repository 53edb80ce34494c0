package account

import (
	"strings"
	"testing"

	"github.com/charcoal-art/charcoal"
)

func TestSecretsAreRecognised(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		secret := newSecret(tokenPrefix)
		if len(secret) != 53 || !strings.HasPrefix(secret, "chr_") || seen[secret] {
			t.Fatalf("token: got %q, want chr_ and 49 characters, each once", secret)
		}
		seen[secret] = true
		if _, ok := hashSecret(tokenPrefix, secret); !ok {
			t.Fatalf("%q is not recognised", secret)
		}
		if _, ok := hashSecret(invitePrefix, secret); ok {
			t.Fatalf("%q is taken for an invite", secret)
		}
	}
}

// TestChecksum holds it against the value that others compute.
func TestChecksum(t *testing.T) {
	t.Parallel()
	// CRC-32 of "123456789" is 0xcbf43926 (Williams, A Painless Guide to CRC Error
	// Detection Algorithms, section 15): 3421780262 in base 62.
	if got, want := checksum("123456789"), "3jZRME"; got != want {
		t.Errorf("checksum: got %q, want %q", got, want)
	}
}

func FuzzHashSecret(f *testing.F) {
	f.Add("")
	f.Add(newSecret(""))
	f.Add(newSecret(tokenPrefix))
	f.Add(tokenPrefix + strings.Repeat("é", 30))
	f.Fuzz(func(t *testing.T, secret string) {
		hash, ok := hashSecret(tokenPrefix, secret)
		if ok != (hash != charcoal.Secret{}) {
			t.Errorf("%q: got the hash %x and %v", secret, hash, ok)
		}
	})
}
