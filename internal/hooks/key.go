package hooks

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
)

const (
	keySize  = 32 // bytes; of the server's key and of every secret
	saltSize = 16
)

// Key is the server's own, from which all secrets are derived (HKDF, RFC 5869). So
// the database holds none: a copy of it, as backups are, lets nobody sign, and
// neither does the key without the salts in it.
type Key [keySize]byte

// OpenKey reads the key from a file, which only the service may read, or makes one
// when there is no file. A file that holds no key is an error: with another
// key, no receiver would believe us any more.
func OpenKey(path string) (Key, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("read the key of webhooks: %w", err)
	}
	var key Key
	if copy(key[:], raw) != keySize || len(raw) != keySize {
		return Key{}, fmt.Errorf("the key of webhooks in %s has %d bytes, not %d; put back the one from the backup, or delete it and give every receiver a new secret", path, len(raw), keySize)
	}
	return key, nil
}

// makeKey leaves either no file or a whole one, whatever happens, and one that is
// there to stay before anything is signed with it.
func makeKey(path string) (key Key, err error) {
	if _, err := rand.Read(key[:]); err != nil {
		return Key{}, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // readable by its owner only
	if err != nil {
		return Key{}, fmt.Errorf("make the key of webhooks: %w", err)
	}
	_, err = f.Write(key[:])
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return Key{}, fmt.Errorf("make the key of webhooks: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return key, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Secret signs deliveries. Its text form is "whsec_" and base64, as Standard Webhooks has it.
type Secret []byte

func (s Secret) String() string { return "whsec_" + base64.StdEncoding.EncodeToString(s) }

func (k Key) derive(salt []byte, of string) Secret {
	secret, err := hkdf.Key(sha256.New, k[:], salt, "charcoal webhooks: "+of, keySize)
	if err != nil { // only for lengths that are out of bounds
		panic(err)
	}
	return secret
}

// endpoint is one secret of an endpoint, by its salt.
func (k Key) endpoint(id charcoal.ID, salt []byte) Secret {
	return k.derive(salt, "endpoint "+id.String())
}

// callback signs what is sent to the callbacks of an owner's renderings.
func (k Key) callback(owner charcoal.ID) Secret { return k.derive(nil, "callbacks of "+owner.String()) }

// live returns the secrets of an endpoint that sign now, the newest first.
func (k Key) live(e charcoal.Endpoint, now time.Time) []Secret {
	secrets := []Secret{k.endpoint(e.ID, e.Salt)}
	if e.OldSalt != nil && now.Before(e.OldUntil) {
		secrets = append(secrets, k.endpoint(e.ID, e.OldSalt))
	}
	return secrets
}

func newSalt() []byte {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: see there
	return salt
}

// sign is the webhook-signature header: one signature a secret, each "v1," and
// base64 of HMAC-SHA256 over id, timestamp and body, dots between (Standard Webhooks
// 1.0.0, "Signature scheme").
func sign(secrets []Secret, id string, at time.Time, body []byte) string {
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(id + "." + timestamp(at) + ".")) // a hash takes everything
		mac.Write(body)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(signatures, " ")
}

func timestamp(at time.Time) string { return strconv.FormatInt(at.Unix(), 10) }
