-- What accounts may use at one time, so that none starves another: a queue for
-- each owner, and what each used on a day (days since 1970, in UTC).

-- +goose Up

-- The queued renderings that may be claimed, and those that wait for a time. A
-- claim moves what has become due from the second to the first.
CREATE TABLE due (
    owner BLOB NOT NULL,
    id    BLOB NOT NULL,
    PRIMARY KEY (owner, id)
) WITHOUT ROWID;

CREATE TABLE delayed (
    not_before INTEGER NOT NULL,
    id         BLOB    NOT NULL,
    owner      BLOB    NOT NULL,
    PRIMARY KEY (not_before, id)
) WITHOUT ROWID;

-- One row for everybody who ever had something due; it stays, because who comes
-- back at once must not count as not served for long.
CREATE TABLE queues (
    owner   BLOB    NOT NULL PRIMARY KEY,
    due     INTEGER NOT NULL DEFAULT 0 CHECK (due >= 0),
    running INTEGER NOT NULL DEFAULT 0 CHECK (running >= 0),
    served  INTEGER NOT NULL DEFAULT 0  -- the turn of the newest claim
) WITHOUT ROWID;

-- Counts claims. Not a clock, which may go back.
CREATE TABLE turns (n INTEGER NOT NULL);
INSERT INTO turns (n) VALUES (0);

INSERT INTO due (owner, id)
SELECT owner, id FROM renderings WHERE state = 'queued' AND not_before = 0;

INSERT INTO delayed (not_before, id, owner)
SELECT not_before, id, owner FROM renderings WHERE state = 'queued' AND not_before > 0;

INSERT INTO queues (owner, due, running)
SELECT owner, sum(state = 'queued' AND not_before = 0), sum(state = 'running')
FROM renderings WHERE state IN ('queued', 'running') GROUP BY owner;

CREATE INDEX queues_next ON queues (running, served) WHERE due > 0;
DROP INDEX renderings_queued;

-- +goose StatementBegin
CREATE TRIGGER due_added AFTER INSERT ON due BEGIN
    INSERT INTO queues (owner, due) VALUES (NEW.owner, 1)
    ON CONFLICT (owner) DO UPDATE SET due = due + 1;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER due_removed AFTER DELETE ON due BEGIN
    UPDATE queues SET due = due - 1 WHERE owner = OLD.owner;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER queue_added AFTER INSERT ON renderings WHEN NEW.state = 'queued' BEGIN
    INSERT INTO due (owner, id) SELECT NEW.owner, NEW.id WHERE NEW.not_before = 0;
    INSERT INTO delayed (not_before, id, owner) SELECT NEW.not_before, NEW.id, NEW.owner WHERE NEW.not_before > 0;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER queue_entered AFTER UPDATE OF state ON renderings WHEN NEW.state = 'queued' AND OLD.state <> 'queued' BEGIN
    INSERT INTO due (owner, id) SELECT NEW.owner, NEW.id WHERE NEW.not_before = 0;
    INSERT INTO delayed (not_before, id, owner) SELECT NEW.not_before, NEW.id, NEW.owner WHERE NEW.not_before > 0;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER queue_left AFTER UPDATE OF state ON renderings WHEN OLD.state = 'queued' AND NEW.state <> 'queued' BEGIN
    DELETE FROM due WHERE owner = OLD.owner AND id = OLD.id;
    DELETE FROM delayed WHERE not_before = OLD.not_before AND id = OLD.id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER queue_removed AFTER DELETE ON renderings WHEN OLD.state = 'queued' BEGIN
    DELETE FROM due WHERE owner = OLD.owner AND id = OLD.id;
    DELETE FROM delayed WHERE not_before = OLD.not_before AND id = OLD.id;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER run_begun AFTER UPDATE OF state ON renderings WHEN NEW.state = 'running' AND OLD.state <> 'running' BEGIN
    UPDATE turns SET n = n + 1;
    INSERT INTO queues (owner, running, served) VALUES (NEW.owner, 1, (SELECT n FROM turns))
    ON CONFLICT (owner) DO UPDATE SET running = running + 1, served = excluded.served;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER run_ended AFTER UPDATE OF state ON renderings WHEN OLD.state = 'running' AND NEW.state <> 'running' BEGIN
    UPDATE queues SET running = running - 1 WHERE owner = OLD.owner;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER run_removed AFTER DELETE ON renderings WHEN OLD.state = 'running' BEGIN
    UPDATE queues SET running = running - 1 WHERE owner = OLD.owner;
END;
-- +goose StatementEnd

-- What was used, with what is reserved. Reserved storage ends with the day after.
CREATE TABLE usage (
    owner    BLOB    NOT NULL,
    day      INTEGER NOT NULL,
    images   INTEGER NOT NULL DEFAULT 0,
    bytes    INTEGER NOT NULL DEFAULT 0,
    pixels   INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL DEFAULT 0, -- bytes of storage, for uploads under way
    PRIMARY KEY (owner, day)
) WITHOUT ROWID;

CREATE INDEX usage_days ON usage (day);

-- What the originals of an owner take, those in the bin included.
CREATE TABLE storage (
    owner BLOB    NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

INSERT INTO storage (owner, bytes)
SELECT owner, sum(size) FROM images GROUP BY owner;

-- +goose StatementBegin
CREATE TRIGGER storage_taken AFTER INSERT ON images BEGIN
    INSERT INTO storage (owner, bytes) VALUES (NEW.owner, NEW.size)
    ON CONFLICT (owner) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE TRIGGER storage_given_back AFTER DELETE ON images BEGIN
    UPDATE storage SET bytes = bytes - OLD.size WHERE owner = OLD.owner;
END;
-- +goose StatementEnd
