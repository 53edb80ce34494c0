package s3blob

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"syscall"

	"github.com/minio/minio-go/v7"

	"github.com/charcoal-art/charcoal"
)

// Codes of S3 that say more than their status does:
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and what
// MinIO and versitygw add.
var (
	noRoom  = []string{"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"}
	missing = []string{"NoSuchKey", "NoSuchVersion", "ObjectParentIsFile"}
	// damaged on its way, or slow: the same request may well succeed.
	again = []string{
		"RequestTimeout", "SlowDown", "SlowDownRead", "SlowDownWrite", "InternalError", "ServiceUnavailable", "OperationAborted",
		"BadDigest", "IncompleteBody", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch",
		"ExpiredToken", "RequestTimeTooSkewed",
	}
)

// errSlow is an attempt that took longer than it may.
var errSlow = errors.New("the server did not answer in time")

// coded wraps a failed call with what was being done, and gives it the code
// that the port speaks of.
func coded(doing, key string, err error) error {
	if err == nil {
		return nil
	}
	cause := fmt.Errorf("%s blob %s: %w", doing, key, err)
	answer, answered := errors.AsType[minio.ErrorResponse](err)
	switch {
	case hasCode(err) || isLocal(err):
		return cause
	case !answered:
		return unavailable(cause)
	case answer.StatusCode == http.StatusInsufficientStorage || slices.Contains(noRoom, answer.Code):
		return full(cause)
	case slices.Contains(missing, answer.Code) || answer.StatusCode == http.StatusNotFound && answer.Code != "NoSuchBucket":
		return charcoal.Errorf(charcoal.NotFound, "there is nothing stored for it").Because(cause)
	case answer.StatusCode == http.StatusBadRequest && !transient(err):
		return cause // a request that makes no sense is a fault of ours
	}
	// Also what the operator has to put right, such as keys or the bucket: no
	// picture is to blame, so its job waits.
	return unavailable(cause)
}

func hasCode(err error) bool {
	_, ok := errors.AsType[*charcoal.Error](err)
	return ok
}

// localError is an error of the bytes' source or of the scratch folder: whatever
// it says, it says nothing of the storage.
type localError struct{ error }

func (e *localError) Unwrap() error { return e.error }

func isLocal(err error) bool {
	_, ok := errors.AsType[*localError](err)
	return ok
}

// givenUp is what a call returns whose context ended.
func givenUp(ctx context.Context) error {
	return charcoal.Errorf(charcoal.Canceled, "the call was given up before it was done").Because(ctx.Err())
}

func unavailable(cause error) error {
	e := charcoal.Errorf(charcoal.Unavailable, "the storage cannot be reached; try again shortly").Because(cause)
	e.Logged = true
	return e
}

func full(cause error) error {
	return charcoal.Errorf(charcoal.StorageFull, "there is no room left to store it").Because(cause)
}

// scratching gives errors of the scratch folder their code.
func scratching(err error) error {
	switch cause := fmt.Errorf("spool a part: %w", err); {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return full(cause)
	case errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE):
		return charcoal.Errorf(charcoal.Unavailable, "too many files are open; try again shortly").Because(cause)
	default:
		return &localError{cause}
	}
}

// transient reports whether the same request may succeed a moment later. What is
// no answer of the server is a connection that failed.
func transient(err error) bool {
	if hasCode(err) || isLocal(err) || errors.Is(err, context.Canceled) {
		return false
	}
	answer, ok := errors.AsType[minio.ErrorResponse](err)
	if !ok || slices.Contains(again, answer.Code) {
		return true
	}
	switch answer.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	case http.StatusNotImplemented, http.StatusInsufficientStorage:
		return false
	}
	return answer.StatusCode >= 500
}
