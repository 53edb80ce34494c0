-- Images belong to users, people say things about them, and one image has many
-- renderings. An owner of 16 zero bytes is nobody: where nobody signs in.

-- +goose Up
ALTER TABLE images ADD COLUMN owner      BLOB    NOT NULL DEFAULT x'00000000000000000000000000000000';
ALTER TABLE images ADD COLUMN title      TEXT    NOT NULL DEFAULT '';
ALTER TABLE images ADD COLUMN tags       TEXT    NOT NULL DEFAULT '';        -- one a line, sorted
ALTER TABLE images ADD COLUMN visibility TEXT    NOT NULL DEFAULT 'private';
ALTER TABLE images ADD COLUMN frames     INTEGER NOT NULL DEFAULT 0;
ALTER TABLE images ADD COLUMN hash       INTEGER NOT NULL DEFAULT 0;         -- perceptual; as signed 64 bits
ALTER TABLE images ADD COLUMN expires    INTEGER NOT NULL DEFAULT 0;
ALTER TABLE images ADD COLUMN deleted    INTEGER NOT NULL DEFAULT 0;         -- in the bin since
ALTER TABLE images ADD COLUMN state      TEXT    NOT NULL DEFAULT 'queued';  -- of the newest rendering

ALTER TABLE renderings ADD COLUMN owner    BLOB NOT NULL DEFAULT x'00000000000000000000000000000000'; -- of the image
ALTER TABLE renderings ADD COLUMN key      BLOB NOT NULL DEFAULT x'';        -- of options and engine; empty in old rows
ALTER TABLE renderings ADD COLUMN callback TEXT NOT NULL DEFAULT '';
ALTER TABLE renderings ADD COLUMN learnt   TEXT NOT NULL DEFAULT '';         -- JSON: stages and warnings of the result

UPDATE images SET state = coalesce((SELECT state FROM renderings WHERE image_id = images.id ORDER BY id DESC LIMIT 1), 'queued');

CREATE INDEX images_same   ON images (owner, sha256) WHERE deleted = 0;
CREATE INDEX images_visible ON images (id) WHERE deleted = 0;
CREATE INDEX images_owner  ON images (owner, id) WHERE deleted = 0;
CREATE INDEX images_binned ON images (deleted) WHERE deleted > 0;
CREATE INDEX images_expire ON images (expires) WHERE expires > 0 AND deleted = 0;
CREATE INDEX renderings_same ON renderings (image_id, key) WHERE key <> x'';

INSERT INTO counts (name, n) VALUES ('canceled', 0);

-- Keys of blobs to which nothing leads any more.
CREATE TABLE garbage (
    key TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

-- +goose StatementBegin
CREATE TRIGGER image_state_added AFTER INSERT ON renderings BEGIN
    UPDATE images SET state = NEW.state WHERE id = NEW.image_id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER image_state_moved AFTER UPDATE OF state ON renderings WHEN OLD.state <> NEW.state BEGIN
    UPDATE images SET state = NEW.state
    WHERE id = NEW.image_id AND NEW.id = (SELECT max(id) FROM renderings WHERE image_id = NEW.image_id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER image_state_removed AFTER DELETE ON renderings BEGIN
    UPDATE images SET state = coalesce((SELECT state FROM renderings WHERE image_id = OLD.image_id ORDER BY id DESC LIMIT 1), state)
    WHERE id = OLD.image_id;
END;
-- +goose StatementEnd
