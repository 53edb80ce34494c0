-- Users and what they sign in with. Of every secret only a hash is here. Ids that
-- are all zeros stand for nobody.

-- +goose Up
CREATE TABLE users (
    id       uuid   PRIMARY KEY,
    name     text   NOT NULL,                         -- as they wrote it
    folded   text   NOT NULL COLLATE "C" UNIQUE,      -- as names are compared and sorted
    role     text   NOT NULL,
    password text   NOT NULL,                         -- argon2id in the PHC string format; '' for none
    created  bigint NOT NULL,
    disabled bigint NOT NULL DEFAULT 0                -- since
);

CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND disabled = 0;

-- A subject is any text of the issuer's, to the byte.
CREATE TABLE identities (
    issuer  bytea NOT NULL,
    subject bytea NOT NULL,
    user_id uuid  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (issuer, subject)
);

CREATE INDEX identities_of_user ON identities (user_id);

CREATE TABLE sessions (
    id      uuid   PRIMARY KEY,
    user_id uuid   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret  bytea  NOT NULL UNIQUE,
    created bigint NOT NULL,
    used    bigint NOT NULL,
    expires bigint NOT NULL,
    address text   NOT NULL,
    agent   text   NOT NULL
) WITH (fillfactor = 90);

CREATE INDEX sessions_of_user ON sessions (user_id, id);
CREATE INDEX sessions_expire ON sessions (expires);

CREATE TABLE tokens (
    id      uuid   PRIMARY KEY,
    user_id uuid   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    secret  bytea  NOT NULL UNIQUE,
    name    text   NOT NULL,
    scopes  text[] NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL DEFAULT 0,
    used    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 90);

CREATE INDEX tokens_of_user ON tokens (user_id, id);
CREATE INDEX tokens_expire ON tokens (expires) WHERE expires > 0;

CREATE TABLE invites (
    id      uuid   PRIMARY KEY,
    secret  bytea  NOT NULL UNIQUE,
    role    text   NOT NULL,
    made_by uuid   NOT NULL,
    created bigint NOT NULL,
    expires bigint NOT NULL,
    used    bigint NOT NULL DEFAULT 0,
    used_by uuid   NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
);

CREATE INDEX invites_expire ON invites (expires);

-- Nothing refers to users here: the log outlives them.
CREATE TABLE audit (
    id      uuid   PRIMARY KEY,
    at      bigint NOT NULL,
    action  text   NOT NULL,
    actor   uuid   NOT NULL,
    name    text   NOT NULL,                          -- of the actor then
    address text   NOT NULL,
    user_id uuid   NOT NULL,                          -- whose account it is about
    details text   NOT NULL                           -- JSON
);

CREATE INDEX audit_at ON audit (at);
