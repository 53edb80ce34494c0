package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/charcoal-art/charcoal"
)

// Blobs tests an adapter of [charcoal.Blobs]. Each call of open makes an empty
// one.
func Blobs(t *testing.T, open func(t *testing.T) charcoal.Blobs) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, charcoal.Blobs)
	}{
		{"what was put is opened", testPutOpen},
		{"a blob can be sought in", testSeek},
		{"what was not put is not found", testNoBlob},
		{"a key may be put again", testPutAgain},
		{"an open blob never changes", testImmutable},
		{"an error of the reader leaves nothing behind", testReaderFails},
		{"a failed put keeps what was there", testFailedPutAgain},
		{"an ended context ends a put", testPutCanceled},
		{"delete removes, and again is fine", testDelete},
		{"what is no key is refused", testBadKeys},
		{"many puts at once", testPutsAtOnce},
		{"readers never see a mixture", testNoMixture},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, open(t))
		})
	}
}

// FullBlobs tests what happens when there is no room: blobs keeps its bytes
// where less than 8 MiB are left.
func FullBlobs(t *testing.T, blobs charcoal.Blobs) {
	small, big := key(), key()
	put(t, blobs, small, []byte("a small one"))
	_, err := blobs.Put(t.Context(), big, io.LimitReader(endless{}, 16<<20))
	wantCode(t, "put more than there is room for", err, charcoal.StorageFull)

	wantMissing(t, blobs, big)
	wantBlob(t, blobs, small, []byte("a small one"))
	half := make([]byte, 2<<20) // fits only when nothing was left behind
	put(t, blobs, big, half)
	wantBlob(t, blobs, big, half)
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func key() string { return charcoal.OriginalKey(charcoal.NewID()) }

func randomBytes(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(rand.Uint32())
	}
	return p
}

func put(t *testing.T, b charcoal.Blobs, key string, data []byte) {
	t.Helper()
	n, err := b.Put(t.Context(), key, bytes.NewReader(data))
	noError(t, "put", err)
	equal(t, "bytes stored", n, int64(len(data)))
}

