-- Master data: terminals, rooms, accounts, meters. Nothing here is money.
CREATE TABLE terminal (
    id INTEGER PRIMARY KEY,
    region INTEGER NOT NULL,
    address INTEGER NOT NULL,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    UNIQUE (region, address)
) STRICT;

CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    building TEXT NOT NULL,
    floor TEXT NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (building, floor, name)
) STRICT;

CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    room_id INTEGER NOT NULL REFERENCES room (id),
    name TEXT NOT NULL,
    phone TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    opened_ms INTEGER NOT NULL,
    closed_ms INTEGER
) STRICT;
CREATE UNIQUE INDEX account_open ON account (room_id) WHERE state = 'open';
CREATE INDEX account_room ON account (room_id);

-- purchase_count is NULL until the meter was read; line, unit and point are 1 and up (a negative
-- one exists only inside the transaction of an import that exchanges places).
CREATE TABLE meter (
    id INTEGER PRIMARY KEY,
    meter_no INTEGER NOT NULL UNIQUE,
    customer_no INTEGER NOT NULL,
    room_id INTEGER NOT NULL REFERENCES room (id),
    terminal_id INTEGER NOT NULL REFERENCES terminal (id),
    line INTEGER NOT NULL,
    unit INTEGER NOT NULL,
    point INTEGER NOT NULL,
    model TEXT NOT NULL,
    key_version INTEGER NOT NULL DEFAULT 1,
    purchase_count INTEGER,
    control_count INTEGER NOT NULL DEFAULT 0,
    opened INTEGER NOT NULL DEFAULT 1 CHECK (opened IN (0, 1)),
    protected INTEGER NOT NULL DEFAULT 0 CHECK (protected IN (0, 1)),
    UNIQUE (terminal_id, line, unit),
    UNIQUE (terminal_id, point)
) STRICT;
CREATE INDEX meter_room ON meter (room_id);
