package s3blob

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
)

func TestParseURL(t *testing.T) {
	host := &url.URL{Scheme: "http", Host: "127.0.0.1:9000"}
	for _, test := range []struct {
		raw  string
		want Location
	}{
		{"s3://pictures?region=eu-west-1", Location{Bucket: "pictures", Region: "eu-west-1"}},
		{"s3://pictures/a/b/?region=x&path_style=true", Location{Bucket: "pictures", Prefix: "a/b/", Region: "x", PathStyle: true}},
		{"s3://pictures?endpoint=http://127.0.0.1:9000", Location{Bucket: "pictures", Endpoint: host, Region: "us-east-1", PathStyle: true}},
		{"s3://pictures?endpoint=http://127.0.0.1:9000/&path_style=false", Location{Bucket: "pictures", Endpoint: host, Region: "us-east-1"}},
		{"s3://pictures?region=x&sse=s3", Location{Bucket: "pictures", Region: "x", Encryption: "s3"}},
		{"s3://pictures?region=x&sse=kms", Location{Bucket: "pictures", Region: "x", Encryption: "kms"}},
		{
			"s3://pictures?region=x&sse=kms:arn:aws:kms:x:1:key/2",
			Location{Bucket: "pictures", Region: "x", Encryption: "kms", KMSKey: "arn:aws:kms:x:1:key/2"},
		},
		{
			"s3://pictures?region=x&downloads=https://files.example.com",
			Location{Bucket: "pictures", Region: "x", Downloads: &url.URL{Scheme: "https", Host: "files.example.com"}},
		},
	} {
		got, err := ParseURL(test.raw)
		if err != nil {
			t.Errorf("%s: %v", test.raw, err)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.raw, diff)
		}
	}
}

func TestURLsThatAreRefused(t *testing.T) {
	for _, test := range []struct{ name, raw, says string }{
		{"nothing", "", "looks like"},
		{"another scheme", "file:///data", "looks like"},
		{"no bucket", "s3:///prefix", "looks like"},
		{"a bucket in capitals", "s3://Pictures?region=x", "not a name"},
		{"a secret", "s3://key:secret@pictures?region=x", "holds no keys"},
		{"a way out of the prefix", "s3://pictures/../x?region=x", "not a prefix"},
		{"no region", "s3://pictures", "needs a region"},
		{"an option that is none", "s3://pictures?region=x&acl=public", "endpoint, region, path_style"},
		{"an option twice", "s3://pictures?region=x&region=y", "more than once"},
		{"an endpoint without a scheme", "s3://pictures?endpoint=localhost:9000", "looks like https"},
		{"an endpoint with a secret", "s3://pictures?endpoint=https://a:b@host", "looks like https"},
		{"an endpoint with a path", "s3://pictures?endpoint=https://host/minio", "looks like https"},
		{"a style that is none", "s3://pictures?region=x&path_style=maybe", "true or false"},
		{"an encryption that is none", "s3://pictures?region=x&sse=rot13", "sse is"},
		{"half an escape", "s3://pictures?region=%4", "cannot be read"},
	} {
		_, err := ParseURL(test.raw)
		if charcoal.CodeOf(err) != charcoal.Invalid || !strings.Contains(charcoal.Message(err), test.says) {
			t.Errorf("%s: got %v, want it Invalid with %q", test.name, err, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "secret") && !strings.Contains(test.says, "keys") {
			t.Errorf("%s: the error %q repeats a secret", test.name, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"s3://pictures?region=x", "s3://p/../..?endpoint=https://h", "s3://a:b@c", "s3://pictures/%00?region=x", "s3://[::1]?region=x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		loc, err := ParseURL(raw)
		if err != nil {
			if charcoal.CodeOf(err) != charcoal.Invalid {
				t.Fatalf("got %v, want it Invalid", err)
			}
			return
		}
		if err := checkKey(loc.Prefix + "key"); err != nil {
			t.Fatalf("the prefix %q makes no keys: %v", loc.Prefix, err)
		}
		if _, err := New(Settings{Location: loc, AccessKey: "k", SecretKey: "s"}); err != nil {
			t.Fatalf("got a location that no client can be made for: %v", err)
		}
	})
}
