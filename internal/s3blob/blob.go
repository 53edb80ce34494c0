package s3blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7"

	"github.com/charcoal-art/charcoal"
)

// ahead is how much is fetched at once, and what an open blob holds of memory.
// It is enough for most art and many pictures in one request.
const ahead = 1 << 20

// blob reads an object by windows. Every window but the first asks for the
// version or the entity tag of the first, so that an object which was stored
// again meanwhile gives an error and never a mixture. One that fits into the first
// window does not even notice.
type blob struct {
	*Blobs
	ctx     context.Context
	key     string
	etag    string
	version string
	size    int64

	pos    int64
	window []byte
	at     int64 // where the window begins
}

// Open implements [charcoal.Blobs]. The blob's reads end with ctx too.
func (b *Blobs) Open(ctx context.Context, key string) (charcoal.Blob, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	r := &blob{Blobs: b, ctx: ctx, key: key, size: -1}
	if err := r.fetch(0); err != nil {
		return nil, coded("open", key, err)
	}
	return r, nil
}

func (b *blob) Size() int64 { return b.size }

// Close has nothing to do: between reads no connection is held.
func (b *blob) Close() error { return nil }

func (b *blob) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += b.pos
	case io.SeekEnd:
		offset += b.size
	default:
		return 0, fmt.Errorf("seek in blob %s: whence %d", b.key, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek in blob %s: before its beginning", b.key)
	}
	b.pos = offset
	return offset, nil
}

func (b *blob) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if b.pos >= b.size {
		return 0, io.EOF
	}
	if b.pos < b.at || b.pos >= b.at+int64(len(b.window)) {
		if err := b.fetch(b.pos); err != nil {
			return 0, coded("read", b.key, err)
		}
	}
	n := copy(p, b.window[b.pos-b.at:])
	b.pos += int64(n)
	return n, nil
}

// fetch makes the window begin at an offset.
func (b *blob) fetch(offset int64) error {
	err := b.retry(b.ctx, requestTime, func(ctx context.Context) error { return b.get(ctx, offset) })
	answer, _ := errors.AsType[minio.ErrorResponse](err)
	switch {
	case answer.Code == minio.PreconditionFailed:
		return charcoal.Errorf(charcoal.Unavailable, "it was stored again while it was read; try again").Because(err)
	case answer.Code == minio.InvalidRange && offset == 0: // an empty object has no first byte
		return b.stat()
	}
	return err
}

func (b *blob) get(ctx context.Context, offset int64) error {
	opts := minio.GetObjectOptions{VersionID: b.version}
	if err := opts.SetRange(offset, offset+ahead-1); err != nil {
		return err
	}
	if b.etag != "" {
		if err := opts.SetMatchETag(b.etag); err != nil {
			return err
		}
	}
	body, info, header, err := b.core.GetObject(ctx, b.bucket, b.prefix+b.key, opts)
	if err != nil {
		return err
	}
	defer body.Close()
	size, err := sizeOf(header.Get("Content-Range"), offset, info.Size)
	if err != nil {
		return err
	}
	return b.take(body, offset, size, info)
}

// take reads a window of an object of a size. Unless all of it arrived, there is
// no window. The server's word on the size reserves no more than one.
func (b *blob) take(body io.Reader, offset, size int64, info minio.ObjectInfo) error {
	if b.size >= 0 && size != b.size {
		return fmt.Errorf("the object of %d bytes has %d now", b.size, size)
	}
	n := int(min(size-offset, ahead))
	window := slices.Grow(b.window[:0], n)[:n]
	b.window = nil
	if _, err := io.ReadFull(body, window); err != nil {
		return fmt.Errorf("the answer was cut off: %w", err)
	}
	b.window, b.at, b.size = window, offset, size
	b.etag, b.version = info.ETag, info.VersionID
	return nil
}

// stat tells the size of an object of which no byte can be had.
func (b *blob) stat() error {
	return b.retry(b.ctx, requestTime, func(ctx context.Context) error {
		info, err := b.core.StatObject(ctx, b.bucket, b.prefix+b.key, minio.StatObjectOptions{})
		if err == nil && info.Size != 0 {
			return fmt.Errorf("an object of %d bytes has no first one", info.Size)
		}
		b.size = 0
		return err
	})
}

// sizeOf reads the size of the object from "bytes 0-1048575/3000000", for an
// answer that should begin at an offset (RFC 9110, section 14.4). Without a range
// the answer is all of the object, of the given length.
func sizeOf(contentRange string, offset, length int64) (int64, error) {
	if contentRange == "" && offset == 0 && length >= 0 {
		return length, nil
	}
	span, total, _ := strings.Cut(strings.TrimPrefix(contentRange, "bytes "), "/")
	first, _, _ := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	size, err2 := strconv.ParseInt(total, 10, 64)
	if err = errors.Join(err, err2); err != nil || from != offset || size <= offset {
		return 0, fmt.Errorf("asked for bytes from %d, and got the range %.80q", offset, contentRange)
	}
	return size, nil
}
