package s3blob

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/charcoal-art/charcoal"
)

// Location says where blobs are kept, and how.
type Location struct {
	Bucket string
	Prefix string // before every key; "" or ends with a slash

	Endpoint  *url.URL // http or https, host and port only; nil: Amazon's, of the region
	Region    string   // the one that requests are signed for
	PathStyle bool     // the bucket is in the path rather than in the host's name

	// Downloads is the endpoint that download links lead to, when clients reach
	// the storage by another name than the service does; nil: Endpoint.
	Downloads *url.URL

	// Encryption at rest, by the server: "" as the bucket says, "s3" with keys of
	// the storage, "kms" with the key KMSKey (the account's own when "").
	Encryption string
	KMSKey     string
}

// ParseURL reads a location:
//
//	s3://bucket/prefix?endpoint=https://host:9000&region=eu-west-1&path_style=true&sse=kms:KEY&downloads=https://files.example.com
//
// Everything after the bucket may be left out, except that without an endpoint
// there must be a region. With one, path_style is true when not said. Secrets
// are refused: addresses end up in logs. Errors are Invalid.
func ParseURL(raw string) (Location, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Opaque != "" || u.Fragment != "" {
		return Location{}, invalid("an S3 location looks like s3://bucket/prefix?region=eu-west-1")
	}
	if u.User != nil {
		return Location{}, invalid("an S3 location holds no keys; give them in the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)")
	}
	loc := Location{Bucket: u.Host, Prefix: strings.Trim(u.Path, "/")}
	if err := s3utils.CheckValidBucketNameStrict(loc.Bucket); err != nil {
		return Location{}, invalid("%.80q is not a name for a bucket", loc.Bucket)
	}
	if loc.Prefix != "" {
		if err := checkKey(loc.Prefix); err != nil {
			return Location{}, invalid("%.80q is not a prefix of keys", loc.Prefix)
		}
		loc.Prefix += "/"
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Location{}, invalid("what follows ? in the S3 location cannot be read")
	}
	return loc, loc.options(query)
}

// options reads what follows the question mark.
func (loc *Location) options(query url.Values) error {
	loc.PathStyle = query.Has("endpoint")
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if len(query[name]) != 1 {
			return invalid("the S3 location says %.40q more than once", name)
		}
		if err := loc.option(name, query.Get(name)); err != nil {
			return err
		}
	}
	switch {
	case loc.Region == "" && loc.Endpoint == nil:
		return invalid("the S3 location needs a region, as in ?region=eu-west-1")
	case loc.Region == "":
		loc.Region = "us-east-1" // what servers without regions expect
	}
	return nil
}

func (loc *Location) option(name, value string) (err error) {
	switch name {
	case "endpoint":
		loc.Endpoint, err = endpoint(name, value)
	case "downloads":
		loc.Downloads, err = endpoint(name, value)
	case "region":
		loc.Region = value
	case "path_style":
		if loc.PathStyle, err = strconv.ParseBool(value); err != nil {
			err = invalid("path_style is true or false")
		}
	case "sse":
		err = loc.encryption(value)
	default:
		err = invalid("the S3 location says %.40q; it may say endpoint, region, path_style, sse and downloads", name)
	}
	return err
}

func (loc *Location) encryption(value string) error {
	kind, key, _ := strings.Cut(value, ":")
	if kind != "kms" && value != "s3" {
		return invalid("sse is s3, kms, or kms: and the id of a key")
	}
	loc.Encryption, loc.KMSKey = kind, key
	return nil
}

func endpoint(name, value string) (*url.URL, error) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, invalid("%s looks like https://host:9000", name)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func invalid(format string, args ...any) error {
	return charcoal.Errorf(charcoal.Invalid, "%s", fmt.Sprintf(format, args...))
}
