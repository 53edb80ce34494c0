INSERT INTO presets (owner, name, options, changed) VALUES (x'01900000000070008000000000000099', 'tiny', '{"cols":20}', 1700000000000000);

INSERT INTO onces (owner, key, until, done, fingerprint, status, header, body) VALUES
    (x'01900000000070008000000000000099', 'k', 1900000000000000, 1, x'01', 202, '{}', '{}');
