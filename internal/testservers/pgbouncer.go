package testservers

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// PgBouncer is a pool of connections to a [Postgres], in transaction mode: what a
// session sets up is gone with its transaction. It is started at the first use; a
// TestMain calls Stop after the tests, before that of the server.
type PgBouncer struct {
	once
	address string
	dir     string
	daemon
}

// Addr is the host:port at which the databases of a server are, for any user
// without a password. It is the first server that is asked for.
func (b *PgBouncer) Addr(tb testing.TB, server *Postgres) string {
	tb.Helper()
	port := server.Port(tb)
	b.need(tb, func() error { return b.init(port) }, "PgBouncer", "on Debian: apt-get install pgbouncer, or scripts/need-peers pgbouncer")
	return b.address
}

// Stop ends it, if it was started.
func (b *PgBouncer) Stop() {
	b.stop()
	b.end()
	_ = os.RemoveAll(b.dir)
}

func (b *PgBouncer) init(port int) error {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not on everybody's path
	}
	if _, err := os.Stat(program); err != nil {
		return errors.Join(errAbsent, err)
	}
	if b.address, err = freeAddress(); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp("", "charcoal-pgbouncer-"); err != nil {
		return err
	}
	config := filepath.Join(b.dir, "pgbouncer.ini")
	if err := errors.Join(os.WriteFile(config, b.config(port), 0o600), giveToPostgres(b.dir), giveToPostgres(config)); err != nil {
		return err
	}
	b.daemon = daemon{name: "pgbouncer", log: filepath.Join(b.dir, "log"), ready: listening(b.address),
		command: func() *exec.Cmd { return asPostgres(program, config) }} // it refuses to be root, too
	return b.serve()
}

func (b *PgBouncer) config(port int) []byte {
	host, own, _ := net.SplitHostPort(b.address)
	return fmt.Appendf(nil, `[databases]
* = host=%[1]s port=%[3]d user=postgres
[pgbouncer]
listen_addr = %[1]s
listen_port = %[2]s
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
max_client_conn = 200
ignore_startup_parameters = extra_float_digits
`, host, own, port)
}
