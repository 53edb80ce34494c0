package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/doctor"
	"github.com/charcoal-art/charcoal/internal/engines"
	"github.com/charcoal-art/charcoal/internal/kafkaqueue"
	"github.com/charcoal-art/charcoal/internal/postgres"
	"github.com/charcoal-art/charcoal/internal/postgresqueue"
	"github.com/charcoal-art/charcoal/internal/s3blob"
)

// checkTime bounds each check, so that all of them end within half a minute, with what
// closing takes.
const checkTime = 20 * time.Second

// Doctor checks everything that the configuration names, also beside a server that runs
// on it. What it makes for that, it removes.
func Doctor(ctx context.Context, cfg config.Config) []doctor.Finding {
	checks := []doctor.Check{
		{Name: "data folder", Do: examined{cfg}.folder, Advice: "make it writable for the user of the server, or name another with --data"},
		{Name: "disk space", Do: examined{cfg}.disk, Advice: "make room, or name a folder elsewhere with --data"},
		{Name: "open files", Do: examined{cfg}.openFiles, Advice: "raise the limit (LimitNOFILE= in a systemd unit, ulimit -n in a shell), or lower limits.uploads"},
		{Name: "database", Do: examined{cfg}.database, Advice: "look whether the address in store is right, the server runs, and lets this machine and user in"},
		{Name: "pictures", Do: examined{cfg}.pictures, Advice: "look whether blobs names the right endpoint, region and bucket, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY hold keys that may read, write and delete there"},
		{Name: "queue", Do: examined{cfg}.queue, Advice: "look whether the address in queue is right, the server runs, and lets this machine and user in"},
	}
	if cfg.InPostgres() {
		checks = append(checks, doctor.Check{Name: "clock", Do: examined{cfg}.clock, Advice: "let both machines follow one clock (NTP)"})
	}
	return doctor.Run(ctx, checkTime, append(checks, engineChecks(cfg)...), secrets(cfg)...)
}

func engineChecks(cfg config.Config) []doctor.Check {
	var checks []doctor.Check
	for _, name := range slices.Sorted(maps.Keys(cfg.Programs())) {
		checks = append(checks, doctor.Check{
			Name: "engine " + name, Advice: "install the program where engine.path leads, or correct its commands in the configuration",
			Do: func(ctx context.Context) (string, error) {
				e, err := engines.Named(ctx, cfg, name)
				if err != nil {
					return "", err
				}
				return e.Engine(), nil
			},
		})
	}
	return checks
}

// secrets are what must not be shown, as they are written and as they are meant.
func secrets(cfg config.Config) []string {
	found := []string{cfg.Kafka.Password, cfg.Hooks.Key, cfg.Auth.OIDC.ClientSecret}
	if u, err := url.Parse(cfg.Store); err == nil {
		password, _ := u.User.Password()
		_, written, _ := strings.Cut(u.User.String(), ":")
		found = append(found, password, written, u.Query().Get("password"))
	}
	return found
}

// examined is a configuration that is looked into.
type examined struct{ cfg config.Config }

func (e examined) folder(context.Context) (string, error) {
	at, err := existing(e.cfg.Data)
	if err != nil {
		return "", err
	}
	if err := tryFolder(at); err != nil {
		return "", err
	}
	if at != filepath.Clean(e.cfg.Data) {
		return fmt.Sprintf("%s is not there yet, and can be made", e.cfg.Data), nil
	}
	return e.cfg.Data + " can be written", nil
}

func (e examined) database(ctx context.Context) (string, error) {
	if e.cfg.InPostgres() {
		return e.postgres(ctx)
	}
	return e.sqlite(ctx)
}

func (e examined) postgres(ctx context.Context) (string, error) {
	c, err := postgres.Examine(ctx, e.cfg.Store)
	switch {
	case err != nil:
		return "", err
	case c.Standby:
		return "", doctor.Advise(errors.New("it is a standby, which takes no writes"), "let the address lead to the primary")
	}
	return fmt.Sprintf("PostgreSQL %s, schema %d, answers in %v", c.Server, c.Schema, c.Trip.Round(10*time.Microsecond)), upToDate(c.Schema, c.Newest)
}

// upToDate is an error when a schema is not that of this release.
func upToDate(have, newest int64) error {
	switch {
	case have < newest:
		return doctor.Advise(fmt.Errorf("the schema has version %d, and this release needs %d", have, newest), `run "charcoal migrate"`)
	case have > newest:
		return doctor.Advise(fmt.Errorf("the schema has version %d, and this release knows %d", have, newest), "install the newer release that made it so")
	}
	return nil
}

// clockSkew is how far clocks may be apart. Leases are some seconds long, and one that
// is counted by a clock that is behind ends too late.
const clockSkew = 2 * time.Second

func (e examined) clock(ctx context.Context) (string, error) {
	c, err := postgres.Examine(ctx, e.cfg.Store)
	if err != nil {
		return "", doctor.Advise(errors.New("it cannot be compared with the database's"), "see database")
	}
	if c.Skew.Abs() > clockSkew+c.Trip {
		return "", fmt.Errorf("the clocks of this machine and of the database are %v apart", c.Skew.Abs().Round(time.Millisecond))
	}
	return fmt.Sprintf("%v from the database's, give or take %v", c.Skew.Round(time.Millisecond), c.Trip.Round(time.Millisecond)), nil
}

func (e examined) pictures(ctx context.Context) (string, error) {
	if !e.cfg.InS3() {
		return e.pictureFolder()
	}
	where, err := s3blob.ParseURL(e.cfg.Blobs)
	if err != nil {
		return "", err
	}
	store, err := s3blob.New(s3blob.Settings{Location: where})
	if err != nil {
		return "", err
	}
	began := time.Now()
	err = errors.Join(tryBlobs(ctx, store), store.Close())
	return fmt.Sprintf("S3 bucket %s, written, read and deleted in %v", where.Bucket, time.Since(began).Round(time.Millisecond)), err
}

// tryBlobs stores, reads and deletes a few bytes.
func tryBlobs(ctx context.Context, blobs charcoal.Blobs) (err error) {
	key := "check/" + rand.Text()
	if _, err := blobs.Put(ctx, key, strings.NewReader(key)); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blobs.Delete(ctx, key)) }()
	blob, err := blobs.Open(ctx, key)
	if err != nil {
		return err
	}
	got, err := io.ReadAll(blob)
	if err == nil && string(got) != key {
		err = errors.New("what was read is not what was written")
	}
	return errors.Join(err, blob.Close())
}

func (e examined) queue(ctx context.Context) (string, error) {
	p := &parts{cfg: e.cfg}
	opened, err := p.openQueue()
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, opened.Close()) }()
	switch q := opened.(type) {
	case *kafkaqueue.Queue:
		return "Kafka answers, and has the topic", q.Check(ctx)
	case *postgresqueue.Queue:
		return "PostgreSQL rang and was heard", q.Check(ctx)
	}
	return "in memory", nil
}
