-- The journal. Order, retention and cursors go by sequence, never by a clock, which can step back.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- One row per document. AUTOINCREMENT: a sequence is never given twice, even after rows were deleted.
CREATE TABLE observations (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    kind     TEXT NOT NULL,
    pipeline TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX observations_by_kind ON observations (kind, sequence);

-- How far each dataset has been observed: everything before `position` is in an observation. A topic that was
-- made anew has another topic id, and starts anew.
CREATE TABLE offsets (
    dataset   TEXT NOT NULL,
    topic_id  TEXT NOT NULL,
    partition INTEGER NOT NULL,
    position  INTEGER NOT NULL,
    PRIMARY KEY (dataset, topic_id, partition)
) STRICT, WITHOUT ROWID;
