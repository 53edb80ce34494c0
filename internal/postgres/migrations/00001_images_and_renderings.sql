-- Times are microseconds since 1970 in UTC, 0 for none, as in the other stores, so that rows
-- move between them as they are. The owner that is all zeros is nobody: where nobody signs in.
--
-- Whoever changes several rows locks an image before its renderings.

-- +goose Up
CREATE TABLE uploads (
    id        uuid    PRIMARY KEY,              -- of the image that it may become
    begun     bigint  NOT NULL,
    abandoned boolean NOT NULL DEFAULT false    -- will never be an image; its bytes may go
);

CREATE INDEX uploads_begun ON uploads (begun, id);
CREATE INDEX uploads_abandoned ON uploads (begun, id) WHERE abandoned;

CREATE TABLE images (
    id         uuid   PRIMARY KEY,
    owner      uuid   NOT NULL,
    filename   text   NOT NULL,
    created    bigint NOT NULL,
    size       bigint NOT NULL,
    sha256     bytea  NOT NULL,
    format     text   NOT NULL,
    media_type text   NOT NULL,
    width      bigint NOT NULL,
    height     bigint NOT NULL,
    frames     bigint NOT NULL,
    hash       bigint NOT NULL,                 -- perceptual; as signed 64 bits
    title      text   NOT NULL,
    tags       text[] NOT NULL,                 -- sorted
    visibility text   NOT NULL,
    expires    bigint NOT NULL,
    deleted    bigint NOT NULL DEFAULT 0        -- in the bin since
);

CREATE INDEX images_same   ON images (owner, sha256) WHERE deleted = 0;
CREATE INDEX images_owner  ON images (owner, id) WHERE deleted = 0;
CREATE INDEX images_binned ON images (deleted) WHERE deleted > 0;
CREATE INDEX images_expire ON images (expires) WHERE expires > 0 AND deleted = 0;

-- A rendering is updated some times in its life, and while it is drawn with every
-- heartbeat: pages keep room, so that a heartbeat touches no index.
CREATE TABLE renderings (
    id           uuid    PRIMARY KEY,
    image_id     uuid    NOT NULL REFERENCES images (id),
    owner        uuid    NOT NULL,                 -- of the image
    options      text    NOT NULL,                 -- JSON
    state        text    NOT NULL CHECK (state IN ('queued', 'running', 'ready', 'failed', 'canceled')),
    due          boolean NOT NULL DEFAULT false,   -- queued, and may be claimed; kept by a trigger
    key          bytea   NOT NULL,                 -- of options and engine; empty for none
    callback     text    NOT NULL,
    created      bigint  NOT NULL,
    started      bigint  NOT NULL DEFAULT 0,
    finished     bigint  NOT NULL DEFAULT 0,
    attempt      bigint  NOT NULL DEFAULT 0,
    failures     bigint  NOT NULL DEFAULT 0,
    losses       bigint  NOT NULL DEFAULT 0,
    not_before   bigint  NOT NULL,
    worker       text    NOT NULL DEFAULT '',      -- who made the newest attempt
    lease_until  bigint  NOT NULL DEFAULT 0,       -- holds while running
    reason       text    NOT NULL DEFAULT '',      -- of the newest failure
    cols         bigint  NOT NULL DEFAULT 0,
    "rows"       bigint  NOT NULL DEFAULT 0,
    engine       text    NOT NULL DEFAULT '',
    convert_time bigint  NOT NULL DEFAULT 0,       -- nanoseconds
    learnt       text    NOT NULL DEFAULT '{}'     -- JSON: stages and warnings of the result
) WITH (fillfactor = 80);

CREATE INDEX renderings_of_image ON renderings (image_id, id);
CREATE INDEX renderings_same     ON renderings (image_id, key) WHERE key <> ''::bytea;
CREATE INDEX renderings_due      ON renderings (owner, id) WHERE due;
CREATE INDEX renderings_delayed  ON renderings (not_before, id) WHERE state = 'queued' AND NOT due;
CREATE INDEX renderings_running  ON renderings (owner) WHERE state = 'running';

-- Keys of blobs to which nothing leads any more.
CREATE TABLE garbage (
    key text PRIMARY KEY
);
