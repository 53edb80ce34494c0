INSERT INTO users (id, name, folded, role, password, created) VALUES
    (x'01900000000070008000000000000099', 'Äli', 'äli', 'admin', '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA', 1700000000000000);

INSERT INTO identities (issuer, subject, user_id) VALUES ('https://id.example.org', '1', x'01900000000070008000000000000099');

INSERT INTO sessions (id, user_id, secret, created, used, expires, address, agent) VALUES
    (x'01900000000070008000000000000061', x'01900000000070008000000000000099', x'01', 1700000000000000, 1700000000000000, 1900000000000000, '::1', 'curl');

INSERT INTO tokens (id, user_id, secret, name, scopes, created) VALUES
    (x'01900000000070008000000000000062', x'01900000000070008000000000000099', x'02', 'ci', 'images:read images:write', 1700000000000000);

INSERT INTO invites (id, secret, role, made_by, created, expires) VALUES
    (x'01900000000070008000000000000063', x'03', 'user', x'01900000000070008000000000000099', 1700000000000000, 1900000000000000);

INSERT INTO audit (id, at, action, actor, name, address, user_id, details) VALUES
    (x'01900000000070008000000000000064', 1700000000000000, 'user.added', x'01900000000070008000000000000099', 'Äli', '::1', x'01900000000070008000000000000099', '');
