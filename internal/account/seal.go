package account

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// sealer makes values that others can keep but neither read nor change. Its key is
// that of one process: what it sealed ends with it.
type sealer struct{ aead cipher.AEAD }

func newSealer() sealer {
	key := randomBytes()
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // only for a key of another length
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // only for another cipher
	}
	return sealer{aead}
}

func (s sealer) seal(v any) (string, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("seal a value: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nil, nil, plain, nil)), nil //nolint:gosec // it makes a nonce itself
}

func (s sealer) open(sealed string, v any) error {
	const most = 8 << 10 // more than a browser keeps in a cookie
	if len(sealed) > most {
		return fmt.Errorf("open a sealed value: it has %d bytes", len(sealed))
	}
	box, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return fmt.Errorf("open a sealed value: %w", err)
	}
	plain, err := s.aead.Open(nil, nil, box, nil)
	if err != nil {
		return fmt.Errorf("open a sealed value: %w", err)
	}
	return json.Unmarshal(plain, v)
}
