package kafkaqueue

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/charcoal-art/charcoal"
)

// connecting returns the options by which every client reaches the brokers.
func (s *Settings) connecting() ([]kgo.Opt, error) {
	options := []kgo.Opt{
		kgo.SeedBrokers(s.Brokers...),
		kgo.ClientID("charcoal"),
		kgo.DialTimeout(5 * time.Second),
		kgo.MetadataMinAge(500 * time.Millisecond), // a new topic, or leader, is found soon
		kgo.RetryTimeout(10 * time.Second),
		kgo.RequestTimeoutOverhead(10 * time.Second),
	}
	if s.TLS {
		config, err := s.tlsConfig()
		if err != nil {
			return nil, err
		}
		options = append(options, kgo.DialTLSConfig(config))
	}
	mechanism, err := s.mechanism()
	if err != nil {
		return nil, err
	}
	if mechanism != nil {
		options = append(options, kgo.SASL(mechanism))
	}
	return options, nil
}

func (s *Settings) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.CA == "" {
		return config, nil
	}
	trusted, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, charcoal.Errorf(charcoal.Invalid, "the certificates to trust Kafka by cannot be read").Because(err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(trusted) {
		return nil, invalid("the file of certificates to trust Kafka by holds none")
	}
	return config, nil
}

func (s *Settings) mechanism() (sasl.Mechanism, error) {
	if s.SASL != "" && s.SASL != "oauthbearer" && (s.User == "" || s.Password == "") {
		return nil, invalid("sasl=%s needs a user and a password", s.SASL)
	}
	switch s.SASL {
	case "":
		return nil, nil
	case "plain":
		return plain.Auth{User: s.User, Pass: s.Password}.AsMechanism(), nil
	case "scram-sha-256":
		return scram.Auth{User: s.User, Pass: s.Password}.AsSha256Mechanism(), nil
	case "scram-sha-512":
		return scram.Auth{User: s.User, Pass: s.Password}.AsSha512Mechanism(), nil
	case "oauthbearer":
		if s.TokenFile == "" {
			return nil, invalid("sasl=oauthbearer needs token_file")
		}
		return oauth.Oauth(s.token), nil
	}
	return nil, invalid("sasl=%s is not known", s.SASL)
}

// token reads the token anew for every connection: whoever writes the file
// replaces it before it runs out.
func (s *Settings) token(context.Context) (oauth.Auth, error) {
	token, err := os.ReadFile(s.TokenFile)
	return oauth.Auth{Token: string(bytes.TrimSpace(token))}, err
}
