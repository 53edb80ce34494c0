-- Ids are 16 bytes (UUIDv7, so their order is the order of creation). Times are
-- microseconds since 1970 in UTC, 0 for none.

-- +goose Up
CREATE TABLE uploads (
    id        BLOB    NOT NULL PRIMARY KEY, -- of the image that it may become
    begun     INTEGER NOT NULL,
    abandoned INTEGER NOT NULL DEFAULT 0    -- 1: will never be an image; its bytes may go
) WITHOUT ROWID;

CREATE TABLE images (
    seq        INTEGER PRIMARY KEY,         -- a small stable key for other tables
    id         BLOB    NOT NULL UNIQUE,
    filename   TEXT    NOT NULL,
    created    INTEGER NOT NULL,
    size       INTEGER NOT NULL,
    sha256     BLOB    NOT NULL,
    format     TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL
);

CREATE TABLE renderings (
    id           BLOB    NOT NULL PRIMARY KEY,
    image_id     BLOB    NOT NULL REFERENCES images (id),
    options      TEXT    NOT NULL,
    state        TEXT    NOT NULL REFERENCES counts (name), -- a new state is a new row there, not a new table
    created      INTEGER NOT NULL,
    started      INTEGER NOT NULL DEFAULT 0,
    finished     INTEGER NOT NULL DEFAULT 0,
    attempt      INTEGER NOT NULL DEFAULT 0,
    failures     INTEGER NOT NULL DEFAULT 0,
    losses       INTEGER NOT NULL DEFAULT 0,
    not_before   INTEGER NOT NULL,
    worker       TEXT    NOT NULL DEFAULT '', -- who made the newest attempt
    lease_until  INTEGER NOT NULL DEFAULT 0,  -- holds while running
    reason       TEXT    NOT NULL DEFAULT '', -- of the newest failure
    cols         INTEGER NOT NULL DEFAULT 0,
    "rows"       INTEGER NOT NULL DEFAULT 0,
    engine       TEXT    NOT NULL DEFAULT '',
    convert_time INTEGER NOT NULL DEFAULT 0   -- nanoseconds
) WITHOUT ROWID;

CREATE INDEX renderings_of_image ON renderings (image_id, id);
CREATE INDEX renderings_queued ON renderings (not_before, id) WHERE state = 'queued';
CREATE INDEX renderings_running ON renderings (lease_until, id) WHERE state = 'running';

-- How many of each there are, kept by triggers so that nothing can forget to.
CREATE TABLE counts (
    name TEXT    NOT NULL PRIMARY KEY,
    n    INTEGER NOT NULL CHECK (n >= 0)
) WITHOUT ROWID;

INSERT INTO counts (name, n)
VALUES ('uploads', 0), ('queued', 0), ('running', 0), ('ready', 0), ('failed', 0);

-- +goose StatementBegin
CREATE TRIGGER images_added AFTER INSERT ON images BEGIN
    UPDATE counts SET n = n + 1 WHERE name = 'uploads';
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER images_removed AFTER DELETE ON images BEGIN
    UPDATE counts SET n = n - 1 WHERE name = 'uploads';
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER renderings_added AFTER INSERT ON renderings BEGIN
    UPDATE counts SET n = n + 1 WHERE name = NEW.state;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER renderings_moved AFTER UPDATE OF state ON renderings WHEN OLD.state <> NEW.state BEGIN
    UPDATE counts SET n = n - 1 WHERE name = OLD.state;
    UPDATE counts SET n = n + 1 WHERE name = NEW.state;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER renderings_removed AFTER DELETE ON renderings BEGIN
    UPDATE counts SET n = n - 1 WHERE name = OLD.state;
END;
-- +goose StatementEnd
