-- Money: books, entries, postings, balances; credit orders with their timeline; the outbox; tickets
-- and the log of acts. Rows of entry, posting, order_event and audit are never changed.
CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    code TEXT NOT NULL UNIQUE,
    opened_ms INTEGER NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    last_hash BLOB NOT NULL CHECK (length(last_hash) = 32),
    last_receipt INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE credit_order (
    id INTEGER PRIMARY KEY,
    idem_key TEXT NOT NULL UNIQUE,
    meter_id INTEGER NOT NULL REFERENCES meter (id),
    room_id INTEGER NOT NULL REFERENCES room (id),
    amount_fen INTEGER NOT NULL CHECK (amount_fen > 0),
    count INTEGER NOT NULL CHECK (count > 0),
    state TEXT NOT NULL CHECK (state IN ('booked', 'sent', 'unknown', 'frozen', 'confirmed', 'refused', 'reversed')),
    sends INTEGER NOT NULL DEFAULT 0,
    fenced INTEGER NOT NULL DEFAULT 0 CHECK (fenced IN (0, 1)),
    book_id INTEGER NOT NULL REFERENCES book (id),
    receipt_no INTEGER NOT NULL CHECK (receipt_no > 0),
    operator TEXT NOT NULL,
    reason_word INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (book_id, receipt_no)
) STRICT;
-- the rule that keeps a meter from being credited twice: one order that is not settled
CREATE UNIQUE INDEX credit_order_open ON credit_order (meter_id)
    WHERE state IN ('booked', 'sent', 'unknown', 'frozen');
CREATE INDEX credit_order_meter ON credit_order (meter_id, id);
CREATE INDEX credit_order_sent ON credit_order (id) WHERE state = 'sent';

CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book (id),
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    idem_key TEXT NOT NULL UNIQUE,
    order_id INTEGER NOT NULL REFERENCES credit_order (id),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    UNIQUE (book_id, seq)
) STRICT;
-- kind 1 is the sale: an order has one, and at most one entry that settles it
CREATE UNIQUE INDEX entry_sale ON entry (order_id) WHERE kind = 1;
CREATE UNIQUE INDEX entry_settled ON entry (order_id) WHERE kind <> 1;

CREATE TABLE posting (
    entry_id INTEGER NOT NULL REFERENCES entry (id),
    line INTEGER NOT NULL,
    account TEXT NOT NULL,
    amount_fen INTEGER NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (entry_id, line)
) STRICT;

CREATE TABLE balance (
    account TEXT NOT NULL PRIMARY KEY,
    fen INTEGER NOT NULL
) STRICT;

CREATE TABLE order_event (
    id INTEGER PRIMARY KEY,
    order_id INTEGER NOT NULL REFERENCES credit_order (id),
    at_ms INTEGER NOT NULL,
    step TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX order_event_order ON order_event (order_id, step);

CREATE TABLE command (
    id INTEGER PRIMARY KEY,
    meter_id INTEGER NOT NULL REFERENCES meter (id),
    kind TEXT NOT NULL CHECK (kind IN ('credit', 'control', 'parameter', 'read')),
    act TEXT NOT NULL,
    priority INTEGER NOT NULL,
    order_id INTEGER UNIQUE REFERENCES credit_order (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'done', 'failed', 'expired')),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    control_count INTEGER NOT NULL DEFAULT 0,
    operator TEXT NOT NULL,
    reading_ms INTEGER,
    result TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX command_waiting ON command (priority, id) WHERE state = 'waiting';
CREATE INDEX command_going ON command (expires_ms) WHERE state IN ('waiting', 'sent');
CREATE INDEX command_meter ON command (meter_id, id);

CREATE TABLE ticket (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    meter_id INTEGER NOT NULL REFERENCES meter (id),
    order_id INTEGER REFERENCES credit_order (id),
    kind TEXT NOT NULL,
    detail TEXT NOT NULL,
    closed_ms INTEGER
) STRICT;
CREATE INDEX ticket_meter ON ticket (meter_id, id);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
