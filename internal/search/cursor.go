package search

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/charcoal-art/charcoal"
)

// A cursor is the place of the last image of a page, behind a sum of the query that
// it belongs to: sum (8), number (8), id (16), text.
const cursorHead = 8 + 8 + 16

var encoding = base64.RawURLEncoding

func writeCursor(q *charcoal.Query, at *place) string {
	b := slices.Grow(shape(q), cursorHead+len(at.text))
	b = binary.BigEndian.AppendUint64(b, uint64(at.number))
	b = append(b, at.id[:]...)
	return encoding.EncodeToString(append(b, at.text...))
}

func openCursor(q *charcoal.Query) (*place, error) {
	if q.After == "" {
		return nil, nil //nolint:nilnil // no place to go on from is no error
	}
	b, err := encoding.DecodeString(q.After)
	if err != nil || len(b) < cursorHead || string(b[:8]) != string(shape(q)) {
		return nil, charcoal.Errorf(charcoal.Invalid, "the cursor is not of this search; begin again without one")
	}
	at := &place{number: int64(binary.BigEndian.Uint64(b[8:])), text: b[cursorHead:]}
	copy(at.id[:], b[16:])
	return at, nil
}

// shape is a sum of all that decides what a search finds and in which order, so
// that a cursor is not taken for one of another search. It is no secret.
func shape(q *charcoal.Query) []byte {
	same := *q
	same.After, same.Limit = "", 0
	same.Viewer.Via, same.Viewer.Name = "", "" // however they signed in
	b, err := json.Marshal(same)
	if err != nil {
		panic(fmt.Sprintf("search: a query is not plain data: %v", err))
	}
	sum := sha256.Sum256(b)
	return sum[:8]
}
