INSERT INTO endpoints (id, owner, url, events, created, since, salt, old_salt, old_until) VALUES
    (x'01900000000070008000000000000071', x'01900000000070008000000000000099', 'https://example.org/hook', 'rendering.ready', 1700000000000000, 1, x'0102', x'', 0);

INSERT INTO deliveries (id, owner, endpoint, target, url, seq, at, type, visibility, image_id, rendering_id, event_state, created, due) VALUES
    (x'01900000000070008000000000000072', x'01900000000070008000000000000099', x'01900000000070008000000000000071', 'example.org', '', 1, 1700000000000000,
        'image.edited', 'private', x'01900000000070008000000000000041', zeroblob(16), '', 1700000000000000, 1700000000000000);

INSERT INTO targets (target, owner, due) VALUES ('example.org', x'01900000000070008000000000000099', 1700000000000000);
