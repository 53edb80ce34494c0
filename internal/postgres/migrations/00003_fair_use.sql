-- Whose turn it is. How many renderings of an owner run is counted from an index: never
-- more than there are slots of workers. What has to be kept is when an owner was
-- served and whether anything of theirs is due. Neither makes those wait who upload, claim and finish
-- for one owner: being due takes a lock that many share, and when somebody else notes
-- at this moment that the owner was served, that will do.

-- +goose Up

-- One row for everybody who ever had something due; it stays, because who comes back
-- at once must not count as not served for long.
CREATE TABLE queues (
    owner   uuid    PRIMARY KEY,
    waiting boolean NOT NULL DEFAULT true,   -- false: nothing is due. (It may be true without anything.)
    served  bigint  NOT NULL DEFAULT 0       -- the turn of the newest claim
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 1000);

CREATE INDEX queues_next ON queues (served, owner) WHERE waiting;

-- Counts claims. Not a clock, which may go back.
CREATE SEQUENCE turns;

-- +goose StatementBegin
CREATE FUNCTION set_due() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.due := NEW.state = 'queued' AND NEW.not_before = 0;
    RETURN NEW;
END $$;
-- +goose StatementEnd

CREATE TRIGGER due_from_the_start BEFORE INSERT ON renderings
FOR EACH ROW EXECUTE FUNCTION set_due();

CREATE TRIGGER due_by_state BEFORE UPDATE ON renderings FOR EACH ROW
WHEN (OLD.state <> NEW.state) EXECUTE FUNCTION set_due();

-- queue_entered makes sure that the owner is known to wait. The lock of the key keeps
-- queue_left of others from saying otherwise before this is committed.
-- +goose StatementBegin
CREATE FUNCTION queue_entered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    known boolean;
BEGIN
    SELECT waiting INTO known FROM queues WHERE owner = NEW.owner FOR KEY SHARE;
    IF known IS NOT TRUE THEN
        INSERT INTO queues (owner) VALUES (NEW.owner) ON CONFLICT (owner) DO UPDATE SET waiting = true;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER queue_entered_at_once AFTER INSERT ON renderings
FOR EACH ROW WHEN (NEW.due) EXECUTE FUNCTION queue_entered();

CREATE TRIGGER queue_entered_later AFTER UPDATE ON renderings
FOR EACH ROW WHEN (NEW.due AND NOT OLD.due) EXECUTE FUNCTION queue_entered();

