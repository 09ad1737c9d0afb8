-- How far each exporter has come in the place that it sends to: everything up to `sequence` has arrived or is refused, the
-- last at the time `at`. Of `lost` documents the journal had no room until they could be sent.
CREATE TABLE exporters (
    exporter TEXT PRIMARY KEY,
    place    TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at       TEXT,
    lost     INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- Documents that a server refused for what is in them, in the server's words.
CREATE TABLE refused (
    exporter TEXT NOT NULL,
    id       TEXT NOT NULL,
    kind     TEXT NOT NULL,
    revision INTEGER NOT NULL,
    document TEXT NOT NULL,
    reason   TEXT NOT NULL,
    at       TEXT NOT NULL,
    PRIMARY KEY (exporter, id)
) STRICT;
