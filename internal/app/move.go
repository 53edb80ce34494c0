package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/config"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/move"
	"github.com/charcoal-art/charcoal/internal/postgres"
	"github.com/charcoal-art/charcoal/internal/s3blob"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// Move copies everything from the configured data folder to the configured store and
// blobs, which are PostgreSQL and S3. The folder is locked meanwhile and left as it is. A
// move that was cut off goes on where it was.
func Move(ctx context.Context, cfg config.Config, o move.Options) (r move.Report, err error) {
	p := &parts{cfg: cfg}
	defer func() { err = errors.Join(err, p.close()) }()
	ports, err := p.movePorts(ctx)
	if err != nil {
		return r, err
	}
	return move.Run(ctx, ports, o)
}

func (p *parts) movePorts(ctx context.Context) (ports move.Ports, err error) {
	path := filepath.Join(p.cfg.Data, "charcoal.db")
	if _, err := os.Stat(path); err != nil {
		return ports, charcoal.Errorf(charcoal.NotFound, "there is no database in %s; name the folder to move from with --data", p.cfg.Data).Because(err)
	}
	if err := p.lockSoon(ctx); err != nil {
		return ports, err
	}
	from, err := sqlite.OpenExport(ctx, path)
	if err != nil {
		return ports, fmt.Errorf("opening the database to move: %w", err)
	}
	p.closers = append(p.closers, from.Close)
	fromBlobs, err := fileblob.OpenToRead(filepath.Join(p.cfg.Data, "blobs"))
	if err != nil {
		return ports, fmt.Errorf("opening the pictures to move: %w", err)
	}
	p.closers = append(p.closers, fromBlobs.Close)
	ports.From, ports.FromBlobs = from, fromBlobs
	return ports, p.moveTargets(ctx, &ports)
}

func (p *parts) moveTargets(ctx context.Context, ports *move.Ports) error {
	where, err := s3blob.ParseURL(p.cfg.Blobs)
	if err != nil {
		return err
	}
	toBlobs, err := s3blob.New(s3blob.Settings{Location: where})
	if err != nil {
		return fmt.Errorf("opening the place for pictures: %w", err)
	}
	p.closers = append(p.closers, toBlobs.Close)
	if err := toBlobs.Check(ctx); err != nil {
		return fmt.Errorf("trying the place for pictures: %w", err)
	}
	to, err := postgres.OpenImport(ctx, p.cfg.Store)
	if err != nil {
		return fmt.Errorf("opening the database to move to: %w", err)
	}
	p.closers = append(p.closers, to.Close)
	ports.To, ports.ToBlobs = to, toBlobs
	return nil
}
