package app

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/charcoal-art/charcoal"
	"github.com/charcoal-art/charcoal/internal/convert"
	"github.com/charcoal-art/charcoal/internal/fileblob"
	"github.com/charcoal-art/charcoal/internal/kafkaqueue"
	"github.com/charcoal-art/charcoal/internal/memqueue"
	"github.com/charcoal-art/charcoal/internal/postgres"
	"github.com/charcoal-art/charcoal/internal/postgresqueue"
	"github.com/charcoal-art/charcoal/internal/s3blob"
	"github.com/charcoal-art/charcoal/internal/sqlite"
)

// rows is everything that a database keeps.
type rows interface {
	charcoal.Store
	charcoal.Catalogue
	charcoal.Accounts
	charcoal.Events
	charcoal.Webhooks
	charcoal.Meter
	charcoal.Presets
	charcoal.Onces
}

// blobs are [charcoal.Blobs] that end.
type blobs interface {
	charcoal.Blobs
	Close() error
}

// openData opens the ports that keep something, where the configuration says.
func (p *parts) openData(ctx context.Context) (convert.Ports, rows, error) {
	ports := convert.Ports{Log: p.log, Now: time.Now}
	if err := p.clearSpool(); err != nil {
		return ports, nil, fmt.Errorf("clearing the spool: %w", err)
	}
	store, err := p.openStore(ctx)
	if err != nil {
		return ports, nil, fmt.Errorf("opening the database: %w", err)
	}
	p.closers = append(p.closers, store.Close)
	pictures, err := p.openBlobs()
	if err != nil {
		return ports, nil, fmt.Errorf("opening the pictures: %w", err)
	}
	p.closers = append(p.closers, pictures.Close)
	queue, err := p.openQueue()
	if err != nil {
		return ports, nil, fmt.Errorf("opening the queue: %w", err)
	}
	p.closers = append(p.closers, queue.Close)
	ports.Store, ports.Catalogue, ports.Presets, ports.Onces = store, store, store, store
	ports.Blobs, ports.Queue = pictures, queue
	return ports, store, syncDir(p.cfg.Data) // with the entries that were made in it
}

func (p *parts) openStore(ctx context.Context) (rows, error) {
	if p.cfg.InPostgres() {
		return postgres.Open(ctx, p.cfg.Store)
	}
	return sqlite.Open(ctx, filepath.Join(p.cfg.Data, "charcoal.db"))
}

func (p *parts) openBlobs() (blobs, error) {
	if !p.cfg.InS3() {
		return fileblob.Open(filepath.Join(p.cfg.Data, "blobs"))
	}
	where, err := s3blob.ParseURL(p.cfg.Blobs)
	if err != nil {
		return nil, err
	}
	return s3blob.New(s3blob.Settings{Location: where, Scratch: p.spool()})
}

func (p *parts) openQueue() (charcoal.Queue, error) {
	switch {
	case p.cfg.ByKafka():
		where, err := kafkaqueue.ParseURL(p.cfg.Queue)
		if err != nil {
			return nil, err
		}
		return kafkaqueue.New(kafkaqueue.Settings{Location: where, User: p.cfg.Kafka.User, Password: p.cfg.Kafka.Password, Log: p.log})
	case p.cfg.Queue == "postgres":
		return postgresqueue.New(postgresqueue.Settings{Listen: p.cfg.Store, Log: p.log})
	}
	return memqueue.New(jobSlots * p.cfg.WorkerCount()), nil // enough to wake every slot
}
