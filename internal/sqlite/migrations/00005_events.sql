-- The log of what happened to images and renderings, written by triggers, so that
-- no change can forget its event. AUTOINCREMENT: a number is never used again.

-- +goose Up
CREATE TABLE events (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    at           INTEGER NOT NULL,
    type         TEXT    NOT NULL,
    owner        BLOB    NOT NULL,
    visibility   TEXT    NOT NULL,             -- of the image, then
    image_id     BLOB    NOT NULL,
    rendering_id BLOB    NOT NULL DEFAULT x'00000000000000000000000000000000',
    state        TEXT    NOT NULL DEFAULT ''   -- of the rendering
);

CREATE INDEX events_owner ON events (owner, seq);
CREATE INDEX events_image ON events (image_id, seq);

-- +goose StatementBegin
CREATE TRIGGER event_image_created AFTER INSERT ON images BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id)
    VALUES (NEW.created, 'image.created', NEW.owner, NEW.visibility, NEW.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_image_edited AFTER UPDATE OF title, tags, visibility, expires ON images
WHEN OLD.title <> NEW.title OR OLD.tags <> NEW.tags OR OLD.visibility <> NEW.visibility OR OLD.expires <> NEW.expires BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id)
    VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), 'image.edited', NEW.owner, NEW.visibility, NEW.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_image_deleted AFTER UPDATE OF deleted ON images WHEN OLD.deleted = 0 AND NEW.deleted > 0 BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id)
    VALUES (NEW.deleted, 'image.deleted', NEW.owner, NEW.visibility, NEW.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_image_restored AFTER UPDATE OF deleted ON images WHEN OLD.deleted > 0 AND NEW.deleted = 0 BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id)
    VALUES (CAST(unixepoch('subsec') * 1000000 AS INTEGER), 'image.restored', NEW.owner, NEW.visibility, NEW.id);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER event_rendering_added AFTER INSERT ON renderings BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id, rendering_id, state)
    SELECT NEW.created, 'rendering.' || NEW.state, NEW.owner, visibility, NEW.image_id, NEW.id, NEW.state
    FROM images WHERE id = NEW.image_id;
END;
-- +goose StatementEnd

-- What is queued again carries no time of that.
-- +goose StatementBegin
CREATE TRIGGER event_rendering_moved AFTER UPDATE OF state ON renderings WHEN OLD.state <> NEW.state BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id, rendering_id, state)
    SELECT CASE NEW.state WHEN 'queued' THEN CAST(unixepoch('subsec') * 1000000 AS INTEGER)
                          WHEN 'running' THEN NEW.started ELSE NEW.finished END,
           'rendering.' || NEW.state, NEW.owner, visibility, NEW.image_id, NEW.id, NEW.state
    FROM images WHERE id = NEW.image_id;
END;
-- +goose StatementEnd

-- Renderings that go with an image out of the bin tell nobody anything new.
-- +goose StatementBegin
CREATE TRIGGER event_rendering_deleted AFTER DELETE ON renderings BEGIN
    INSERT INTO events (at, type, owner, visibility, image_id, rendering_id, state)
    SELECT CAST(unixepoch('subsec') * 1000000 AS INTEGER), 'rendering.deleted', OLD.owner, visibility, OLD.image_id, OLD.id, OLD.state
    FROM images WHERE id = OLD.image_id AND deleted = 0;
END;
-- +goose StatementEnd
