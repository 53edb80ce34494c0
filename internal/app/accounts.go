package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/account"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// OpenAccounts opens the accounts of a data directory for somebody at the server
// itself, also while a server runs there: both then write to one database, and the
// server sees a change at its next request. With create, what is missing is made.
// The function that it returns closes them.
func OpenAccounts(ctx context.Context, cfg config.Config, log *slog.Logger, create bool) (s *account.Service, done func() error, err error) {
	p := &parts{cfg: cfg, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	store, err := p.openAccounts(ctx, create)
	if err != nil {
		return nil, nil, err
	}
	p.closers = append(p.closers, store.Close)
	s, err = account.New(account.Options{Accounts: store, Images: belongings{ownedImages{store}, store}, Log: log})
	return s, p.close, err
}

// openAccounts holds the lock of the data directory, if it can: then no server starts
// meanwhile, and none is there to be surprised by another schema.
func (p *parts) openAccounts(ctx context.Context, create bool) (rows, error) {
	if p.cfg.InPostgres() {
		return p.openStore(ctx)
	}
	path := filepath.Join(p.cfg.Data, "charcoal.db")
	if _, err := os.Stat(path); err != nil && !create {
		return nil, charcoal.Errorf(charcoal.NotFound, "there is no database in %s; name the folder of the server with --data", p.cfg.Data).Because(err)
	}
	err := p.lock()
	switch {
	case charcoal.CodeOf(err) == charcoal.Conflict:
		return sqlite.OpenBeside(ctx, path)
	case err != nil:
		return nil, err
	}
	return sqlite.Open(ctx, path)
}

// ownedImages puts images in the bin where no server can do it.
type ownedImages struct {
	store interface {
		charcoal.Store
		charcoal.Catalogue
	}
}

// BinOwned implements [account.Images]. The store commits many at a time, so many are
// asked for at a time.
func (i ownedImages) BinOwned(ctx context.Context, owner charcoal.ID) error {
	const page = 256
	for {
		ids, err := i.store.ListImages(ctx, owner, false, charcoal.ID{}, page) // the others are in the bin by then
		if err != nil || len(ids) == 0 {
			return err
		}
		if err := i.binAll(ctx, ids); err != nil {
			return fmt.Errorf("put images in the bin: %w", err)
		}
	}
}

func (i ownedImages) binAll(ctx context.Context, ids []charcoal.ID) error {
	g, ctx := errgroup.WithContext(ctx)
	now := time.Now()
	for _, id := range ids {
		g.Go(func() error {
			err := i.store.BinImage(ctx, id, now)
			if charcoal.CodeOf(err) == charcoal.NotFound { // gone for good meanwhile
				return nil
			}
			return err
		})
	}
	return g.Wait()
}
