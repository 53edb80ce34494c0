package sqlite

import (
	"context"
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/charcoal-art/charcoal"
)

// classify gives an error of SQLite its code. Result codes:
// https://www.sqlite.org/rescode.html
func classify(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return canceled(err)
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() {
	case sqlite3.SQLITE_IOERR_SHMSIZE: // the shared memory file cannot grow
		return full(err)
	case sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return charcoal.Errorf(charcoal.Conflict, "it does not fit what is stored already").Because(err)
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_FULL:
		return full(err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY:
		return charcoal.Errorf(charcoal.Unavailable, "the database does not answer").Because(err)
	case sqlite3.SQLITE_INTERRUPT: // by the driver, when the context ended
		return canceled(err)
	}
	return err
}

func canceled(cause error) error {
	return charcoal.Errorf(charcoal.Canceled, "the call was given up before it was done").Because(cause)
}

func full(err error) error {
	return charcoal.Errorf(charcoal.StorageFull, "there is no room left on the disk of the database").Because(err)
}