func openBlob(t *testing.T, b charcoal.Blobs, key string) charcoal.Blob {
	t.Helper()
	blob, err := b.Open(t.Context(), key)
	noError(t, "open", err)
	t.Cleanup(func() {
		if err := blob.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return blob
}

func wantBlob(t *testing.T, b charcoal.Blobs, key string, want []byte) {
	t.Helper()
	blob := openBlob(t, b, key)
	equal(t, "size", blob.Size(), int64(len(want)))
	wantRest(t, blob, want)
}

func wantRest(t *testing.T, r io.Reader, want []byte) {
	t.Helper()
	got, err := io.ReadAll(r)
	noError(t, "read", err)
	if !bytes.Equal(got, want) {
		t.Fatalf("got %d bytes %.20q…, want %d bytes %.20q…", len(got), got, len(want), want)
	}
}

func wantMissing(t *testing.T, b charcoal.Blobs, key string) {
	t.Helper()
	_, err := b.Open(t.Context(), key)
	wantCode(t, "open "+key, err, charcoal.NotFound)
}

func testPutOpen(t *testing.T, b charcoal.Blobs) {
	id := charcoal.NewID()
	for _, k := range []string{charcoal.OriginalKey(id), charcoal.ArtKey(id, 1), charcoal.ArtKey(id, 2)} {
		want := []byte("the bytes of " + k)
		put(t, b, k, want)
		wantBlob(t, b, k, want)
	}
	for _, size := range []int{0, 1, 3 << 20} {
		k, want := key(), randomBytes(size)
		put(t, b, k, want)
		wantBlob(t, b, k, want)
	}
	k := key()
	_, err := b.Put(t.Context(), k, iotest.DataErrReader(iotest.OneByteReader(strings.NewReader("byte by byte"))))
	noError(t, "put byte by byte", err)
	wantBlob(t, b, k, []byte("byte by byte"))
}

func testSeek(t *testing.T, b charcoal.Blobs) {
	k := key()
	put(t, b, k, []byte("0123456789"))
	noError(t, "read and seek", iotest.TestReader(openBlob(t, b, k), []byte("0123456789")))
}

func testNoBlob(t *testing.T, b charcoal.Blobs) {
	k := key()
	wantMissing(t, b, k)
	put(t, b, k, nil)
	for _, other := range []string{key(), k[:len(k)-1], k + "0", k + "/below", k[:strings.LastIndexByte(k, '/')]} {
		wantMissing(t, b, other)
	}
}

func testPutAgain(t *testing.T, b charcoal.Blobs) {
	k := key()
	put(t, b, k, []byte("long and old"))
	put(t, b, k, []byte("new"))
	wantBlob(t, b, k, []byte("new"))
}

func testImmutable(t *testing.T, b charcoal.Blobs) {
	k := key()
	old := randomBytes(1 << 20)
	put(t, b, k, old)
	blob := openBlob(t, b, k)
	put(t, b, k, []byte("new"))
	wantRest(t, blob, old)
}

func testReaderFails(t *testing.T, b charcoal.Blobs) {
	cut := charcoal.Errorf(charcoal.TooLarge, "the upload is too large")
	for _, n := range []int64{0, 1, 1 << 20} {
		k := key()
		r := io.MultiReader(io.LimitReader(endless{}, n), iotest.ErrReader(cut))
		got, err := b.Put(t.Context(), k, r)
		if !errors.Is(err, cut) {
			t.Errorf("after %d bytes: got %v, want the reader's error in the chain", n, err)
		}
		wantCode(t, "put", err, charcoal.TooLarge)
		equal(t, "bytes stored", got, int64(0))
		wantMissing(t, b, k)
	}
}

func testFailedPutAgain(t *testing.T, b charcoal.Blobs) {
	k := key()
	put(t, b, k, []byte("old"))
	_, err := b.Put(t.Context(), k, io.MultiReader(strings.NewReader("ne"), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want %v in the chain", err, io.ErrUnexpectedEOF)
	}
	wantBlob(t, b, k, []byte("old"))
}

// canceling ends a context when it has been read so far, and goes on for ever.
type canceling struct {
	cancel context.CancelFunc
	left   int
}

func (c *canceling) Read(p []byte) (int, error) {
	if c.left -= len(p); c.left < 0 {
		c.cancel()
	}
	return len(p), nil
}

func testPutCanceled(t *testing.T, b charcoal.Blobs) {
	k := key()
	_, err := b.Put(endedContext(t), k, strings.NewReader("too late"))
	wantCanceled(t, "put", err)
	wantMissing(t, b, k)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = b.Put(ctx, k, &canceling{cancel: cancel, left: 1 << 20})
	wantCanceled(t, "put half-way", err)
	wantMissing(t, b, k)
}

func testDelete(t *testing.T, b charcoal.Blobs) {
	gone, kept := key(), key()
	put(t, b, gone, []byte("gone"))
	put(t, b, kept, []byte("kept"))
	for _, name := range []string{"delete", "delete again"} {
		noError(t, name, b.Delete(t.Context(), gone))
		wantMissing(t, b, gone)
	}
	noError(t, "delete what never was", b.Delete(t.Context(), key()))
	noError(t, "delete the folder of a blob", b.Delete(t.Context(), kept[:strings.LastIndexByte(kept, '/')]))
	wantBlob(t, b, kept, []byte("kept"))
	put(t, b, gone, []byte("back"))
	wantBlob(t, b, gone, []byte("back"))
}

func testBadKeys(t *testing.T, b charcoal.Blobs) {
	for _, k := range []string{
		"", ".", "/", "..", "../x", "a/../../x", "a/..", "a/../b", "a//b", "a/", "/etc/passwd",
		`a\b`, `..\x`, "a\x00b", "a/./b", "./a", "\xff",
	} {
		_, err := b.Put(t.Context(), k, strings.NewReader("evil"))
		wantCode(t, fmt.Sprintf("put %q", k), err, charcoal.Internal)
		_, err = b.Open(t.Context(), k)
		wantCode(t, fmt.Sprintf("open %q", k), err, charcoal.Internal)
		wantCode(t, fmt.Sprintf("delete %q", k), b.Delete(t.Context(), k), charcoal.Internal)
	}
}

func testPutsAtOnce(t *testing.T, b charcoal.Blobs) {
	together(workers, func(i int) {
		for n := range 8 {
			k, want := key(), randomBytes(1000*i+n)
			if _, err := b.Put(t.Context(), k, bytes.NewReader(want)); err != nil {
				t.Errorf("put: %v", err)
			}
			if got, err := readBlob(t.Context(), b, k); err != nil || !bytes.Equal(got, want) {
				t.Errorf("read back: %d bytes and error %v, want the %d that were put", len(got), err, len(want))
			}
		}
	})
}

func readBlob(ctx context.Context, b charcoal.Blobs, key string) ([]byte, error) {
	blob, err := b.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(blob)
	return data, errors.Join(err, blob.Close())
}

// testNoMixture puts one key from many sides, each with a letter of its own.
func testNoMixture(t *testing.T, b charcoal.Blobs) {
	const size = 100_000
	k := key()
	put(t, b, k, bytes.Repeat([]byte{'z'}, size))
	together(workers, func(i int) {
		data := bytes.Repeat([]byte{byte('a' + i)}, size)
		for range 4 {
			if _, err := b.Put(t.Context(), k, bytes.NewReader(data)); err != nil {
				t.Errorf("put: %v", err)
			}
			got, err := readBlob(t.Context(), b, k)
			if err != nil || len(got) != size || bytes.Count(got, got[:1]) != size {
				t.Errorf("got a mixture of %d bytes and error %v, want %d equal bytes", len(got), err, size)
			}
		}
	})
}
