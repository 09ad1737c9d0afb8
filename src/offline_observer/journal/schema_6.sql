-- Documents by their time, for whoever asks for a range of it. A document that is no JSON has no time.
CREATE INDEX observations_by_time ON observations (
    pipeline, kind, CASE WHEN json_valid(document) THEN json_extract(document, '$."@timestamp"') END
);

-- The few documents from which on a job had another status.
CREATE INDEX observations_by_change ON observations (pipeline, sequence)
    WHERE CASE WHEN json_valid(document) THEN json_extract(document, '$.job_status_changed') END = 1;

-- The numbers of the documents over time, added up by steps of some lengths, so that a year is read as quickly as an hour.
-- `part` is a field, a partition as topic/number, a status; empty for all of a pipeline.
CREATE TABLE series (
    series   INTEGER PRIMARY KEY,
    pipeline TEXT NOT NULL,
    measure  TEXT NOT NULL,
    part     TEXT NOT NULL,
    UNIQUE (pipeline, measure, part)
) STRICT;

-- Of each step, `step` seconds long and begun at `start` (seconds since 1970), what there was of a series.
CREATE TABLE points (
    series   INTEGER NOT NULL,
    step     INTEGER NOT NULL,
    start    INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    total    REAL NOT NULL,
    most     REAL NOT NULL,
    PRIMARY KEY (series, step, start)
) STRICT, WITHOUT ROWID;
