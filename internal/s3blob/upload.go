package s3blob

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/charcoal-art/charcoal"
)

const (
	// partSize bounds the scratch space of an upload. S3 wants 5 MiB at least.
	partSize = 8 << 20
	// maxParts of one object is S3's own limit; it makes 78 GiB.
	maxParts = 10_000
	// abortTime is how long a failed upload may take to remove its parts, after
	// its own context ended.
	abortTime = 10 * time.Second
	// uploadName is metadata by which a finished upload knows itself again.
	uploadName = "Charcoal-Upload"
)

// Put implements [charcoal.Blobs]. It looks at ctx between reads; a read that
// blocks is the reader's to interrupt.
func (b *Blobs) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	part := newSpool(b.scratch)
	n, err := b.put(ctx, key, part, r)
	if err = errors.Join(err, part.close()); err != nil {
		return 0, coded("store", key, err)
	}
	return n, nil
}

func (b *Blobs) put(ctx context.Context, key string, part *spool, r io.Reader) (int64, error) {
	ended, err := part.fill(ctx, r, partSize)
	if err != nil {
		return 0, err
	}
	if ended {
		return part.size, b.putWhole(ctx, key, part)
	}
	return b.putParts(ctx, key, part, r)
}

// putWhole stores a blob of one part.
func (b *Blobs) putWhole(ctx context.Context, key string, part *spool) error {
	if err := part.whole(); err != nil {
		return err
	}
	return b.retry(ctx, partTime, func(ctx context.Context) error {
		_, err := b.core.PutObject(ctx, b.bucket, b.prefix+key, part.content(), part.size, "", part.sha256(), b.options())
		return err
	})
}

func (b *Blobs) options() minio.PutObjectOptions {
	return minio.PutObjectOptions{
		ContentType:          "application/octet-stream",
		ServerSideEncryption: b.sse,
		DisableContentSha256: true, // the hash of the whole body is signed, rather than of its pieces
	}
}

// multipart is an upload in parts. Nothing of it is visible until it completes.
type multipart struct {
	*Blobs
	key   string
	name  string // that no other upload has
	id    string // the server's
	parts []minio.CompletePart
	size  int64
}

// putParts stores a blob of which one part is spooled already.
func (b *Blobs) putParts(ctx context.Context, key string, part *spool, r io.Reader) (int64, error) {
	m := &multipart{Blobs: b, key: b.prefix + key, name: rand.Text()}
	if err := m.begin(ctx); err != nil {
		return 0, err
	}
	err := m.sendAll(ctx, part, r)
	if err == nil {
		err = m.complete(ctx)
	}
	if err != nil {
		m.abort(ctx)
		return 0, err
	}
	return m.size, nil
}

func (m *multipart) begin(ctx context.Context) error {
	opts := m.options()
	opts.UserMetadata = map[string]string{uploadName: m.name}
	return m.retry(ctx, requestTime, func(ctx context.Context) (err error) {
		m.id, err = m.core.NewMultipartUpload(ctx, m.bucket, m.key, opts)
		return err
	})
}

// sendAll sends the part that is spooled and those that follow.
func (m *multipart) sendAll(ctx context.Context, part *spool, r io.Reader) error {
	for ended := false; part.size > 0; {
		if err := m.send(ctx, part); err != nil {
			return err
		}
		if ended {
			return nil
		}
		var err error
		if ended, err = part.fill(ctx, r, partSize); err != nil {
			return err
		}
	}
	return nil
}

func (m *multipart) send(ctx context.Context, part *spool) error {
	number := len(m.parts) + 1
	if number > maxParts {
		return charcoal.Errorf(charcoal.TooLarge, "it is larger than the storage can hold in one piece")
	}
	if err := part.whole(); err != nil {
		return err
	}
	opts := minio.PutObjectPartOptions{Sha256Hex: part.sha256(), DisableContentSha256: true}
	err := m.retry(ctx, partTime, func(ctx context.Context) error {
		sent, err := m.core.PutObjectPart(ctx, m.bucket, m.key, m.id, number, part.content(), part.size, opts)
		if err == nil {
			m.parts = append(m.parts, minio.CompletePart{PartNumber: number, ETag: sent.ETag})
		}
		return err
	})
	m.size += part.size
	return err
}

// complete makes the object visible. When the answer of an attempt was lost, the
// next hears that there is no such upload: then the object tells.
func (m *multipart) complete(ctx context.Context) error {
	return m.retry(ctx, partTime, func(ctx context.Context) error {
		_, err := m.core.CompleteMultipartUpload(ctx, m.bucket, m.key, m.id, m.parts, minio.PutObjectOptions{})
		if minio.ToErrorResponse(err).Code == minio.NoSuchUpload && m.completed(ctx) {
			return nil
		}
		return err
	})
}

func (m *multipart) completed(ctx context.Context) bool {
	info, err := m.core.StatObject(ctx, m.bucket, m.key, minio.StatObjectOptions{})
	return err == nil && info.Size == m.size && info.UserMetadata[uploadName] == m.name
}

// abort removes the parts, also when ctx ended. What it cannot reach is left to
// [Blobs.AbortStale] or the bucket's own rules.
func (m *multipart) abort(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTime)
	defer cancel()
	_ = m.retry(ctx, abortTime, func(ctx context.Context) error {
		return m.core.AbortMultipartUpload(ctx, m.bucket, m.key, m.id)
	})
}

// AbortStale removes the parts of uploads that were begun before a time and
// neither completed nor aborted, since their process died. It returns how many
// uploads. It must be long before: an upload under way would fail.
func (b *Blobs) AbortStale(ctx context.Context, before time.Time) (int, error) {
	var stale []minio.ObjectMultipartInfo
	for upload := range b.core.ListIncompleteUploads(ctx, b.bucket, b.prefix, true) {
		if upload.Err != nil {
			return 0, coded("list uploads of", b.prefix, upload.Err)
		}
		if upload.Initiated.Before(before) {
			stale = append(stale, upload)
		}
	}
	for i, upload := range stale {
		err := b.retry(ctx, requestTime, func(ctx context.Context) error {
			return b.core.AbortMultipartUpload(ctx, b.bucket, upload.Key, upload.UploadID)
		})
		if err = coded("abort", upload.Key, err); err != nil && charcoal.CodeOf(err) != charcoal.NotFound {
			return i, err
		}
	}
	return len(stale), nil
}
