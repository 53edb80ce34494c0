package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"hash/crc32"
	"strings"

	"github.com/charcoal-art/charcoal"
)

// The prefixes by which scanners for leaked secrets can tell what they found.
const (
	tokenPrefix  = "chr_"
	invitePrefix = "chi_"
)

// The lengths of the parts of a secret after its prefix: 256 random bits in
// base64url, and a checksum in base 62.
const (
	randomLen   = 43
	checksumLen = 6
)

func randomBytes() (b [32]byte) {
	_, _ = rand.Read(b[:]) // never fails, says its documentation
	return b
}

// newSecret makes a secret with a prefix. With one it ends with a checksum, so that
// scanners find no false ones, and typing errors never reach the store.
func newSecret(prefix string) string {
	b := randomBytes()
	secret := prefix + base64.RawURLEncoding.EncodeToString(b[:])
	if prefix == "" {
		return secret
	}
	return secret + checksum(secret)
}

// hashSecret returns what is stored of a secret, and whether it can be one of those
// that newSecret makes with the prefix.
func hashSecret(prefix, secret string) (charcoal.Secret, bool) {
	want := len(prefix) + randomLen
	if prefix != "" {
		want += checksumLen
	}
	if len(secret) != want || !strings.HasPrefix(secret, prefix) {
		return charcoal.Secret{}, false
	}
	if body := len(prefix) + randomLen; prefix != "" && secret[body:] != checksum(secret[:body]) {
		return charcoal.Secret{}, false
	}
	return sha256.Sum256([]byte(secret)), true
}

// checksum is the CRC-32 (IEEE) of s in base 62, padded with zeros.
func checksum(s string) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	sum := crc32.ChecksumIEEE([]byte(s))
	var out [checksumLen]byte
	for i := len(out) - 1; i >= 0; i-- {
		out[i] = digits[sum%62]
		sum /= 62
	}
	return string(out[:])
}
