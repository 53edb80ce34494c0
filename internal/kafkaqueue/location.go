package kafkaqueue

import (
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/charcoal-art/charcoal"
)

// Location says which topic of which cluster the doorbell is, and how to get there.
type Location struct {
	Brokers []string // host:port of some brokers; they tell of the others
	Topic   string

	// Group is the name that all workers share. A share group has "-share" added,
	// since a cluster tells groups of both kinds by one name.
	Group string
	Kind  Kind

	// Partitions and Replication are for making the topic when it is not there. With
	// no partitions it is not made.
	Partitions  int32
	Replication int16 // -1: as the cluster says

	TLS bool
	CA  string // file of certificates to trust instead of the system's

	// SASL is "", "plain", "scram-sha-256", "scram-sha-512" or "oauthbearer".
	SASL      string
	TokenFile string // for oauthbearer: read whenever a connection signs in
}

// Kind is how workers share the rings.
type Kind string

// The kinds.
const (
	Auto    Kind = ""        // Share where the cluster has it
	Share   Kind = "share"   // a share group (KIP-932): each ring to any worker
	Classic Kind = "classic" // a consumer group: each partition to one worker
)

// ParseURL reads a location:
//
//	kafka://host:port,host:port/topic?group=charcoal&kind=share&partitions=12&replication=3&tls=true&ca=FILE&sasl=scram-sha-512&token_file=FILE
//
// Everything after the topic may be left out. Secrets are refused: addresses end
// up in logs. Errors are Invalid.
func ParseURL(raw string) (Location, error) {
	rest, ok := strings.CutPrefix(raw, "kafka://")
	rest, options, _ := strings.Cut(rest, "?")
	hosts, topic, slash := strings.Cut(rest, "/")
	if !ok || !slash {
		return Location{}, invalid("a Kafka location looks like kafka://host:9092,host:9092/topic")
	}
	if strings.Contains(hosts, "@") {
		return Location{}, invalid("a Kafka location holds no user and password; give them in the configuration")
	}
	loc := Location{Topic: topic, Group: "charcoal", Replication: -1}
	if err := loc.brokers(hosts); err != nil {
		return Location{}, err
	}
	if !legalName(topic) {
		return Location{}, invalid("%.80q is not a name for a topic", topic)
	}
	query, err := url.ParseQuery(options)
	if err != nil {
		return Location{}, invalid("what follows ? in the Kafka location cannot be read")
	}
	return loc, loc.options(query)
}

func (loc *Location) brokers(hosts string) error {
	for broker := range strings.SplitSeq(hosts, ",") {
		host, port, err := net.SplitHostPort(broker)
		number, err2 := strconv.ParseUint(port, 10, 16)
		if err != nil || err2 != nil || number == 0 || host == "" || strings.ContainsAny(host, " \t\r\n#%") {
			return invalid("%.80q is not a broker; one looks like host:9092", broker)
		}
		loc.Brokers = append(loc.Brokers, broker)
	}
	return nil
}

// legalName reports whether Kafka allows a topic or group of that name.
func legalName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return name != "" && len(name) <= 200 && name != "." && name != ".." && strings.Trim(name, letters) == ""
}

// options reads what follows the question mark.
func (loc *Location) options(query url.Values) error {
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if len(query[name]) != 1 {
			return invalid("the Kafka location says %.40q more than once", name)
		}
		if err := loc.option(name, query.Get(name)); err != nil {
			return err
		}
	}
	switch {
	case loc.CA != "" && !loc.TLS:
		return invalid("ca is only for tls=true")
	case loc.TokenFile != "" && loc.SASL != "oauthbearer":
		return invalid("token_file is only for sasl=oauthbearer")
	case (loc.SASL == "plain" || loc.SASL == "oauthbearer") && !loc.TLS && !loc.loopback():
		return invalid("sasl=%s sends secrets as they are, so it needs tls=true", loc.SASL)
	}
	return nil
}

// loopback reports whether all brokers are on this machine.
func (loc *Location) loopback() bool {
	return !slices.ContainsFunc(loc.Brokers, func(broker string) bool {
		host, _, err := net.SplitHostPort(broker)
		return err != nil || host != "localhost" && !net.ParseIP(host).IsLoopback()
	})
}

func (loc *Location) option(name, value string) error {
	switch name {
	case "group":
		loc.Group = value
		return unless(legalName(value), "%.80q is not a name for a group", value)
	case "kind":
		loc.Kind = Kind(value)
		return unless(loc.Kind == Share || loc.Kind == Classic, "kind is share or classic")
	case "partitions":
		n, err := strconv.ParseInt(value, 10, 32)
		loc.Partitions = int32(n)
		return unless(err == nil && n > 0 && n <= 10_000, "partitions is a number from 1 to 10,000")
	case "replication":
		n, err := strconv.ParseInt(value, 10, 16)
		loc.Replication = int16(n)
		return unless(err == nil && n > 0 && n <= 100, "replication is a number of brokers from 1 to 100")
	case "tls":
		var err error
		loc.TLS, err = strconv.ParseBool(value)
		return unless(err == nil, "tls is true or false")
	case "ca":
		loc.CA = value
		return unless(value != "", "ca is the name of a file")
	case "sasl":
		loc.SASL = value
		return unless(slices.Contains(mechanisms, value), "sasl is one of %s", strings.Join(mechanisms, ", "))
	case "token_file":
		loc.TokenFile = value
		return unless(value != "", "token_file is the name of a file")
	}
	return invalid("the Kafka location says %.40q; it may say group, kind, partitions, replication, tls, ca, sasl and token_file", name)
}

var mechanisms = []string{"plain", "scram-sha-256", "scram-sha-512", "oauthbearer"}

func unless(ok bool, format string, args ...any) error {
	if ok {
		return nil
	}
	return invalid(format, args...)
}

func invalid(format string, args ...any) error {
	return charcoal.Errorf(charcoal.Invalid, "%s", fmt.Sprintf(format, args...))
}
