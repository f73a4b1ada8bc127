-- What the web interface keeps: keys of commands already asked for, and its way into orders by day.
CREATE TABLE command_key (
    idem_key TEXT PRIMARY KEY,
    command_id INTEGER NOT NULL REFERENCES command (id),
    created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX credit_order_created ON credit_order (created_ms);
