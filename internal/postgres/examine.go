package postgres

import (
	"context"
	"fmt"
	"time"
)

// Condition is what a database is like.
type Condition struct {
	Server         string        // the version of PostgreSQL
	Schema, Newest int64         // the version of the schema (0: none), and the one of this release
	Pooler         bool          // reached through PgBouncer
	Standby        bool          // it takes no writes
	Trip           time.Duration // a question and its answer
	Skew           time.Duration // how far its clock is ahead of ours, give or take Trip
}

// Examine asks a database what it is like, and changes nothing. A database of any release
// is fine.
func Examine(ctx context.Context, url string) (c Condition, err error) {
	pool, pooler, err := connect(ctx, url)
	if err != nil {
		return c, err
	}
	defer pool.Close()
	s := &Store{pool: pool}
	if c.Schema, c.Newest, err = s.versions(ctx); err != nil {
		return c, fmt.Errorf("read the version of the schema: %w", err)
	}
	c.Pooler = pooler
	if err := s.read(ctx, c.ask); err != nil {
		return c, fmt.Errorf("examine the database: %w", err)
	}
	return c, nil
}

func (c *Condition) ask(t *tx) error {
	var clock int64
	asked := time.Now()
	err := t.row(`SELECT current_setting('server_version'), pg_is_in_recovery(), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint`).
		Scan(&c.Server, &c.Standby, &clock)
	c.Trip = time.Since(asked)
	c.Skew = time.UnixMicro(clock).Sub(asked.Add(c.Trip / 2))
	return err
}
