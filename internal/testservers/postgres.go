package testservers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Postgres is a PostgreSQL cluster, started at the first use. The zero value is ready; a
// TestMain calls Stop after the tests. Safe for concurrent use.
type Postgres struct {
	// Flush, set before the first use, has it keep what it promised when the power
	// fails. Tests need not wait for that; measurements must.
	Flush bool

	start sync.Once
	err   error // of starting; errNoPostgres when it is not installed
	names atomic.Int64

	bin  string // folder of its programs
	dir  string // of the test
	port int
	run  *exec.Cmd
}

var errNoPostgres = errors.New("no PostgreSQL")

// startWithin bounds how long a server may take to answer.
const startWithin = 60 * time.Second

// NewDatabase makes an empty database, or a copy of the one named by template, which
// nobody may be connected to, and returns its URL. It goes with the test, whoever is
// connected to it, unless the test made it for others: see [Postgres.NewTemplate].
func (p *Postgres) NewDatabase(tb testing.TB, template string) string {
	tb.Helper()
	url := p.create(tb, template)
	tb.Cleanup(func() { p.Exec(tb, "DROP DATABASE "+DatabaseOf(tb, url)+" WITH (FORCE)") })
	return url
}

// NewTemplate makes an empty database that stays until Stop.
func (p *Postgres) NewTemplate(tb testing.TB) string {
	tb.Helper()
	return p.create(tb, "")
}

func (p *Postgres) create(tb testing.TB, template string) (url string) {
	tb.Helper()
	p.need(tb)
	name := fmt.Sprintf("test_%d", p.names.Add(1))
	statement := "CREATE DATABASE " + name
	if template != "" {
		statement += " TEMPLATE " + DatabaseOf(tb, template)
	}
	p.Exec(tb, statement)
	return p.url(name)
}

// DatabaseOf returns the name of the database in a URL.
func DatabaseOf(tb testing.TB, at string) string {
	tb.Helper()
	u, err := url.Parse(at)
	if err != nil {
		tb.Fatal(err)
	}
	return filepath.Base(u.Path)
}

// Exec executes a statement as the superuser.
func (p *Postgres) Exec(tb testing.TB, statement string) {
	tb.Helper()
	p.need(tb)
	p.ExecIn(tb, p.url("postgres"), statement)
}

// ExecIn executes a statement in the database of a URL.
func (p *Postgres) ExecIn(tb testing.TB, url, statement string) {
	tb.Helper()
	ctx := context.WithoutCancel(tb.Context()) // also while the test ends
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

// Port is where the server listens, on 127.0.0.1.
func (p *Postgres) Port(tb testing.TB) int {
	tb.Helper()
	p.need(tb)
	return p.port
}

// Restart ends the server as an operator does who waits for nobody (all connections are
// cut, all transactions undone), or as a crash does, and starts it again.
func (p *Postgres) Restart(tb testing.TB, crash bool) {
	tb.Helper()
	p.Halt(tb, crash)
	p.Resume(tb)
}

// Halt is the first half of Restart.
func (p *Postgres) Halt(tb testing.TB, crash bool) {
	tb.Helper()
	p.need(tb)
	signal := syscall.SIGINT // "fast": https://www.postgresql.org/docs/current/server-shutdown.html
	if crash {
		signal = syscall.SIGQUIT
	}
	if err := p.end(signal); err != nil {
		tb.Fatal(err)
	}
}

// Resume is the second half of Restart.
func (p *Postgres) Resume(tb testing.TB) {
	tb.Helper()
	if err := p.serve(); err != nil {
		tb.Fatal(err)
	}
}

// Stop ends the server, if it was started, and removes its files.
func (p *Postgres) Stop() {
	p.start.Do(func() { p.err = errNoPostgres })
	if p.dir == "" {
		return
	}
	_ = p.end(syscall.SIGINT)
	_ = os.RemoveAll(p.dir)
}

func (p *Postgres) need(tb testing.TB) {
	tb.Helper()
	p.start.Do(func() { p.err = p.init() })
	if errors.Is(p.err, errNoPostgres) {
		missing(tb, "PostgreSQL", "on Debian: apt-get install postgresql, or scripts/need-postgres")
	}
	if p.err != nil {
		tb.Fatalf("start PostgreSQL: %v", p.err)
	}
}

func (p *Postgres) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", p.port, database)
}

// init makes a cluster in a folder of its own, and starts it.
func (p *Postgres) init() (err error) {
	if p.bin, err = postgresPrograms(); err != nil {
		return err
	}
	if p.dir, err = os.MkdirTemp("", "charcoal-postgres-"); err != nil {
		return err
	}
	if err := giveToPostgres(p.dir); err != nil {
		return err
	}
	initdb := asPostgres(filepath.Join(p.bin, "initdb"), "--auth=trust", "--username=postgres",
		"--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata="+filepath.Join(p.dir, "data"))
	initdb.Dir = p.dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	if p.port, err = freePort(); err != nil {
		return err
	}
	return p.serve()
}

// serve starts the server. Nothing of a test outlives it, so nothing is flushed unless
// that is asked for.
func (p *Postgres) serve() error {
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-D", filepath.Join(p.dir, "data"), "-p", strconv.Itoa(p.port), "-k", p.dir}
	flush := "off"
	if p.Flush {
		flush = "on"
	}
	for _, setting := range []string{
		"listen_addresses=127.0.0.1", "fsync=" + flush, "full_page_writes=" + flush, "max_connections=300",
		"deadlock_timeout=100ms", "log_min_messages=warning", "shared_buffers=64MB",
	} {
		args = append(args, "-c", setting)
	}
	p.run = asPostgres(filepath.Join(p.bin, "postgres"), args...)
	p.run.Dir, p.run.Stdout, p.run.Stderr = p.dir, log, log
	if err := p.run.Start(); err != nil {
		return err
	}
	if err := p.answers(); err != nil {
		said, _ := os.ReadFile(log.Name())
		return errors.Join(fmt.Errorf("%w; it said: %s", err, said), p.end(syscall.SIGQUIT))
	}
	return nil
}

// answers waits until the server takes connections.
func (p *Postgres) answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), startWithin)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, p.url("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

// end signals the server and waits for it. How it says that it ended does not matter.
func (p *Postgres) end(signal syscall.Signal) error {
	if p.run == nil || p.run.Process == nil {
		return nil
	}
	if err := p.run.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	_ = p.run.Wait()
	p.run = nil
	return nil
}

// postgresPrograms finds the newest version that Debian keeps beside others, or else
// what is in the path.
func postgresPrograms() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return "", err
	}
	slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) }) // 9.6 is before 15
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", errNoPostgres
	}
	return filepath.Dir(initdb), nil
}

// asPostgres makes a command of the user postgres where we are root, as whom the server
// refuses to run. setpriv becomes the program, so its process is the server's; and it has the
// kernel end the server when the test is killed.
func asPostgres(program string, args ...string) *exec.Cmd {
	ctx := context.Background() // the server outlives the test that first needs it
	if os.Getuid() != 0 {
		return exec.CommandContext(ctx, program, args...) //nolint:gosec // programs of PostgreSQL
	}
	wrapped := append([]string{"--reuid=postgres", "--regid=postgres", "--init-groups", "--pdeathsig=SIGQUIT", program}, args...)
	return exec.CommandContext(ctx, "setpriv", wrapped...) //nolint:gosec // programs of PostgreSQL
}

// giveToPostgres makes the folder that of the user as whom the server runs.
func giveToPostgres(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return errors.Join(errNoPostgres, err)
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// freePort returns one that nobody listens on now.
func freePort() (int, error) {
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
