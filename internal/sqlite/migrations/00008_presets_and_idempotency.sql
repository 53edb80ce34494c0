-- +goose Up
CREATE TABLE presets (
    owner   BLOB    NOT NULL,
    name    TEXT    NOT NULL,
    options TEXT    NOT NULL, -- JSON, as of renderings
    changed INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
) WITHOUT ROWID;

CREATE TABLE onces (
    owner       BLOB    NOT NULL,
    key         TEXT    NOT NULL,
    until       INTEGER NOT NULL,           -- when the key is free again
    done        INTEGER NOT NULL DEFAULT 0,
    fingerprint BLOB    NOT NULL DEFAULT x'',
    status      INTEGER NOT NULL DEFAULT 0,
    header      TEXT    NOT NULL DEFAULT '', -- JSON
    body        BLOB    NOT NULL DEFAULT x'',
    PRIMARY KEY (owner, key)
) WITHOUT ROWID;

CREATE INDEX onces_until ON onces (until);
