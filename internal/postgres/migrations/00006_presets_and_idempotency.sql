-- +goose Up
CREATE TABLE presets (
    owner   uuid   NOT NULL,
    name    text   NOT NULL COLLATE "C",
    options text   NOT NULL,                  -- JSON, as of renderings
    changed bigint NOT NULL,
    PRIMARY KEY (owner, name)
);

-- A key is any bytes that its client chose.
CREATE TABLE onces (
    owner       uuid    NOT NULL,
    key         bytea   NOT NULL,
    until       bigint  NOT NULL,             -- when the key is free again
    done        boolean NOT NULL DEFAULT false,
    fingerprint bytea   NOT NULL DEFAULT '',
    status      bigint  NOT NULL DEFAULT 0,
    header      text    NOT NULL DEFAULT '{}', -- JSON
    body        bytea   NOT NULL DEFAULT '',
    PRIMARY KEY (owner, key)
);

CREATE INDEX onces_until ON onces (until);
