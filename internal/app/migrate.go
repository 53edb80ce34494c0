package app

import (
	"context"
	"errors"
	"path/filepath"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/postgres"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// Migrate brings the schema of the configured store up to date, and returns its version
// before and after. However many do so at once, one does and the others wait. It is
// Conflict when a server has the data folder.
func Migrate(ctx context.Context, cfg config.Config) (from, to int64, err error) {
	if cfg.InPostgres() {
		return migratePostgres(ctx, cfg.Store)
	}
	p := &parts{cfg: cfg}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.lockSoon(ctx); err != nil {
		return 0, 0, err
	}
	return sqlite.Migrate(ctx, filepath.Join(cfg.Data, "charcoal.db"))
}

func migratePostgres(ctx context.Context, url string) (from, to int64, err error) {
	before, err := postgres.Examine(ctx, url)
	if err != nil {
		return 0, 0, err
	}
	return before.Schema, before.Newest, postgres.Migrate(ctx, url)
}

// lockPatience is for others who need the data folder as shortly. A server has it for
// as long as it runs.
const lockPatience = 10 * time.Second

func (p *parts) lockSoon(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lockPatience)
	defer cancel()
	for {
		err := p.lock()
		if charcoal.CodeOf(err) != charcoal.Conflict {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}
