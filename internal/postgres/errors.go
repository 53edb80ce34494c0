package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/charcoal-art/charcoal"
)

// classify gives an error of a call its code; ctx is what the caller gave. One that has
// a code keeps it.
// The SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html
func classify(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*charcoal.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return charcoal.Errorf(charcoal.Canceled, "the call was given up before it was done").Because(errors.Join(ctx.Err(), err))
	}
	switch state := sqlState(err); {
	case state == "23505" || state == "23503": // unique_violation, foreign_key_violation
		return charcoal.Errorf(charcoal.Conflict, "it does not fit what is stored already").Because(err)
	case state == "53100": // disk_full
		return charcoal.Errorf(charcoal.StorageFull, "there is no room left on the disk of the database").Because(err)
	case state != "" && !away(state) && !collided(err):
		return err
	case state != "" || disconnected(err):
		return charcoal.Errorf(charcoal.Unavailable, "the database does not answer").Because(err)
	}
	return err
}

func sqlState(err error) string {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code
	}
	return ""
}

// away reports whether a state says that the server cannot do anything for us now.
func away(state string) bool {
	switch state {
	case "57014", // query_canceled: a timeout, since no caller of ours gave up
		"25006", // read_only_sql_transaction: a standby, before it is promoted
		"25P03", // idle_in_transaction_session_timeout
		"55P03", // lock_not_available
		"58030": // io_error
		return true
	}
	// connection_exception; insufficient_resources; admin_shutdown and other
	// operator_interventions; invalid_authorization; invalid_catalog_name
	for _, class := range []string{"08", "53", "57P", "28", "3D"} {
		if strings.HasPrefix(state, class) {
			return true
		}
	}
	return false
}

// collided reports whether a transaction was undone because of another one, and may do
// better at the next attempt: serialization_failure, deadlock_detected.
func collided(err error) bool {
	state := sqlState(err)
	return state == "40001" || state == "40P01"
}

// disconnected reports whether there is no connection, or it broke.
func disconnected(err error) bool {
	if state := sqlState(err); state != "" {
		return strings.HasPrefix(state, "57P") || strings.HasPrefix(state, "08")
	}
	_, network := errors.AsType[net.Error](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	return network || connecting || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "conn closed")
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// must turns a change that found no row into the error otherwise.
func must(changed int64, err error, doing string, otherwise error) error {
	if err == nil && changed == 0 {
		return otherwise
	}
	return wrap(doing, err)
}
