-- Operators, their sessions, the one-time set-up link, failed logins.
CREATE TABLE operator (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    role INTEGER NOT NULL CHECK (role >= 0), -- access/role.def, by number
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    password TEXT NOT NULL, -- Argon2id text; '' until one was chosen
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    CHECK (enabled = 0 OR password <> '')
) STRICT;

CREATE TABLE session (
    digest BLOB PRIMARY KEY, -- SHA-256 of the token
    operator_id INTEGER NOT NULL REFERENCES operator (id),
    peer TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_operator ON session (operator_id, created_ms);

CREATE TABLE setup_token (
    digest BLOB PRIMARY KEY,
    operator_id INTEGER NOT NULL REFERENCES operator (id),
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE login_attempt (
    subject TEXT PRIMARY KEY, -- 'name:ann', 'peer:10.0.0.7'
    failures INTEGER NOT NULL,
    window_ms INTEGER NOT NULL -- when the first of them was
) STRICT;
