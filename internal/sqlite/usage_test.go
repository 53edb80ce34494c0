package sqlite

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
)

func TestMeterConformance(t *testing.T) {
	conformance.Meter(t, func(t *testing.T) *Store { return openStore(t, newPath(t)) })
}

// TestRemovedImagesGiveStorageBack removes images for good, as the clean-up of the bin does.
func TestRemovedImagesGiveStorageBack(t *testing.T) {
	s := openClosing(t, newPath(t))
	queueFor(t, s, 1, 3, time.Time{}) // of one byte each
	var owner charcoal.ID
	err := s.writer.write(t.Context(), func(t *tx) error {
		if err := t.row(`SELECT owner FROM images LIMIT 1`).Scan(&owner); err != nil {
			return err
		}
		return errors.Join(
			t.exec(`DELETE FROM renderings WHERE image_id <> (SELECT min(id) FROM images)`),
			t.exec(`DELETE FROM images WHERE id <> (SELECT min(id) FROM images)`))
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Usage(t.Context(), owner, at())
	if err != nil || got != (charcoal.Usage{Storage: 1}) {
		t.Errorf("usage: got %+v and %v, want a storage of 1", got, err)
	}
	wantQueues(t, s, map[charcoal.ID]queueRow{owner: {due: 1}})
}

// TestUsageIsReadFromIndexes: who has used the service for years is not slower.
func TestUsageIsReadFromIndexes(t *testing.T) {
	s := openClosing(t, newPath(t))
	plan := explain(t, s, selectUsage)
	if strings.Contains(plan, "SCAN usage") || strings.Contains(plan, "SCAN storage") {
		t.Errorf("the plan scans a table:\n%s", plan)
	}
}
