-- An image of an owner with two renderings, one in the bin, and garbage.
INSERT INTO images (id, filename, created, size, sha256, format, media_type, width, height, owner, title, tags, visibility, frames, hash, expires) VALUES
    (x'01900000000070008000000000000021', 'a.png', 1700000021000000, 21, zeroblob(32), 'PNG', 'image/png', 7, 8,
        x'01900000000070008000000000000099', 'Titel', 'eins' || char(10) || 'zwei drei', 'public', 1, -9223372036854775807, 1900000000000000),
    (x'01900000000070008000000000000022', 'b.png', 1700000022000000, 22, zeroblob(32), 'PNG', 'image/png', 7, 8,
        x'01900000000070008000000000000099', '', '', 'private', 74, 5, 0);

INSERT INTO renderings (id, image_id, options, state, created, not_before, owner, key, callback, learnt, attempt, finished) VALUES
    (x'01900000000070008000000000000031', x'01900000000070008000000000000021', '{"cols":100}', 'canceled', 1700000021000000, 0, x'01900000000070008000000000000099', zeroblob(32), '', '', 0, 1700000022000000),
    (x'01900000000070008000000000000032', x'01900000000070008000000000000021', '{"cols":50}', 'ready', 1700000022000000, 0, x'01900000000070008000000000000099', x'01', 'https://example.org/', '{"stages":{"Decode":5},"warnings":["w"]}', 1, 1700000023000000),
    (x'01900000000070008000000000000033', x'01900000000070008000000000000022', '{"cols":50}', 'ready', 1700000022000000, 0, x'01900000000070008000000000000099', x'02', '', '', 1, 1700000023000000);

UPDATE images SET deleted = 1700000030000000 WHERE id = x'01900000000070008000000000000022';

INSERT INTO garbage (key) VALUES ('art/31/01900000-0000-7000-8000-000000000031.1');
