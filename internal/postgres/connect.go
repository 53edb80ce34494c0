package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// What holds unless the URL says otherwise.
const (
	// maxConns bounds the connections of one process. A server has some hundred for all;
	// more than a few for each of its cores make it slower.
	maxConns       = 16
	connectTimeout = 5 * time.Second

	// statementTimeout stops what nobody waits for any more, in milliseconds: the server may not
	// hear that a client is gone. Searching and purging take a fraction of a second.
	statementTimeout = "30000"
	// idleTimeout frees the locks of a process that stands still within a transaction.
	idleTimeout = "60000"
)

// callTimeout bounds one call: what is sent into a network that is down is answered by
// nobody, and the kernel gives up after a quarter of an hour.
const callTimeout = 60 * time.Second

// connect makes a pool and tries it out. The parameter pgbouncer=true is ours.
func connect(ctx context.Context, url string) (pool *pgxpool.Pool, pooler bool, err error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, false, fmt.Errorf("read the URL of the database: %w", err) // which hides the password
	}
	pooler = configure(config, url)
	pool, err = pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, false, fmt.Errorf("connect to the database: %w", classify(ctx, err))
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, false, fmt.Errorf("connect to the database: %w", classify(ctx, err))
	}
	return pool, pooler, nil
}

func configure(config *pgxpool.Config, url string) (pooler bool) {
	params := config.ConnConfig.RuntimeParams
	pooler = params["pgbouncer"] == "true"
	delete(params, "pgbouncer")
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = maxConns
	}
	if !strings.Contains(url, "connect_timeout") {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	defaults := map[string]string{"application_name": "charcoal"}
	if pooler {
		// Statements without a name are described once and parsed anew each time, all
		// in one round trip, so it does not matter where the next one goes.
		config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	} else {
		defaults["statement_timeout"], defaults["idle_in_transaction_session_timeout"] = statementTimeout, idleTimeout
		defaults["jit"] = "off" // compiling takes longer than any statement here
	}
	for name, value := range defaults {
		if _, given := params[name]; !given {
			params[name] = value
		}
	}
	return pooler
}
