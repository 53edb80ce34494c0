-- Users and what they sign in with. Of every secret only a hash is here. Ids that
-- are 16 zero bytes stand for nobody.

-- +goose Up
CREATE TABLE users (
    id       BLOB    NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,            -- as they wrote it
    folded   TEXT    NOT NULL UNIQUE,     -- as names are compared
    role     TEXT    NOT NULL,
    password TEXT    NOT NULL,            -- argon2id in the PHC string format; '' for none
    created  INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0   -- since
) WITHOUT ROWID;

CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND disabled = 0;

CREATE TABLE identities (
    issuer  TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
) WITHOUT ROWID;

CREATE INDEX identities_of_user ON identities (user_id);

CREATE TABLE sessions (
    id      BLOB    NOT NULL PRIMARY KEY,
    user_id BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret  BLOB    NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    used    INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    address TEXT    NOT NULL,
    agent   TEXT    NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_of_user ON sessions (user_id, id);
CREATE INDEX sessions_expire ON sessions (expires);

CREATE TABLE tokens (
    id      BLOB    NOT NULL PRIMARY KEY,
    user_id BLOB    NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret  BLOB    NOT NULL UNIQUE,
    name    TEXT    NOT NULL,
    scopes  TEXT    NOT NULL,             -- with spaces between them
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL DEFAULT 0,
    used    INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE INDEX tokens_of_user ON tokens (user_id, id);
CREATE INDEX tokens_expire ON tokens (expires) WHERE expires > 0;

CREATE TABLE invites (
    id      BLOB    NOT NULL PRIMARY KEY,
    secret  BLOB    NOT NULL UNIQUE,
    role    TEXT    NOT NULL,
    made_by BLOB    NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER NOT NULL DEFAULT 0,
    used_by BLOB    NOT NULL DEFAULT x'00000000000000000000000000000000'
) WITHOUT ROWID;

CREATE INDEX invites_expire ON invites (expires);

-- Nothing refers to users here: the log outlives them.
CREATE TABLE audit (
    id      BLOB    NOT NULL PRIMARY KEY,
    at      INTEGER NOT NULL,
    action  TEXT    NOT NULL,
    actor   BLOB    NOT NULL,
    name    TEXT    NOT NULL,             -- of the actor then
    address TEXT    NOT NULL,
    user_id BLOB    NOT NULL,             -- whose account it is about
    details TEXT    NOT NULL              -- JSON; '' for none
) WITHOUT ROWID;

CREATE INDEX audit_at ON audit (at);
