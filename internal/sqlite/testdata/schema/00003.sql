-- An image that was edited, and one that was purged: the log of changes has both.
INSERT INTO images (id, filename, created, size, sha256, format, media_type, width, height, owner) VALUES
    (x'01900000000070008000000000000041', 'c.png', 1700000041000000, 41, zeroblob(32), 'PNG', 'image/png', 7, 8, x'01900000000070008000000000000099'),
    (x'01900000000070008000000000000042', 'd.png', 1700000042000000, 42, zeroblob(32), 'PNG', 'image/png', 7, 8, x'01900000000070008000000000000099');

INSERT INTO renderings (id, image_id, options, state, created, not_before, owner) VALUES
    (x'01900000000070008000000000000051', x'01900000000070008000000000000041', '{"cols":100}', 'queued', 1700000041000000, 0, x'01900000000070008000000000000099');

UPDATE images SET title = 'later' WHERE id = x'01900000000070008000000000000041';

DELETE FROM images WHERE id = x'01900000000070008000000000000042';
