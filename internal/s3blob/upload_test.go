package s3blob

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/testservers"
)

// TestSizes stores blobs around every size at which something else begins: memory,
// file, one part, more parts, one window, more windows.
func TestSizes(t *testing.T) {
	t.Parallel()
	b := open(t, newBucket(t, &s3))
	for _, size := range []int{0, 1, inMemory, ahead, partSize, 2 * partSize} {
		for _, size := range []int{size - 1, size, size + 1} {
			if size < 0 {
				continue
			}
			key, data := newKey(), randomText(size)
			n, err := b.Put(t.Context(), key, iotest.DataErrReader(strings.NewReader(data)))
			if err != nil || n != int64(size) {
				t.Fatalf("put: got %d bytes stored and error %v, want %d", n, err, size)
			}
			wantContent(t, b, key, data)
		}
	}
}

// TestUploadsAreBoundedInMemory uploads much more than may be held. The memory that
// it takes in all, over time, bounds what it holds at once.
func TestUploadsAreBoundedInMemory(t *testing.T) {
	b := open(t, newBucket(t, &s3))
	put(t, b, newKey(), "x") // what the client sets up once
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	const size = 64 << 20
	if n, err := b.Put(t.Context(), newKey(), io.LimitReader(neverEnding{}, size)); err != nil || n != size {
		t.Fatalf("put: got %d bytes stored and error %v, want %d", n, err, size)
	}
	runtime.ReadMemStats(&after)
	if got, want := after.TotalAlloc-before.TotalAlloc, uint64(4<<20); got > want {
		t.Errorf("got %d bytes allocated for %d, want %d at most", got, size, want)
	}
	left, err := os.ReadDir(b.scratch)
	if err != nil || len(left) != 0 {
		t.Errorf("got %v left in the scratch folder (error %v), want nothing", left, err)
	}
}

func TestPrefixKeepsBucketsApart(t *testing.T) {
	t.Parallel()
	loc := newBucket(t, &s3)
	plain := open(t, loc)
	loc.Prefix = "below/here/"
	below := open(t, loc)
	key := newKey()
	put(t, below, key, "below")
	_, err := plain.Open(t.Context(), key)
	wantCode(t, "open without the prefix", err, charcoal.NotFound)
	wantContent(t, plain, loc.Prefix+key, "below")
}

func TestEncryptionIsAskedFor(t *testing.T) {
	for _, test := range []struct{ kind, key, want, wantKey string }{
		{"", "", "", ""},
		{"s3", "", "AES256", ""},
		{"kms", "", "aws:kms", ""},
		{"kms", "arn:key", "aws:kms", "arn:key"},
	} {
		t.Run(test.kind+" "+test.key, func(t *testing.T) {
			loc := Location{Bucket: "bucket", Endpoint: &url.URL{}, Region: "x", PathStyle: true, Encryption: test.kind, KMSKey: test.key}
			for _, size := range []int{1, partSize + 1} {
				var asked []string
				b := through(t, loc, func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
					query := r.URL.Query()
					if query.Has("uploads") || r.Method == http.MethodPut && !query.Has("partNumber") {
						asked = append(asked, r.Header.Get("X-Amz-Server-Side-Encryption"), r.Header.Get("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id"))
					}
					_, _ = io.Copy(io.Discard, r.Body)
					_, _ = io.WriteString(w, "<X><Bucket>b</Bucket><UploadId>u</UploadId></X>")
				})
				put(t, b, newKey(), randomText(size))
				if got, want := fmt.Sprint(asked), fmt.Sprint([]string{test.want, test.wantKey}); got != want {
					t.Errorf("%d bytes: got encryption %s asked for, want %s", size, got, want)
				}
			}
		})
	}
}

func TestPresignedURL(t *testing.T) {
	t.Parallel()
	b := open(t, newBucket(t, &s3))
	key := newKey()
	put(t, b, key, "the original")
	const name = "the \"best\"\r\nX-Evil: 1 猫.png"
	link, err := b.PresignedURL(t.Context(), key, name, "image/png", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	resp, body := get(t, link)
	if resp.StatusCode != http.StatusOK || body != "the original" {
		t.Fatalf("got %s and %q, want the blob", resp.Status, body)
	}
	if got := resp.Header.Get("Content-Type"); got != "image/png" {
		t.Errorf("got type %q, want image/png", got)
	}
	if got := resp.Header.Get("Content-Disposition"); !strings.HasPrefix(got, "attachment") || resp.Header.Get("X-Evil") != "" {
		t.Errorf("got disposition %q and headers %v, want an attachment and no header of the name's", got, resp.Header)
	}
	for _, tampered := range []string{
		strings.Replace(link, key[len(key)-8:], "00000000", 1),
		strings.Replace(link, "image%2Fpng", "text%2Fhtml", 1),
		strings.Replace(link, "X-Amz-Expires=60", "X-Amz-Expires=600000", 1),
	} {
		if resp, _ := get(t, tampered); tampered == link || resp.StatusCode != http.StatusForbidden {
			t.Errorf("a link that was changed: got %s, want it refused", resp.Status)
		}
	}
}

func TestPresignedURLSays(t *testing.T) {
	loc := Location{
		Bucket: "bucket", Endpoint: &url.URL{Scheme: "http", Host: "10.0.0.1:9000"}, Region: "x", PathStyle: true,
		Downloads: &url.URL{Scheme: "https", Host: "files.example.com"},
	}
	b := open(t, loc)
	link, err := b.PresignedURL(t.Context(), newKey(), "", "image/png", time.Minute)
	if err != nil || !strings.HasPrefix(link, "https://files.example.com/bucket/") {
		t.Errorf("got %q and error %v, want a link to where downloads are", link, err)
	}
	for _, ttl := range []time.Duration{0, -time.Second, 8 * 24 * time.Hour} {
		_, err := b.PresignedURL(t.Context(), newKey(), "x", "image/png", ttl)
		wantCode(t, fmt.Sprintf("a link for %v", ttl), err, charcoal.Invalid)
	}
}

func get(t *testing.T, link string) (*http.Response, string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	loc := newBucket(t, &s3)
	nowhere := loc
	nowhere.Bucket = "no-such-bucket"
	stranger, err := New(Settings{Location: loc, AccessKey: testservers.S3AccessKey, SecretKey: "wrong"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = stranger.Close() })
	for name, b := range map[string]*Blobs{"no bucket": open(t, nowhere), "wrong keys": stranger} {
		err := b.Check(t.Context())
		wantCode(t, name, err, charcoal.Unavailable)
		t.Logf("%s: %v", name, err)
	}
	if err := open(t, loc).Check(t.Context()); err != nil {
		t.Errorf("check of a bucket that works: %v", err)
	}
}