-- queue_left notes that nothing is due any more, unless somebody else is about to
-- change that. Nothing depends on it but the time that choosing takes.
-- +goose StatementBegin
CREATE FUNCTION rest(who uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM queues WHERE owner = who AND waiting FOR UPDATE SKIP LOCKED;
    -- Asked anew: with the lock, nobody can have made anything due that is not seen now.
    IF FOUND AND (SELECT true FROM renderings WHERE owner = who AND due LIMIT 1) IS NULL THEN
        UPDATE queues SET waiting = false WHERE owner = who;
    END IF;
END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION queue_left() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    IF (SELECT true FROM renderings WHERE owner = OLD.owner AND due LIMIT 1) IS NULL THEN
        PERFORM rest(OLD.owner);
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd

CREATE TRIGGER queue_left_by_move AFTER UPDATE ON renderings
FOR EACH ROW WHEN (OLD.due AND NOT NEW.due) EXECUTE FUNCTION queue_left();

CREATE TRIGGER queue_left_for_good AFTER DELETE ON renderings
FOR EACH ROW WHEN (OLD.due) EXECUTE FUNCTION queue_left();

-- next_owner is, of the owners who wait and have fewer than so many renderings running (NULL: any number),
-- the one with the fewest, and among those who was served longest ago; NULL for none. It holds
-- the owner's row, and passes over those that others hold: they are being served. When all are,
-- it takes one that is held, without waiting.
--
-- Who waits and has nothing running is found by a walk from who was served longest ago.
-- When there is none, the owners who wait are not more than the renderings that run. So it
-- costs what runs, whatever waits.
-- +goose StatementBegin
CREATE FUNCTION next_owner(per_owner bigint) RETURNS uuid LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    who uuid;
BEGIN
    SELECT owner INTO who FROM queues AS q
    WHERE waiting AND owner NOT IN (SELECT owner FROM renderings WHERE state = 'running')
        AND (SELECT true FROM renderings WHERE owner = q.owner AND due LIMIT 1)
    ORDER BY served, owner LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    IF FOUND THEN
        RETURN who;
    END IF;
    -- The inner query locks one by one while the outer one asks for more.
    SELECT owner INTO who FROM (
        SELECT q.owner FROM queues AS q JOIN (
            SELECT owner, count(*) AS n FROM renderings WHERE state = 'running' GROUP BY owner) AS r ON r.owner = q.owner
        WHERE waiting AND (n < per_owner) IS NOT FALSE
        ORDER BY n, served, owner FOR NO KEY UPDATE OF q SKIP LOCKED) AS o
    WHERE (SELECT true FROM renderings WHERE owner = o.owner AND due LIMIT 1) LIMIT 1;
    IF FOUND THEN
        RETURN who;
    END IF;
    SELECT owner INTO who FROM (
        SELECT q.owner FROM queues AS q LEFT JOIN (
            SELECT owner, count(*) AS n FROM renderings WHERE state = 'running' GROUP BY owner) AS r ON r.owner = q.owner
        WHERE waiting AND (n < per_owner) IS NOT FALSE
        ORDER BY coalesce(n, 0), served, owner) AS o
    WHERE (SELECT true FROM renderings WHERE owner = o.owner AND due LIMIT 1) LIMIT 1;
    RETURN who;
END $$;
-- +goose StatementEnd

-- wake makes due what waited for a time, up to 16, which bounds what one claim does for those
-- after it, and reports whether there were any.
-- +goose StatementBegin
CREATE FUNCTION wake(at bigint) RETURNS boolean LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
BEGIN
    IF (SELECT true FROM renderings WHERE state = 'queued' AND NOT due AND not_before <= at ORDER BY not_before LIMIT 1) IS NULL THEN
        RETURN false;
    END IF;
    UPDATE renderings SET due = true WHERE id IN (
        SELECT id FROM renderings WHERE state = 'queued' AND NOT due AND not_before <= at
        ORDER BY not_before, id LIMIT 16 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN -- others are waking them: what they do is seen when they are done
        PERFORM 1 FROM renderings WHERE state = 'queued' AND NOT due AND not_before <= at ORDER BY not_before, id LIMIT 1 FOR UPDATE;
    END IF;
    RETURN true;
END $$;
-- +goose StatementEnd

-- claim hands up to so many renderings to a worker until a time, each of the owner whose
-- turn it is; per_owner NULL is no limit. It writes nothing when nothing is due, and waits for
-- others only before it holds anything that they may wait for. It returns the images, too, and
-- their states: the statement that calls it may not see them yet.
-- +goose StatementBegin
CREATE FUNCTION claim(by text, at bigint, until bigint, per_owner bigint, most bigint)
RETURNS TABLE (rendering renderings, image images, newest text) LANGUAGE plpgsql
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    limited boolean := per_owner IS NOT NULL;
    tries bigint := 0;
    who uuid;
    one uuid;
    held boolean;
    got bigint := 0;
BEGIN
    PERFORM wake(at);
    WHILE got < most LOOP
        who := next_owner(per_owner);
        IF who IS NULL THEN
            -- Something may have come back meanwhile, or be asleep behind owners at their limit.
            EXIT WHEN got > 0 OR tries > 100;
            tries := tries + 1;
            CONTINUE WHEN wake(at);
            CONTINUE WHEN NOT limited AND (SELECT true FROM renderings WHERE due LIMIT 1);
            EXIT;
        END IF;
        PERFORM 1 FROM queues WHERE owner = who FOR NO KEY UPDATE SKIP LOCKED;
        held := FOUND;
        IF limited THEN
            -- Counted again with the lock: others may have claimed meanwhile.
            EXIT WHEN NOT held AND got > 0;
            PERFORM 1 FROM queues WHERE owner = who FOR NO KEY UPDATE;
            held := true;
            CONTINUE WHEN (SELECT count(*) FROM renderings WHERE owner = who AND state = 'running') >= per_owner;
        END IF;
        -- Two bounds for the owner, since an order by id alone would be had from the primary key, too,
        -- with everything in it that was ever drawn.
        SELECT id INTO one FROM renderings WHERE owner BETWEEN who AND who AND due ORDER BY owner, id LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            -- What was due is being claimed by others. Once one of them is done, ask anew.
            EXIT WHEN got > 0;
            PERFORM 1 FROM renderings WHERE owner BETWEEN who AND who AND due ORDER BY owner, id LIMIT 1 FOR UPDATE;
            CONTINUE;
        END IF;
        IF held THEN
            UPDATE queues SET served = nextval('turns') WHERE owner = who;
        END IF;
        RETURN QUERY WITH r AS (
                UPDATE renderings SET state = 'running', attempt = attempt + 1, worker = by, started = at, lease_until = until
                WHERE id = one RETURNING *
            )
            SELECT r::renderings, i, (SELECT CASE n.id WHEN one THEN 'running' ELSE n.state END
                FROM renderings AS n WHERE n.image_id = i.id ORDER BY n.id DESC LIMIT 1)
            FROM r JOIN images AS i ON i.id = r.image_id;
        got := got + 1;
    END LOOP;
    IF got = 0 THEN
        -- Some who wait for nothing may be left, where two took the last two at once.
        PERFORM rest(owner) FROM (SELECT owner FROM queues AS q
            WHERE waiting AND (SELECT true FROM renderings WHERE owner = q.owner AND due LIMIT 1) IS NULL LIMIT 16) AS idle;
    END IF;
END $$;
-- +goose StatementEnd

-- What was used on a day (days since 1970, in UTC), with what is reserved. Reserved
-- storage ends with the day after.
CREATE TABLE usage (
    owner    uuid   NOT NULL,
    day      bigint NOT NULL,
    images   bigint NOT NULL,
    bytes    bigint NOT NULL,
    pixels   bigint NOT NULL,
    reserved bigint NOT NULL, -- bytes of storage, for uploads under way
    PRIMARY KEY (owner, day)
) WITH (fillfactor = 70);

CREATE INDEX usage_days ON usage (day);
