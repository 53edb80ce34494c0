package kafkaqueue

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/charcoal-art/charcoal"
)

func TestParseURL(t *testing.T) {
	for _, test := range []struct {
		raw  string
		want Location
	}{
		{"kafka://a:9092/rings", Location{Brokers: []string{"a:9092"}, Topic: "rings", Group: "charcoal", Replication: -1}},
		{
			"kafka://a:9092,[::1]:9093/rings?group=art&kind=classic&partitions=12&replication=3",
			Location{Brokers: []string{"a:9092", "[::1]:9093"}, Topic: "rings", Group: "art", Kind: Classic, Partitions: 12, Replication: 3},
		},
		{
			"kafka://a:9092/rings?tls=true&ca=/etc/ca.pem&sasl=oauthbearer&token_file=/run/token",
			Location{
				Brokers: []string{"a:9092"}, Topic: "rings", Group: "charcoal", Replication: -1,
				TLS: true, CA: "/etc/ca.pem", SASL: "oauthbearer", TokenFile: "/run/token",
			},
		},
		{
			"kafka://localhost:9092/rings?sasl=plain",
			Location{Brokers: []string{"localhost:9092"}, Topic: "rings", Group: "charcoal", Replication: -1, SASL: "plain"},
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
		{"no topic", "kafka://a:9092", "looks like"},
		{"an empty topic", "kafka://a:9092/", "not a name for a topic"},
		{"a topic of two parts", "kafka://a:9092/x/y", "not a name for a topic"},
		{"a broker without a port", "kafka://a:9092,b/rings", "not a broker"},
		{"no broker", "kafka:///rings", "not a broker"},
		{"a secret", "kafka://user:hidden@a:9092/rings", "holds no user"},
		{"an option that is none", "kafka://a:9092/rings?acks=0", "group, kind, partitions"},
		{"an option twice", "kafka://a:9092/rings?group=a&group=b", "more than once"},
		{"a group that is none", "kafka://a:9092/rings?group=", "not a name for a group"},
		{"a kind that is none", "kafka://a:9092/rings?kind=both", "share or classic"},
		{"no partitions", "kafka://a:9092/rings?partitions=0", "partitions is"},
		{"too many partitions", "kafka://a:9092/rings?partitions=99999999999", "partitions is"},
		{"no replica", "kafka://a:9092/rings?replication=0", "replication is"},
		{"a password in the clear", "kafka://a:9092/rings?sasl=plain", "needs tls"},
		{"a mechanism that is none", "kafka://a:9092/rings?sasl=gssapi", "one of plain"},
		{"certificates for nothing", "kafka://a:9092/rings?ca=x", "only for tls"},
		{"a token for nothing", "kafka://a:9092/rings?token_file=x", "only for sasl"},
		{"half an escape", "kafka://a:9092/rings?group=%4", "cannot be read"},
	} {
		_, err := ParseURL(test.raw)
		if charcoal.CodeOf(err) != charcoal.Invalid || !strings.Contains(charcoal.Message(err), test.says) {
			t.Errorf("%s: got %v, want it Invalid with %q", test.name, err, test.says)
		}
		if err != nil && strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: the error %q repeats a secret", test.name, err)
		}
	}
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{
		"kafka://a:9092/rings", "kafka://a:1,[::1]:2/x?tls=true&sasl=scram-sha-256", "kafka://u:p@a:1/x", "kafka://a:1/x?partitions=-1",
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
		if len(loc.Brokers) == 0 || !legalName(loc.Topic) || !legalName(loc.Group) || loc.Partitions < 0 || loc.Replication == 0 {
			t.Fatalf("got the location %+v, want one that can be used", loc)
		}
	})
}
