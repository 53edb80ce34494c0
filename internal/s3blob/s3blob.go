// Package s3blob keeps [charcoal.Blobs] as objects of an S3 bucket: Amazon's,
// servers that speak its protocol, or Google's through its interface for that.
//
// The contract of the port is kept by requests that are all or nothing. Bytes are
// spooled part by part before they are sent, so a reader that fails has sent
// nothing, a request can be made again, and what a Put takes is bounded: 32 KiB
// of memory, and one part on the disk. Every request carries the SHA-256 of its
// body, which the server compares.
//
// One thing S3 cannot promise: when the answer to the last request of a Put is
// lost for good, the Put fails and the object may be there all the same. Who
// gave an upload up deletes its key anyway.
package s3blob

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/encrypt"

	"github.com/charcoal-art/charcoal"
)

// Settings of [New].
type Settings struct {
	Location

	// Keys; without them they come from the environment (AWS_ACCESS_KEY_ID and so
	// on), the file that AWS's tools use, or the machine's own identity.
	AccessKey, SecretKey, SessionToken string

	// Scratch is the folder for parts under way; "" is the system's. It needs
	// 8 MiB for every upload at once.
	Scratch string
}

// Blobs is a bucket, or what lies below a prefix in it. Its methods are safe for
// concurrent use.
type Blobs struct {
	core      minio.Core
	downloads *minio.Client // signs links
	transport *http.Transport
	bucket    string
	prefix    string
	sse       encrypt.ServerSide // nil: as the bucket says
	scratch   string
	pause     time.Duration // before the first retry
}

var _ charcoal.Blobs = (*Blobs)(nil)

// New makes blobs of a bucket that exists. It asks nothing of the server:
// [Blobs.Check] does.
func New(s Settings) (*Blobs, error) {
	b := &Blobs{transport: newTransport(), bucket: s.Bucket, prefix: s.Prefix, scratch: s.Scratch, pause: firstPause}
	keys := s.credentials()
	client, err := newClient(s.Location, s.Endpoint, keys, b.transport)
	if err != nil {
		return nil, fmt.Errorf("make a client of S3: %w", err)
	}
	b.core, b.downloads = minio.Core{Client: client}, client
	if s.Downloads != nil {
		if b.downloads, err = newClient(s.Location, s.Downloads, keys, b.transport); err != nil {
			return nil, fmt.Errorf("make a signer of download links: %w", err)
		}
	}
	switch s.Encryption {
	case "s3":
		b.sse = encrypt.NewSSE()
	case "kms":
		b.sse, err = encrypt.NewSSEKMS(s.KMSKey, nil)
	}
	return b, err
}

func newClient(loc Location, endpoint *url.URL, keys *credentials.Credentials, transport http.RoundTripper) (*minio.Client, error) {
	secure, host := true, "s3.amazonaws.com" // the client makes the region's of it
	if endpoint != nil {
		secure, host = endpoint.Scheme == "https", endpoint.Host
	}
	lookup := minio.BucketLookupDNS
	if loc.PathStyle {
		lookup = minio.BucketLookupPath
	}
	return minio.New(host, &minio.Options{
		Creds: keys, Secure: secure, Region: loc.Region, BucketLookup: lookup, Transport: transport,
		MaxRetries: 1, // retry.go does it, for bodies that are cut off too
	})
}

func (s Settings) credentials() *credentials.Credentials {
	if s.AccessKey != "" {
		return credentials.NewStaticV4(s.AccessKey, s.SecretKey, s.SessionToken)
	}
	return credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{},
		&credentials.FileAWSCredentials{},
		&credentials.IAM{Client: &http.Client{Timeout: 5 * time.Second}},
	})
}

// newTransport bounds every step of a request that could stand still; attempts
// as a whole are bounded in retry.go.
func newTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       time.Minute,
		MaxIdleConns:          128,
		MaxIdleConnsPerHost:   128, // one host gets them all: without it connections are made anew under load
		DisableCompression:    true,
		ForceAttemptHTTP2:     true,
	}
}

// Close lets idle connections go. Open blobs stay readable.
func (b *Blobs) Close() error {
	b.transport.CloseIdleConnections()
	return nil
}

// Check stores, reads and deletes a small object, so that it fails when any of
// that would: for want of the bucket, the permission or the server.
func (b *Blobs) Check(ctx context.Context) (err error) {
	key := "check/" + rand.Text()
	if _, err := b.Put(ctx, key, strings.NewReader(key)); err != nil {
		return err
	}
	blob, err := b.Open(ctx, key)
	if err == nil {
		err = blob.Close()
	}
	return errors.Join(err, b.Delete(ctx, key))
}

// Delete implements [charcoal.Blobs]. In a bucket with versions the old version
// stays until the bucket's own rules remove it.
func (b *Blobs) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	err := b.retry(ctx, requestTime, func(ctx context.Context) error {
		return b.core.RemoveObject(ctx, b.bucket, b.prefix+key, minio.RemoveObjectOptions{})
	})
	if err = coded("delete", key, err); charcoal.CodeOf(err) == charcoal.NotFound {
		return nil
	}
	return err
}

// checkKey accepts clean relative paths with slashes. Keys are made by us, so
// another is a fault; servers that keep objects as files would follow it.
func checkKey(key string) error {
	if !fs.ValidPath(key) || key == "." || strings.ContainsAny(key, "\\\x00") {
		return fmt.Errorf("%.80q is not a blob key", key)
	}
	return nil
}
