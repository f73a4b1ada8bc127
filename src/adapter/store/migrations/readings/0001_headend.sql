-- What the head-end keeps of meters. items: packed values, see headend/readings.h.

CREATE TABLE latest (
    meter_id BIGINT NOT NULL PRIMARY KEY,
    terminal_id BIGINT NOT NULL,
    online BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,
    received_ms BIGINT NOT NULL,
    items BLOB NOT NULL
);

CREATE INDEX latest_terminal ON latest (terminal_id);

-- History: one row a status poll. Never changed.
CREATE TABLE reading (
    meter_id BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,
    items BLOB NOT NULL,
    PRIMARY KEY (meter_id, taken_ms)
);

-- Daily freezes: day is the civil day that ended with the record, in days since 1970.
CREATE TABLE freeze_daily (
    meter_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    terminal_id BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,
    items BLOB NOT NULL,
    PRIMARY KEY (meter_id, day)
);

CREATE INDEX freeze_daily_day ON freeze_daily (day, terminal_id);
