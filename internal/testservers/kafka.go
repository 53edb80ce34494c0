package testservers

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Kafka is a real Apache Kafka of one node, broker and controller. It is started
// at the first use; a TestMain calls Stop after the tests. Its methods are safe for
// concurrent use, except Halt, Resume and Stop.
type Kafka struct {
	once
	broker, secure, controller string
	dir                        string
	daemon
}

// Name and password for the protected listener of every [Kafka].
const (
	KafkaUser     = "charcoal"
	KafkaPassword = "only-for-tests"
)

// Broker is its host:port without any protection.
func (k *Kafka) Broker(tb testing.TB) string {
	tb.Helper()
	k.need(tb, k.init, "Apache Kafka", "scripts/need-kafka fetches it, and a Java to run it")
	return k.broker
}

// Secure is its host:port with TLS and SASL: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, and
// OAUTHBEARER with unsigned tokens. The certificate to trust is in the file CA.
func (k *Kafka) Secure(tb testing.TB) string {
	tb.Helper()
	k.Broker(tb)
	return k.secure
}

// CA is the file with the certificate of Secure.
func (k *Kafka) CA(tb testing.TB) string {
	tb.Helper()
	k.Broker(tb)
	return filepath.Join(k.dir, "ca.pem")
}

// Halt ends it in order or as a crash does, and Resume starts it again with what
// it held.
func (k *Kafka) Halt(tb testing.TB, crash bool) {
	tb.Helper()
	k.Broker(tb)
	if crash {
		k.kill()
	} else {
		k.end()
	}
}

// Resume undoes Halt.
func (k *Kafka) Resume(tb testing.TB) {
	tb.Helper()
	if err := k.serve(); err != nil {
		tb.Fatal(err)
	}
}

// Stop ends the server, if it was started, and removes its files. What it has on
// its disk goes with it, so it need not end in order.
func (k *Kafka) Stop() {
	k.stop()
	k.kill()
	_ = os.RemoveAll(k.dir)
}

func (k *Kafka) init() (err error) {
	jars, err := cached("kafka/pom.xml") // copied there last
	if err != nil {
		return err
	}
	java, err := exec.LookPath("java")
	if err != nil {
		return errors.Join(errAbsent, err)
	}
	if k.dir, err = os.MkdirTemp("", "charcoal-kafka-"); err != nil {
		return err
	}
	for _, address := range []*string{&k.broker, &k.secure, &k.controller} {
		if *address, err = freeAddress(); err != nil {
			return err
		}
	}
	if err := errors.Join(k.certify(), os.WriteFile(k.config(), k.properties(), 0o600)); err != nil {
		return err
	}
	run := jvm{java: java, jars: filepath.Join(filepath.Dir(jars), "*")}
	format := run.command("kafka.tools.StorageTool", "format", "--standalone", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c", k.config(),
		"--add-scram", scram("SCRAM-SHA-256"), "--add-scram", scram("SCRAM-SHA-512"))
	if said, err := format.CombinedOutput(); err != nil {
		return fmt.Errorf("format the storage: %w: %s", err, said)
	}
	k.daemon = daemon{name: "kafka", log: filepath.Join(k.dir, "log"), ready: listening(k.broker),
		command: func() *exec.Cmd { return run.command("kafka.Kafka", k.config()) }}
	return k.serve()
}

func (k *Kafka) config() string { return filepath.Join(k.dir, "server.properties") }

// jvm runs programs of Kafka with little memory and a quick start.
type jvm struct{ java, jars string }

func (j jvm) command(args ...string) *exec.Cmd {
	options := []string{"-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", j.jars}
	return exec.CommandContext(context.Background(), j.java, append(options, args...)...) //nolint:gosec // of the test's machine
}

func scram(mechanism string) string {
	return fmt.Sprintf("%s=[name=%s,password=%s]", mechanism, KafkaUser, KafkaPassword)
}

// properties is the configuration: one replica of everything, since there is one
// node, and no topics that nobody made.
func (k *Kafka) properties() []byte {
	const login = "org.apache.kafka.common.security."
	lines := []string{
		"process.roles=broker,controller",
		"node.id=1",
		"listeners=PLAINTEXT://" + k.broker + ",SECURE://" + k.secure + ",CONTROLLER://" + k.controller,
		"advertised.listeners=PLAINTEXT://" + k.broker + ",SECURE://" + k.secure,
		"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL",
		"controller.listener.names=CONTROLLER",
		"controller.quorum.bootstrap.servers=" + k.controller,
		"log.dirs=" + filepath.Join(k.dir, "data"),
		"auto.create.topics.enable=false",
		"group.initial.rebalance.delay.ms=0",
		"group.share.heartbeat.interval.ms=500", // a member gets its partitions with the second
		"group.share.min.heartbeat.interval.ms=500",
		"group.share.session.timeout.ms=6000",
		"group.share.min.session.timeout.ms=6000",
		"num.network.threads=2",
		"num.io.threads=4",
		"ssl.keystore.type=PEM",
		"ssl.keystore.location=" + filepath.Join(k.dir, "server.pem"),
		"listener.name.secure.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
		"listener.name.secure.plain.sasl.jaas.config=" + login + `plain.PlainLoginModule required user_` + KafkaUser + `="` + KafkaPassword + `";`,
		"listener.name.secure.scram-sha-256.sasl.jaas.config=" + login + "scram.ScramLoginModule required;",
		"listener.name.secure.scram-sha-512.sasl.jaas.config=" + login + "scram.ScramLoginModule required;",
		"listener.name.secure.oauthbearer.sasl.jaas.config=" + login + `oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
	}
	for _, topic := range []string{"offsets.topic", "transaction.state.log", "share.coordinator.state.topic"} {
		lines = append(lines, topic+".replication.factor=1", topic+".num.partitions=1")
	}
	lines = append(lines, "transaction.state.log.min.isr=1", "share.coordinator.state.topic.min.isr=1", "")
	return []byte(strings.Join(lines, "\n"))
}

// certify makes a certificate for this machine that vouches for itself.
func (k *Kafka) certify() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "127.0.0.1"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}), public...)
	return errors.Join(os.WriteFile(filepath.Join(k.dir, "ca.pem"), public, 0o600),
		os.WriteFile(filepath.Join(k.dir, "server.pem"), both, 0o600))
}
