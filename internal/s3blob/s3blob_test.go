package s3blob

import (
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/conformance"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

var s3 testservers.S3

func TestMain(m *testing.M) { os.Exit(testservers.Run(m, &s3)) }

func TestConformance(t *testing.T) {
	conformance.Blobs(t, func(t *testing.T) charcoal.Blobs { return open(t, newBucket(t, &s3)) })
}

// newBucket is the location of an empty bucket.
func newBucket(t testing.TB, server *testservers.S3) Location {
	t.Helper()
	return Location{
		Bucket: server.Bucket(t), Endpoint: &url.URL{Scheme: "http", Host: server.Addr(t)},
		Region: "us-east-1", PathStyle: true,
	}
}

// at is a location as it is seen through something in between.
func at(loc Location, addr string) Location {
	loc.Endpoint = &url.URL{Scheme: "http", Host: addr}
	return loc
}

func open(t testing.TB, loc Location) *Blobs {
	t.Helper()
	b, err := New(Settings{
		Location: loc, AccessKey: testservers.S3AccessKey, SecretKey: testservers.S3SecretKey,
		Scratch: t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	b.pause = time.Millisecond // the pauses as they are show nothing more
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}
