package e2e

import (
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// corpus is a folder of pictures that does not belong to the project.
func corpus(t *testing.T, folder string) []string {
	t.Helper()
	dir := filepath.Join(cmp.Or(os.Getenv("CHARCOAL_CORPUS"), "../../../shared/corpus"), folder)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Skipf("no corpus of pictures (set CHARCOAL_CORPUS to its folder): %v", err)
	}
	var files []string
	for _, e := range entries {
		if e.Type().IsRegular() {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files
}

// later are the formats that are not read yet.
var later = []string{".avif", ".heif"}

func TestCorpusBecomesReady(t *testing.T) {
	s := start(t, t.TempDir())
	for _, folder := range []string{"photos", "art", "formats"} {
		for _, path := range corpus(t, folder) {
			t.Run(filepath.Base(path), func(t *testing.T) {
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				id, err := s.upload(t.Context(), "", filepath.Base(path), content)
				if slices.Contains(later, filepath.Ext(path)) {
					if err == nil || !strings.Contains(err.Error(), "415") {
						t.Errorf("a format that is not read: got %v, want 415", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if art := s.art(id); strings.TrimSpace(art) == "" {
					t.Error("the art is blank")
				}
			})
		}
	}
}

// TestHostileCorpus holds that every broken or malicious file is refused, or
// ends as an error with a reason, or is drawn as far as it goes; and that the
// server lives.
func TestHostileCorpus(t *testing.T) {
	s := start(t, t.TempDir())
	for _, path := range slices.Concat(corpus(t, "hostile"), corpus(t, "apng")) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			id, err := s.upload(t.Context(), "", filepath.Base(path), content)
			if err != nil {
				if !slices.ContainsFunc([]string{"413", "415", "422"}, func(status string) bool {
					return strings.Contains(err.Error(), "upload: "+status)
				}) {
					t.Errorf("refusal: got %v, want 413, 415 or 422", err)
				}
				t.Logf("refused: %v", err)
				return
			}
			res := s.get("/image/" + id + "/ascii?wait=30s")
			if res.status != http.StatusOK && res.status != http.StatusUnprocessableEntity {
				t.Errorf("art: got %d %s", res.status, res.body)
			}
			if res.status == http.StatusUnprocessableEntity {
				t.Logf("error: %s", res.body)
			}
		})
	}
	if got := s.get("/readyz").status; got != http.StatusOK {
		t.Errorf("/readyz afterwards: got %d, want 200", got)
	}
}
