-- What a field box keeps: the last status block of every meter, and its frozen records.
-- Keyed by the meter's own number, so that a point may be given to another meter.

CREATE TABLE box_latest (
    meter_no BIGINT NOT NULL PRIMARY KEY,
    taken_ms BIGINT NOT NULL,
    block BLOB NOT NULL
);

-- kind 1: daily, day is the day that began with the freeze, in days since 1970
-- kind 2: monthly, day is the first of the month that began with it
CREATE TABLE box_freeze (
    kind BIGINT NOT NULL,
    meter_no BIGINT NOT NULL,
    day BIGINT NOT NULL,
    taken_ms BIGINT NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (kind, meter_no, day)
);

CREATE INDEX box_freeze_day ON box_freeze (kind, day);
