-- What happened, in two steps. Triggers write every change to the journal, in its own
-- transaction and without waiting for others. Later write_log() takes what is committed by
-- then out of the journal, one such call at a time: it numbers the events and adds up the
-- totals. So numbers are given in the order in which they become visible (those of a sequence
-- are not), and no transaction waits for another's because both count.

-- +goose Up
CREATE TABLE journal (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           bigint NOT NULL,
    type         text   NOT NULL,             -- of the event; '' for none
    owner        uuid   NOT NULL,
    visibility   text   NOT NULL,             -- of the image, then
    image_id     uuid   NOT NULL,
    rendering_id uuid   NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    state        text   NOT NULL DEFAULT '',  -- of the rendering
    leaves       text   NOT NULL DEFAULT '',  -- the state in which it was counted
    enters       text   NOT NULL DEFAULT '',  -- and that in which it is
    images       bigint NOT NULL DEFAULT 0,   -- how many more there are
    bytes        bigint NOT NULL DEFAULT 0    -- how much more the owner has stored
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- The type image.purged is for the stores themselves and shown to nobody.
CREATE TABLE events (
    seq          bigint PRIMARY KEY,
    at           bigint NOT NULL,
    type         text   NOT NULL,
    owner        uuid   NOT NULL,
    visibility   text   NOT NULL,
    image_id     uuid   NOT NULL,
    rendering_id uuid   NOT NULL,
    state        text   NOT NULL
);

CREATE INDEX events_owner ON events (owner, seq);
CREATE INDEX events_image ON events (image_id, seq);

-- One row: how far the journal was written into the log, and the totals until there.
CREATE TABLE log (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq      bigint  NOT NULL DEFAULT 0,      -- the newest number
    uploads  bigint  NOT NULL DEFAULT 0,
    queued   bigint  NOT NULL DEFAULT 0,
    running  bigint  NOT NULL DEFAULT 0,
    ready    bigint  NOT NULL DEFAULT 0,
    failed   bigint  NOT NULL DEFAULT 0,
    canceled bigint  NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

INSERT INTO log DEFAULT VALUES;

-- What the originals of an owner take, those in the bin included; without what the
-- journal still holds.
CREATE TABLE storage (
    owner uuid   PRIMARY KEY,
    bytes bigint NOT NULL
) WITH (fillfactor = 80);

-- +goose StatementBegin
CREATE FUNCTION now_micros() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;
-- +goose StatementEnd

-- write_log takes up to 10000 entries out of the journal and returns how many. Whoever calls
-- it holds the log until the end of the transaction, so that must come soon.
-- +goose StatementBegin
CREATE FUNCTION write_log() RETURNS bigint LANGUAGE plpgsql
SET enable_seqscan = off SET jit = off -- the journal is mostly empty, but its pages may be many
AS $$
DECLARE
    newest bigint;
    taken bigint;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM journal) THEN
        RETURN 0; -- and nothing was locked or written
    END IF;
    SELECT seq INTO newest FROM log WHERE one FOR UPDATE;
    -- The next statement sees what was committed until the lock was had.
    WITH entries AS (
        DELETE FROM journal WHERE id IN (SELECT id FROM journal ORDER BY id LIMIT 10000) RETURNING *
    ), numbered AS (
        INSERT INTO events (seq, at, type, owner, visibility, image_id, rendering_id, state)
        SELECT newest + row_number() OVER (ORDER BY id), at, type, owner, visibility, image_id, rendering_id, state
        FROM entries WHERE type <> '' ORDER BY id RETURNING seq
    ), stored AS (
        INSERT INTO storage AS s (owner, bytes)
        SELECT owner, sum(bytes) FROM entries WHERE bytes <> 0 GROUP BY owner
        ON CONFLICT (owner) DO UPDATE SET bytes = s.bytes + excluded.bytes
    ), counted AS (
        UPDATE log SET
            seq      = log.seq + (SELECT count(*) FROM numbered),
            uploads  = log.uploads + n.images,
            queued   = log.queued + n.queued,
            running  = log.running + n.running,
            ready    = log.ready + n.ready,
            failed   = log.failed + n.failed,
            canceled = log.canceled + n.canceled
        FROM (SELECT coalesce(sum(images), 0) AS images,
            count(*) FILTER (WHERE enters = 'queued') - count(*) FILTER (WHERE leaves = 'queued') AS queued,
            count(*) FILTER (WHERE enters = 'running') - count(*) FILTER (WHERE leaves = 'running') AS running,
            count(*) FILTER (WHERE enters = 'ready') - count(*) FILTER (WHERE leaves = 'ready') AS ready,
            count(*) FILTER (WHERE enters = 'failed') - count(*) FILTER (WHERE leaves = 'failed') AS failed,
            count(*) FILTER (WHERE enters = 'canceled') - count(*) FILTER (WHERE leaves = 'canceled') AS canceled
            FROM entries) AS n
        WHERE log.one
    )
    SELECT count(*) INTO taken FROM entries;
    RETURN taken;
END $$;
-- +goose StatementEnd

-- counts are the totals with what the journal still holds, and how many entries that is.
-- One statement sees an entry either there or in the log.
-- +goose StatementBegin
CREATE FUNCTION counts(OUT uploads bigint, OUT queued bigint, OUT running bigint,
    OUT ready bigint, OUT failed bigint, OUT canceled bigint, OUT entries bigint)
LANGUAGE sql STABLE
SET enable_seqscan = off SET jit = off
AS $$
    SELECT log.uploads + coalesce(sum(images), 0)::bigint,
        log.queued + count(*) FILTER (WHERE enters = 'queued') - count(*) FILTER (WHERE leaves = 'queued'),
        log.running + count(*) FILTER (WHERE enters = 'running') - count(*) FILTER (WHERE leaves = 'running'),
        log.ready + count(*) FILTER (WHERE enters = 'ready') - count(*) FILTER (WHERE leaves = 'ready'),
        log.failed + count(*) FILTER (WHERE enters = 'failed') - count(*) FILTER (WHERE leaves = 'failed'),
        log.canceled + count(*) FILTER (WHERE enters = 'canceled') - count(*) FILTER (WHERE leaves = 'canceled'),
        count(j.id)
    FROM log LEFT JOIN (SELECT * FROM journal ORDER BY id LIMIT 1000000) AS j ON true
    WHERE log.one
    GROUP BY log.one
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION image_happened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO journal (at, type, owner, visibility, image_id, images, bytes)
        VALUES (NEW.created, 'image.created', NEW.owner, NEW.visibility, NEW.id, 1, NEW.size);
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO journal (at, type, owner, visibility, image_id, images, bytes)
        VALUES (now_micros(), 'image.purged', OLD.owner, OLD.visibility, OLD.id, -1, -OLD.size);
    ELSIF OLD.deleted = 0 AND NEW.deleted > 0 THEN
        INSERT INTO journal (at, type, owner, visibility, image_id)
        VALUES (NEW.deleted, 'image.deleted', NEW.owner, NEW.visibility, NEW.id);
    ELSIF OLD.deleted > 0 AND NEW.deleted = 0 THEN
        INSERT INTO journal (at, type, owner, visibility, image_id)
        VALUES (now_micros(), 'image.restored', NEW.owner, NEW.visibility, NEW.id);
    ELSE
        INSERT INTO journal (at, type, owner, visibility, image_id)
        VALUES (now_micros(), 'image.edited', NEW.owner, NEW.visibility, NEW.id);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER image_added_or_removed AFTER INSERT OR DELETE ON images
FOR EACH ROW EXECUTE FUNCTION image_happened();

CREATE TRIGGER image_changed AFTER UPDATE ON images FOR EACH ROW
WHEN ((OLD.title, OLD.tags, OLD.visibility, OLD.expires, OLD.deleted)
    IS DISTINCT FROM (NEW.title, NEW.tags, NEW.visibility, NEW.expires, NEW.deleted))
EXECUTE FUNCTION image_happened();

-- Renderings that go with an image out of the bin tell nobody anything new; they are
-- counted only. What is queued again carries no time of that.
-- +goose StatementBegin
CREATE FUNCTION rendering_happened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO journal (at, type, owner, visibility, image_id, rendering_id, state, enters)
        SELECT NEW.created, 'rendering.' || NEW.state, NEW.owner, visibility, NEW.image_id, NEW.id, NEW.state, NEW.state
        FROM images WHERE id = NEW.image_id;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO journal (at, type, owner, visibility, image_id, rendering_id, state, leaves)
        SELECT now_micros(), CASE deleted WHEN 0 THEN 'rendering.deleted' ELSE '' END, OLD.owner, visibility, OLD.image_id, OLD.id, OLD.state, OLD.state
        FROM images WHERE id = OLD.image_id;
    ELSE
        INSERT INTO journal (at, type, owner, visibility, image_id, rendering_id, state, leaves, enters)
        SELECT CASE NEW.state WHEN 'queued' THEN now_micros() WHEN 'running' THEN NEW.started ELSE NEW.finished END,
            'rendering.' || NEW.state, NEW.owner, visibility, NEW.image_id, NEW.id, NEW.state, OLD.state, NEW.state
        FROM images WHERE id = NEW.image_id;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER rendering_added_or_removed AFTER INSERT OR DELETE ON renderings
FOR EACH ROW EXECUTE FUNCTION rendering_happened();

CREATE TRIGGER rendering_moved AFTER UPDATE ON renderings FOR EACH ROW
WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION rendering_happened();
