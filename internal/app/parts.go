package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/engines"
	"github.com/charcoal-art/charcoal/internal/fairuse"
	"github.com/charcoal-art/charcoal/internal/worker"
)

// parts is everything that one process runs on.
type parts struct {
	cfg      config.Config
	log      *slog.Logger
	api      http.Handler
	tasks    []task          // what runs beside the server
	stopping context.Context // ends when stopping begins
	stop     context.CancelFunc
	closers  []func() error // in the order of opening
}

// task runs until taking ends: then it begins nothing more, and returns when what
// is under way is done, or cut off since working ended.
type task func(taking, working context.Context)

// wire opens what is in the data directory, which is locked, and builds the rest
// over it. What it opened is closed by close, also after an error.
func (p *parts) wire(ctx context.Context) error {
	ports, rows, err := p.openData(ctx)
	if err != nil {
		return err
	}
	all, err := engines.New(ctx, p.cfg)
	if err != nil {
		return err
	}
	net, err := p.network(ctx, rows)
	if err != nil {
		return err
	}
	ports.Converter, ports.Others = all[0], all[1:]
	ports.Quotas, ports.Pace, ports.Changed = net.quotas, fairuse.NewPace(time.Now), net.changed
	service := convert.New(p.useCases(), ports)
	if !p.cfg.InPostgres() { // elsewhere others may be alive that hold leases
		if err := recoverData(ctx, service); err != nil {
			return fmt.Errorf("recovering from the last run: %w", err)
		}
	}
	accounts, err := account.New(p.accounts(rows, belongings{service, rows}))
	if err != nil {
		return fmt.Errorf("preparing accounts: %w", err)
	}
	if p.cfg.Draws() {
		p.tasks = append(p.tasks,
			worker.New(p.work(), service, ports.Queue, p.log, time.Now).Run,
			net.hooks.Run,
			func(taking, _ context.Context) { p.housekeeping(taking, accounts.Purge, net.quotas.Sweep) },
		)
	}
	if p.cfg.Takes() {
		p.tasks = append(p.tasks, func(taking, _ context.Context) { net.hub.Run(taking) },
			func(taking, _ context.Context) { p.pass(taking, net.hub, service) })
	}
	p.api = p.serve(service, accounts, net, names(all))
	return nil
}

func names(all []charcoal.Converter) []string {
	var names []string
	for _, e := range all {
		names = append(names, charcoal.EngineName(e.Engine()))
	}
	return names
}

// spool is where pictures lie that are not kept.
func (p *parts) spool() string { return filepath.Join(p.cfg.Data, "spool") }

// clearSpool removes what a process left there that died.
func (p *parts) clearSpool() error {
	return errors.Join(os.RemoveAll(p.spool()), os.Mkdir(p.spool(), 0o700))
}

// lock makes sure that no other process uses the data directory: recovery and
// the clearing of temporary files take all that they find for dead.
func (p *parts) lock() error {
	if err := p.makeData(); err != nil {
		return fmt.Errorf("making the data directory: %w", err)
	}
	lock := flock.New(filepath.Join(p.cfg.Data, "lock"))
	ok, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("locking the data directory: %w", err)
	}
	if !ok {
		return charcoal.Errorf(charcoal.Conflict,
			"another charcoal uses the data directory %s; stop it, or give this one another with --data", p.cfg.Data)
	}
	p.closers = append(p.closers, lock.Close)
	return nil
}

// makeData makes the data directory, and durable what it makes: what is promised
// inside a folder is lost if the folder itself is.
func (p *parts) makeData() error {
	data, err := filepath.Abs(p.cfg.Data)
	if err != nil {
		return err
	}
	var parents []string // of folders that are not there yet
	for dir := data; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		parents = append(parents, filepath.Dir(dir))
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	for _, dir := range parents {
		if err := syncDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// recoverData frees what the last process held when it died. The lock says that
// it is dead, so there is no lease to wait for.
func recoverData(ctx context.Context, service *convert.Service) error {
	afterAll := time.Now().AddDate(100, 0, 0)
	return service.Sweep(ctx, afterAll, afterAll)
}

// close closes what was opened, in reverse order.
func (p *parts) close() error {
	var errs []error
	for _, closeIt := range slices.Backward(p.closers) {
		errs = append(errs, closeIt())
	}
	p.closers = nil
	return errors.Join(errs...)
}

func workerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), rand.Text()[:6])
}
