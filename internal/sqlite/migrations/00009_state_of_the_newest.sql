-- An image has the state of its newest rendering. That is not always the one that was
-- added last: ids are given when an upload begins, and one that joins an image when
-- it ends brings a rendering that may be older than others.

-- +goose Up
DROP TRIGGER image_state_added;

-- +goose StatementBegin
CREATE TRIGGER image_state_added AFTER INSERT ON renderings BEGIN
    UPDATE images SET state = NEW.state
    WHERE id = NEW.image_id AND NEW.id = (SELECT max(id) FROM renderings WHERE image_id = NEW.image_id);
END;
-- +goose StatementEnd

UPDATE images SET state = newest.state
FROM (SELECT i.id, (SELECT r.state FROM renderings AS r WHERE r.image_id = i.id ORDER BY r.id DESC LIMIT 1) AS state FROM images AS i) AS newest
WHERE newest.id = images.id AND newest.state <> images.state;
