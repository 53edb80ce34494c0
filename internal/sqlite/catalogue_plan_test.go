package sqlite

import (
	"strings"
	"testing"
)

// TestCatalogueUsesIndexes: beside [TestEveryQueryUsesAnIndex], with rows, so that
// SQLite has something to choose by. Only loading the index reads all images.
func TestCatalogueUsesIndexes(t *testing.T) {
	s := openClosing(t, newPath(t))
	fillShelf(t, s, 3000)
	for _, test := range []struct{ name, query, want string }{
		{"what was found", selectFound, "SEARCH images USING INTEGER PRIMARY KEY (rowid=?)"},
		{"load", selectIndexed, "SCAN images"},
		{"changes", selectChanges, "SEARCH image_changes USING INTEGER PRIMARY KEY (rowid>?)"},
		{"changed images", selectChanges, "SEARCH images USING INTEGER PRIMARY KEY (rowid=?)"},
		{"the newest change", selectNewest, "SCAN image_changes"}, // from its end, and one row of it
		{"expired", selectExpired, "SEARCH images USING INDEX images_expire (expires>? AND expires<?)"},
		{"binned", selectBinned, "USING INDEX images_binned (deleted>? AND deleted<?)"},
		{"in the bin", selectBinnedImage, "USING INDEX sqlite_autoindex_images_1 (id=?)"},
		{"attempts", selectAttempts, "renderings_of_image (image_id=?)"},
	} {
		plan := explain(t, s, test.query)
		if !strings.Contains(plan, test.want) {
			t.Errorf("%s: want %q in the plan, got:\n%s", test.name, test.want, plan)
		}
		if strings.Contains(plan, "SCAN images") != (test.name == "load") {
			t.Errorf("%s: the plan scans all images:\n%s", test.name, plan)
		}
	}
}
