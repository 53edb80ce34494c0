-- What the first release left: one image in each state, and an upload under way.
INSERT INTO uploads (id, begun, abandoned) VALUES
    (x'01900000000070008000000000000009', 1700000000000000, 0),
    (x'0190000000007000800000000000000a', 1700000000000000, 1);

INSERT INTO images (id, filename, created, size, sha256, format, media_type, width, height) VALUES
    (x'01900000000070008000000000000001', 'wartet 猫.png',  1700000001000000, 11, zeroblob(32), 'PNG',  'image/png',  0,   0),
    (x'01900000000070008000000000000002', 'läuft.jpg',      1700000002000000, 12, zeroblob(32), 'JPEG', 'image/jpeg', 640, 480),
    (x'01900000000070008000000000000003', 'fertig "x".gif', 1700000003000000, 13, zeroblob(32), 'GIF',  'image/gif',  1,   2),
    (x'01900000000070008000000000000004', '',               1700000004000000, 14, zeroblob(32), 'PNG',  'image/png',  5,   5),
    (x'01900000000070008000000000000005', 'verzögert.png',  1700000005000000, 15, zeroblob(32), 'PNG',  'image/png',  5,   5);

INSERT INTO renderings (id, image_id, options, state, created, started, finished, attempt, failures, losses,
    not_before, worker, lease_until, reason, cols, "rows", engine, convert_time) VALUES
    (x'01900000000070008000000000000011', x'01900000000070008000000000000001', '{"cols":100,"cell_aspect":0.5,"glyphs":"ascii","color":"none","engine":"native"}', 'queued',
        1700000001000000, 0, 0, 0, 0, 0, 0, '', 0, '', 0, 0, '', 0),
    (x'01900000000070008000000000000012', x'01900000000070008000000000000002', '{"cols":80,"cell_aspect":0.5,"glyphs":"ramp","color":"none"}', 'running',
        1700000002000000, 1700000002500000, 0, 1, 0, 0, 0, 'a', 1700000060000000, '', 0, 0, '', 0),
    (x'01900000000070008000000000000013', x'01900000000070008000000000000003', '{"cols":100,"cell_aspect":0.5,"glyphs":"braille","color":"full"}', 'ready',
        1700000003000000, 1700000003500000, 1700000004000000, 2, 1, 0, 0, 'a', 0, 'once', 100, 40, 'native/1', 7000000),
    (x'01900000000070008000000000000014', x'01900000000070008000000000000004', '{"cols":100,"cell_aspect":0.5,"glyphs":"ascii","color":"none"}', 'failed',
        1700000004000000, 1700000004500000, 1700000005000000, 1, 1, 0, 0, 'a', 0, 'it is cut off', 0, 0, '', 0),
    (x'01900000000070008000000000000015', x'01900000000070008000000000000005', '{"cols":100,"cell_aspect":0.5,"glyphs":"ascii","color":"none"}', 'queued',
        1700000005000000, 1700000005500000, 0, 1, 1, 0, 1700000009000000, '', 0, 'busy', 0, 0, '', 0);
