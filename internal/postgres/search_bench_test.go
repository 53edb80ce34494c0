package postgres

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
)

// BenchmarkSearch searches CHARCOAL_SEARCH_IMAGES images (20,000), while nothing else happens and
// after 100 changes, and says how long the first search took, which loads the index. How
// fast the index answers what is measured in package sqlite, which has the same.
func BenchmarkSearch(b *testing.B) {
	n, err := strconv.Atoi(cmp.Or(os.Getenv("CHARCOAL_SEARCH_IMAGES"), "20000"))
	if err != nil {
		b.Fatal(err)
	}
	s := openClosing(b, newDatabase(b))
	fillShelf(b, s, n)
	start := time.Now()
	searchOnce(b, s, charcoal.Query{})
	load := time.Since(start)
	for name, q := range map[string]charcoal.Query{
		"newest":  {Descending: true},
		"text":    {Text: "picture 777"},
		"similar": {SimilarTo: 0x0123456789abcdef, Distance: charcoal.MaxDistance},
	} {
		b.Run(name, func(b *testing.B) { benchSearch(b, s, q, func() {}); b.ReportMetric(load.Seconds(), "load-s") })
		b.Run(name+"/after changes", func(b *testing.B) {
			benchSearch(b, s, q, func() {
				server.ExecIn(b, s.pool.Config().ConnString(), `UPDATE images SET title = title || '.' WHERE id IN (SELECT id FROM images ORDER BY id LIMIT 100)`)
			})
		})
	}
}

// benchSearch reports the median and the 95th percentile of the times of single searches.
func benchSearch(b *testing.B, s *Store, q charcoal.Query, before func()) {
	var times []time.Duration
	for b.Loop() {
		before()
		start := time.Now()
		searchOnce(b, s, q)
		times = append(times, time.Since(start))
	}
	slices.Sort(times)
	percentile := func(p int) float64 { return float64(times[len(times)*p/100].Microseconds()) / 1000 }
	b.ReportMetric(percentile(50), "p50-ms")
	b.ReportMetric(percentile(95), "p95-ms")
}

func searchOnce(b *testing.B, s *Store, q charcoal.Query) {
	q.Viewer = charcoal.Actor{User: charcoal.ID{1}, Role: charcoal.RoleAdmin, Scopes: charcoal.Scopes()}
	q.Limit = 50
	if _, err := s.Search(b.Context(), q); err != nil {
		b.Fatal(err)
	}
}

// fillShelf makes images with a rendering each, that are drawn.
func fillShelf(b *testing.B, s *Store, n int) {
	b.Helper()
	server.ExecIn(b, s.pool.Config().ConnString(), `ALTER TABLE images DISABLE TRIGGER USER; ALTER TABLE renderings DISABLE TRIGGER USER;
		INSERT INTO images (id, owner, filename, created, size, sha256, format, media_type, width, height, frames, hash, title, tags, visibility, expires)
		SELECT (lpad(to_hex(n), 12, '0') || '70008' || lpad(to_hex(n), 15, '0'))::uuid, (lpad(to_hex(n % 2000), 32, '0'))::uuid,
			'IMG_' || n || '.jpg', 1767355200000000 + n, 1000 + n % 5000, sha256(n::text::bytea), 'JPEG', 'image/jpeg', 100 + n % 4000, 100 + n % 3000, 1,
			('x' || md5(n::text))::bit(64)::bigint, 'picture ' || n, ARRAY['tag ' || n % 300], 'private', 0
		FROM generate_series(1, `+strconv.Itoa(n)+`) AS n;
		INSERT INTO renderings (id, image_id, owner, options, state, created, not_before, key, callback)
		SELECT id, id AS image_id, owner, '{}', 'ready', created, 0, sha256, '' FROM images;
		ALTER TABLE images ENABLE TRIGGER USER; ALTER TABLE renderings ENABLE TRIGGER USER;
		ANALYZE;`)
}
