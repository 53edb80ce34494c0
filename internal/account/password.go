package account

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"

	"github.com/charcoal-art/charcoal"
)

// The lengths of a password, in bytes. The longest costs as much to hash as the
// shortest, to within noise.
const (
	MinPassword = 8
	MaxPassword = 256
)

// cost is what one hash of a password takes. It is argon2id (RFC 9106).
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

// currentCost is the least that the OWASP Password Storage Cheat Sheet recommends;
// its second choice takes more memory for the same strength. So a small machine can
// take some sign-ins at once.
var currentCost = cost{memory: 19 * 1024, passes: 2, lanes: 1}

// maxCost bounds what a hash in the database can make us do.
var maxCost = cost{memory: 1024 * 1024, passes: 64, lanes: 16}

const (
	saltLen = 16
	keyLen  = 32
	maxLen  = 128 // of a salt or key that somebody else made
)

// phc is a hash in the PHC string format:
// $argon2id$v=19$m=19456,t=2,p=1$salt$key
// (https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md).
type phc struct {
	cost
	salt, key []byte
}

// hashPassword hashes with a new salt. At the current cost it takes 19 MiB and some
// 20 ms: see [hasher].
func hashPassword(c cost, password string) string {
	h := phc{cost: c, salt: make([]byte, saltLen)}
	_, _ = rand.Read(h.salt) // never fails, says its documentation
	h.key = h.derive(password, keyLen)
	return h.String()
}

func (h phc) derive(password string, length int) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.lanes, uint32(length))
}

// matches computes one hash and compares it in constant time.
func (h phc) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.derive(password, len(h.key)), h.key) == 1
}

// outdated says that hashes of the cost c are made otherwise.
func (h phc) outdated(c cost) bool { return h.cost != c || len(h.key) != keyLen }

func (h phc) String() string {
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes,
		base64.RawStdEncoding.EncodeToString(h.salt), base64.RawStdEncoding.EncodeToString(h.key))
}

// parsePHC reads what String writes; only what it would write itself is accepted.
func parsePHC(s string) (phc, error) {
	var h phc
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, fmt.Errorf("the stored hash of a password is not argon2id")
	}
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &h.memory, &h.passes, &h.lanes); err != nil {
		return h, fmt.Errorf("read the cost of a stored hash: %w", err)
	}
	var errs [2]error
	h.salt, errs[0] = base64.RawStdEncoding.Strict().DecodeString(part[4])
	h.key, errs[1] = base64.RawStdEncoding.Strict().DecodeString(part[5])
	if errs[0] != nil || errs[1] != nil || !h.bounded() || h.String() != s {
		return phc{}, fmt.Errorf("the stored hash of a password is damaged")
	}
	return h, nil
}

func (h phc) bounded() bool {
	return 1 <= h.passes && h.passes <= maxCost.passes &&
		1 <= h.lanes && h.lanes <= maxCost.lanes &&
		8*uint32(h.lanes) <= h.memory && h.memory <= maxCost.memory &&
		8 <= len(h.salt) && len(h.salt) <= maxLen &&
		16 <= len(h.key) && len(h.key) <= maxLen
}

// CheckPassword returns nil when a user of that name can have the password.
func CheckPassword(name, password string) error {
	switch {
	case len(password) < MinPassword || len(password) > MaxPassword:
		return charcoal.Errorf(charcoal.Invalid, "a password is %d to %d bytes long; a few words in a row are easy to remember", MinPassword, MaxPassword)
	case strings.EqualFold(password, name):
		return charcoal.Errorf(charcoal.Invalid, "the password must not be the name")
	}
	return nil
}
