// Package charcoal holds the nouns of the service, the rules that belong to
// them, and the ports through which the outside is reached.
//
// An [Image] is an uploaded original. A [Rendering] is one image drawn with one
// set of options: a job while it runs, a result when it is ready. The [Store]
// is the truth about both; [Blobs] keeps their bytes; a [Queue] is a doorbell
// that says "look at the store"; a [Converter] draws.
//
// Everything here is plain data and interfaces. Adapters live below internal/,
// one package a technology, and never import each other.
package charcoal

import (
	"encoding/hex"
	"fmt"

	"github.com/google/uuid"
)

// ID names an image or a rendering. Ids are UUIDv7 (RFC 9562, section 5.7), so
// their byte order is their order of creation.
type ID = uuid.UUID

// NewID returns an id that sorts after every id this process made before.
func NewID() ID { return uuid.Must(uuid.NewV7()) }

// ParseID reads the canonical 36-character form; nothing else is accepted, so
// that one object has one address. What cannot be an id names nothing, so the
// error has the code [NotFound].
func ParseID(s string) (ID, error) {
	id, err := uuid.Parse(s)
	if err != nil || len(s) != 36 || id.String() != s {
		return ID{}, Errorf(NotFound, "no image has the id %q", clip(s, 64))
	}
	return id, nil
}

func clip(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return s[:limit] + "…"
}

// OriginalKey names the blob that holds the bytes of an image as uploaded.
func OriginalKey(image ID) string { return shard("original", image) + image.String() }

// ArtKey names the blob that one attempt at a rendering writes. The attempt is
// part of the key, so a worker that lost its lease can overwrite nothing that a
// later attempt wrote.
func ArtKey(rendering ID, attempt int) string {
	return fmt.Sprintf("%s%s.%d", shard("art", rendering), rendering, attempt)
}

// shard spreads keys over 256 folders by the last byte of the id, which is
// random in a UUIDv7; the first ones are the time.
func shard(kind string, id ID) string {
	return kind + "/" + hex.EncodeToString(id[15:]) + "/"
}
