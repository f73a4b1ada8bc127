-- What a field box keeps: the last status block of every meter, and its frozen records.
-- Keyed by the meter's own number, so that a point may be given to another meter.

CREATE TABLE box_latest (
    meter_no BIGINT NOT NULL PRIMARY KEY,
    taken_ms BIGINT NOT NULL,
    block BLOB NOT NULL
);

-- kind 1: daily; period is the day that began with the freeze, in days since 1970
-- kind 2: monthly; period is the month that began with it, year * 12 + month - 1
CREATE TABLE box_freeze (
    kind BIGINT NOT NULL,
    meter_no BIGINT NOT NULL,
    period BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (kind, meter_no, period)
);

CREATE INDEX box_freeze_period ON box_freeze (kind, period);
