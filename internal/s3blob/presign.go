package s3blob

import (
	"context"
	"mime"
	"net/url"
	"time"

	"github.com/charcoal-art/charcoal"
)

// maxLinkTime is the longest that S3 lets a link last.
const maxLinkTime = 7 * 24 * time.Hour

// PresignedURL makes a link by which anybody who has it may download a blob for
// a time, between a second and a week, straight from the storage. The download
// gets a file name and a media type, and is never shown in place: the storage's
// host must not run what somebody uploaded. Whether there is such a blob is not
// asked.
func (b *Blobs) PresignedURL(ctx context.Context, key, name, mediaType string, ttl time.Duration) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	if ttl < time.Second || ttl > maxLinkTime {
		return "", charcoal.Errorf(charcoal.Invalid, "a download link lasts between a second and seven days")
	}
	link, err := b.downloads.PresignedGetObject(ctx, b.bucket, b.prefix+key, ttl, url.Values{
		"response-content-type":        {mediaType},
		"response-content-disposition": {disposition(name)},
	})
	if err != nil {
		return "", coded("sign a link to", key, err)
	}
	return link.String(), nil
}

// disposition is the header that names a download (RFC 6266).
func disposition(name string) string {
	if name == "" {
		return "attachment"
	}
	if header := mime.FormatMediaType("attachment", map[string]string{"filename": name}); header != "" {
		return header
	}
	return "attachment"
}
