-- A rendering that is older than the newest one of its image.
INSERT INTO renderings (id, image_id, options, state, created, not_before, owner, key, callback, learnt, attempt, finished) VALUES
    (x'01900000000070008000000000000030', x'01900000000070008000000000000021', '{"cols":40}', 'queued', 1700000031000000, 0, x'01900000000070008000000000000099', x'04', '', '', 0, 0);
