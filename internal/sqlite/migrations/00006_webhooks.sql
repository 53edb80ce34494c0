-- Who is told of events, and what is on its way to them.

-- +goose Up
CREATE TABLE endpoints (
    id            BLOB    NOT NULL PRIMARY KEY,
    owner         BLOB    NOT NULL,
    url           TEXT    NOT NULL,
    events        TEXT    NOT NULL,                -- types, a space between
    created       INTEGER NOT NULL,
    since         INTEGER NOT NULL,                -- the newest event when it was added: it is told of later ones
    salt          BLOB    NOT NULL,                -- of its secret
    old_salt      BLOB    NOT NULL,                -- of the secret before; empty for none
    old_until     INTEGER NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0,
    reason        TEXT    NOT NULL DEFAULT '',
    failures      INTEGER NOT NULL DEFAULT 0,      -- in a row
    failing_since INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX endpoints_owner    ON endpoints (owner, id);
CREATE INDEX endpoints_disabled ON endpoints (id) WHERE disabled > 0;

CREATE TABLE deliveries (
    id           BLOB    NOT NULL PRIMARY KEY,
    owner        BLOB    NOT NULL,
    endpoint     BLOB    NOT NULL,                 -- 16 zero bytes for a callback
    target       TEXT    NOT NULL,
    url          TEXT    NOT NULL,                 -- of a callback
    seq          INTEGER NOT NULL,                 -- the event, which may leave the log sooner
    at           INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    visibility   TEXT    NOT NULL,
    image_id     BLOB    NOT NULL,
    rendering_id BLOB    NOT NULL,
    event_state  TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    state        TEXT    NOT NULL DEFAULT 'pending',
    attempt      INTEGER NOT NULL DEFAULT 0,
    tries        INTEGER NOT NULL DEFAULT 0,
    due          INTEGER NOT NULL,
    leased       INTEGER NOT NULL DEFAULT 0,       -- 1: somebody tries it until it is due
    last_at      INTEGER NOT NULL DEFAULT 0,
    last_took    INTEGER NOT NULL DEFAULT 0,       -- nanoseconds
    last_status  INTEGER NOT NULL DEFAULT 0,
    last_error   TEXT    NOT NULL DEFAULT ''
) WITHOUT ROWID;

CREATE INDEX deliveries_due      ON deliveries (target, due, id) WHERE state = 'pending';
CREATE INDEX deliveries_leased   ON deliveries (target, due) WHERE leased = 1;
CREATE INDEX deliveries_busy     ON deliveries (owner, due) WHERE leased = 1;
CREATE INDEX deliveries_endpoint ON deliveries (endpoint, id);
CREATE INDEX deliveries_done     ON deliveries (created) WHERE state <> 'pending';

-- When there is something to do for a target again. It has a row while anything is
-- pending for it and it is not disabled; so a claim costs the same however much
-- waits, and whoever is slow is looked at only when a place of theirs is free.
CREATE TABLE targets (
    target TEXT    NOT NULL PRIMARY KEY,
    owner  BLOB    NOT NULL,
    due    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX targets_due ON targets (due);

-- How far the log of events was turned into deliveries.
CREATE TABLE planned (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL
);

INSERT INTO planned (one, seq)
VALUES (1, coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0));
