-- Who is told of events, and what is on its way to them.

-- +goose Up
CREATE TABLE endpoints (
    id            uuid   PRIMARY KEY,
    owner         uuid   NOT NULL,
    url           text   NOT NULL,
    events        text[] NOT NULL,
    created       bigint NOT NULL,
    since         bigint NOT NULL,                 -- the newest event when it was added: it is told of later ones
    salt          bytea  NOT NULL,                 -- of its secret
    old_salt      bytea  NOT NULL,                 -- of the secret before; empty for none
    old_until     bigint NOT NULL,
    disabled      bigint NOT NULL DEFAULT 0,
    reason        text   NOT NULL DEFAULT '',
    failures      bigint NOT NULL DEFAULT 0,       -- in a row
    failing_since bigint NOT NULL DEFAULT 0
);

CREATE INDEX endpoints_owner    ON endpoints (owner, id);
CREATE INDEX endpoints_disabled ON endpoints (id) WHERE disabled > 0;

-- Whoever changes deliveries of a target holds the advisory lock of that target.
CREATE TABLE deliveries (
    id           uuid    PRIMARY KEY,
    owner        uuid    NOT NULL,
    endpoint     uuid    NOT NULL,                 -- all zeros for a callback
    target       text    NOT NULL,
    url          text    NOT NULL,                 -- of a callback
    seq          bigint  NOT NULL,                 -- the event, which may leave the log sooner
    at           bigint  NOT NULL,
    type         text    NOT NULL,
    visibility   text    NOT NULL,
    image_id     uuid    NOT NULL,
    rendering_id uuid    NOT NULL,
    event_state  text    NOT NULL,
    created      bigint  NOT NULL,
    state        text    NOT NULL DEFAULT 'pending',
    attempt      bigint  NOT NULL DEFAULT 0,
    tries        bigint  NOT NULL DEFAULT 0,
    due          bigint  NOT NULL,
    leased       boolean NOT NULL DEFAULT false,   -- somebody tries it until it is due
    last_at      bigint  NOT NULL DEFAULT 0,
    last_took    bigint  NOT NULL DEFAULT 0,       -- nanoseconds
    last_status  bigint  NOT NULL DEFAULT 0,
    last_error   text    NOT NULL DEFAULT ''
);

CREATE INDEX deliveries_due      ON deliveries (target, due, id) WHERE state = 'pending';
CREATE INDEX deliveries_leased   ON deliveries (target, due) WHERE leased;
CREATE INDEX deliveries_busy     ON deliveries (owner, due) WHERE leased;
CREATE INDEX deliveries_endpoint ON deliveries (endpoint, id);
CREATE INDEX deliveries_done     ON deliveries (created) WHERE state <> 'pending';

-- When there is something to do for a target again. It has a row while anything is
-- pending for it and it is not disabled; so a claim costs the same however much
-- waits, and whoever is slow is looked at only when a place of theirs is free.
CREATE TABLE targets (
    target text   PRIMARY KEY,
    owner  uuid   NOT NULL,
    due    bigint NOT NULL
);

CREATE INDEX targets_due ON targets (due);

-- How far the log of events was turned into deliveries.
CREATE TABLE planned (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint  NOT NULL
);

INSERT INTO planned (seq) VALUES (0);
