-- Searching is done in memory, on a copy that follows this log of which images were
-- added, changed or removed. It keeps the newest entries: who is farther behind
-- reads all images anew. Triggers write it, so that nothing can forget to.

-- +goose Up
CREATE TABLE image_changes (
    rev INTEGER PRIMARY KEY, -- grows with every entry, in the order of the commits
    seq INTEGER NOT NULL     -- of the image
);

-- +goose StatementBegin
CREATE TRIGGER image_changes_kept AFTER INSERT ON image_changes BEGIN
    DELETE FROM image_changes WHERE rev <= NEW.rev - 100000;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER image_change_added AFTER INSERT ON images BEGIN
    INSERT INTO image_changes (seq) VALUES (NEW.seq);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER image_change_made AFTER UPDATE OF
    owner, filename, created, size, format, width, height, hash, title, tags, visibility, deleted, state ON images
WHEN (OLD.owner, OLD.filename, OLD.created, OLD.size, OLD.format, OLD.width, OLD.height, OLD.hash, OLD.title, OLD.tags, OLD.visibility, OLD.deleted, OLD.state)
  IS NOT (NEW.owner, NEW.filename, NEW.created, NEW.size, NEW.format, NEW.width, NEW.height, NEW.hash, NEW.title, NEW.tags, NEW.visibility, NEW.deleted, NEW.state)
BEGIN
    INSERT INTO image_changes (seq) VALUES (NEW.seq);
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER image_change_removed AFTER DELETE ON images BEGIN
    INSERT INTO image_changes (seq) VALUES (OLD.seq);
END;
-- +goose StatementEnd
